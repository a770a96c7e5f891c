"""What happened in an incident, for afterwards: pure, from the rows; and the reading of those rows.

Who has spoken with the media is in no row, and so in no report (freedom to inform, TF 3:5).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.channels.outlet import Outlet
from bot.crisis import board, cases, duty, lines, plan, publishing, rules
from bot.crisis.board import Fate
from bot.crisis.states import State
from bot.desk import Desk
from bot.errors import Refused
from storage import bulletins, handwork, incidents, log, notes, posts, receipts
from storage.bulletins import Bulletin
from storage.handwork import Handwork
from storage.incidents import Incident
from storage.log import Entry
from storage.posts import Post
from storage.receipts import Receipt

REPORT = "crisis.report"
KEEP: Final = timedelta(days=2)  # an incident that ended earlier has had its report
UNTOLD: Final = frozenset({"incident.noted"})  # counted, not listed: the crisis log is kept by itself


@dataclass(frozen=True)
class Rows:
    """Everything the database holds of an incident. ``slack``: bulletin number → state → channels."""

    incident: Incident
    bulletins: Sequence[Bulletin]
    entries: Sequence[Entry]
    posts: Sequence[Post]
    works: Sequence[Handwork]
    receipts: Sequence[Receipt]
    notes: int
    slack: Mapping[int, Mapping[str, int]]
    names: Mapping[str, str]


@dataclass(frozen=True)
class Delivery:
    """How one channel fared with one message. ``sent``: when it was begun; ``seen``: when it was read back."""

    channel: str
    fate: Fate
    sent: datetime | None = None
    seen: datetime | None = None
    person: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Told:
    """One message of the incident, with who let it go and what every channel made of it."""

    number: int
    kind: str
    state: State
    by: str
    asked: datetime
    decided_by: str
    decided: datetime | None
    emergency: bool
    stopped_by: str
    stopped: datetime | None
    deliveries: tuple[Delivery, ...]
    slack: int = 0  # Slack channels that got it
    slack_of: int = 0


@dataclass(frozen=True)
class Event:
    """A line of the timeline: who did what, when. ``what`` is the log's action."""

    at: datetime
    what: str
    by: str
    kind: str = ""
    channel: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Report:
    """An incident from its first proposal to its end."""

    incident: Incident
    events: tuple[Event, ...]
    told: tuple[Told, ...]
    notes: int
    paused: tuple[tuple[str, datetime], ...]  # name, instant

    @property
    def reached(self) -> int:
        """Deliveries that arrived."""
        good = (Fate.CONFIRMED, Fate.ACCEPTED, Fate.DONE_BY_HAND)
        return sum(one.fate in good for told in self.told for one in told.deliveries)

    @property
    def failed(self) -> int:
        """Deliveries that need explaining."""
        bad = (Fate.FAILED, Fate.ASKING, Fate.UNKNOWN)
        return sum(one.fate in bad for told in self.told for one in told.deliveries)


def compiled(rows: Rows, outlets: Sequence[Outlet]) -> Report:
    """The report of these rows."""
    paused = tuple((_name(rows, one.person), one.at) for one in rows.receipts)
    events = tuple(_event(rows, one, outlets) for one in rows.entries if one.action not in UNTOLD)
    told = tuple(_told(rows, one, outlets) for one in rows.bulletins)
    return Report(rows.incident, events, told, rows.notes, paused)


def _name(rows: Rows, person: str | None) -> str:
    return rows.names.get(person or "", person or "")


def _event(rows: Rows, entry: Entry, outlets: Sequence[Outlet]) -> Event:
    row = next((one for one in rows.bulletins if one.number == entry.detail.get("bulletin")), None)
    key = str(entry.detail.get("channel", ""))
    return Event(
        entry.at,
        entry.action,
        _name(rows, entry.actor),
        kind=row.kind if row else "",
        channel=next((one.name for one in outlets if one.key == key), key),
        reason=row.reason if row else "",
    )


def _told(rows: Rows, row: Bulletin, outlets: Sequence[Outlet]) -> Told:
    slack = rows.slack.get(row.number, {})
    return Told(
        number=row.number,
        kind=row.kind,
        state=State(row.state),
        by=_name(rows, row.by),
        asked=row.asked,
        decided_by=_name(rows, row.decided_by),
        decided=row.decided,
        emergency=row.emergency,
        stopped_by=_name(rows, row.stopped_by),
        stopped=row.stopped,
        deliveries=_deliveries(rows, row, outlets),
        slack=slack.get(posts.DONE, 0),
        slack_of=sum(slack.values()),
    )


def _deliveries(rows: Rows, row: Bulletin, outlets: Sequence[Outlet]) -> tuple[Delivery, ...]:
    if State(row.state) not in (State.APPROVED, State.STOPPED):
        return ()
    reached = plan.reached(outlets, row.skipped, drill=row.drill)
    left_out = [Delivery(one.name, Fate.SKIPPED) for one in outlets if one.key in row.skipped]
    return tuple([_delivery(rows, row, one) for one in reached] + left_out)


def _delivery(rows: Rows, row: Bulletin, outlet: Outlet) -> Delivery:
    mine = [
        one
        for one in rows.posts
        if one.kind == publishing.TEXT and one.via == outlet.key and one.args.get("bulletin") == row.id
    ]
    work = next((one for one in rows.works if (one.bulletin_id, one.channel) == (row.id, outlet.key)), None)
    line = board.line(outlet, mine, work)
    if line.fate is Fate.BY_HAND and row is not _newest_out(rows):
        return Delivery(outlet.name, Fate.REPLACED)
    if work is not None:
        return Delivery(outlet.name, line.fate, sent=work.done, person=_name(rows, line.person))
    sent = mine[-1].started if mine and mine[-1].state == posts.DONE else None
    return Delivery(outlet.name, line.fate, sent, line.at, reason=line.reason if line.fate is Fate.FAILED else "")


def _newest_out(rows: Rows) -> Bulletin:
    """The message that still holds: nobody is asked any more to do an older one by hand."""
    return [one for one in rows.bulletins if State(one.state) in (State.APPROVED, State.STOPPED)][-1]


async def read(session: AsyncSession, desk: Desk, incident_id: int) -> Report:
    """The report of an incident as it stands. Raises Refused when there is no such incident."""
    incident = await incidents.get(session, incident_id)
    if incident is None:
        raise Refused("crisis.unknown")
    out = await bulletins.of_incident(session, incident_id)
    entries = await log.of_case(session, cases.topic(incident_id))
    paused = await receipts.of_incident(session, incident_id)
    works = [work for row in out for work in await handwork.of_bulletin(session, row.id or 0)]
    ids = {incident.by, *(one.actor for one in entries), *(one.person for one in paused)}
    ids |= {one for row in out for one in (row.by, row.decided_by, row.stopped_by) if one}
    ids |= {one for work in works for one in (work.person, work.done_by) if one}
    rows = Rows(
        incident=incident,
        bulletins=out,
        entries=entries,
        posts=await posts.under(session, f"{cases.topic(incident_id)}/out"),
        works=works,
        receipts=paused,
        notes=len(await notes.of_incident(session, incident_id)),
        slack={row.number: await posts.tally(session, publishing.slack(incident_id), row.number) for row in out},
        names=await people.names(session, sorted(ids)),
    )
    return compiled(rows, desk.outlets)


async def shown(desk: Desk, actor_id: str, incident_id: int | None, *, now: datetime) -> Report:
    """The report of an incident, or of the newest that began. Raises Refused for who may not read it."""
    async with desk.db.read() as session:
        cast = await duty.cast(session, desk, now)
        rules.belongs(await people.actor(session, actor_id, now), cast.everybody)
        number = incident_id or await _newest(session)
        if number is None:
            raise Refused("report.none")
        return await read(session, desk, number)


async def _newest(session: AsyncSession) -> int | None:
    found = await incidents.newest(session)
    return next((one.id for one in found if one.began is not None), None)


async def tick(desk: Desk, now: datetime) -> None:
    """Put the report of whatever has ended into its thread, once; it follows the last deliveries."""
    async with desk.db.read() as session:
        over = await incidents.in_state(session, incidents.OVER)
        fresh = [one.id or 0 for one in over if one.ended and now - one.ended < KEEP]
        owed = [one for one in fresh if not await posts.of_topic(session, _topic(one))]
    for number in owed:
        async with desk.db.write() as session:
            args: dict[str, object] = {"incident": number}
            await lines.below(session, number, REPORT, _topic(number), args, now, card=True)


def _topic(incident_id: int) -> str:
    return f"{cases.topic(incident_id)}/report"
