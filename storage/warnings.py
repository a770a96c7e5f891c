"""Warnings from outside as they were last told, and how each source of them fares."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, delete, update
from sqlmodel import Field, SQLModel, UniqueConstraint, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base

# A warning is where its source says it is, so every way between these is open.
ACTIVE: Final = "active"
CANCELLED: Final = "cancelled"  # called off by the source
EXPIRED: Final = "expired"  # its time has run out
GONE: Final = "gone"  # no longer in a list that holds everything that applies
ELSEWHERE: Final = "elsewhere"  # no longer for our area
STATES: Final = (ACTIVE, CANCELLED, EXPIRED, GONE, ELSEWHERE)


class OutsideWarning(SQLModel, table=True):
    """One warning. ``called``: the version its newest card was owed for, 0 without a card.

    ``same_as``: the warning of a better source that tells the same; its words are shown instead.
    """

    __tablename__ = "outside_warning"
    __table_args__ = (
        UniqueConstraint("source", "ident"),
        CheckConstraint(f"state IN ({base.one_of(STATES)})", name="ck_outside_warning_state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(max_length=32)
    ident: str = Field(max_length=200)
    state: str = Field(max_length=16)
    version: int = 1
    called: int = 0
    same_as: int | None = Field(default=None, foreign_key="outside_warning.id", index=True)
    content: dict[str, Any] = base.json_column()
    expires: datetime | None = base.maybe_instant()
    seen: datetime = base.instant()
    changed: datetime = base.instant(index=True)


class WarningFeed(SQLModel, table=True):
    """One source. ``next_at``: not before then; ``asked``: a digest of what ``etag`` was the answer to.

    ``odd`` entries of the last answer could not be read. ``trouble`` is empty while all is well, and
    ``since`` says when it began. All instants are UTC.
    """

    __tablename__ = "warning_feed"

    source: str = Field(primary_key=True, max_length=32)
    next_at: datetime = base.instant()
    etag: str = Field(default="", max_length=200)
    asked: str = Field(default="", max_length=64)
    failures: int = 0
    odd: int = 0
    trouble: str = Field(default="", max_length=200)
    since: datetime | None = base.maybe_instant()
    heard: datetime | None = base.maybe_instant()


async def claim(
    session: AsyncSession, source: str, *, now: datetime, until: datetime, furthest: datetime
) -> WarningFeed | None:
    """The source if it is due, for the one caller who gets it; nobody else does before ``until``.

    A time beyond ``furthest`` was written by a clock that was wrong, and counts as due.
    """
    fresh = base.inserting(session, WarningFeed).values(
        source=source, next_at=now, etag="", asked="", failures=0, odd=0, trouble=""
    )
    await session.exec(fresh.on_conflict_do_nothing())
    query = update(WarningFeed).where(
        col(WarningFeed.source) == source,
        (col(WarningFeed.next_at) <= now) | (col(WarningFeed.next_at) > furthest),
    )
    result = await session.exec(query.values(next_at=until).execution_options(synchronize_session=False))
    return await session.get(WarningFeed, source, populate_existing=True) if result.rowcount else None


async def locked_feeds(session: AsyncSession) -> dict[str, WarningFeed]:
    """Every source, held until the transaction ends: warnings change one writer at a time."""
    query = select(WarningFeed).order_by(col(WarningFeed.source)).with_for_update()
    found = await session.exec(query.execution_options(populate_existing=True))
    return {one.source: one for one in found.all()}


async def feeds(session: AsyncSession) -> list[WarningFeed]:
    """Every source that was ever asked."""
    return list((await session.exec(select(WarningFeed).order_by(col(WarningFeed.source)))).all())


async def get(session: AsyncSession, warning_id: int) -> OutsideWarning | None:
    """The warning with this number."""
    return await session.get(OutsideWarning, warning_id)


async def of_source(session: AsyncSession, source: str) -> list[OutsideWarning]:
    """Every warning kept of a source, the oldest first."""
    query = select(OutsideWarning).where(OutsideWarning.source == source)
    return list((await session.exec(query.order_by(col(OutsideWarning.id)))).all())


async def run_out(session: AsyncSession, by: datetime) -> list[OutsideWarning]:
    """Active warnings whose time had run out by then."""
    query = select(OutsideWarning).where(OutsideWarning.state == ACTIVE, col(OutsideWarning.expires) <= by)
    return list((await session.exec(query)).all())


async def copies(session: AsyncSession, warning_id: int) -> list[OutsideWarning]:
    """What other sources tell of the same."""
    query = select(OutsideWarning).where(OutsideWarning.same_as == warning_id)
    return list((await session.exec(query)).all())


async def change(session: AsyncSession, row: OutsideWarning, **values: object) -> bool:
    """Write these columns if nobody has changed the row since it was read; then reread it."""
    query = update(OutsideWarning).where(
        col(OutsideWarning.id) == row.id, col(OutsideWarning.version) == row.version
    )
    result = await session.exec(query.values(**values).execution_options(synchronize_session=False))
    await session.refresh(row)
    return bool(result.rowcount == 1)


async def forget_before(session: AsyncSession, t: datetime) -> int:
    """Delete what has ended and not changed since then; says how many. Originals outlive their copies."""
    old = (col(OutsideWarning.changed) < t, col(OutsideWarning.state) != ACTIVE)
    spoken_for = select(OutsideWarning.same_as).where(col(OutsideWarning.same_as).is_not(None))
    copies_first = delete(OutsideWarning).where(*old, col(OutsideWarning.same_as).is_not(None))
    rest = delete(OutsideWarning).where(*old, col(OutsideWarning.id).not_in(spoken_for))
    return sum([int((await session.exec(query)).rowcount) for query in (copies_first, rest)])
