"""Who is away, from which date to which; never why."""

from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base


class Absence(SQLModel, table=True):
    """First and last local date, both included."""

    id: int | None = Field(default=None, primary_key=True)
    slack_id: str = Field(index=True, max_length=32)
    first: date
    last: date = Field(index=True)
    entered_by: str = Field(max_length=32)
    entered: datetime = base.instant()


async def away(session: AsyncSession, day: date) -> set[str]:
    """Everybody who is away on this local date."""
    query = select(Absence.slack_id).where(col(Absence.first) <= day, col(Absence.last) >= day)
    return set((await session.exec(query)).all())


async def locked(session: AsyncSession, absence_id: int) -> Absence | None:
    """The absence with this number, its row held until the transaction ends."""
    return await session.get(Absence, absence_id, with_for_update=True)


async def away_until(session: AsyncSession, day: date) -> dict[str, date]:
    """The last local date away of everybody who is away on this one."""
    query = select(Absence.slack_id, func.max(Absence.last)).group_by(col(Absence.slack_id))
    rows = await session.exec(query.where(col(Absence.first) <= day, col(Absence.last) >= day))
    return dict(rows.all())


async def overlapping(session: AsyncSession, first: date, last: date) -> set[str]:
    """Everybody who is away on any of these local dates."""
    query = select(Absence.slack_id).where(col(Absence.first) <= last, col(Absence.last) >= first)
    return set((await session.exec(query)).all())


async def not_over(session: AsyncSession, day: date) -> list[Absence]:
    """Everybody's absences that have not ended before this local date, the next first."""
    query = select(Absence).where(col(Absence.last) >= day).order_by(col(Absence.first), col(Absence.id))
    return list((await session.exec(query)).all())


async def coming(session: AsyncSession, slack_id: str, day: date) -> list[Absence]:
    """A person's absences that have not ended before this local date."""
    query = select(Absence).where(Absence.slack_id == slack_id, col(Absence.last) >= day)
    return list((await session.exec(query.order_by(col(Absence.first)))).all())
