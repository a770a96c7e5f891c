"""The live board: how each channel fares, read from the deliveries alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.channels.outlet import Outlet
from bot.crisis import ahead, cases, pauses, plan, publishing, rules, watching
from bot.crisis.handling import SKIPPED
from bot.crisis.pauses import Pauses
from bot.crisis.states import State
from bot.crisis.watching import Vigil
from bot.desk import Desk
from bot.errors import Refused
from storage import bulletins, facts, handwork, incidents, notes, posts
from storage.handwork import Handwork
from storage.incidents import Incident
from storage.posts import Post


class Fate(StrEnum):
    """How a channel fares, in the order of how much it needs somebody."""

    FAILED = "failed"
    ASKING = "asking"
    UNKNOWN = "unknown"
    RETRYING = "retrying"
    BY_HAND = "by_hand"
    GATE = "gate"
    SENDING = "sending"
    STOPPED = "stopped"
    REPLACED = "replaced"
    SKIPPED = "skipped"
    ACCEPTED = "accepted"
    DONE_BY_HAND = "done_by_hand"
    REMOVED = "removed"
    CONFIRMED = "confirmed"


URGENT = frozenset({Fate.FAILED, Fate.ASKING, Fate.BY_HAND})
TOLD = frozenset({Fate.ACCEPTED, Fate.CONFIRMED, Fate.DONE_BY_HAND, Fate.REMOVED})  # it was out there
SETTLED = TOLD | {Fate.SKIPPED, Fate.STOPPED, Fate.REPLACED}
REPLACED = "replaced"  # why the delivery room drops what a newer message makes needless
TO_BE_TOLD = "ahead"  # why a line waits where it does not wait for the website: some are told of the drill first


@dataclass(frozen=True)
class Line:
    """One channel on the board."""

    outlet: Outlet
    fate: Fate
    reason: str = ""
    link: str = ""
    at: datetime | None = None
    person: str = ""  # who does it by hand
    name: str = ""
    due: datetime | None = None


@dataclass(frozen=True)
class Spread:
    """How far the announcement has come in Slack."""

    total: int = 0
    done: int = 0
    failed: int = 0
    left_out: dict[str, int] = field(default_factory=dict)  # reason → channels


@dataclass(frozen=True)
class Board:
    """An incident as its card shows it."""

    incident: Incident
    current: rules.Bulletin | None
    waiting: rules.Bulletin | None
    lines: list[Line]
    spread: Spread | None
    notes: int
    vigil: Vigil = field(default_factory=Vigil)
    pauses: Pauses | None = None

    @property
    def red(self) -> bool:
        """Something needs somebody."""
        slipping = self.pauses is not None and self.pauses.stuck > 0
        return self.vigil.red or slipping or self.urgent

    @property
    def urgent(self) -> bool:
        """A channel needs somebody."""
        return any(line.fate in URGENT for line in self.lines)


async def read(session: AsyncSession, desk: Desk, incident_id: int, now: datetime) -> Board:
    """The board as it stands. Raises Refused for an incident that is not there."""
    incident = await incidents.get(session, incident_id)
    if incident is None:
        raise Refused("crisis.unknown")
    rows = await bulletins.of_incident(session, incident_id)
    views = [await cases.view(session, desk, incident, row, now) for row in rows]
    out = [one for one in views if one.state in (State.APPROVED, State.STOPPED)]
    waiting = [one for one in views if one.state in (State.ASKED, State.RETURNED)]
    current = out[-1] if out else None
    return Board(
        incident,
        current,
        waiting[-1] if waiting else None,
        await _lines(session, desk, current) if current else [],
        await _spread(session, current) if current else None,
        len(await notes.of_incident(session, incident_id)),
        await watching.vigil(session, desk, incident, now),
        await pauses.read(session, incident),
    )


async def _lines(session: AsyncSession, desk: Desk, case: rules.Bulletin) -> list[Line]:
    every = await posts.under(session, f"{cases.topic(case.incident)}/out")
    mine = [one for one in every if one.args.get("bulletin") == case.id and one.kind == publishing.TEXT]
    works = {one.channel: one for one in await handwork.of_bulletin(session, case.id)}
    names = await people.names(session, [one.done_by or one.person for one in works.values()])
    gates = await _gates(session, mine)
    links = {one.id: one.link for one in every}
    outlets = plan.reached(desk.outlets, case.skipped, drill=case.drill)
    found = [
        _named(line(one, [post for post in mine if post.via == one.key], works.get(one.key), gates, links), names)
        for one in outlets
    ]
    skipped = [one for one in desk.outlets if one.key in case.skipped]
    return found + [Line(one, Fate.SKIPPED, case.skipped[one.key]) for one in skipped]


def _named(found: Line, names: dict[str, str]) -> Line:
    """The line with the name of whoever does it by hand."""
    return replace(found, name=names.get(found.person, found.person)) if found.person else found


@dataclass(frozen=True)
class Gates:
    """Which of the posts that others wait for are there, and which are the word before a drill."""

    opened: frozenset[int] = frozenset()
    ahead: frozenset[int] = frozenset()


async def _gates(session: AsyncSession, rows: Iterable[Post]) -> Gates:
    wanted = {one.after_id for one in rows if one.after_id is not None}
    found = [one for one in [await session.get(Post, one) for one in wanted] if one is not None]
    return Gates(
        frozenset(one.id or 0 for one in found if one.state == posts.DONE),
        frozenset(one.id or 0 for one in found if one.kind == ahead.AHEAD),
    )


def line(
    outlet: Outlet,
    rows: list[Post],
    work: Handwork | None,
    gates: Gates = Gates(),
    links: Mapping[int | None, str] = MappingProxyType({}),
) -> Line:
    """How one channel fares with one bulletin: its newest delivery, or the hands that took it over.

    ``links``: where the posts are that it may have changed, by their number.
    """
    if work is not None:
        fate = Fate.DONE_BY_HAND if work.done else Fate.BY_HAND
        return Line(outlet, fate, person=work.done_by or work.person, due=work.due, at=work.done)
    if not rows:
        return Line(outlet, Fate.STOPPED if outlet.by_hand else Fate.SENDING)
    post = rows[-1]
    fate = fate_of(post, gates.opened)
    if fate is Fate.GATE and post.after_id in gates.ahead:
        return Line(outlet, fate, TO_BE_TOLD)
    link = post.link or (links.get(post.thread_id, "") if post.verb == posts.UPDATE else "")
    return Line(outlet, fate, post.reason or "", link, post.seen)


def fate_of(post: Post, gates: frozenset[int] = frozenset()) -> Fate:
    """What the state of a delivery means to people."""
    match post.state:
        case posts.DONE if post.verb == posts.REMOVE:
            return Fate.REMOVED
        case posts.DONE:
            return Fate.CONFIRMED if post.seen else Fate.ACCEPTED
        case posts.REFUSED:
            return Fate.FAILED
        case posts.ASKING:
            return Fate.ASKING
        case posts.UNKNOWN:
            return Fate.UNKNOWN
        case posts.DROPPED:
            ends = {SKIPPED: Fate.SKIPPED, REPLACED: Fate.REPLACED}
            return ends.get(post.reason or "", Fate.STOPPED)
        case posts.WAITING if post.after_id is not None and post.after_id not in gates:
            return Fate.GATE
        case posts.WAITING if post.tries:
            return Fate.RETRYING
    return Fate.SENDING


async def _spread(session: AsyncSession, case: rules.Bulletin) -> Spread | None:
    counted = await posts.tally(session, publishing.slack(case.incident), case.number)
    known = await facts.get(session, spread_fact(case.id)) or {}
    if not counted and not known:
        return None
    return Spread(
        total=sum(counted.values()),
        done=counted.get(posts.DONE, 0),
        failed=counted.get(posts.REFUSED, 0),
        left_out=dict(known.get("left_out", {})),
    )


def spread_fact(bulletin_id: int) -> str:
    """Where it is kept which Slack channels were left out, and why."""
    return f"spread:{bulletin_id}"
