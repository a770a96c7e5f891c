"""Who is away: set for oneself, or by those who answer for somebody. Never why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people as roles
from bot.accounts import rules
from bot.desk import Desk
from bot.errors import Invalid, Problem, Refused, Text
from bot.people import Actor, Role
from storage import absences, accounts, log, people, units
from storage.absences import Absence
from storage.people import Person
from storage.units import Unit

SELF = "self"  # the right by which one sets one's own
LONGEST = timedelta(days=3 * 366)
WHO_MAY = Text("away.who_may")


@dataclass(frozen=True)
class StandIn:
    """Who stands in for one thing a person answers for: a unit's decisions or an account; "" for nobody."""

    what: str
    account: bool
    who: str = ""


@dataclass(frozen=True)
class Away:
    """An absence as it was set, and who stands in for what."""

    absence: Absence
    name: str
    stand_ins: tuple[StandIn, ...] = ()


@dataclass(frozen=True)
class Listed:
    """What somebody may see and take away, and whether they may set it for others."""

    absences: tuple[tuple[Absence, str], ...]
    for_others: bool


async def listed(desk: Desk, actor_id: str, *, now: datetime) -> Listed:
    """One's own coming absences, and those of everybody one answers for."""
    async with desk.db.read() as session:
        actor = await roles.actor(session, actor_id, now)
        managed = await _managed(session, actor_id) if actor.full else set()
        every = await absences.not_over(session, desk.office.local_date(now))
        everybody = actor.full and actor.department
        seen = [one for one in every if everybody or one.slack_id in managed | {actor_id}]
        names = await roles.names(session, [one.slack_id for one in seen])
    return Listed(tuple((one, names[one.slack_id]) for one in seen), everybody or bool(managed))


async def add(
    desk: Desk, actor_id: str, person: str, first: date | None, last: date | None, *, now: datetime
) -> Away:
    """Somebody is away from the first to the last local date. The same again changes nothing.

    Raises Refused, or Invalid at its field.
    """
    async with desk.db.write() as session:
        role = await _right(session, actor_id, person, now)
        found = await _problems(session, person, first, last, desk.office.local_date(now))
        if found:
            raise Invalid(found)
        assert first is not None
        assert last is not None
        coming = await absences.coming(session, person, first)
        row = next((one for one in coming if (one.first, one.last) == (first, last)), None)
        if row is None:
            row = Absence(slack_id=person, first=first, last=last, entered_by=actor_id, entered=now)
            await _keep(session, row, actor_id, role, now)
        name = (await roles.names(session, [person]))[person]
        return Away(row, name, tuple(await stand_ins(session, person, first, last)))


async def _keep(session: AsyncSession, row: Absence, actor_id: str, role: str, now: datetime) -> None:
    session.add(row)
    await session.flush()
    await log.append(
        session,
        case=f"absence:{row.id}",
        at=now,
        actor=actor_id,
        role=role,
        action="absence.set",
        person=row.slack_id,
        first=row.first.isoformat(),
        last=row.last.isoformat(),
    )


async def remove(desk: Desk, actor_id: str, absence_id: int, *, now: datetime) -> None:
    """Somebody is not away after all. One that is already gone is no trouble; raises Refused."""
    async with desk.db.write() as session:
        row = await absences.locked(session, absence_id)
        if row is None:
            return
        role = await _right(session, actor_id, row.slack_id, now)
        await session.delete(row)
        await log.append(
            session,
            case=f"absence:{absence_id}",
            at=now,
            actor=actor_id,
            role=role,
            action="absence.removed",
        )


async def _right(session: AsyncSession, actor_id: str, person: str, now: datetime) -> str:
    """The right to set somebody's absence; Refused when there is none."""
    if actor_id == person:
        return SELF
    actor = await roles.actor(session, actor_id, now)
    return right(actor, person in await _managed(session, actor_id))


def right(actor: Actor, managed: bool) -> str:
    """The right to set another person's absence; Refused when there is none."""
    if actor.full and managed:
        return Role.HEAD
    if not actor.department_fresh:
        raise Refused("err.group_stale")
    if not (actor.full and actor.department):
        raise Refused("err.right", roles=WHO_MAY, contact=rules.DEPARTMENT)
    return Role.COMMS


async def _managed(session: AsyncSession, actor_id: str) -> set[str]:
    """Those a head answers for: deputies, heads of the units below, and whoever answers on the accounts."""
    everyone = await units.everyone(session)
    known = await people.by_who(session, _whos(everyone))
    mine = {one.id for one in everyone if one.head and _is(known.get(one.head), actor_id)}
    below = [one for one in everyone if one.parent_id in mine]
    whos = [one.deputy for one in everyone if one.id in mine]
    whos += [who for one in below for who in (one.head, one.deputy)]
    found = {known[who].slack_id for who in whos if who and who in known}
    for account, unit in await accounts.live(session):
        if unit.id in mine:
            found.update(one for one in (account.owner, account.substitute, *account.editors) if one)
    return found - {actor_id}


def _whos(everyone: Iterable[Unit]) -> list[str]:
    return [who for one in everyone for who in (one.head, one.deputy) if who]


def _is(person: Person | None, slack_id: str) -> bool:
    return person is not None and person.slack_id == slack_id


async def _problems(
    session: AsyncSession, person: str, first: date | None, last: date | None, today: date
) -> dict[str, Problem]:
    known = await people.locked(session, person)  # the same form twice at once is one absence
    found = dates_problems(first, last, today)
    if known is None or known.deleted or known.bot:
        found["person"] = Problem("away.unknown")
    return found


def dates_problems(first: date | None, last: date | None, today: date) -> dict[str, Problem]:
    """What is wrong with the first and last date away, by field."""
    found = {name: Problem("form.needed") for name, value in (("first", first), ("last", last)) if value is None}
    if first is None or last is None:
        return found
    if last < first:
        return {"last": Problem("away.backwards")}
    if last < today:
        return {"last": Problem("away.over")}
    return {"last": Problem("away.long")} if last - first > LONGEST else {}


async def stand_ins(session: AsyncSession, person: str, first: date, last: date) -> list[StandIn]:
    """Who answers while a person is away, for every unit they head and every account they own.

    Somebody who is away on any of the days does not count: then it goes on to the next.
    """
    everyone = await units.everyone(session)
    known = await people.by_who(session, _whos(everyone))
    away = await absences.overlapping(session, first, last) | {person}
    found = [
        StandIn(one.name, account=False, who=_decides(one, everyone, known, away))
        for one in everyone
        if one.head and _is(known.get(one.head), person)
    ]
    owned = [account for account in await accounts.of_person(session, person) if account.owner == person]
    others = await people.many(session, [one.substitute for one in owned if one.substitute])
    return [
        *found,
        *(StandIn(one.name, account=True, who=_name(others.get(one.substitute or ""), away)) for one in owned),
    ]


def _decides(unit: Unit, everyone: Iterable[Unit], known: Mapping[str, Person], away: set[str]) -> str:
    """Deputy, then the parent unit's head, its deputy, and so on upwards."""
    by_id = {one.id: one for one in everyone}
    at, seen = by_id.get(unit.id), set()
    while at is not None and at.id not in seen:
        seen.add(at.id)
        for who in (at.head, at.deputy):
            name = _name(known.get(who or ""), away)
            if name:
                return name
        at = by_id.get(at.parent_id)
    return ""


def _name(person: Person | None, away: set[str]) -> str:
    """The person's name if they are there and may act, else nothing."""
    here = roles.usable(person) and person is not None and person.slack_id not in away
    return person.name if here and person is not None else ""
