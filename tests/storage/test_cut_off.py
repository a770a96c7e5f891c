"""A request that is cut off while it writes must not keep the database for ever."""

import asyncio

from storage import facts
from storage.engine import Database


async def _put(db: Database, n: int) -> None:
    async with db.write() as session:
        await facts.put(session, f"k{n % 50}", n)
        await facts.put(session, f"l{n % 50}", n)


async def test_a_write_that_is_cut_off_gives_the_database_back(db: Database) -> None:
    """Whatever instant the time-out hits (bot/delivery/sender.py: wait_for around place, send and update)."""
    for n in range(400):
        await asyncio.gather(
            *(asyncio.wait_for(_put(db, n + i), 0.0002 * (n % 60)) for i in range(3)), return_exceptions=True
        )
        await asyncio.wait_for(_put(db, 10_000 + n), 5)
