"""Forty processes killed while they work, with answers lost on the way: never two, none lost, in order."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlmodel import col, select

from storage.engine import Database
from storage.posts import Post
from tests.faults import stage, work
from tests.faults.nursery import Children

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]
KILLS = 20  # on each of the two databases
ENOUGH_S = 90.0


@pytest.fixture
async def watch(database_url: str) -> AsyncIterator[Database]:
    """The test's own eye on the workers' database."""
    database = Database(database_url)
    yield database
    await database.close()


def _workers(database_url: str, url: str, folder: Path, *, blind: bool = False) -> Children:
    log = folder / "workers.log"
    return Children("tests.faults.worker", database_url, f"{url}/api/", log=log, blind=blind)


async def _kill_at_work(workers: Children, db: Database, chance: random.Random) -> None:
    """Let the sender get some posts through, then kill it in the middle of the rest."""
    began, _ = await stage.progress(db)
    wanted, until = began + chance.randint(1, 4), time.monotonic() + ENOUGH_S
    while (await stage.progress(db))[0] < wanted or not workers.has(await stage.sender(db) or 0):
        assert time.monotonic() < until, "no progress; see workers.log"
        await asyncio.sleep(0.01)
    await asyncio.sleep(chance.uniform(0, 0.1))
    pid = await stage.sender(db)
    _, left = await stage.progress(db)
    assert left, "a kill after the work is done proves nothing"
    assert pid is not None
    workers.kill(pid)


async def _until_done(db: Database) -> None:
    until = time.monotonic() + ENOUGH_S
    while (await stage.progress(db))[1]:
        assert time.monotonic() < until, await _states(db)
        await asyncio.sleep(0.1)


async def _posts(db: Database) -> list[Post]:
    async with db.read() as session:
        return list((await session.exec(select(Post).order_by(col(Post.id)))).all())


async def _states(db: Database) -> str:
    return str(Counter((post.state, post.reason) for post in await _posts(db)))


def _doubled(threads: dict[str, list[tuple[str, str]]]) -> list[str]:
    """Delivery ids that stand in the workspace more than once."""
    seen = Counter(key for thread in threads.values() for key, _ in thread)
    return [key for key, times in seen.items() if times > 1]


@pytest.mark.heavy
async def test_never_two_none_lost_and_every_thread_in_order(
    watch: Database, database_url: str, tmp_path: Path
) -> None:
    """Twenty kills, every one while work is left; on PostgreSQL a second replica stands by."""
    chance = random.Random(5)
    with stage.sandbox(tmp_path) as url:
        workers = _workers(database_url, url, tmp_path)
        try:
            for _ in range(1 if watch.is_sqlite else 2):
                workers.start()
            for _ in range(KILLS):
                await _kill_at_work(workers, watch, chance)
                workers.start()
            await _until_done(watch)
        finally:
            workers.close()
        stage.switch(url, stage.CALM)
        await asyncio.sleep(1)
        threads = await stage.threads_in(url)
    rows = await _posts(watch)
    assert workers.kills == KILLS
    assert Counter(row.state for row in rows) == {"done": work.POSTS}
    assert _doubled(threads) == []
    assert threads == _expected(rows)


def _expected(rows: list[Post]) -> dict[str, list[tuple[str, str]]]:
    """Each thread as the database wants it: the card as it now is, then its lines by their order."""
    cards = {row.id: row for row in rows if row.card}
    wanted = {card.key: [(card.key, work.card_text(card.topic, work.LINES))] for card in cards.values()}
    for row in rows:
        if row.thread_id is not None:
            wanted[cards[row.thread_id].key].append((row.key, row.args["text"]))
    return wanted


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_who_sends_again_without_looking_sends_twice(
    watch: Database, database_url: str, tmp_path: Path
) -> None:
    """The same check catches a sender that does not look: so it can fail."""
    chance = random.Random(5)
    with stage.sandbox(tmp_path) as url:
        workers = _workers(database_url, url, tmp_path, blind=True)
        try:
            workers.start()
            for _ in range(3):
                await _kill_at_work(workers, watch, chance)
                workers.start()
            await _until_done(watch)
        finally:
            workers.close()
        stage.switch(url, stage.CALM)
        await asyncio.sleep(1)
        threads = await stage.threads_in(url)
    assert _doubled(threads) or threads != _expected(await _posts(watch))
    assert sum(len(thread) for thread in threads.values()) > work.POSTS
