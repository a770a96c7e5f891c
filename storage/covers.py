"""Gaps: days on which nobody answers on an account, and who said that they can."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel, UniqueConstraint, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base


class Cover(SQLModel, table=True):
    """First and last local date of a gap, both included; ``person`` answers then once they said so (``at``).

    ``lapsed``: since when (UTC) it is no gap any more.
    """

    __table_args__ = (UniqueConstraint("account_id", "first", "last"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    first: date
    last: date = Field(index=True)
    asked: datetime = base.instant()
    person: str | None = Field(default=None, max_length=32)
    at: datetime | None = base.maybe_instant()
    lapsed: datetime | None = base.maybe_instant()


async def locked(session: AsyncSession, cover_id: int) -> Cover | None:
    """The gap, its row held until the transaction ends."""
    return await session.get(Cover, cover_id, with_for_update=True, populate_existing=True)


async def ask(session: AsyncSession, account_id: int, first: date, last: date, now: datetime) -> Cover | None:
    """The row of a gap that was just found, or found again; None when another process found it first."""
    values = {"account_id": account_id, "first": first, "last": last, "asked": now}
    insert = base.inserting(session, Cover).values(**values).on_conflict_do_nothing()
    new_id = (await session.exec(insert.returning(col(Cover.id)))).scalar_one_or_none()
    return await session.get_one(Cover, new_id) if new_id else None


async def not_over(session: AsyncSession, day: date) -> list[Cover]:
    """All gaps that were asked about and have not ended before this local date, also those that lapsed."""
    query = select(Cover).where(col(Cover.last) >= day).order_by(col(Cover.first), col(Cover.id))
    return list((await session.exec(query)).all())


async def covering(session: AsyncSession, day: date) -> dict[int, str]:
    """Who said that they answer on this local date, by account; the last one who said so."""
    query = select(Cover).where(col(Cover.first) <= day, col(Cover.last) >= day, col(Cover.person).is_not(None))
    return {one.account_id: one.person or "" for one in (await session.exec(query.order_by(col(Cover.at)))).all()}
