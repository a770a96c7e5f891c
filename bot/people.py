"""Who may decide: people by the role they have at this moment, never rooms.

A vacant, absent or deactivated approver is routed on: head → deputy → the parent unit's head.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.clock import OfficeClock
from storage import absences, duties, people, units
from storage.people import Person

GROUP_FRESH = timedelta(minutes=15)


class Role(StrEnum):
    """The right by which somebody acts; the log names it."""

    HEAD = "head"
    DEPUTY = "deputy"
    PARENT = "parent"
    COMMS = "comms"
    REQUESTER = "requester"
    EDITOR = "editor"  # answers on an account: its owner, substitute or editor
    EXPERT = "expert"  # a comment was sent on to them
    WATCH = "watch"  # watches comments on a day off
    HOST = "host"  # answers in a post's question session
    CRISIS = "crisis"
    CRISIS_ALONE = "crisis_alone"  # break-glass: nobody else was there to look
    DESK = "desk"  # the desk itself: expiry, reminders


@dataclass(frozen=True)
class Decider:
    """Somebody who may give a decision right now, and by which right."""

    id: str
    name: str
    role: Role


@dataclass(frozen=True)
class Actor:
    """The person who clicked, as the desk knows them at the click."""

    id: str
    name: str
    guest: bool = False
    department: bool = False
    department_fresh: bool = True

    @property
    def full(self) -> bool:
        """A guest of the workspace may apply, never decide."""
        return not self.guest


@dataclass(frozen=True)
class Routing:
    """Where the head's decision lies. ``outside``: the unit's own head is not in Slack."""

    deciders: tuple[Decider, ...]
    head_name: str
    outside: bool
    vacant: tuple[str, ...] = field(default=())  # units passed over for want of anybody


@dataclass(frozen=True)
class Department:
    """The communications department as last read; ``fresh`` when that was at most 15 minutes ago."""

    members: tuple[Person, ...]
    fresh: bool
    unresolved: tuple[str, ...] = ()
    listed: frozenset[str] = frozenset()  # members by name; no group can be stale for them


def usable(person: Person | None) -> bool:
    """An active full member of this workspace."""
    return person is not None and not (person.deleted or person.bot or person.guest or person.foreign)


async def department(session: AsyncSession, now: datetime) -> Department:
    """The department's members: a Slack user group, or a list of people."""
    entries = await duties.of(session, duties.DEPARTMENT)
    groups = [entry.who for entry in entries if is_group(entry.who)]
    found: dict[str, Person] = {}
    fresh = True
    for group_id in groups:
        seen, members = await people.group(session, group_id)
        fresh = fresh and seen is not None and now - seen <= GROUP_FRESH
        found.update(await people.many(session, members))
    listed = [entry.who for entry in entries if not is_group(entry.who)]
    known = await people.by_who(session, listed)
    found.update({person.slack_id: person for person in known.values()})
    usable_ones = sorted((p for p in found.values() if usable(p)), key=lambda p: p.slack_id)
    missing = tuple(who for who in listed if not usable(known.get(who)))
    by_name = frozenset(person.slack_id for person in known.values())
    return Department(tuple(usable_ones), fresh, missing, by_name)


def is_group(who: str) -> bool:
    """A Slack user group's id rather than a person."""
    return who.startswith("S") and "@" not in who


async def actor(session: AsyncSession, slack_id: str, now: datetime) -> Actor:
    """The person behind an id, with the roles they have at this moment."""
    person = await people.get(session, slack_id)
    if person is None:
        return Actor(slack_id, slack_id, guest=True)
    staff = await department(session, now)
    inside = any(member.slack_id == slack_id for member in staff.members)
    guest = not usable(person)
    return Actor(
        slack_id, person.name, guest, department=inside, department_fresh=staff.fresh or slack_id in staff.listed
    )


async def route(
    session: AsyncSession,
    office: OfficeClock,
    unit_id: int,
    *,
    submitter: str,
    barred: frozenset[str] = frozenset(),
    now: datetime,
    asked: datetime | None = None,
    deputy_after_days: int = 5,
) -> Routing:
    """Who gives the head's decision for a unit now. ``asked``: since when it has waited.

    ``barred`` may not give it either, as little as the submitter: they gave the other decision.
    """
    chain = await units.chain(session, unit_id)
    whos = [who for unit in chain for who in (unit.head, unit.deputy) if who]
    known = await people.by_who(session, whos)
    away = await absences.away(session, office.local_date(now))
    late = asked is not None and now >= office.add_working_days(asked, deputy_after_days)

    out = away | barred | {submitter}

    def here(who: str | None) -> Person | None:
        person = known.get(who) if who else None
        if person is None or not usable(person) or person.slack_id in out:
            return None
        return person

    own = chain[0]
    named = known.get(own.head) if own.head else None
    outside = bool(own.head or own.head_name) and named is None  # deactivated or guest: vacant
    passed: list[str] = []
    for depth, unit in enumerate(chain):
        head, deputy = here(unit.head), here(unit.deputy)
        found = _at(head, deputy, late and depth == 0, Role.HEAD if depth == 0 else Role.PARENT)
        if found:
            return Routing(found, _head_name(own, named), outside, tuple(passed))
        passed.append(unit.name)
    return Routing((), _head_name(own, named), outside, tuple(passed))


def _at(head: Person | None, deputy: Person | None, late: bool, as_role: Role) -> tuple[Decider, ...]:
    """The deciders at one unit: the head, joined by the deputy once it is late; else the deputy."""
    found = []
    if head is not None:
        found.append(Decider(head.slack_id, head.name, as_role))
    if deputy is not None and (head is None or late) and deputy is not head:
        found.append(Decider(deputy.slack_id, deputy.name, Role.DEPUTY))
    return tuple(found)


def _head_name(unit: units.Unit, person: Person | None) -> str:
    if person is not None and person.name:
        return person.name
    return unit.head_name or unit.head_title or unit.name


async def names(session: AsyncSession, ids: list[str]) -> dict[str, str]:
    """Display names by Slack id; an unknown id shows as itself."""
    known = await people.many(session, ids)
    return {one: (known[one].name or one) if one in known else one for one in ids}
