"""Gathering: everything a digest tells, from the database as it stands, in a handful of queries.

No digest holds a word of what anybody wrote in a comment, nor who wrote it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people, status
from bot.channels.outlet import Outlet
from bot.comments import roll as rolls
from bot.comments.roll import Roll
from bot.crisis import handover
from bot.desk import Desk
from bot.digest import ahead, answering, pending, waiting
from bot.digest import day as days
from bot.digest.answering import Answering, Place
from bot.digest.day import Day
from bot.digest.pending import Pending
from bot.digest.waiting import Pile
from bot.errors import Problem
from bot.status import RoomState, Trouble
from storage import absences, backlog, inboxes, log
from storage.backlog import Figures, Heap
from storage.inboxes import Inbox
from storage.log import Seal


@dataclass(frozen=True)
class Digest:
    """The department's, or that of ``units``: then without figures, troubles and seal.

    ``late``: what should have been answered; ``inboxes``: by the channel's name.
    """

    day: Day
    units: tuple[str, ...] = ()
    answering: Answering = field(default_factory=Answering)
    late: tuple[Pile, ...] = ()
    waiting: tuple[Pile, ...] = ()
    applications: tuple[Pending, ...] = ()
    no_substitute: tuple[str, ...] = ()
    inboxes: tuple[tuple[str, tuple[Inbox, ...]], ...] = ()
    going_on: tuple[Problem, ...] = ()
    ahead: tuple[Problem, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    figures: Figures | None = None
    seal: Seal | None = None

    @property
    def pressing(self) -> bool:
        """Somebody has something to do about it."""
        return bool(self.late or self.waiting or self.applications or self.answering.gaps)


@dataclass(frozen=True)
class Mine:
    """What waits for one person. ``free``: theirs to answer first; ``taken``: what they have taken.

    ``duty``: when their week as the one on duty began or begins (UTC), ``received``: they have said that they
    have it.
    """

    day: Day
    late: tuple[Pile, ...] = ()
    taken: tuple[Pile, ...] = ()
    free: tuple[Pile, ...] = ()
    to_decide: tuple[Pending, ...] = ()
    duty: datetime | None = None
    received: bool = False
    first_day: bool = False  # of that week

    @property
    def empty(self) -> bool:
        """There is nothing to do: a week on duty is told on its first day, and until it has been received."""
        called = self.duty is not None and (self.first_day or not self.received)
        return not (self.late or self.taken or self.free or self.to_decide or called)


async def department(session: AsyncSession, desk: Desk, room_state: RoomState, now: datetime) -> Digest:
    """The department's: all accounts; of sensitive ones only figures."""
    day, roll = days.of(desk, now), await rolls.call(session, desk, now)
    places, heaps = answering.everywhere(roll), await backlog.heaps(session, now)
    off = await absences.away_until(session, day.today)
    who = answering.today(roll, places, off, figures_only=True)
    troubles = await status.troubles(desk, room_state, now)
    return Digest(
        day,
        answering=replace(who, away=await _away(session, off)),
        late=waiting.piles(roll, heaps, late=True, figures_only=True),
        waiting=waiting.piles(roll, heaps, late=False, figures_only=True),
        applications=tuple(await pending.everything(session, desk, now)),
        no_substitute=tuple(answering.without_substitute(roll, places)),
        inboxes=await inboxes_of(session, desk),
        going_on=tuple(await ahead.going_on(session)),
        ahead=tuple(await _ahead(session, desk, roll, day)),
        troubles=tuple(one for one in troubles if one.fault),
        figures=await backlog.between(session, day.since_at, day.begins),
        seal=await log.newest_seal(session),
    )


async def _ahead(session: AsyncSession, desk: Desk, roll: Roll, day: Day) -> list[Problem]:
    return [
        *ahead.closed(desk, day),
        *await ahead.duty(session, desk, day),
        *await ahead.posts(session),
        *ahead.ending(roll, day),
        *await ahead.away_soon(session, day),
    ]


async def _away(
    session: AsyncSession, off: dict[str, date], whom: Collection[str] | None = None
) -> tuple[tuple[str, date], ...]:
    here = {one: until for one, until in off.items() if whom is None or one in whom}
    names = await people.names(session, sorted(here))
    return tuple(sorted((names[one], until) for one, until in here.items()))


async def inboxes_of(
    session: AsyncSession, desk: Desk, keys: Collection[str] | None = None
) -> tuple[tuple[str, tuple[Inbox, ...]], ...]:
    """What waits beside the comments, by the channel's name; on these channels, or on all."""
    rows = await inboxes.waiting(session)
    found = ((one.name, tuple(row for row in rows if row.channel == one.key)) for one in _outlets(desk, keys))
    return tuple((name, some) for name, some in found if some)


def _outlets(desk: Desk, keys: Collection[str] | None) -> list[Outlet]:
    return [one for one in desk.outlets if keys is None or one.key in keys]


async def of_units(session: AsyncSession, desk: Desk, numbers: Collection[int], now: datetime) -> Digest:
    """Some units' own: their accounts, and the applications for them."""
    day, roll = days.of(desk, now), await rolls.call(session, desk, now)
    places = answering.of_units(roll, numbers)
    heaps = waiting.of_accounts(await backlog.heaps(session, now), [account for _, account in places])
    off = await absences.away_until(session, day.today)
    theirs = _people(roll, places, numbers)
    return Digest(
        day,
        units=tuple(sorted(roll.units[one].name for one in numbers if one in roll.units)),
        answering=replace(
            answering.today(roll, places, off, figures_only=False), away=await _away(session, off, theirs)
        ),
        late=waiting.piles(roll, heaps, late=True),
        waiting=waiting.piles(roll, heaps, late=False),
        applications=tuple(one for one in await pending.everything(session, desk, now) if one.unit_id in numbers),
        no_substitute=tuple(answering.without_substitute(roll, places)),
        inboxes=await inboxes_of(session, desk, [channel for channel, _ in places]),
        going_on=tuple(await ahead.going_on(session)),
        ahead=(*ahead.closed(desk, day), *await ahead.away_soon(session, day, theirs)),
    )


def _people(roll: Roll, places: Iterable[Place], numbers: Collection[int]) -> set[str]:
    """Whoever answers on the accounts or heads the units."""
    found: set[str] = set()
    for place in places:
        whose = roll.hands(*place)
        found |= {one for one in (whose.owner, whose.substitute, *whose.heads[:2]) if one} | whose.editors
    known = roll.around.known
    whos = [who for one in numbers if one in roll.units for who in (roll.units[one].head, roll.units[one].deputy)]
    return found | {known[who].slack_id for who in whos if who and who in known}


async def units_of(session: AsyncSession, desk: Desk, person: str, now: datetime) -> set[int]:
    """The units a person heads, stands in for, or answers on an account of."""
    roll = await rolls.call(session, desk, now)
    seats = ((number, who) for number, one in roll.units.items() for who in (one.head, one.deputy) if who)
    known = roll.around.known
    headed = {number for number, who in seats if who in known and known[who].slack_id == person}
    return headed | {one.unit_id for one in roll.live if person in (one.owner, one.substitute, *one.editors)}


async def mine(session: AsyncSession, desk: Desk, person: str, now: datetime) -> Mine:
    """What waits for one person."""
    day, roll = days.of(desk, now), await rolls.call(session, desk, now)
    heaps = waiting.of_person(roll, await backlog.heaps(session, now), person)
    taken, free = _parted(heaps, person)
    watch = await ahead.on_duty(session, day.today)
    theirs = watch if watch and watch.person == person else None
    return Mine(
        day,
        late=waiting.piles(roll, heaps, late=True),
        taken=waiting.piles(roll, taken, late=False),
        free=waiting.piles(roll, free, late=False),
        to_decide=tuple(one for one in await pending.everything(session, desk, now) if person in one.deciders),
        duty=handover.begins(desk, theirs.week) if theirs else None,
        received=bool(theirs and theirs.received),
        first_day=bool(theirs and day.since < theirs.week),
    )


def _parted(heaps: Iterable[Heap], person: str) -> tuple[list[Heap], list[Heap]]:
    rows = list(heaps)
    return [one for one in rows if one.taken == person], [one for one in rows if one.taken != person]
