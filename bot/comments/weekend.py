"""Weekend watch (helgbevakning): the department says who looks at comments on days off, and hears the receipt."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people as roles
from bot.accounts import register
from bot.accounts import tell as accounts_tell
from bot.clock import DAY, MIDNIGHT
from bot.comments import pace, timing
from bot.delivery import outbox
from bot.delivery.outbox import Priority
from bot.desk import Desk
from bot.errors import Invalid, Problem, Refused
from bot.people import Role
from storage import absences, facts, log, people, watches
from storage.watches import WeekendWatch

GIVEN, ASK, LATE, TAKEN_AWAY = "watch.given", "watch.ask", "watch.late", "watch.taken_away"
OPENS, CLOSES = 8 * 60, 20 * 60  # minutes after midnight, unless the form says otherwise
ASKED_AT: Final = 15 * 60  # on the last working day before
PATIENCE: Final = timedelta(hours=1)
LONGEST: Final = timedelta(days=31)


@dataclass(frozen=True)
class Given:
    """What the form says: local dates, both included; minutes after midnight."""

    person: str
    first: date | None
    last: date | None
    opens: int = OPENS
    closes: int = CLOSES


@dataclass(frozen=True)
class Coming:
    """The watches to come with the watchers' names, and the next days off to begin a form with."""

    watches: tuple[tuple[WeekendWatch, str], ...]
    first: date
    last: date


async def coming(desk: Desk, actor_id: str, *, now: datetime) -> Coming:
    """For the form. Raises Refused for others than the department."""
    today = desk.office.local_date(now)
    async with desk.db.read() as session:
        register.only_department(await roles.actor(session, actor_id, now))
        found = await watches.not_over(session, today)
        names = await roles.names(session, [one.person for one in found])
    taken = {one for row in found for one in timing.days_off(desk, row.first, row.last)}
    return Coming(tuple((one, names[one.person]) for one in found), *_next_off(desk, today, taken))


def _next_off(desk: Desk, day: date, taken: set[date]) -> tuple[date, date]:
    """The next days off in a row that nobody watches yet."""
    while desk.office.is_working_day(day) or day in taken:
        day += DAY
    last = day
    while not desk.office.is_working_day(last + DAY) and last + DAY not in taken:
        last += DAY
    return day, last


async def add(desk: Desk, actor_id: str, given: Given, *, now: datetime) -> tuple[WeekendWatch, str]:
    """Set a watch; gives it with the watcher's name. The same again changes nothing.

    Raises Refused for others than the department, Invalid at its field.
    """
    async with desk.db.write() as session:
        await facts.locked(session, watches.FACT)
        register.only_department(await roles.actor(session, actor_id, now))
        row = await _same(session, given)
        if row is None:
            found = await _problems(session, desk, given, now)
            if found:
                raise Invalid(found)
            row = await _keep(session, desk, given, actor_id, now)
        return row, (await roles.names(session, [row.person]))[row.person]


async def _same(session: AsyncSession, given: Given) -> WeekendWatch | None:
    known = await watches.not_over(session, given.last) if given.last else []
    wanted = (given.person, given.first, given.last, given.opens, given.closes)
    return next((one for one in known if (one.person, one.first, one.last, one.opens, one.closes) == wanted), None)


async def _problems(session: AsyncSession, desk: Desk, given: Given, now: datetime) -> dict[str, Problem]:
    found: dict[str, Problem] = {}
    if not roles.usable(await people.get(session, given.person)):
        found["person"] = Problem("watch.nobody" if given.person else "form.needed")
    if not 0 <= given.opens < given.closes <= MIDNIGHT:
        found["closes"] = Problem("watch.hours")
    if given.first is None or given.last is None:
        return {**found, "first" if given.first is None else "last": Problem("form.needed")}
    dates = await _dates(session, desk, given.first, given.last, desk.office.local_date(now))
    if dates is not None:
        return {**found, **dates}
    if "person" not in found and given.person in await absences.overlapping(session, given.first, given.last):
        name = (await roles.names(session, [given.person]))[given.person]
        found["person"] = Problem("watch.away", name=name)
    return found


async def _dates(
    session: AsyncSession, desk: Desk, first: date, last: date, today: date
) -> dict[str, Problem] | None:
    if last < first or last - first > LONGEST:
        return {"last": Problem("watch.order" if last < first else "watch.long", n=LONGEST.days)}
    if last < today:
        return {"last": Problem("watch.past")}
    if not timing.days_off(desk, first, last):
        return {"first": Problem("watch.no_day_off")}
    for one in await watches.not_over(session, first):
        if one.first <= last:
            name = (await roles.names(session, [one.person]))[one.person]
            return {"first": Problem("watch.taken", name=name, first=one.first, last=one.last)}
    return None


async def _keep(session: AsyncSession, desk: Desk, given: Given, actor: str, now: datetime) -> WeekendWatch:
    assert given.first is not None
    assert given.last is not None
    row = WeekendWatch(
        person=given.person,
        first=given.first,
        last=given.last,
        opens=given.opens,
        closes=given.closes,
        by=actor,
        made=now,
    )
    session.add(row)
    await session.flush()
    await _note(session, row, actor, "watch.set", Role.COMMS, now)
    if actor != row.person and now < asked_at(desk, row):
        await _send(session, GIVEN, row.person, row, now, quiet=True)
    return row


async def remove(desk: Desk, actor_id: str, watch_id: int, *, now: datetime) -> None:
    """Take a watch away; the watcher hears of it. One that is gone is no trouble. Raises Refused."""
    async with desk.db.write() as session:
        await facts.locked(session, watches.FACT)
        register.only_department(await roles.actor(session, actor_id, now))
        row = await watches.locked(session, watch_id)
        if row is None or row.removed is not None:
            return
        row.removed = now
        session.add(row)
        await _note(session, row, actor_id, "watch.removed", Role.COMMS, now)
        if actor_id != row.person:
            soon = begins(desk, row) <= desk.office.next_opening(now)
            await _send(session, TAKEN_AWAY, row.person, row, now, quiet=not soon)


async def receive(desk: Desk, actor_id: str, watch_id: int, *, now: datetime) -> None:
    """*Jag tar det*; a second click changes nothing. Raises Refused for anybody else, and once it is taken away."""
    async with desk.db.write() as session:
        row = await watches.locked(session, watch_id)
        if row is None or row.person != actor_id:
            raise Refused("watch.not_yours")
        if row.removed is not None:
            raise Refused("watch.gone")
        if row.received is None:
            row.received = now
            session.add(row)
            await _note(session, row, actor_id, "watch.received", Role.WATCH, now)


async def tick(desk: Desk, now: datetime) -> None:
    """Ask for the receipt on the last working day before; tell the department when the office closes without."""
    async with desk.db.read() as session:
        found = await watches.not_over(session, desk.office.local_date(now))
    for one in found:
        if _ask_now(desk, one, now) or _late_now(desk, one, now):
            async with desk.db.write() as session:
                row = await watches.locked(session, one.id or 0)
                assert row is not None
                await _remind(session, desk, row, now)


def _ask_now(desk: Desk, row: WeekendWatch, now: datetime) -> bool:
    return row.removed is None and row.received is None and row.asked is None and now >= asked_at(desk, row)


def _late_now(desk: Desk, row: WeekendWatch, now: datetime) -> bool:
    unheard = row.removed is None and row.received is None and row.late is None
    return unheard and row.asked is not None and now >= max(closing(desk, row), row.asked + PATIENCE)


async def _remind(session: AsyncSession, desk: Desk, row: WeekendWatch, now: datetime) -> None:
    if _ask_now(desk, row, now):
        row.asked = now
        await _send(session, ASK, row.person, row, now)
    elif _late_now(desk, row, now):
        row.late = now
        channel = await accounts_tell.department_channel(session, desk)
        await _send(session, LATE, channel, row, now, fallback=accounts_tell.DEPARTMENT)
    session.add(row)


def begins(desk: Desk, row: WeekendWatch) -> datetime:
    """When the first day off of the watch begins to be watched (UTC)."""
    return min(one.opens for one in timing.shifts(desk, row))


def _day_before(desk: Desk, row: WeekendWatch) -> date:
    """The last working day before the watch."""
    day = timing.days_off(desk, row.first, row.last)[0] - DAY
    while not desk.office.is_working_day(day):
        day -= DAY
    return day


def closing(desk: Desk, row: WeekendWatch) -> datetime:
    """When the office closes on the last working day before (UTC)."""
    evening = pace.wall(desk.office, _day_before(desk, row), MIDNIGHT - 1)
    return desk.office.add_working_days(evening, 0)


def asked_at(desk: Desk, row: WeekendWatch) -> datetime:
    """When the watcher is asked (UTC): at 15 by the clock, an hour before closing where that is earlier."""
    return min(pace.wall(desk.office, _day_before(desk, row), ASKED_AT), closing(desk, row) - PATIENCE)


async def _send(
    session: AsyncSession,
    kind: str,
    dest: str,
    row: WeekendWatch,
    now: datetime,
    *,
    quiet: bool = False,
    fallback: str | None = None,
) -> None:
    await outbox.send(
        session,
        kind=kind,
        dest=dest,
        topic=f"{topic(row)}/{kind}",
        args={"watch": row.id},
        now=now,
        card=True,
        quiet=quiet,
        prio=Priority.PEOPLE,
        fallback=fallback,
    )


async def _note(
    session: AsyncSession, row: WeekendWatch, actor: str, action: str, role: Role, now: datetime
) -> None:
    """A line in the log; every card about the watch follows."""
    dates = {"first": row.first.isoformat(), "last": row.last.isoformat()}
    await log.append(
        session, case=topic(row), at=now, actor=actor, role=role, action=action, person=row.person, **dates
    )
    await outbox.follow(session, topic(row))


def topic(row: WeekendWatch) -> str:
    """The delivery topic and log case of a watch."""
    return f"watch:{row.id}"
