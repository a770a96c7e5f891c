"""Several rooms on one database: one sends at a time, and the next takes over."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import text

from bot.channels.message import Message
from bot.channels.protocol import Sent
from bot.delivery.lease import Lease, NotMine
from bot.delivery.verdict import Verdict
from storage import lanes, posts
from storage.engine import Database
from tests.delivery.conftest import QUICK, Desk
from tests.delivery.vendor import Clock


@pytest.fixture
async def other(database_url: str) -> AsyncIterator[Database]:
    """A second engine on the same database, as a second process has."""
    database = Database(database_url)
    yield database
    await database.close()


async def test_two_rooms_never_both_send(desk: Desk, other: Database) -> None:
    """Sixty posts, two rooms: each arrives once, and only one room ever sent."""
    desk.vendor.seconds = 0.005
    sent = [await desk.send(f"C{n % 10}", f"{n}") for n in range(60)]
    rooms = [desk.room("a"), desk.room("b", other)]
    tasks = [asyncio.create_task(room.run()) for room in rooms]
    rows = await desk.settled()
    for room in rooms:
        await room.stop()
    await asyncio.gather(*tasks)
    assert sorted(one.key for one in desk.vendor.stored) == sorted(post.key for post in sent)
    assert len({row.owner for row in rows}) == 1


async def test_when_the_sender_is_gone_the_other_takes_the_lane(desk: Desk, other: Database) -> None:
    """A clean stop hands over at once; nothing waits for the lease to run out."""
    first, second = desk.room("a"), desk.room("b", other)
    tasks = [asyncio.create_task(first.run())]
    await desk.becomes(await desk.send("C1", "one"), "done")
    tasks.append(asyncio.create_task(second.run()))
    await first.stop()
    await desk.becomes(await desk.send("C1", "two"), "done")
    await second.stop()
    await asyncio.gather(*tasks)
    assert desk.vendor.texts("C1") == ["one", "two"]


async def test_a_dead_senders_lane_is_free_after_its_lease_and_not_before(desk: Desk) -> None:
    """Its requests have all ended by then, whatever became of them."""
    clock = Clock(still=True)
    first = Lease(desk.db, "slack", "a", QUICK, clock)
    second = Lease(desk.db, "slack", "b", QUICK, clock)
    assert await first.hold()
    assert not await second.hold()
    clock.push(QUICK.lease_s)
    assert not await second.hold()  # the clocks of two machines differ a little
    clock.push(QUICK.skew_s + 0.01)
    assert await second.hold()
    assert not first.covers(0)
    assert not await first.hold()


async def test_nobody_claims_under_a_lease_that_ends_before_the_request_could(desk: Desk) -> None:
    """The fence reads the lane's own row, not what the sender believes."""
    lease = Lease(desk.db, "slack", "a", QUICK, desk.clock)
    await lease.hold()
    async with desk.db.write() as session:
        await lease.fence(session)
    async with desk.db.write() as session:
        lane = await lanes.locked(session, "slack")
        assert lane is not None
        lane.owner, lane.until = "b", desk.clock() + timedelta(seconds=60)
    async with desk.db.write() as session:
        with pytest.raises(NotMine):
            await lease.fence(session)
    assert not lease.covers(0)


async def test_a_room_that_lost_its_lane_unawares_claims_nothing(desk: Desk) -> None:
    """Its own memory says the lane is its; the row in the claiming transaction knows better."""
    async with desk.at_work() as room:
        await desk.becomes(await desk.send("C1", "before"), "done")
        async with desk.db.write() as session:
            lane = await lanes.locked(session, "slack")
            assert lane is not None
            lane.owner, lane.until = "other", desk.clock() + timedelta(seconds=60)
        post = await desk.send("C1", "after")
        await desk.until(post, lambda _: not room._workers[0].kit.lease.covers(0))
        assert (await desk.post(post)).tries == 0
    assert desk.vendor.texts("C1") == ["before"]


async def test_a_sender_that_stood_still_after_its_claim_does_not_send(desk: Desk) -> None:
    """The machine slept between the commit and the request: the lane may be another's by now."""
    sent = []
    original = desk.vendor.send

    async def send(place: str, thread: str | None, message: Message, key: str) -> Sent:
        sent.append(key)
        return await original(place, thread, message, key)

    desk.vendor.send = send  # type: ignore[method-assign]
    post = await desk.send("C1", "x")
    slept = [False]

    def sleep_once() -> None:
        if not slept[0]:
            slept[0] = True
            desk.clock.push(60)

    room = desk.room()
    claim = room._workers[0]._sender._claim

    async def claim_then_sleep(*args: object) -> bool:
        claimed = await claim(*args)  # type: ignore[arg-type]
        if claimed and not slept[0]:
            sleep_once()
            assert sent == []
        return claimed

    room._workers[0]._sender._claim = claim_then_sleep  # type: ignore[method-assign]
    task = asyncio.create_task(room.run())
    row = await desk.until(post, lambda row: row.state == "waiting" and row.tries == 1)
    assert sent == []
    assert row.reason == "unreachable"
    await desk.becomes(post, "done")
    await room.stop()
    await task
    assert len(sent) == 1


async def test_an_answer_that_comes_after_the_lane_was_lost_still_counts(desk: Desk) -> None:
    """The message is there; whoever holds the lane now need not look for it."""
    desk.vendor.seconds = 1.0
    post = await desk.send("C1", "x")
    async with desk.at_work():
        await desk.becomes(post, "sending")
        async with desk.db.write() as session:
            await session.exec(text("UPDATE post SET state = 'unknown', due = created, owner = 'b'"))  # type: ignore[call-overload]
            await session.exec(text("UPDATE lane SET owner = 'b'"))  # type: ignore[call-overload]
        row = await desk.becomes(post, "done")
    assert row.remote == "1.0"
    assert desk.vendor.asked == ["send C1"]


async def test_what_another_sender_is_sending_is_not_touched_by_a_late_answer(desk: Desk) -> None:
    """I was throttled long ago; meanwhile the other has claimed the post, and its request runs."""
    post = await desk.send("C1", "x")
    async with desk.db.write() as session:
        await posts.move(session, post.id or 0, "waiting", "sending", owner="other", tries=2)
    ledger = desk.room()._workers[0]._ledger
    assert not await ledger.settle(post, "sending", Verdict("waiting", {"due": desk.clock()}))
    assert not await ledger.settle(post, "sending", Verdict("done", {"remote": "1.0"}))
    row = await desk.post(post)
    assert (row.state, row.owner, row.remote) == ("sending", "other", None)


async def test_the_room_waits_for_a_database_that_is_briefly_away_and_goes_on(desk: Desk) -> None:
    """The table vanishes and comes back: a warning, no crash, nothing lost."""
    async with desk.at_work() as room:
        before = await desk.becomes(await desk.send("C1", "before"), "done")
        await _rename(desk.db, "post", "post_away")
        await asyncio.sleep(0.3)
        trouble = room._workers[0].trouble
        await _rename(desk.db, "post_away", "post")
        await desk.becomes(await desk.send("C1", "after"), "done")
        await desk.until(before, lambda _: room._workers[0].trouble is None)
    assert trouble is not None
    assert desk.vendor.texts("C1") == ["before", "after"]


async def _rename(db: Database, old: str, new: str) -> None:
    async with db.write() as session:
        await session.exec(text(f"ALTER TABLE {old} RENAME TO {new}"))  # type: ignore[call-overload]


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_an_answer_in_hand_waits_for_a_database_that_closed_its_door(desk: Desk, database_url: str) -> None:
    """Every connection is cut while the request runs; the answer is written once one can be made again."""
    desk.vendor.seconds = 1.0
    post = await desk.send("C1", "x")
    async with desk.at_work() as room:
        await desk.becomes(post, "sending")
        await asyncio.to_thread(_door, database_url, False)
        await asyncio.sleep(1.5)
        trouble = room._workers[0].trouble
        await asyncio.to_thread(_door, database_url, True)
        await desk.becomes(post, "done")
    assert trouble == "database away"
    assert desk.vendor.asked == ["send C1"]


def _door(database_url: str, is_open: bool) -> None:
    """Let nobody into the database, and throw out who is there; or let them in again."""
    head, _, query = database_url.partition("?")
    server, _, name = head.rpartition("/")
    with psycopg.connect(f"{server}/postgres?{query}", autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {str(is_open).lower()}")
        if not is_open:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
