"""Mastodon: against the local server, and against an independent mock of Mastodon's interface."""

import asyncio
import logging
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from subprocess import DEVNULL, Popen
from typing import Any

import httpx
import pytest

from bot.channels.errors import CannotLook, Gone, NotSent, Refused, Throttled, TokenDead, Unknown
from bot.channels.mastodon import Mastodon, MastodonSettings
from bot.channels.mastodonapi import normal, plain
from bot.channels.message import Message
from bot.channels.settings import Keyring
from bot.sandbox.platforms.mastodon import Mastodon as Local
from tests.channels.conftest import Listen

KEY, OTHER = "0b2f6a3c9d1e4f58a7b6c5d4e3f20119", "ff2f6a3c9d1e4f58a7b6c5d4e3f20119"
TOKEN = "hemligt-nyckelord"
WATER = Message(
    "Koka vattnet i Ängby.\n\nHämta dricksvatten vid torget.\nMer: https://kommunen.example/vatten?a=1&b=2"
)
NEAR = Message(WATER.text.replace("Ängby", "Ängsby"))


def since() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=2)


def channel_to(url: str, token: str = TOKEN, *, timeout_s: float = 2.0, **more: Any) -> Mastodon:
    chosen = MastodonSettings(key="mastodon", name="Mastodon", api_url=url, token_env="MASTODON", **more)
    return Mastodon(chosen, Keyring({"MASTODON": token}), timeout_s=timeout_s)


@pytest.fixture
async def local(listen: Listen) -> Local:
    platform = Local(token=TOKEN)
    await listen(platform)
    return platform


@pytest.fixture
async def channel(local: Local) -> AsyncIterator[Mastodon]:
    one = channel_to(local.base_url)
    yield one
    await one.close()


def texts(local: Local) -> list[str]:
    return [item.text for item in local.visible()]


async def test_a_status_is_published_edited_and_removed(local: Local, channel: Mastodon):
    """The old text stays with the item; removing what is gone is no error, editing it is Gone."""
    sent = await channel.send("mastodon", None, WATER, KEY)
    assert f"{local.base_url}/@kommunen/{sent.remote}" == sent.link
    assert {"visibility": "public", "language": "sv"} == local.items[0].more
    await channel.update("mastodon", sent.remote, NEAR)
    assert ([NEAR.text], [WATER.text]) == (texts(local), local.items[0].edits)
    await channel.remove("mastodon", sent.remote)
    await channel.remove("mastodon", sent.remote)
    assert [] == texts(local)
    with pytest.raises(Gone):
        await channel.update("mastodon", sent.remote, WATER)


async def test_the_same_key_gives_the_first_status_for_an_hour_only(listen: Listen):
    """Why the channel does not call itself idempotent: after an hour the same key makes a second one."""
    now = [time.time()]
    local = Local(token=TOKEN, clock=lambda: now[0])
    channel = channel_to(await listen(local))
    first = await channel.send("mastodon", None, WATER, KEY)
    assert first == await channel.send("mastodon", None, WATER, KEY)
    now[0] += 3601
    assert first != await channel.send("mastodon", None, WATER, KEY)
    assert 2 == len(local.items)
    assert not channel.idempotent
    await channel.close()


@pytest.mark.parametrize("misfortune", ["drop_after_store", "error_5xx"])
async def test_a_lost_answer_is_unknown_and_exactly_that_status_is_found(
    local: Local, channel: Mastodon, misfortune: str
):
    await channel.send("mastodon", None, NEAR, OTHER)
    local.faults.set(**{misfortune: {"probability": 1, "stored": 1, "methods": ["status.create"]}})
    with pytest.raises(Unknown):
        await channel.send("mastodon", None, WATER, KEY)
    found = await channel.find("mastodon", None, KEY, since(), WATER)
    assert found is not None
    assert WATER.text == local.get(found.remote).text


async def test_a_status_is_found_pages_back_but_not_before_its_time(local: Local, channel: Mastodon):
    sent = await channel.send("mastodon", None, WATER, KEY)
    for number in range(90):
        local.add(f"Något annat {number}")
    assert sent == await channel.find("mastodon", None, KEY, since(), WATER)
    local.items[0].at -= 600
    assert await channel.find("mastodon", None, KEY, since(), WATER) is None


async def test_more_statuses_than_can_be_looked_through_is_not_an_answer(local: Local, channel: Mastodon):
    for number in range(420):
        local.add(f"Något annat {number}")
    with pytest.raises(CannotLook, match="too many"):
        await channel.find("mastodon", None, KEY, since(), WATER)


async def test_without_a_text_there_is_nothing_to_look_for(channel: Mastodon):
    with pytest.raises(CannotLook):
        await channel.find("mastodon", None, KEY, since(), None)


async def test_a_link_that_the_text_lacks_stands_at_its_end(local: Local, channel: Mastodon):
    message = Message("Koka vattnet.", link="https://kommunen.example/vatten", language="sv-SE")
    sent = await channel.send("mastodon", None, message, KEY)
    assert ["Koka vattnet.\n\nhttps://kommunen.example/vatten"] == texts(local)
    assert "sv" == local.items[0].more["language"]
    assert sent == await channel.find("mastodon", None, KEY, since(), message)


async def test_a_full_status_goes_without_the_link_rather_than_not_at_all(local: Local, channel: Mastodon):
    message = Message("Å" * 490, link="https://kommunen.example/vatten")
    sent = await channel.send("mastodon", None, message, KEY)
    assert [message.text] == texts(local)
    assert sent == await channel.find("mastodon", None, KEY, since(), message)


async def test_a_reply_names_its_parent(local: Local, channel: Mastodon):
    root = await channel.send("mastodon", None, WATER, KEY)
    await channel.send("mastodon", root.remote, NEAR, OTHER)
    assert root.remote == local.items[1].parent
    with pytest.raises(Refused, match="Record not found"):
        await channel.send("mastodon", "999999", NEAR, "third")


@pytest.mark.parametrize(
    "text",
    [
        "<b>inte fet</b> & \"citat\" 'enkel'",
        "rad\nrad\n\n\nstycke  med   luft",
        "https://k.example/" + "lång/" * 20 + "&x=1",
    ],
)
async def test_the_servers_markup_is_read_back_as_the_text_it_was(channel: Mastodon, text: str):
    sent = await channel.send("mastodon", None, Message(text), KEY)
    assert sent == await channel.find("mastodon", None, KEY, since(), Message(text))


def test_markup_becomes_text_with_its_links_whole():
    content = '<p>Se <a href="x"><span class="invisible">https://</span>k.example/</a><br>å &amp; ä</p><p>Slut</p>'
    assert "Se https://k.example/ å & ä Slut" == normal(plain(content))


async def test_recent_statuses_are_read_oldest_first_without_answers(local: Local, channel: Mastodon):
    """Whoever made them; their markup is gone, and what is older is left out."""
    local.add("I förrgår").at -= 2 * 86_400
    ours = await channel.send("mastodon", None, WATER, KEY)
    local.items[-1].at -= 10
    local.add("Hej! Vi kollar.", parent=ours.remote)
    local.add("Veckans <katt>")
    found = await channel.recent(since())
    assert [normal(WATER.text), "Veckans <katt>"] == [one.text for one in found]
    assert (ours.remote, ours.link) == (found[0].remote, found[0].link)


async def test_ping_gives_the_account(channel: Mastodon):
    assert "@kommunen" == await channel.ping()


async def test_a_revoked_token_is_dead_and_never_told(
    local: Local, channel: Mastodon, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    local.faults.set(revoked=True)
    for attempt in (
        channel.ping(),
        channel.send("m", None, WATER, KEY),
        channel.find("m", None, KEY, since(), WATER),
    ):
        with pytest.raises(TokenDead, match="The access token was revoked") as dead:
            await attempt
        assert TOKEN not in repr(dead.value)
    assert TOKEN not in caplog.text
    assert [] == local.items


async def test_too_fast_waits_until_the_time_the_server_names(local: Local, channel: Mastodon):
    local.faults.set(throttle=1)
    with pytest.raises(Throttled) as throttled:
        await channel.send("mastodon", None, WATER, KEY)
    assert 1 <= throttled.value.retry_after <= 3


@pytest.mark.parametrize(
    ("message", "words"),
    [(Message("å" * 501), "character limit of 500"), (Message(" "), "can't be blank")],
    ids=["too long", "empty"],
)
async def test_the_servers_refusal_is_told_in_its_words(channel: Mastodon, message: Message, words: str):
    with pytest.raises(Refused, match=words):
        await channel.send("mastodon", None, message, KEY)


async def test_an_address_counts_for_less_than_it_is_long(channel: Mastodon):
    await channel.send("mastodon", None, Message("å" * 470 + " https://k.example/" + "x" * 200), KEY)


async def test_nobody_there_is_surely_not_sent(unused_tcp_port_factory: Callable[[], int]):
    channel = channel_to(f"http://127.0.0.1:{unused_tcp_port_factory()}")
    with pytest.raises(NotSent):
        await channel.send("mastodon", None, WATER, KEY)
    await channel.close()


async def test_a_drill_goes_only_where_drills_may(local: Local, channel: Mastodon):
    drill = Message("ÖVNING", drill=True)
    for attempt in (channel.send("m", None, drill, KEY), channel.update("m", "1", drill)):
        with pytest.raises(Refused, match="drill"):
            await attempt
    assert [] == local.calls
    marked = channel_to(local.base_url, drill=True, visibility="private")
    await marked.send("mastodon", None, drill, KEY)
    await marked.close()
    assert "private" == local.items[0].more["visibility"]


# Against somebody else's idea of Mastodon


@pytest.fixture(scope="module")
def independent() -> Iterator[str]:
    """The mock server from the package mastodon_mock, as a process of its own, in memory."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mastodon_mock", "serve", "--in-memory", "--log-level", "error"]
    with Popen([*command, "--host", "127.0.0.1", "--port", str(port)], stdout=DEVNULL, stderr=DEVNULL) as server:
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url, server)
            yield url
        finally:
            server.terminate()
            server.wait(10)


def _wait_for(url: str, server: Popen[bytes]) -> None:
    for _ in range(150):
        assert server.poll() is None, "the mock server ended"
        try:
            httpx.get(f"{url}/api/v2/instance", trust_env=False)
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError("the mock server did not start")


@asynccontextmanager
async def visiting(url: str, token: str = "mock_token", **patience: float) -> AsyncIterator[Mastodon]:
    channel = channel_to(url, token, **patience)
    yield channel
    await channel.close()


async def misfortune(url: str, **effect: Any) -> None:
    """Let the mock server do this to the next request that writes."""
    async with httpx.AsyncClient(trust_env=False) as client:
        rule = {"match": {"path": "/api/v1/statuses", "methods": ["POST"]}, "effect": effect, "count": 1}
        answer = await client.post(f"{url}/api/v1/_mock/faults", json=rule)
        assert answer.is_success, answer.text


async def test_the_independent_server_takes_what_we_send(independent: str):
    """Publish, publish again with the same key, find, edit, remove, remove again, edit what is gone."""
    async with visiting(independent) as channel:
        assert (await channel.ping()).startswith("@")
        sent = await channel.send("m", None, WATER, KEY)
        assert sent == await channel.send("m", None, WATER, KEY)
        near = await channel.send("m", sent.remote, NEAR, OTHER)
        assert sent == await channel.find("m", None, KEY, since(), WATER)
        assert near == await channel.find("m", None, OTHER, since(), NEAR)
        await channel.update("m", sent.remote, Message("Vattnet är bra igen."))
        assert sent == await channel.find("m", None, KEY, since(), Message("Vattnet är bra igen."))
        await channel.remove("m", sent.remote)
        await channel.remove("m", sent.remote)
        assert await channel.find("m", None, KEY, since(), Message("Vattnet är bra igen.")) is None
        with pytest.raises(Gone):
            await channel.update("m", sent.remote, WATER)


async def test_the_independent_servers_refusals_are_understood(independent: str):
    async with visiting(independent) as channel:
        with pytest.raises(Refused):
            await channel.send("m", None, Message("å" * 6000), "long")
    async with visiting(independent, "fel") as channel:
        with pytest.raises(TokenDead):
            await channel.send("m", None, WATER, KEY)


@pytest.mark.parametrize(
    ("effect", "error"),
    [
        ({"type": "status", "status": 503}, Unknown),
        ({"type": "malformed"}, Unknown),
        ({"type": "ratelimit"}, Throttled),
        ({"type": "status", "status": 403}, Refused),
    ],
    ids=["ill", "malformed", "too fast", "forbidden"],
)
async def test_the_independent_servers_misfortunes_are_typed(
    independent: str, effect: dict[str, Any], error: type[Exception]
):
    async with visiting(independent) as channel:
        await misfortune(independent, **effect)
        with pytest.raises(error):
            await channel.send("m", None, Message(f"Prov {effect}"), f"key {effect}")


async def test_after_a_lost_answer_of_the_independent_server_the_same_key_never_makes_two(independent: str):
    """Our patience ends while the server is still at work; it stands there once, and is found."""
    message = Message("Strömavbrott i Ängby & omnejd.\nMer kl. 14.")
    await misfortune(independent, type="latency", delay_ms=500)
    async with visiting(independent, timeout_s=0.2) as hasty:
        with pytest.raises(Unknown):
            await hasty.send("m", None, message, "lost")
    await asyncio.sleep(0.7)
    async with visiting(independent) as channel:
        sent = await channel.send("m", None, message, "lost")
        assert sent == await channel.find("m", None, "lost", since(), message)
        own = [status["content"] async for status in channel._api.own(since())]
    assert 1 == sum("Strömavbrott" in content for content in own)
