"""What is ahead, and what goes on now: crises and drills, absences, the rota, days off, posts that are held."""

from collections.abc import Collection
from datetime import date, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.comments.roll import Roll
from bot.crisis import handover
from bot.desk import Desk
from bot.digest.day import DAY, Day
from bot.errors import Problem, Text
from storage import absences, held, incidents, rota

NEAR = timedelta(days=4)  # before a hand-over of the rota
WEEKEND = 5  # the weekday from which nobody wonders that the office is closed


async def going_on(session: AsyncSession) -> list[Problem]:
    """Each incident and drill that is on."""
    found = []
    for one in await incidents.in_state(session, incidents.ON):
        key = "digest.crisis.drill" if one.drill else "digest.crisis.on"
        values = {"event": Text(f"event.{one.event}"), "place": one.place, "time": one.began or one.opened}
        found.append(Problem(key, **values))
        if one.next_at is not None:
            found.append(Problem("digest.crisis.next", time=one.next_at))
    return found


async def away_soon(session: AsyncSession, day: Day, whom: Collection[str] | None = None) -> list[Problem]:
    """Absences that begin in the days to come; of these people, or of everybody."""
    rows = [one for one in await absences.not_over(session, day.today) if day.today < one.first <= day.horizon]
    rows = [one for one in rows if whom is None or one.slack_id in whom]
    names = await people.names(session, [one.slack_id for one in rows])
    return [
        Problem("digest.ahead.away.day", name=names[one.slack_id], first=one.first)
        if one.first == one.last
        else Problem("digest.ahead.away", name=names[one.slack_id], first=one.first, last=one.last)
        for one in rows
    ]


def closed(desk: Desk, day: Day) -> list[Problem]:
    """Weekdays to come on which the office is closed."""
    coming = (day.today + n * DAY for n in range(1, (day.horizon - day.today).days + 1))
    off = [one for one in coming if one.weekday() < WEEKEND and not desk.office.is_working_day(one)]
    return [Problem("digest.ahead.closed", dates=off)] if off else []


def ending(roll: Roll, day: Day) -> list[Problem]:
    """Accounts that were only meant to live until one of the days to come."""
    soon = [one for one in roll.live if one.until and day.today <= one.until <= day.horizon]
    return [Problem("digest.ahead.ending", account=one.name, date=one.until) for one in soon]


async def duty(session: AsyncSession, desk: Desk, day: Day) -> list[Problem]:
    """The next hand-over of the rota, when it is near; nothing where no rota is kept."""
    monday = day.today - timedelta(days=day.today.weekday())
    if day.begins >= handover.begins(desk, monday):
        monday += timedelta(days=7)
    if monday - day.today > NEAR or not await rota.used(session):
        return []
    before = await rota.at(session, monday - timedelta(days=7))
    after = await rota.at(session, monday)
    if after and before and after.person == before.person:
        return []
    at = handover.begins(desk, monday)
    if after is None:
        return [Problem("digest.ahead.nobody", time=at)]
    return [Problem("digest.ahead.duty", name=(await people.names(session, [after.person]))[after.person], time=at)]


async def posts(session: AsyncSession) -> list[Problem]:
    """Posts in platforms' timers that wait for somebody's choice."""
    kept = len(await held.in_state(session, held.HELD))
    return [Problem("digest.ahead.held", n=kept)] if kept else []


async def on_duty(session: AsyncSession, day: date) -> rota.Watch | None:
    """Whose week the local date is in; it begins on the Monday."""
    return await rota.at(session, day - timedelta(days=day.weekday()))
