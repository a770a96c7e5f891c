"""What the proof of the log finds, and what it does not mistake for a fault."""

from datetime import date

from sqlmodel import col, delete, update

from bot import log as desk_log
from storage import log
from storage.engine import Database
from storage.log import Entry, Head, Seal
from tests import town


async def write(db: Database, case: str) -> None:
    async with db.write() as session:
        await log.append(session, case=case, at=town.MONDAY, actor="U1", action="said")


async def sealed(db: Database) -> None:
    for case in ("a", "a", "b"):
        await write(db, case)
    async with db.write() as session:
        await desk_log.seal(session, date(2026, 11, 23), town.MONDAY)


async def broken(db: Database) -> str | None:
    found = await desk_log.verify(db)
    return found.case if found else None


async def test_a_chain_without_its_head_is_broken(db: Database) -> None:
    """The head is where the next link would hang: without it the chain could grow a second beginning."""
    await sealed(db)
    assert await broken(db) is None
    async with db.write() as session:
        await session.exec(delete(Head).where(col(Head.case) == "b"))
    assert await broken(db) == "b"


async def test_a_case_removed_whole_is_missed_by_the_seal(db: Database) -> None:
    """Entries and head are gone; yesterday's seal remembers them."""
    await sealed(db)
    async with db.write() as session:
        await session.exec(delete(Entry).where(col(Entry.case) == "a"))
        await session.exec(delete(Head).where(col(Head.case) == "a"))
    assert await broken(db) == "a"


async def test_a_rewritten_seal_is_broken(db: Database) -> None:
    """Other heads than those that were sealed."""
    await sealed(db)
    async with db.write() as session:
        await session.exec(update(Seal).values(heads={"a": [1, "0" * 64]}))
    assert await broken(db) == "seal 2026-11-23"


async def test_a_desk_at_work_is_no_fault(db: Database) -> None:
    """Entries and heads are read as of one moment, whatever is written between the two."""
    await write(db, "a")
    async with db.snapshot() as session:
        entries = [one.seq async for one in log.in_chain_order(session)]
        await write(db, "a")
        heads = await log.heads(session)
    assert (entries, heads["a"].seq) == ([1], 1)
