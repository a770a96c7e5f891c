"""Weekend watches: who looks at comments on days off. A watch is switched on for its dates, and only then."""

from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base

FACT = "comments.watches"  # its row is held by whoever sets one: no two lie on the same day


class WeekendWatch(SQLModel, table=True):
    """First and last local date, both included; working days between them do not count.

    ``opens`` and ``closes``: minutes after midnight by the wall clock, on each of the days. ``asked``: when the
    watcher was asked for the receipt, ``received``: when they gave it, ``late``: when the department heard that
    they had not. A watch that was ``removed`` stays as a row: time was counted by it.
    """

    id: int | None = Field(default=None, primary_key=True)
    person: str = Field(max_length=32)
    first: date
    last: date = Field(index=True)
    opens: int
    closes: int
    by: str = Field(max_length=32)
    made: datetime = base.instant()
    asked: datetime | None = base.maybe_instant()
    received: datetime | None = base.maybe_instant()
    late: datetime | None = base.maybe_instant()
    removed: datetime | None = base.maybe_instant()


async def locked(session: AsyncSession, watch_id: int) -> WeekendWatch | None:
    """The watch with this number, its row held until the transaction ends."""
    return await session.get(WeekendWatch, watch_id, with_for_update=True, populate_existing=True)


async def not_over(session: AsyncSession, day: date) -> list[WeekendWatch]:
    """All that stand and have not ended before this local date, the next first."""
    query = select(WeekendWatch).where(col(WeekendWatch.last) >= day, col(WeekendWatch.removed).is_(None))
    return list((await session.exec(query.order_by(col(WeekendWatch.first), col(WeekendWatch.id)))).all())


async def on(session: AsyncSession, day: date) -> WeekendWatch | None:
    """The one that stands on this local date."""
    return next((one for one in await not_over(session, day) if one.first <= day), None)


async def edition(session: AsyncSession) -> str:
    """Changes whenever a watch is set or removed."""
    query = select(func.count(col(WeekendWatch.id)), func.count(col(WeekendWatch.removed)))
    return "/".join(map(str, (await session.exec(query)).one()))
