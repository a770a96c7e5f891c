"""Slack as a carrier, against the sandbox workspace: as strict as Slack where it matters."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.channels.errors import CannotLook, Gone, Refused, Throttled, TokenDead, Unknown
from bot.channels.message import Message
from bot.channels.protocol import Sent
from bot.channels.slack import SlackCarrier
from bot.channels.slackapi import SlackApi
from bot.sandbox.seed import ALL_SCOPES, ChannelSeed, PersonSeed, Seed
from bot.sandbox.server import Sandbox
from tests.delivery.conftest import Desk

CHANNELS = [
    ChannelSeed("C1", "one", bot_is_member=True),
    ChannelSeed("C2", "two"),
    ChannelSeed("C3", "closed", private=True),
    ChannelSeed("C4", "archived", archived=True),
    ChannelSeed("C5", "read-only", read_only=True, bot_is_member=True),
]
PEOPLE = [PersonSeed("U1", "Enhetschef biblioteket"), PersonSeed("U2", "Registrator", deleted=True)]
HELLO = Message("hello", [{"type": "section", "text": {"type": "plain_text", "text": "hello"}}])


def recently() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=2)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    server = Sandbox(Seed(channels=CHANNELS, people=PEOPLE))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def carrier(sandbox: Sandbox) -> AsyncIterator[SlackCarrier]:
    api = SlackApi("xoxb-sandbox", base_url=sandbox.api_url, timeout_s=2)
    yield SlackCarrier(api, lag=0.0)
    await api.close()


async def history(carrier: SlackCarrier, channel: str) -> list[dict[str, Any]]:
    """The channel's messages as the API tells them, oldest first."""
    told = await carrier._api.call("conversations.history", channel=channel, include_all_metadata=True)
    return list(reversed(told["messages"]))


async def test_a_message_stands_in_the_channel_with_its_delivery_id(carrier: SlackCarrier) -> None:
    """Text for screen readers, blocks for the rest, metadata for the finder."""
    sent = await carrier.send("C1", None, HELLO, "key1")
    message = next(one for one in await history(carrier, "C1") if one["ts"] == sent.remote)
    assert sent.place == "C1"
    assert message["text"] == "hello"
    assert message["blocks"][0]["text"]["text"] == "hello"
    assert message["metadata"] == {"event_type": "kanalvakt_post", "event_payload": {"id": "key1"}}


async def test_it_is_found_by_its_id_and_nothing_else_is(carrier: SlackCarrier) -> None:
    """In the channel, and in a thread under its parent."""
    parent = await carrier.send("C1", None, HELLO, "parent")
    reply = await carrier.send("C1", parent.remote, HELLO, "reply")
    assert await carrier.find("C1", None, "parent", recently(), None) == Sent(parent.remote, "C1")
    assert await carrier.find("C1", parent.remote, "reply", recently(), None) == Sent(reply.remote, "C1")
    assert await carrier.find("C1", None, "other", recently(), None) is None
    assert await carrier.find("C1", parent.remote, "other", recently(), None) is None


async def test_it_is_found_behind_many_pages_of_newer_messages(sandbox: Sandbox, carrier: SlackCarrier) -> None:
    """A busy channel does not hide it."""
    sandbox.hub.limits.on = False
    wanted = await carrier.send("C1", None, HELLO, "wanted")
    for number in range(450):
        await carrier.send("C1", None, HELLO, f"noise {number}")
    assert await carrier.find("C1", None, "wanted", recently(), None) == Sent(wanted.remote, "C1")


async def test_to_look_in_a_public_channel_the_bot_joins_and_stays(sandbox: Sandbox, carrier: SlackCarrier) -> None:
    """Posting there needs no membership, reading does."""
    sent = await carrier.send("C2", None, HELLO, "key")
    assert sandbox.hub.workspace.bot.user_id not in sandbox.hub.workspace.channels["C2"].members
    assert await carrier.find("C2", None, "key", recently(), None) == Sent(sent.remote, "C2")
    assert sandbox.hub.workspace.bot.user_id in sandbox.hub.workspace.channels["C2"].members


async def test_where_the_bot_is_not_let_in_it_cannot_look(carrier: SlackCarrier) -> None:
    """A private channel it was removed from."""
    with pytest.raises(CannotLook, match="channel_not_found"):
        await carrier.find("C3", None, "key", recently(), None)


async def test_without_the_scope_to_join_it_cannot_look() -> None:
    """A missing scope degrades looking, and says which one."""
    server = Sandbox(Seed(channels=CHANNELS, scopes=[one for one in ALL_SCOPES if one != "channels:join"]))
    await server.start()
    api = SlackApi("xoxb-sandbox", base_url=server.api_url)
    with pytest.raises(CannotLook, match="channels:join"):
        await SlackCarrier(api).find("C2", None, "key", recently(), None)
    await api.close()
    await server.stop()


async def test_a_reply_is_not_there_when_its_thread_is_not(carrier: SlackCarrier) -> None:
    """thread_not_found answers the question."""
    assert await carrier.find("C1", "1700000000.000100", "key", recently(), None) is None


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("C3", "channel_not_found"),
        ("C4", "is_archived"),
        ("C5", "restricted_action"),
        ("C999", "channel_not_found"),
    ],
)
async def test_a_channel_that_takes_no_posts_refuses(carrier: SlackCarrier, place: str, reason: str) -> None:
    """With Slack's word for it."""
    with pytest.raises(Refused, match=reason):
        await carrier.send(place, None, HELLO, "key")


async def test_blocks_that_slack_would_refuse_are_refused_naming_the_place(carrier: SlackCarrier) -> None:
    """A card with an error in it is refused, not lost."""
    with pytest.raises(Refused, match=r"invalid_blocks: .*blocks"):
        await carrier.send("C1", None, Message("x", [{"type": "header"}]), "key")


async def test_a_person_is_reached_in_their_direct_messages_opened_once(
    sandbox: Sandbox, carrier: SlackCarrier
) -> None:
    """The place is a D-id; it is asked for once and remembered."""
    place = await carrier.place("U1")
    assert place.startswith("D")
    assert await carrier.place("U1") == place
    assert carrier._api.counts["conversations.open", "ok"] == 1
    sent = await carrier.send(place, None, HELLO, "key")
    assert await carrier.find(place, None, "key", recently(), None) == Sent(sent.remote, place)


async def test_who_cannot_be_reached_is_refused_without_asking_slack(sandbox: Sandbox) -> None:
    """Slack would take a message to a deactivated person without a word."""

    async def reachable(dest: str) -> str | None:
        return "account_deactivated" if dest == "U2" else None

    api = SlackApi("xoxb-sandbox", base_url=sandbox.api_url)
    carrier = SlackCarrier(api, reachable=reachable)
    with pytest.raises(Refused, match="account_deactivated"):
        await carrier.place("U2")
    assert not api.counts
    assert (await carrier.place("U1")).startswith("D")
    await api.close()


async def test_opening_many_direct_messages_at_once_is_spread_out(sandbox: Sandbox) -> None:
    """Slack allows fifty a minute: the rest are told when to come back, each a little later."""
    clock = [0.0]
    api = SlackApi("xoxb-sandbox", base_url=sandbox.api_url)
    carrier = SlackCarrier(api, clock=lambda: clock[0])
    waits = []
    for _ in range(3):
        clock[0] += 60
        for number in range(40):
            await _open(carrier, f"U9{number}", waits)
    assert 0 < waits[0] < waits[1] < waits[2] <= 20
    assert api.counts["conversations.open", "throttled"] == 0
    assert api.counts["conversations.open", "refused"] == 5 + 15 + 15  # a third of a handful at first
    await api.close()


async def _open(carrier: SlackCarrier, person: str, waits: list[float]) -> None:
    try:
        await carrier.place(person)
    except Refused:
        return  # nobody there; the call was made, and that is what is counted
    except Throttled as throttled:
        waits.append(throttled.retry_after)


async def test_after_a_429_nothing_is_opened_until_it_is_over(sandbox: Sandbox) -> None:
    """One refusal is enough."""
    clock = [0.0]
    sandbox.hub.faults.set(throttle=1.0)
    api = SlackApi("xoxb-sandbox", base_url=sandbox.api_url)
    carrier = SlackCarrier(api, clock=lambda: clock[0])
    for _ in range(5):
        with pytest.raises(Throttled):
            await carrier.place("U1")
    assert api.counts["conversations.open", "throttled"] == 1
    sandbox.hub.faults.set(throttle=0.0)
    clock[0] += 30
    assert (await carrier.place("U1")).startswith("D")
    await api.close()


async def test_a_card_is_shown_anew_with_all_its_blocks(carrier: SlackCarrier) -> None:
    """A card without blocks loses its old buttons: Slack would keep them if none were sent."""
    sent = await carrier.send("C1", None, HELLO, "key")
    await carrier.update("C1", sent.remote, Message("decided", []))
    message = next(one for one in await history(carrier, "C1") if one["ts"] == sent.remote)
    assert (message["text"], message.get("blocks", [])) == ("decided", [])


async def test_a_card_that_is_gone_says_so(carrier: SlackCarrier) -> None:
    """So that it can be posted anew."""
    with pytest.raises(Gone):
        await carrier.update("C1", "1700000000.000100", HELLO)


async def test_a_dead_token_is_a_dead_token(sandbox: Sandbox, carrier: SlackCarrier) -> None:
    """Nothing was sent, and nothing else will be."""
    sandbox.hub.faults.set(revoked=True)
    with pytest.raises(TokenDead):
        await carrier.send("C1", None, HELLO, "key")


async def test_a_lost_answer_is_unknown_and_the_message_is_found(sandbox: Sandbox, carrier: SlackCarrier) -> None:
    """The connection closed after the message was stored."""
    sandbox.hub.faults.set(drop_after_store=1.0)
    with pytest.raises(Unknown):
        await carrier.send("C1", None, HELLO, "key")
    assert await carrier.find("C1", None, "key", recently(), None) is not None
    assert len([one for one in await history(carrier, "C1") if one.get("metadata")]) == 1


async def test_the_room_and_slack_together_lose_and_double_nothing(
    desk: Desk, sandbox: Sandbox, carrier: SlackCarrier
) -> None:
    """Cards, threads and direct messages, with half of the answers lost: each exactly once, in order."""
    sandbox.hub.limits.on = False
    sandbox.hub.faults.set(drop_after_store=0.3, error_5xx={"probability": 0.3, "stored": 0.5}, seed=4)
    desk.vendor = carrier  # type: ignore[assignment]
    for dest in ("C1", "C2", "U1"):
        card = await desk.send(dest, "card", kind="card", card=True)
        for number in range(6):
            await desk.send(dest, f"line {number}", thread=card)
    async with desk.at_work(park_s=0.2):
        for _ in range(3):
            await asyncio.sleep(0.05)
        rows = await desk.settled()
    assert {row.state for row in rows} == {"done"}
    stored = sandbox.hub.workspace.channels
    assert stored
    sandbox.hub.faults.set(drop_after_store=0.0, error_5xx=0.0)
    for dest in ("C1", "C2", "U1"):
        place = await carrier.place(dest)
        root = next(row for row in rows if row.dest == dest and row.card)
        told = await carrier._api.call(
            "conversations.replies", channel=place, ts=root.remote, include_all_metadata=True
        )
        assert [one["text"] for one in told["messages"]] == ["card", *(f"line {n}" for n in range(6))]
