"""The hand-over of the duty: who has which week, the receipt, and what happens when nobody gives it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.accounts import tell as accounts_tell
from bot.crisis import duty
from bot.crisis.duty import Cast
from bot.delivery import outbox
from bot.delivery.outbox import Priority
from bot.desk import Desk
from bot.errors import Refused, Text
from storage import people as storage_people
from storage import rota
from storage.rota import Watch

HANDOVER, UNRECEIVED, VACANT = "duty.handover", "duty.unreceived", "duty.vacant"
PATIENCE: Final = timedelta(hours=2)  # office time until the department hears that nobody has taken over
WEEKS: Final = 8


@dataclass(frozen=True)
class Week:
    """One week of the rota. ``begins`` is the instant of hand-over (UTC); ``person`` is "" for nobody."""

    monday: date
    begins: datetime
    person: str = ""
    name: str = ""
    received: datetime | None = None


@dataclass(frozen=True)
class Rota:
    """The weeks to come, the present one first. ``deciders``: id and name of who may be given a week."""

    weeks: tuple[Week, ...]
    deciders: tuple[tuple[str, str], ...]
    phone: str = ""  # of the one on duty now
    away: bool = False  # whoever has this week cannot be reached
    may_assign: bool = False


def begins(desk: Desk, monday: date) -> datetime:
    """When that week's duty begins: Monday at the hour of hand-over by the clock in Stockholm (UTC)."""
    local = datetime.combine(monday, time(desk.settings.crisis.handover_hour), desk.office.zone)
    return local.astimezone(UTC)


async def upcoming(desk: Desk, actor_id: str, *, now: datetime, weeks: int = WEEKS) -> Rota:
    """The present week and those that follow. Raises Refused for guests."""
    async with desk.db.read() as session:
        actor = await people.actor(session, actor_id, now)
        if actor.guest:
            raise Refused("err.right", roles=[Text("duty.members")], contact=Text("desk.department"))
        cast = await duty.cast(session, desk, now)
        first = duty.week_of(desk, now)
        known = {one.week: one for one in await rota.following(session, first, weeks)}
        ids = {one.person for one in known.values()} | cast.everybody
        folk = await storage_people.many(session, ids)
        names = {one: person.name or one for one, person in folk.items()}
        mondays = [first + n * duty.WEEK for n in range(weeks)]
        listed = tuple(_week(desk, monday, known.get(monday), names) for monday in mondays)
        present = folk.get(listed[0].person)
        return Rota(
            listed,
            tuple(sorted(((one, names[one]) for one in cast.everybody), key=lambda pair: pair[1])),
            phone=present.phone if present else "",
            away=bool(listed[0].person) and cast.on_duty is None,
            may_assign=actor.department or actor_id in cast.everybody,
        )


def _week(desk: Desk, monday: date, row: Watch | None, names: dict[str, str]) -> Week:
    if row is None:
        return Week(monday, begins(desk, monday))
    return Week(monday, begins(desk, monday), row.person, names.get(row.person, row.person), row.received)


async def tick(desk: Desk, now: datetime) -> None:
    """Hand over this week's duty, and say so where nobody has taken it; however late the desk wakes up.

    A municipality that has never kept a rota is left in peace.
    """
    async with desk.db.read() as session:
        row = await rota.at(session, duty.week_of(desk, now))
        settled = row.received is not None if row else not await rota.used(session)
    if settled:
        return
    async with desk.db.write() as session:
        week = duty.week_of(desk, now)
        row = await rota.at(session, week)
        cast = await duty.cast(session, desk, now)
        if row is None or cast.on_duty is None:
            await _department(session, desk, VACANT, week, now)
        elif row.received is None:
            await _hand_over(session, desk, row, cast, now)


async def _hand_over(session: AsyncSession, desk: Desk, row: Watch, cast: Cast, now: datetime) -> None:
    asked = await outbox.send(
        session,
        kind=HANDOVER,
        dest=row.person,
        topic=duty.topic(row.week),
        args={"week": row.week.isoformat()},
        now=now,
        card=True,
        prio=Priority.PEOPLE,
    )
    if desk.office.elapsed(max(begins(desk, row.week), asked.created), now) >= PATIENCE:
        await _department(session, desk, UNRECEIVED, row.week, now)


async def _department(session: AsyncSession, desk: Desk, kind: str, week: date, now: datetime) -> None:
    """Once a week, in the department's channel and in office hours."""
    await outbox.send(
        session,
        kind=kind,
        dest=await accounts_tell.department_channel(session, desk),
        topic=f"{duty.topic(week)}/late",
        args={"week": week.isoformat()},
        now=now,
        quiet=True,
        prio=Priority.REMINDER,
        fallback=accounts_tell.DEPARTMENT,
    )
