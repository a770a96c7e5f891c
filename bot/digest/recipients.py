"""Who gets a digest: the department always, units and people who have something to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people as roles
from bot.accounts import tell
from bot.comments import roll as rolls
from bot.comments.roll import Roll
from bot.desk import Desk
from bot.digest import ahead, answering, pending, waiting
from bot.digest import day as days
from bot.digest.pending import Pending
from storage import absences, backlog, people
from storage.backlog import Heap


@dataclass(frozen=True)
class Recipients:
    """Slack destinations. ``units``: a channel with the numbers of the units that talk there."""

    department: str
    units: dict[str, tuple[int, ...]]
    people: tuple[str, ...]


async def of(session: AsyncSession, desk: Desk, now: datetime) -> Recipients:
    """Everybody who gets one now."""
    roll, heaps = await rolls.call(session, desk, now), await backlog.heaps(session, now)
    waits = await pending.everything(session, desk, now)
    channel = await tell.department_channel(session, desk)
    return Recipients(
        channel,
        {place: units for place, units in _units(roll, heaps, waits).items() if place != channel},
        await _people(session, desk, roll, heaps, waits, now),
    )


def _units(roll: Roll, heaps: Iterable[Heap], waits: Iterable[Pending]) -> dict[str, tuple[int, ...]]:
    """By channel, every unit of a channel of whose units one has something to do."""
    accounts = (roll.accounts.get(one.account or 0) for one in heaps)
    busy = {one.unit_id for one in accounts if one}
    busy |= {one.unit_id for one in waits}
    busy |= {one.unit_id for one in roll.live if answering.is_gap(roll.hands(roll.channel(one), one.id))}
    found: dict[str, tuple[int, ...]] = {}
    for number, unit in roll.units.items():
        if unit.channel:
            found[unit.channel] = (*found.get(unit.channel, ()), number)
    return {channel: units for channel, units in found.items() if busy & set(units)}


async def _people(
    session: AsyncSession, desk: Desk, roll: Roll, heaps: Iterable[Heap], waits: Iterable[Pending], now: datetime
) -> tuple[str, ...]:
    """Those who are here: with comments in their hands, decisions to give, or the duty to take over."""
    holder = waiting.holder(roll)
    wanted = {holder(one) for one in heaps}
    wanted |= {decider for one in waits for decider in one.deciders}
    day = days.of(desk, now)
    watch = await ahead.on_duty(session, day.today)
    if watch and (watch.received is None or day.since < watch.week):
        wanted.add(watch.person)
    wanted -= {"", *await absences.away(session, day.today)}
    known = await people.many(session, wanted)
    return tuple(sorted(one for one in wanted if roles.usable(known.get(one))))
