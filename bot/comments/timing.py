"""Reading what is on: a crisis, the watches of days off, a post's question session."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.clock import DAY
from bot.comments import pace
from bot.comments.pace import Count, Live, Pace, Shift
from bot.desk import Desk
from storage import incidents, sessions, watches
from storage.comments import Comment
from storage.sessions import QuestionSession
from storage.watches import WeekendWatch

BACK: Final = timedelta(days=31)  # watches older than this change nobody's clock any more


@dataclass(frozen=True)
class Hour:
    """This instant: may everybody be told of comments now, as office hours or a crisis have it?"""

    now: datetime
    everybody: bool
    pace: Pace


async def read(session: AsyncSession, desk: Desk, now: datetime) -> Pace:
    """What is on for all comments at this instant (UTC)."""
    found: dict[date, Shift] = {}
    for one in await watches.not_over(session, desk.office.local_date(now) - BACK):
        found.update((desk.office.local_date(shift.opens), shift) for shift in shifts(desk, one))
    return Pace(await crisis_since(session), found)


async def hour(session: AsyncSession, desk: Desk, now: datetime) -> Hour:
    """Who may be told at this instant."""
    found = await read(session, desk, now)
    return Hour(now, desk.office.open_at(now) or found.crisis is not None, found)


async def crisis_since(session: AsyncSession) -> datetime | None:
    """Since when (UTC) a real incident has been on; None for none. A drill is none."""
    real = [one for one in await incidents.in_state(session, incidents.ON) if not one.drill]
    return min((one.began or one.opened for one in real), default=None)


def shifts(desk: Desk, row: WeekendWatch) -> Iterator[Shift]:
    """The days off of a watch, each with its hours."""
    for day in days_off(desk, row.first, row.last):
        opens, closes = (pace.wall(desk.office, day, minutes) for minutes in (row.opens, row.closes))
        yield Shift(row.person, opens, closes)


def days_off(desk: Desk, first: date, last: date) -> list[date]:
    """The days on which the office does not open, first and last included."""
    every = (first + n * DAY for n in range((last - first).days + 1))
    return [day for day in every if not desk.office.is_working_day(day)]


async def shift_today(session: AsyncSession, desk: Desk, now: datetime) -> Shift | None:
    """The watch of this local date, whatever the hour; None on a working day."""
    today = desk.office.local_date(now)
    if desk.office.is_working_day(today):
        return None
    row = await watches.on(session, today)
    return (
        next((one for one in shifts(desk, row) if desk.office.local_date(one.opens) == today), None)
        if row
        else None
    )


async def live(session: AsyncSession, publication_id: int) -> Live | None:
    """A post's question session, also one to come and one that is over."""
    row = await sessions.of(session, publication_id)
    return of_plan(row) if row else None


def of_plan(row: QuestionSession) -> Live:
    """The plan as the clock sees it."""
    hosts = tuple((datetime.fromisoformat(one["starts"]), str(one["person"])) for one in row.slots)
    return Live(row.starts, row.ends, timedelta(minutes=row.minutes), hosts)


async def count(session: AsyncSession, desk: Desk, row: Comment, now: datetime) -> Count:
    """How the time of a comment that waits is counted, by what is on now."""
    return counted(desk, row, await read(session, desk, now), await live(session, row.publication_id))


def counted(desk: Desk, row: Comment, found: Pace, plan: Live | None) -> Count:
    """The same, of what was read already."""
    assert row.since is not None
    return pace.count(desk.office, desk.settings.comments, row.channel, row.since, found, plan)
