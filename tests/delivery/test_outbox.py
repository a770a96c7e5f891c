"""What the other rooms may rely on when they owe somebody a message."""

from dataclasses import asdict

import pytest

from bot.channels.message import Message
from bot.delivery import outbox
from storage import posts
from tests.delivery.conftest import Desk


async def test_the_same_message_owed_twice_is_one_post(desk: Desk) -> None:
    """(kind, topic, dest, seq) is what makes a post the same; the first row is given back."""
    first = await desk.send("C1", "hello")
    again = await desk.send("C1", "hello")
    elsewhere = await desk.send("C2", "hello")
    assert (again.id, again.key) == (first.id, first.key)
    assert elsewhere.id != first.id
    assert len(await desk.posts()) == 2


async def test_nothing_is_owed_when_the_transaction_fails(desk: Desk) -> None:
    """The promise is part of the decision: both or neither."""

    async def fail() -> None:
        async with desk.db.write() as session:
            await outbox.send(session, kind="line", dest="C1", topic="t", args={}, now=desk.clock())
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await desk.posts() == []


async def test_a_newer_post_replaces_an_unsent_older_one_of_any_kind(desk: Desk) -> None:
    """The all-clear makes the unsent warning superfluous, in its destination and on its topic only."""
    old = await desk.send("C1", topic="crisis/1", kind="warning", seq=1)
    other_place = await desk.send("C2", topic="crisis/1", kind="warning", seq=1)
    other_topic = await desk.send("C1", topic="crisis/2", kind="warning", seq=1)
    await desk.send("C1", topic="crisis/1", kind="all_clear", seq=2)
    assert [(await desk.post(p)).state for p in (old, other_place, other_topic)] == [
        "dropped",
        "waiting",
        "waiting",
    ]
    assert (await desk.post(old)).reason == "replaced"


async def test_a_reply_never_replaces_the_card_it_stands_under(desk: Desk) -> None:
    """A higher seq under a card of the same topic leaves the card alone."""
    card = await desk.send("C1", topic="case/1", kind="card", card=True)
    await desk.send("C1", topic="case/1", kind="line", seq=3, thread=card)
    assert (await desk.post(card)).state == "waiting"


async def test_an_older_post_that_comes_late_is_dropped_before_it_is_sent(desk: Desk) -> None:
    """Owed after its successor, it is no longer wanted."""
    await desk.send("C1", "new", topic="t", seq=2)
    late = await desk.send("C1", "old", topic="t", seq=1)
    async with desk.at_work():
        await desk.settled()
    assert (await desk.post(late)).reason == "replaced"
    assert desk.vendor.texts("C1") == ["new"]


async def test_following_a_topic_reaches_the_cards_under_it_and_no_neighbours(desk: Desk) -> None:
    """case/1 covers case/1/gate but neither case/10 nor lines."""
    topics = ["case/1", "case/1/gate", "case/10", "case/2", "case/1x", "case/1.5"]
    cards = [await desk.send("C1", topic=topic, kind="card", card=True) for topic in topics]
    line = await desk.send("C1", topic="case/1", kind="line")
    async with desk.db.write() as session:
        await outbox.follow(session, "case/1")
    assert [(await desk.post(card)).want for card in cards] == [1, 1, 0, 0, 0, 0]
    assert (await desk.post(line)).want == 0


async def test_cards_of_a_topic_are_the_live_ones_that_start_a_thread(desk: Desk) -> None:
    """Lines go under them: not under a refused one, nor under buttons inside a thread."""
    card = await desk.send("C1", topic="case/1", kind="card", card=True)
    copy = await desk.send("U1", topic="case/1", kind="card", card=True)
    lost = await desk.send("C9", topic="case/1", kind="card", card=True)
    await desk.send("C1", topic="case/1", kind="buttons", card=True, thread=card)
    async with desk.db.write() as session:
        await posts.move(session, lost.id or 0, posts.WAITING, posts.REFUSED, reason="is_archived")
        assert [one.id for one in await outbox.cards(session, "case/1")] == [card.id, copy.id]


async def test_a_thread_must_be_in_the_same_place(desk: Desk) -> None:
    """A reply under a message of another channel is a mistake of the caller."""
    card = await desk.send("C1", topic="case/1", kind="card", card=True)
    with pytest.raises(ValueError, match="is not in slack C2"):
        await desk.send("C2", "line", thread=card)


async def test_a_reply_to_a_reply_stands_in_the_same_thread(desk: Desk) -> None:
    """Threads have one level; any post of the thread may be named, also by its number."""
    card = await desk.send("C1", topic="case/1", kind="card", card=True)
    line = await desk.send("C1", "line", thread=card)
    deeper = await desk.send("C1", "deeper", thread=line.id)
    assert deeper.thread_id == card.id


async def test_two_thousand_channels_share_one_body(desk: Desk) -> None:
    """A line is frozen when it is sent, and equal lines are one row."""
    desk.says["line"] = lambda post: Message("the same for all", [{"type": "divider"}])
    sent = [await desk.send(f"C{n}", topic="t") for n in range(20)]
    async with desk.at_work():
        await desk.settled()
    bodies = {(await desk.post(post)).body for post in sent}
    async with desk.db.read() as session:
        body = await session.get_one(posts.Body, bodies.pop())
    assert bodies == set()
    assert body.content == asdict(Message("the same for all", [{"type": "divider"}]))
