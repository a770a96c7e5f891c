"""Who is away, from which date to which; never why."""

from datetime import date, datetime

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


async def coming(session: AsyncSession, slack_id: str, day: date) -> list[Absence]:
    """A person's absences that have not ended before this local date."""
    query = select(Absence).where(Absence.slack_id == slack_id, col(Absence.last) >= day)
    return list((await session.exec(query.order_by(col(Absence.first)))).all())
