"""Who answers today: where nobody does, who stands in for whom, and who lacks a substitute."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from bot import people as roles
from bot.channels.protocol import Can
from bot.comments.hands import Hands
from bot.comments.roll import Roll
from storage.accounts import Account

Place = tuple[str, int | None]  # a channel's key, and the account's number


@dataclass(frozen=True)
class Gap:
    """An account on which neither owner nor substitute answers. ``asked``: who is asked instead; nobody by
    name when it is the department.
    """

    account: str
    unit: str = ""
    asked: str = ""


@dataclass(frozen=True)
class StandIn:
    """Somebody answers for somebody else; ``until`` is the last date away, None for one who has left."""

    account: str
    who: str
    away: str
    until: date | None = None


@dataclass(frozen=True)
class Answering:
    """The exceptions by name, the rest as a number. ``away``: names with the last date away."""

    gaps: tuple[Gap, ...] = ()
    stand_ins: tuple[StandIn, ...] = ()
    usual: int = 0
    away: tuple[tuple[str, date], ...] = ()


def everywhere(roll: Roll) -> list[Place]:
    """Every live account, and every channel with comments that is no account of the register."""
    found: list[Place] = [(roll.channel(one), one.id) for one in roll.live]
    known = {channel for channel, _ in found}
    outlets = (one.key for one in roll.desk.outlets if Can.COMMENTS in one.can)
    return [*found, *((key, None) for key in outlets if key not in known)]


def of_units(roll: Roll, units: Iterable[int]) -> list[Place]:
    """The live accounts of these units."""
    wanted = set(units)
    return [(roll.channel(one), one.id) for one in roll.live if one.unit_id in wanted]


def in_line(whose: Hands) -> str:
    """The one person who answers first; "" when it is the department together."""
    named = (whose.owner, whose.substitute, whose.cover, *whose.heads)
    return next((one for one in named if one and one not in whose.away), "")


def is_gap(whose: Hands) -> bool:
    """Somebody should answer, and neither they nor their substitute is there."""
    return bool(whose.owner) and in_line(whose) not in (whose.owner, whose.substitute, whose.cover)


def today(roll: Roll, places: Iterable[Place], until: Mapping[str, date], *, figures_only: bool) -> Answering:
    """Who answers on these accounts. ``until``: who is away today, to which date.

    ``figures_only``: of sensitive accounts nobody's name is given.
    """
    gaps, stand_ins, usual = [], [], 0
    for place in places:
        whose = roll.hands(*place)
        hush = figures_only and whose.sensitive
        if is_gap(whose):
            gaps.append(Gap(whose.account, whose.unit, "" if hush else _name(roll, in_line(whose))))
        elif whose.owner in whose.away and not hush:
            stand_ins.append(_stand_in(roll, whose, until))
        else:
            usual += 1
    return Answering(tuple(gaps), tuple(stand_ins), usual)


def _stand_in(roll: Roll, whose: Hands, until: Mapping[str, date]) -> StandIn:
    owner = whose.owner or ""
    return StandIn(whose.account, _name(roll, in_line(whose)), _name(roll, owner), until.get(owner))


def _name(roll: Roll, slack_id: str) -> str:
    return roll.name(slack_id) if slack_id else ""


def without_substitute(roll: Roll, places: Iterable[Place]) -> list[str]:
    """Names of accounts whose substitute nobody is, or somebody who cannot be."""
    found = (roll.accounts.get(number or 0) for _, number in places)
    return [one.name for one in found if one and not _substituted(roll, one)]


def _substituted(roll: Roll, one: Account) -> bool:
    return roles.usable(roll.around.known.get(one.substitute or ""))
