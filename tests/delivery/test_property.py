"""Whatever the vendor answers and wherever the process dies: each message once, each thread in order."""

import asyncio
import contextlib
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.errors import ChannelError, NotSent, Throttled, TokenDead, Unknown
from bot.delivery.room import Room
from storage.engine import Database
from tests.delivery.conftest import QUICK, Desk
from tests.delivery.vendor import StoredThen

ANSWERS = st.sampled_from(
    [
        None,
        Unknown("lost on the way there"),
        StoredThen(Unknown("lost on the way back")),
        Throttled(0.01),
        NotSent("connection refused"),
        TokenDead("token_expired"),
    ]
)
THREADS = st.lists(st.tuples(st.sampled_from(["C1", "C2", "U1"]), st.integers(0, 4)), min_size=1, max_size=4)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    answers=st.lists(ANSWERS, max_size=12),
    threads=THREADS,
    lives=st.lists(st.floats(0.0, 0.12), max_size=3),
)
def test_each_message_once_and_each_thread_in_order(
    answers: list[ChannelError | StoredThen | None], threads: list[tuple[str, int]], lives: list[float]
) -> None:
    """Lost answers, throttling, dead tokens and killed processes, in any order."""
    asyncio.run(_live(answers, threads, lives))


async def _live(
    answers: list[ChannelError | StoredThen | None], threads: list[tuple[str, int]], lives: list[float]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite:///{Path(folder) / 'desk.db'}")
        await db.create_all()
        desk = Desk(db, settings=replace(QUICK, park_s=0.02, token_s=0.02))
        desk.vendor.answers.extend(answers)
        desk.vendor.seconds = 0.002
        expected = await _owe(desk, threads)
        for life in lives:
            await _die_after(desk.room(), life)
            desk.clock.push(QUICK.lease_s + QUICK.skew_s)
        async with desk.at_work():
            await desk.settled(hurry=True)
        await db.close()
    assert sorted(one.key for one in desk.vendor.stored) == sorted(key for keys in expected for key in keys)
    for keys in expected:
        assert [one.key for one in desk.vendor.stored if one.key in keys] == keys


async def _owe(desk: Desk, threads: list[tuple[str, int]]) -> list[list[str]]:
    """A card and its lines for each thread; their delivery ids in order."""
    owed = []
    for number, (dest, lines) in enumerate(threads):
        card = await desk.send(dest, f"card {number}", kind="card", card=True)
        under = [await desk.send(dest, f"line {number}.{line}", thread=card) for line in range(lines)]
        owed.append([card.key, *(line.key for line in under)])
    return owed


async def _die_after(room: Room, seconds: float) -> None:
    """Work so long, then stop dead: nothing is finished, nothing given back."""
    task = asyncio.create_task(room.run())
    await asyncio.sleep(seconds)
    in_flight = [one for worker in room._workers for one in worker._in_flight.values()]
    for one in (task, *in_flight):
        one.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await asyncio.gather(*in_flight, return_exceptions=True)
