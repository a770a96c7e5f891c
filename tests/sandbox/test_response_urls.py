"""Response urls: what they may replace, how often, how long."""

from __future__ import annotations

import aiohttp
import pytest

from bot.sandbox.driver import Person
from bot.sandbox.messages import Message
from bot.sandbox.server import Sandbox
from tests.sandbox.world import HEAD, STAFF, Clock, section


async def answer(url: str, **body) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as told:
        text = await told.text()
        return told.status, text if told.status == 200 else (await told.json())["error"]


def bots_own(sandbox: Sandbox, text: str = "Fråga") -> Message:
    workspace = sandbox.hub.workspace
    bot = workspace.bot
    stamp = workspace.stamps.next()
    return workspace.add(Message("C0KOMM", stamp, bot.user_id, text, bot_id=bot.bot_id))


async def test_an_answer_is_seen_by_the_person_alone(sandbox: Sandbox, head: Person, staff: Person):
    url = sandbox.hub.urls.issue("C0KOMM", HEAD)
    assert await answer(url, text="Bara du") == (200, "ok")
    assert [said["text"] for said in await head.messages("C0KOMM")] == ["Bara du"]
    assert await staff.messages("C0KOMM") == []


async def test_an_answer_in_the_channel_is_seen_by_all(sandbox: Sandbox, staff: Person):
    url = sandbox.hub.urls.issue("C0KOMM", HEAD)
    await answer(url, text="Alla", response_type="in_channel")
    assert [said["text"] for said in await staff.messages("C0KOMM")] == ["Alla"]


async def test_it_passes_every_posting_rule(sandbox: Sandbox, head: Person):
    """Read-only, archived, and where the bot is no member."""
    for place in ("C0READ", "C0OLD", "G0CHEF"):
        url = sandbox.hub.urls.issue(place, HEAD)
        assert (await answer(url, text="Hej", response_type="in_channel"))[0] == 200
        assert [said["text"] for said in await head.messages(place)] == ["Hej"]


async def test_five_answers_and_no_more(sandbox: Sandbox):
    url = sandbox.hub.urls.issue("C0KOMM", HEAD)
    assert [(await answer(url, text=str(n)))[0] for n in range(5)] == [200] * 5
    assert await answer(url, text="6") == (404, "used_url")


async def test_half_an_hour_and_no_longer(sandbox: Sandbox, clock: Clock):
    url = sandbox.hub.urls.issue("C0KOMM", HEAD)
    clock.forward(1800)
    assert (await answer(url, text="x"))[0] == 200
    clock.forward(1)
    assert await answer(url, text="x") == (404, "expired_url")
    assert await answer(f"{sandbox.base_url}/hooks/MADEUP", text="x") == (404, "expired_url")


async def test_the_original_is_replaced_or_deleted(sandbox: Sandbox, staff: Person):
    asked = bots_own(sandbox)
    url = sandbox.hub.urls.issue("C0KOMM", HEAD, asked.ts)
    await answer(url, text="Svar", blocks=[section("Svar")], replace_original=True)
    (said,) = await staff.messages("C0KOMM")
    assert (said["text"], said["edited"], said["ts"]) == ("Svar", True, asked.ts)
    await answer(url, delete_original=True)
    assert await staff.messages("C0KOMM") == []


async def test_what_only_one_person_saw_is_replaced_and_deleted_too(sandbox: Sandbox, head: Person):
    await answer(sandbox.hub.urls.issue("C0KOMM", HEAD), text="Fråga")
    (asked,) = await head.messages("C0KOMM")
    url = sandbox.hub.urls.issue("C0KOMM", HEAD, asked["ts"])
    await answer(url, text="Svar", replace_original=True)
    assert [said["text"] for said in await head.messages("C0KOMM")] == ["Svar"]
    await answer(url, delete_original=True)
    assert await head.messages("C0KOMM") == []


async def test_a_command_has_no_original_to_replace(sandbox: Sandbox):
    url = sandbox.hub.urls.issue("C0KOMM", STAFF)
    assert await answer(url, text="x", replace_original=True) == (400, "message_not_found")


@pytest.mark.parametrize(
    ("body", "error"), [({}, "no_text"), ({"text": "x", "blocks": [{"type": "oops"}]}, "invalid_blocks")]
)
async def test_a_faulty_answer_is_refused(sandbox: Sandbox, body: dict, error: str):
    assert await answer(sandbox.hub.urls.issue("C0KOMM", HEAD), **body) == (400, error)


async def test_an_answer_may_go_into_a_thread(sandbox: Sandbox, staff: Person):
    asked = bots_own(sandbox)
    url = sandbox.hub.urls.issue("C0KOMM", HEAD, asked.ts)
    await answer(url, text="Svar", response_type="in_channel", thread_ts=asked.ts)
    assert [said["text"] for said in await staff.messages("C0KOMM", asked.ts)] == ["Fråga", "Svar"]


async def test_nonsense_is_refused(sandbox: Sandbox):
    url = sandbox.hub.urls.issue("C0KOMM", HEAD)
    async with aiohttp.ClientSession() as session:
        for nonsense in ("{", "[]"):
            async with session.post(url, data=nonsense) as told:
                assert (told.status, (await told.json())["error"]) == (400, "invalid_payload")
