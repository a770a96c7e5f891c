"""Keeping an incident awake: the promised next word, and somebody who watches while the office is closed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.crisis import cases, duty, lines, rules
from bot.crisis.states import State
from bot.delivery import outbox
from bot.delivery.outbox import Priority
from bot.desk import Desk
from bot.errors import Refused
from storage import absences, bulletins, facts, incidents, posts
from storage import people as storage_people
from storage.bulletins import Bulletin
from storage.incidents import Incident
from storage.people import Person

PROMISE, UNWATCHED = "crisis.promise", "crisis.unwatched"
SOON, LATE = 1, 2  # seq: the later reminder replaces the earlier one where that has not gone out


@dataclass(frozen=True)
class Vigil:
    """Who keeps an eye on an incident that is on. ``closed``: the office is."""

    watcher: str = ""
    name: str = ""
    closed: bool = False
    overdue: bool = False  # the promised next word has not come

    @property
    def unwatched(self) -> bool:
        """The office is closed and nobody has said that they watch."""
        return self.closed and not self.watcher

    @property
    def red(self) -> bool:
        """Somebody has to do something."""
        return self.overdue or self.unwatched


async def vigil(session: AsyncSession, desk: Desk, incident: Incident, now: datetime) -> Vigil:
    """How well an incident is watched; nothing to say of one that is not on."""
    if incident.state != incidents.ON:
        return Vigil()
    watcher = await _there(session, desk, incident.watcher, now)
    return Vigil(
        watcher.slack_id if watcher else "",
        watcher.name if watcher else "",
        closed=not desk.office.open_at(now),
        overdue=incident.next_at is not None and incident.next_at <= now,
    )


async def _there(session: AsyncSession, desk: Desk, slack_id: str | None, now: datetime) -> Person | None:
    """The person, unless they are away or have left."""
    person = await storage_people.get(session, slack_id) if slack_id else None
    away = await absences.away(session, desk.office.local_date(now))
    return person if people.usable(person) and slack_id not in away else None


async def watch(desk: Desk, actor_id: str, incident_id: int, *, now: datetime) -> None:
    """*Jag vakar*, until the office opens. Raises Refused for others, and when the incident is not on."""
    async with desk.db.write() as session:
        incident = await cases.take_incident(session, incident_id)
        cast = await duty.cast(session, desk, now)
        rules.belongs(await people.actor(session, actor_id, now), cast.everybody)
        if incident.state != incidents.ON:
            raise Refused("crisis.not_on")
        if incident.watcher != actor_id:
            await incidents.change(session, incident, watcher=actor_id)
            await lines.happened(session, incident_id, "watched", actor_id, now)


async def tick(desk: Desk, now: datetime) -> None:
    """Look after every incident that is on, each in a transaction of its own."""
    async with desk.db.read() as session:
        on = [one.id or 0 for one in await incidents.in_state(session, incidents.ON)]
    for number in on:
        await tick_one(desk, number, now)


async def tick_one(desk: Desk, incident_id: int, now: datetime) -> None:
    """Remind of the promise, ask for somebody who watches, and show the board anew when it has changed."""
    async with desk.db.write() as session:
        incident = await cases.take_incident(session, incident_id)
        if incident.state != incidents.ON:
            return
        known = await facts.get(session, _key(incident_id)) or {}
        if _night_is_over(known, now):
            await incidents.change(session, incident, watcher=None)
        seen = await vigil(session, desk, incident, now)
        await _remind(session, desk, incident, seen, now)
        if seen.unwatched:
            await _call(session, desk, incident, now)
        await _show(session, desk, incident_id, known, seen, now)


def _key(incident_id: int) -> str:
    return f"vigil:{incident_id}"


def _night_is_over(known: dict[str, str | bool | None], now: datetime) -> bool:
    """Whether the office has opened since the last look: who watched may go home."""
    until = known.get("until")
    return bool(until) and datetime.fromisoformat(str(until)) <= now


async def _show(
    session: AsyncSession,
    desk: Desk,
    incident_id: int,
    known: dict[str, str | bool | None],
    seen: Vigil,
    now: datetime,
) -> None:
    until = desk.office.next_opening(now).isoformat() if seen.closed else None
    fresh = {"overdue": seen.overdue, "unwatched": seen.unwatched, "until": until}
    if fresh != known:
        await facts.put(session, _key(incident_id), fresh)
        await posts.raise_want(session, cases.topic(incident_id), below=False)


async def _remind(session: AsyncSession, desk: Desk, incident: Incident, seen: Vigil, now: datetime) -> None:
    """Before the promised word and when it has not come; once per promise, to a person and in the thread."""
    newest = await told(session, incident.id or 0)
    if incident.next_at is None or newest is None:
        return
    if now < _when(newest, incident.next_at, timedelta(minutes=desk.settings.crisis.remind_before_min)):
        return
    topic = f"{cases.topic(incident.id or 0)}/promise/{newest.number}"
    args: dict[str, object] = {
        "incident": incident.id,
        "bulletin": newest.id,
        "at": incident.next_at.isoformat(),
    }
    seq, dies = (LATE, None) if seen.overdue else (SOON, incident.next_at)
    await lines.below(session, incident.id or 0, PROMISE, topic, args, now, seq=seq, dies=dies)
    for who in await _asked(session, desk, incident, now):
        await outbox.send(
            session,
            kind=PROMISE,
            dest=who,
            topic=topic,
            args=args,
            now=now,
            seq=seq,
            prio=Priority.CRISIS,
            dies=dies,
        )


async def told(session: AsyncSession, incident_id: int) -> Bulletin | None:
    """The newest message that went out: whose promise counts."""
    out = await bulletins.in_state(session, incident_id, State.APPROVED, State.STOPPED)
    return out[-1] if out else None


def _when(newest: Bulletin, promised: datetime, before: timedelta) -> datetime:
    """So long before; a short promise is not reminded of in its first half."""
    made = newest.decided or newest.asked
    return max(promised - before, made + (promised - made) / 2)


async def _asked(session: AsyncSession, desk: Desk, incident: Incident, now: datetime) -> tuple[str, ...]:
    """Who is reminded: the watcher, else who submitted it, else the first decider who is there."""
    for one in (incident.watcher, incident.by):
        if await _there(session, desk, one, now):
            return (str(one),)
    return tuple(one.id for one in (await duty.cast(session, desk, now)).here[:1])


async def _call(session: AsyncSession, desk: Desk, incident: Incident, now: datetime) -> None:
    """The office has closed and nobody watches: ask in the thread and whoever is on duty; once per closing."""
    night: Final = desk.office.next_opening(now)
    topic = f"{cases.topic(incident.id or 0)}/unwatched/{night.isoformat()}"
    args: dict[str, object] = {"incident": incident.id}
    await lines.below(session, incident.id or 0, UNWATCHED, topic, args, now, dies=night)
    cast = await duty.cast(session, desk, now)
    who = (cast.on_duty,) if cast.on_duty else await _asked(session, desk, incident, now)
    for one in who:
        await outbox.send(
            session,
            kind=UNWATCHED,
            dest=one,
            topic=topic,
            args=args,
            now=now,
            prio=Priority.CRISIS,
            dies=night,
        )
