"""The log: append-only, one hash chain per case, sealed daily.

A global chain would serialise every transaction; so each case has its own, and the daily seal binds
all heads together.
"""

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, SQLModel, UniqueConstraint, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base

START = "0" * 64
PAGE = 500  # entries read at once


class Entry(SQLModel, table=True):
    """One thing that happened. ``detail`` holds no free text of people, only keyed hashes of it."""

    __tablename__ = "log_entry"
    __table_args__ = (UniqueConstraint("case", "seq"),)

    id: int | None = Field(default=None, primary_key=True)
    case: str = Field(max_length=80)
    seq: int
    at: datetime = base.instant(index=True)
    actor: str = Field(max_length=64)
    role: str = Field(default="", max_length=32)
    action: str = Field(max_length=64)
    detail: dict[str, Any] = base.json_column()
    before: str = Field(max_length=64)
    digest: str = Field(max_length=64)


class Head(SQLModel, table=True):
    """The last link of a case's chain; its row is the chain's lock."""

    __tablename__ = "log_head"

    case: str = Field(primary_key=True, max_length=80)
    seq: int = 0
    digest: str = Field(default=START, max_length=64)


class Seal(SQLModel, table=True):
    """A day's seal over all heads, chained to the day before."""

    __tablename__ = "log_seal"

    day: date = Field(primary_key=True)
    heads: dict[str, list[Any]] = base.json_column()  # case → [seq, digest], of the cases moved since
    before: str = Field(max_length=64)
    digest: str = Field(max_length=64)
    sealed: datetime = base.instant()


def link(before: str, facts: dict[str, Any]) -> str:
    """The digest of a link: the one before, and these facts in one canonical spelling."""
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()


def facts_of(entry: Entry) -> dict[str, Any]:
    """What of an entry its digest covers: everything but the row number and the digests."""
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    return {
        "case": entry.case,
        "seq": entry.seq,
        "at": at,
        "actor": entry.actor,
        "role": entry.role,
        "action": entry.action,
        "detail": entry.detail,
    }


async def append(
    session: AsyncSession, *, case: str, at: datetime, actor: str, action: str, role: str = "", **detail: Any
) -> Entry:
    """Add the next link to a case's chain; the head row is held until the transaction ends."""
    head = await _locked_head(session, case)
    entry = Entry(
        case=case,
        seq=head.seq + 1,
        at=at,
        actor=actor,
        role=role,
        action=action,
        detail=detail,
        before=head.digest,
        digest="",
    )
    entry.digest = link(entry.before, facts_of(entry))
    head.seq, head.digest = entry.seq, entry.digest
    session.add_all((entry, head))
    await session.flush()
    return entry


async def _locked_head(session: AsyncSession, case: str) -> Head:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    fresh = insert(Head).values(case=case, seq=0, digest=START).on_conflict_do_nothing()
    await session.exec(fresh)
    query = select(Head).where(Head.case == case).with_for_update()
    return (await session.exec(query.execution_options(populate_existing=True))).one()


async def of_case(session: AsyncSession, case: str) -> list[Entry]:
    """A case's entries in order."""
    return list((await session.exec(select(Entry).where(Entry.case == case).order_by(col(Entry.seq)))).all())


async def heads(session: AsyncSession) -> dict[str, Head]:
    """All chains' last links."""
    return {head.case: head for head in (await session.exec(select(Head))).all()}


async def seals(session: AsyncSession) -> list[Seal]:
    """All seals by day."""
    return list((await session.exec(select(Seal).order_by(col(Seal.day)))).all())


async def newest_seal(session: AsyncSession) -> Seal | None:
    """The last day's seal; through its chain it binds all before it."""
    return (await session.exec(select(Seal).order_by(col(Seal.day).desc()).limit(1))).first()


async def in_chain_order(session: AsyncSession) -> AsyncIterator[Entry]:
    """Every entry, case by case, in order; read in pages, so the log may be long."""
    place = tuple_(col(Entry.case), col(Entry.seq))
    query = select(Entry).order_by(col(Entry.case), col(Entry.seq)).limit(PAGE)
    page = (await session.exec(query)).all()
    while page:
        for entry in page:
            yield entry
            session.expunge(entry)  # what was read is not kept
        last = (page[-1].case, page[-1].seq)
        page = (await session.exec(query.where(place > last))).all()
