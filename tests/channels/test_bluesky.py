"""Bluesky: one record per delivery key, whatever happens to the answers."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.channels.bluesky import Bluesky, BlueskySettings, links, rkey
from bot.channels.errors import NotSent, Refused, Throttled, TokenDead, Unknown
from bot.channels.message import Message
from bot.channels.protocol import Can
from bot.channels.settings import Keyring
from bot.sandbox.platforms.bluesky import DID, HANDLE, POST
from bot.sandbox.platforms.bluesky import Bluesky as Local
from tests.channels.conftest import Listen

KEY, OTHER = "0b2f6a3c9d1e4f58a7b6c5d4e3f20119", "ff2f6a3c9d1e4f58a7b6c5d4e3f20119"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PASSWORD = "abcd-hemligt-wxyz"
WATER = Message("Koka vattnet i Ängby. Mer på https://kommunen.example/vatten (uppdateras).", language="sv")


class Clock:
    """Each look is a second later, so that no two records have the same time."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@pytest.fixture
async def local(listen: Listen) -> Local:
    platform = Local(token=PASSWORD)
    await listen(platform)
    return platform


@pytest.fixture
async def channel(local: Local) -> AsyncIterator[Bluesky]:
    one = channel_to(local.base_url)
    yield one
    await one.close()


def channel_to(url: str, password: str = PASSWORD, **more: Any) -> Bluesky:
    chosen = BlueskySettings(
        key="bluesky", name="Bluesky", api_url=url, site_url=url, identifier=HANDLE, token_env="BLUESKY", **more
    )
    return Bluesky(chosen, Keyring({"BLUESKY": password}), timeout_s=2.0, now=Clock())


def texts(local: Local) -> list[str]:
    return [item.text for item in local.visible()]


async def test_a_post_is_published_found_and_removed(local: Local, channel: Bluesky):
    """The address for people leads to it; removing what is gone is no error."""
    sent = await channel.send("bluesky", None, WATER, KEY)
    assert f"at://{DID}/app.bsky.feed.post/{rkey(KEY)}" == sent.remote
    assert f"{local.base_url}/profile/{DID}/post/{rkey(KEY)}" == sent.link
    assert [WATER.text] == texts(local)
    assert sent == await channel.find("bluesky", None, KEY, NOW, None)
    await channel.remove("bluesky", sent.remote)
    await channel.remove("bluesky", sent.remote)
    assert [] == texts(local)
    assert await channel.find("bluesky", None, KEY, NOW, WATER) is None


async def test_sending_again_gives_the_first_post_untouched(local: Local, channel: Bluesky):
    """The second try has another time and may even have another text; the first stands."""
    first = await channel.send("bluesky", None, WATER, KEY)
    before = dict(local.items[0].more["record"])
    assert first == await channel.send("bluesky", None, Message("Något annat"), KEY)
    assert [before] == [item.more["record"] for item in local.items]


@pytest.mark.parametrize("misfortune", ["drop_after_store", "error_5xx"])
async def test_a_lost_answer_is_unknown_and_the_post_is_found(local: Local, channel: Bluesky, misfortune: str):
    local.faults.set(**{misfortune: {"probability": 1, "stored": 1, "methods": ["putRecord"]}})
    with pytest.raises(Unknown):
        await channel.send("bluesky", None, WATER, KEY)
    found = await channel.find("bluesky", None, KEY, NOW, WATER)
    assert found is not None
    local.faults.set(**{misfortune: 0})
    assert found == await channel.send("bluesky", None, WATER, KEY)
    assert [WATER.text] == texts(local)


async def test_two_posts_of_the_same_text_are_told_apart(local: Local, channel: Bluesky):
    one = await channel.send("bluesky", None, WATER, KEY)
    assert await channel.find("bluesky", None, OTHER, NOW, WATER) is None
    other = await channel.send("bluesky", None, WATER, OTHER)
    assert one.remote != other.remote
    assert other == await channel.find("bluesky", None, OTHER, NOW, WATER)


async def test_a_reply_names_its_parent_and_the_root_of_the_thread(local: Local, channel: Bluesky):
    root = await channel.send("bluesky", None, WATER, "a")
    middle = await channel.send("bluesky", root.remote, Message("Tankbil vid torget"), "b")
    await channel.send("bluesky", middle.remote, Message("Tankbilen är framme"), "c")
    reply = local.items[-1].more["record"]["reply"]
    assert (root.remote, middle.remote) == (reply["root"]["uri"], reply["parent"]["uri"])
    await channel.remove("bluesky", middle.remote)
    for parent in (middle.remote, "not an address"):
        with pytest.raises(Refused, match="no_parent"):
            await channel.send("bluesky", parent, Message("För sent"), "d")


async def test_what_the_record_holds(local: Local, channel: Bluesky):
    """The language, the time in UTC, the link as a facet; a link that the text lacks becomes a card."""
    await channel.send("bluesky", None, WATER, KEY)
    await channel.send("bluesky", None, Message("Koka", title="Vatten", link="https://k.example/v"), OTHER)
    first, second = (item.more["record"] for item in local.items)
    assert ["sv"] == first["langs"]
    assert "2026-11-21T12:00:01.000Z" == first["createdAt"]
    assert ["https://kommunen.example/vatten"] == [one["features"][0]["uri"] for one in first["facets"]]
    assert {"uri": "https://k.example/v", "title": "Vatten", "description": ""} == second["embed"]["external"]
    assert "embed" not in first


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("å 🚰 https://k.example/å.", ["https://k.example/å"]),
        ("(se https://k.example/a).", ["https://k.example/a"]),
        (
            "https://k.example/a_(b) https://k.example/?q=1&r=2!",
            ["https://k.example/a_(b)", "https://k.example/?q=1&r=2"],
        ),
        ("ingen adress, kommunen.example", []),
    ],
)
def test_link_offsets_count_bytes(text: str, urls: list[str]):
    places = [facet["index"] for facet in links(text)]
    assert urls == [text.encode()[one["byteStart"] : one["byteEnd"]].decode() for one in places]


def test_a_name_is_a_time_stamp_of_the_past_and_always_the_same():
    names = [rkey(f"{number:032x}") for number in range(500)]
    assert names == [rkey(f"{number:032x}") for number in range(500)]
    assert 500 == len(set(names))
    assert all(re.fullmatch("[234567abcdefghij][234567a-z]{12}", name) for name in names)
    stamps = [instant(name) for name in names]
    assert datetime(2020, 1, 1, tzinfo=UTC) <= min(stamps)
    assert max(stamps) < datetime(2025, 1, 1, tzinfo=UTC)


def instant(name: str) -> datetime:
    number = 0
    for sign in name:
        number = number << 5 | "234567abcdefghijklmnopqrstuvwxyz".index(sign)
    return datetime.fromtimestamp((number >> 10) / 1_000_000, UTC)


async def test_one_session_serves_many_and_is_renewed_once(local: Local, channel: Bluesky):
    """Ten posts at once on an expired session: one renewal, for its token is good for one only."""
    await channel.ping()
    local.expire()
    await asyncio.gather(*(channel.send("bluesky", None, WATER, f"k{number}") for number in range(10)))
    assert 10 == len(local.visible())
    assert (1, 1) == (local.calls.count("createSession"), local.calls.count("refreshSession"))


async def test_when_the_renewal_has_run_out_the_password_opens_a_new_session(local: Local, channel: Bluesky):
    await channel.ping()
    local.expire()
    local._renewals.clear()
    assert f"@{HANDLE}" == await channel.ping()
    assert 2 == local.calls.count("createSession")


async def test_a_revoked_account_is_a_dead_token(local: Local, channel: Bluesky):
    await channel.ping()
    local.faults.set(revoked=True)
    for attempt in (
        channel.ping(),
        channel.send("bluesky", None, WATER, KEY),
        channel.find("b", None, KEY, NOW, None),
    ):
        with pytest.raises(TokenDead, match="AuthenticationRequired"):
            await attempt
    assert [] == local.items


async def test_a_wrong_password_is_told_without_telling_it(local: Local, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    channel = channel_to(local.base_url, "fel-hemligt")
    with pytest.raises(TokenDead) as dead:
        await channel.ping()
    await channel.close()
    assert "hemligt" not in f"{dead.value!r}{caplog.text}"


async def test_too_fast_waits_as_long_as_the_server_says(local: Local, channel: Bluesky):
    await channel.ping()
    local.faults.set(throttle=1)
    with pytest.raises(Throttled) as throttled:
        await channel.send("bluesky", None, WATER, KEY)
    assert 1 <= throttled.value.retry_after <= 4
    assert [] == local.items


@pytest.mark.parametrize(
    ("text", "words"),
    [("å" * 301, "300 graphemes"), ("👩‍👩‍👧‍👦" * 130, "3000 bytes")],
    ids=["characters", "bytes"],
)
async def test_a_text_that_is_too_long_is_refused_in_the_servers_words(channel: Bluesky, text: str, words: str):
    with pytest.raises(Refused, match=words) as refused:
        await channel.send("bluesky", None, Message(text), KEY)
    assert "InvalidRequest" == refused.value.reason


async def test_three_hundred_characters_fit_whatever_they_are_made_of(local: Local, channel: Bluesky):
    await channel.send("bluesky", None, Message("å̈" * 300), KEY)
    assert 1 == len(local.items)


async def test_what_is_lost_while_logging_in_was_surely_not_sent(local: Local, channel: Bluesky):
    local.faults.set(error_5xx={"probability": 1, "methods": ["createSession"]})
    with pytest.raises(NotSent):
        await channel.send("bluesky", None, WATER, KEY)
    assert [] == local.items


async def test_nobody_there_is_surely_not_sent(unused_tcp_port_factory: Callable[[], int]):
    channel = channel_to(f"http://127.0.0.1:{unused_tcp_port_factory()}")
    with pytest.raises(NotSent):
        await channel.send("bluesky", None, WATER, KEY)
    await channel.close()


async def test_a_drill_goes_only_where_drills_may(local: Local, channel: Bluesky):
    drill = Message("ÖVNING", drill=True)
    with pytest.raises(Refused, match="drill"):
        await channel.send("bluesky", None, drill, KEY)
    assert [] == local.calls
    marked = channel_to(local.base_url, drill=True)
    await marked.send("bluesky", None, drill, KEY)
    await marked.close()
    assert ["ÖVNING"] == texts(local)


async def test_a_post_cannot_be_edited_and_the_channel_says_so(channel: Bluesky):
    assert Can.UPDATE not in channel.can
    with pytest.raises(Refused, match="cannot_edit"):
        await channel.update("bluesky", "at://x/y/z", WATER)


def _others(local: Local, name: str, text: str, at: datetime, **more: Any) -> None:
    """A post that another app has made."""
    record = {"$type": POST, "text": text, "createdAt": at.isoformat().replace("+00:00", "Z"), **more}
    local.add(text, id=name, more={"record": record, "cid": name})


async def test_recent_posts_are_read_oldest_first_without_answers(local: Local, channel: Bluesky) -> None:
    """Whoever made them, over several pages; what is older is left out."""
    since = NOW - timedelta(minutes=10)
    ours = await channel.send("bluesky", None, WATER, KEY)
    _others(local, "3zzzzzzzzzzz2", "Hej!", since + timedelta(minutes=3), reply={"parent": {}})
    for number in range(120):
        _others(local, f"3zzzzzzz{number:05}", f"Nyhet {number}", since + timedelta(minutes=2))
    _others(local, "3aaaaaaaaaaaa", "I fjol", since - timedelta(days=300))
    found = await channel.recent(since)
    assert (ours.remote, ours.link) == (found[-1].remote, found[-1].link)
    assert {f"Nyhet {number}" for number in range(120)} | {WATER.text} == {one.text for one in found}
