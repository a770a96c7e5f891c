"""State over restarts, also over sudden ones."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.driver import Admin, Person
from bot.sandbox.journal import Journal
from bot.sandbox.seed import Seed
from bot.sandbox.server import Sandbox
from tests.sandbox.world import HEAD, Clock, client_for, refusal, section


def test_the_last_value_of_a_record_counts(tmp_path: Path):
    journal = Journal(tmp_path / "state")
    assert journal.open() == {}
    journal.put("message", "1", {"text": "a"})
    journal.put("message", "2", {"text": "b"})
    journal.put("message", "1", {"text": "c"})
    journal.put("message", "2", None)
    journal.close()
    assert Journal(tmp_path / "state").open() == {("message", "1"): {"text": "c"}}
    assert (tmp_path / "state").read_bytes().count(b"\n") == 1


@pytest.mark.parametrize("cut", range(1, 30))
def test_a_torn_line_is_cut_off_and_the_rest_kept(tmp_path: Path, cut: int):
    journal = Journal(tmp_path / "state")
    journal.open()
    journal.put("message", "1", {"text": "hel"})
    journal.put("message", "2", {"text": "avbruten"})
    journal.close()
    whole = (tmp_path / "state").read_bytes()
    (tmp_path / "state").write_bytes(whole[:-cut])
    again = Journal(tmp_path / "state")
    assert again.open() == {("message", "1"): {"text": "hel"}}
    again.put("message", "3", {"text": "ny"})
    again.close()
    assert set(Journal(tmp_path / "state").open()) == {("message", "1"), ("message", "3")}


async def test_everything_is_there_after_a_restart(seed: Seed, tmp_path: Path, clock: Clock):
    async def run() -> Sandbox:
        sandbox = Sandbox(seed, state_file=tmp_path / "state", signing_secret="hemligt", clock=clock)
        await sandbox.start()
        return sandbox

    first = await run()
    client, head = client_for(first), Person(first.base_url, HEAD)
    mark = {"event_type": "delivery", "event_payload": {"id": "7"}}
    said = await client.chat_postMessage(channel="C0KOMM", text="Kvar", metadata=mark, blocks=[section("Kvar")])
    gone = await client.chat_postMessage(channel="C0KOMM", text="Borta")
    await client.chat_delete(channel="C0KOMM", ts=gone["ts"])
    await client.chat_update(channel="C0KOMM", ts=said["ts"], text="Ändrad")
    await client.chat_postMessage(channel="C0KOMM", text="Svar", thread_ts=said["ts"])
    await client.conversations_join(channel="C0ALLA")
    dm = (await client.chat_postMessage(channel=HEAD, text="Till dig"))["channel"]
    home = await client.views_publish(user_id=HEAD, view={"type": "home", "blocks": [section("Hem")]})
    first.hub.workspace.install({"features": {}, "oauth_config": {"scopes": {"bot": ["chat:write"]}}})
    await head.messages(dm)
    await first.stop()

    second = await run()
    try:
        head = Person(second.base_url, HEAD)
        (kept,) = await head.messages("C0KOMM")
        assert (kept["text"], kept["ts"], kept["reply_count"]) == ("Ändrad", said["ts"], 1)
        assert await head.dm() == dm
        assert [one["text"] for one in await head.messages(dm)] == ["Till dig"]
        assert (await head.home())["id"] == home["view"]["id"]
        assert second.hub.workspace.find("C0KOMM", said["ts"]).metadata == mark
        assert second.hub.workspace.scopes == {"chat:write"}
        assert "U0000000BOT" in second.hub.workspace.channels["C0ALLA"].members
        assert next(c["unread"] for c in (await head.state())["channels"] if c["id"] == dm) == 0
        fresh = await client_for(second).chat_postMessage(channel="C0KOMM", text="Ny")
        assert fresh["ts"] > kept["ts"]
    finally:
        await second.stop()


async def test_a_channel_that_left_the_seed_takes_its_messages_along(seed: Seed, tmp_path: Path, clock: Clock):
    """A changed seed does not keep the workspace from opening."""
    first = Sandbox(seed, state_file=tmp_path / "state", signing_secret="hemligt", clock=clock)
    await first.start()
    await client_for(first).chat_postMessage(channel="C0KOMM", text="x")
    await first.stop()
    smaller = Seed(people=seed.people, channels=seed.channels[:1])
    second = Sandbox(smaller, state_file=tmp_path / "state", signing_secret="hemligt", clock=clock)
    await second.start()
    try:
        answer = await refusal(client_for(second).chat_postMessage(channel="C0KOMM", text="x"))
    finally:
        await second.stop()
    assert answer["error"] == "channel_not_found"


async def started(seed_file: Path, state: Path) -> tuple[asyncio.subprocess.Process, str]:
    command = [sys.executable, "-m", "bot.sandbox", "--seed", str(seed_file), "--state", str(state)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    return process, (await process.stdout.readline()).decode().strip()


async def posting(client: AsyncWebClient, answered: list[str]) -> None:
    """Post until the line goes dead."""
    for n in range(10_000):
        answered.append((await client.chat_postMessage(channel=f"C{n % 50:05}", text=f"{n}"))["ts"])


async def test_what_was_answered_survives_kill_9(tmp_path: Path):
    """Killed amid posting, three times: every message that was answered for is there afterwards."""
    channels = [{"id": f"C{n:05}", "name": f"k{n}", "bot_is_member": True} for n in range(50)]
    Seed.from_json({"channels": channels, "people": [{"id": HEAD, "name": "Enhetschef"}]}).save(tmp_path / "seed")
    answered: list[str] = []
    for _ in range(3):
        process, url = await started(tmp_path / "seed", tmp_path / "state")
        client = AsyncWebClient(token="xoxb-sandbox", base_url=url + "/api/", retry_handlers=[])
        await Admin(url).faults(limits=False)
        work = asyncio.create_task(posting(client, answered))
        await asyncio.sleep(0.4)
        process.send_signal(signal.SIGKILL)
        await process.wait()
        await asyncio.gather(work, return_exceptions=True)
    process, url = await started(tmp_path / "seed", tmp_path / "state")
    head = Person(url, HEAD)
    kept = {said["ts"] for n in range(50) for said in await head.messages(f"C{n:05}")}
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0
    assert len(answered) > 30
    assert set(answered) <= kept
