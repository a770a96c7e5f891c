"""Who decides in a crisis, and who is asked first: the rota's week, then the others."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.delivery import outbox
from bot.desk import Desk
from bot.errors import Refused
from bot.people import Decider, Role
from storage import absences, duties, log, rota
from storage import people as storage_people

WEEK = timedelta(days=7)
CASE = "duty"  # the rota's chain in the log


@dataclass(frozen=True)
class Cast:
    """All crisis deciders; those who can be reached now, in the order in which they are asked."""

    everybody: frozenset[str]
    here: tuple[Decider, ...]
    on_duty: str | None
    received: bool = False  # the one on duty has given the receipt of the hand-over

    def without(self, submitter: str) -> tuple[Decider, ...]:
        """Those who may look at what the submitter wrote."""
        return tuple(one for one in self.here if one.id != submitter)


def week_of(desk: Desk, now: datetime) -> date:
    """The Monday of the duty week: it begins on Monday at the hour of hand-over, Stockholm time."""
    handover = desk.settings.crisis.handover_hour
    day = desk.office.local_date(now - timedelta(hours=handover))
    return day - timedelta(days=day.weekday())


async def cast(session: AsyncSession, desk: Desk, now: datetime) -> Cast:
    """Everybody who may decide in a crisis. Nobody is asked who is away, deactivated or a guest."""
    entries = await duties.of(session, duties.CRISIS_DECIDER)
    known = await storage_people.by_who(session, [entry.who for entry in entries])
    usable = [known[entry.who] for entry in entries if people.usable(known.get(entry.who))]
    away = await absences.away(session, desk.office.local_date(now))
    watch = await rota.at(session, week_of(desk, now))
    here = [Decider(one.slack_id, one.name, Role.CRISIS) for one in usable if one.slack_id not in away]
    on_duty = watch.person if watch and any(one.id == watch.person for one in here) else None
    here.sort(key=lambda one: one.id != on_duty)
    return Cast(
        frozenset(one.slack_id for one in usable),
        tuple(here),
        on_duty,
        received=bool(watch and watch.person == on_duty and watch.received),
    )


async def assign(desk: Desk, actor_id: str, week: date, person: str, *, now: datetime) -> rota.Watch:
    """Give a week's duty to a decider; it is logged.

    Raises Refused for others than those who run crisis mode, for a person who decides nothing in a
    crisis, and for a week that is over.
    """
    async with desk.db.write() as session:
        found = await cast(session, desk, now)
        actor = await people.actor(session, actor_id, now)
        if actor.guest or not (actor.department or actor.id in found.everybody):
            raise Refused("crisis.not_yours", names=[one.name for one in found.here])
        if person not in found.everybody:
            raise Refused("duty.no_decider")
        monday = week - timedelta(days=week.weekday())
        if monday < week_of(desk, now):
            raise Refused("duty.past")
        row = await rota.assign(session, monday, person)
        await _note(session, actor_id, "duty.assigned", row, now, person=person)
        return row


async def receive(desk: Desk, actor_id: str, week: date, *, now: datetime) -> rota.Watch:
    """The receipt at hand-over: I have the duty now. Raises Refused for anybody else."""
    async with desk.db.write() as session:
        row = await rota.locked(session, week)
        if row is None or row.person != actor_id:
            raise Refused("duty.not_yours")
        if row.received is None:
            row.received = now
            session.add(row)
            await _note(session, actor_id, "duty.received", row, now)
        return row


async def _note(
    session: AsyncSession, actor: str, action: str, row: rota.Watch, now: datetime, **detail: str
) -> None:
    """A line in the log; every card about the week follows."""
    week = row.week.isoformat()
    await log.append(session, case=CASE, at=now, actor=actor, action=action, week=week, **detail)
    await outbox.follow(session, topic(row.week))


def topic(week: date) -> str:
    """The delivery topic of a week's duty."""
    return f"duty:{week.isoformat()}"
