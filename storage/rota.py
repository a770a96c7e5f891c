"""The rota: which crisis decider is on duty, week by week, and the receipt at hand-over."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base


class Watch(SQLModel, table=True):
    """One week's duty. ``week`` is the Monday (local date) on which it begins at the hour of hand-over."""

    week: date = Field(primary_key=True)
    person: str = Field(max_length=32)
    received: datetime | None = base.maybe_instant()  # when the receipt was given


async def at(session: AsyncSession, week: date) -> Watch | None:
    """Who has the duty in the week that begins on this Monday."""
    return await session.get(Watch, week)


async def following(session: AsyncSession, week: date, limit: int = 12) -> list[Watch]:
    """The duties from this week on."""
    query = select(Watch).where(col(Watch.week) >= week).order_by(col(Watch.week)).limit(limit)
    return list((await session.exec(query)).all())


async def locked(session: AsyncSession, week: date) -> Watch | None:
    """The week's duty, read anew and its row held until the transaction ends."""
    return await session.get(Watch, week, with_for_update=True, populate_existing=True)


async def assign(session: AsyncSession, week: date, person: str) -> Watch:
    """Give a week to a person; the receipt is asked for anew when that changes somebody."""
    fresh = base.inserting(session, Watch).values(week=week, person=person)
    await session.exec(fresh.on_conflict_do_nothing())
    row = await locked(session, week)
    assert row is not None
    if row.person != person:
        row.person, row.received = person, None
    session.add(row)
    return row


async def used(session: AsyncSession) -> bool:
    """Whether anybody has ever been given a week."""
    return (await session.exec(select(Watch).limit(1))).first() is not None
