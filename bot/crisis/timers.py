"""Posts in platforms' timers while an incident is on: each is listed, and held before its time comes.

What is held is moved on by whole weeks, so nothing goes out by itself soon after the crisis, and what lay
apart still lies apart.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.channels.errors import ChannelError, Gone, NotSent, Refused, Throttled, TokenDead
from bot.channels.outlet import Outlet
from bot.channels.protocol import Can
from bot.channels.scheduled import Published, Scheduled, Timer
from bot.crisis import cases, lines
from bot.delivery import outbox
from bot.desk import Desk
from bot.people import Role
from storage import facts, held, incidents, log, posts
from storage.held import Held
from storage.incidents import Incident

CARD, WAITING = "crisis.scheduled", "crisis.scheduled_waiting"
SEEN_AHEAD: Final = timedelta(days=7)  # what goes out later is not listed yet
HELD_AHEAD: Final = timedelta(hours=6)  # what goes out later is left alone: the crisis may be over by then
MOVED_ON: Final = timedelta(days=28)
REMINDED_AFTER: Final = timedelta(days=1)
SOCIAL: Final = frozenset({"facebook", "instagram", "x", "linkedin", "mastodon", "bluesky", "by_hand"})
UNREAD: Final = "timer:"  # the fact that says why an account's timer could not be read


@dataclass(frozen=True)
class Found:
    """What one look at a timer gave: what waits, and what has become of those that no longer do."""

    waiting: Sequence[Scheduled] = ()
    others: Mapping[str, Scheduled | Published | None] = field(default_factory=dict)  # None: gone


@dataclass(frozen=True)
class Timers:
    """An incident's scheduled posts as people see them. ``unread``: account → why it could not be read."""

    incident: Incident
    rows: tuple[Held, ...]
    names: Mapping[str, str]  # channel key → its name
    by: Mapping[str, str]  # Slack id → name
    blind: tuple[Outlet, ...]  # accounts whose timers no interface shows
    unread: Mapping[str, str]
    on: bool  # a real incident is on: nothing is let out


def timed(desk: Desk) -> list[Outlet]:
    """Accounts whose timers can be read."""
    return [one for one in desk.outlets if Can.TIMER in one.can]


def blind(desk: Desk) -> list[Outlet]:
    """Accounts in social media whose timers cannot be read."""
    return [one for one in desk.outlets if one.platform in SOCIAL and Can.TIMER not in one.can]


def topic(incident_id: int) -> str:
    """The topic of the card that lists them."""
    return f"{cases.topic(incident_id)}/scheduled"


async def real_on(session: AsyncSession) -> list[Incident]:
    """The real incidents that are on, oldest first."""
    return [one for one in await incidents.in_state(session, incidents.ON) if not one.drill]


async def concerned(session: AsyncSession) -> list[Incident]:
    """The real incidents that are on, and those that are over while posts still wait for a choice."""
    waiting = {one.incident_id for one in await held.in_state(session, held.HELD, *held.WISHES)}
    on = await real_on(session)
    found = [await incidents.get(session, one) for one in sorted(waiting - {one.id for one in on})]
    return [*on, *(one for one in found if one is not None)]


async def read(session: AsyncSession, desk: Desk, incident: Incident) -> Timers:
    """An incident's scheduled posts."""
    rows = await held.of_incident(session, incident.id or 0)
    said = await facts.starting(session, UNREAD)
    by = await people.names(session, [one.by for one in rows if one.by])
    return Timers(
        incident,
        tuple(rows),
        {one.key: one.name for one in desk.outlets},
        by,
        tuple(blind(desk)),
        {one.name: said[UNREAD + one.key] for one in timed(desk) if said.get(UNREAD + one.key)},
        on=bool(await real_on(session)),
    )


async def open_card(desk: Desk, incident_id: int, now: datetime) -> None:
    """Owe the incident's thread the card; once."""
    if not any(one.platform in SOCIAL for one in desk.outlets):
        return
    async with desk.db.write() as session:
        await lines.below(session, incident_id, CARD, topic(incident_id), {"incident": incident_id}, now, card=True)


async def remind(desk: Desk, now: datetime) -> None:
    """A day after the end, in office hours: posts still wait for a choice; once per incident."""
    if not desk.office.open_at(now):
        return
    async with desk.db.read() as session:
        over = [one for one in await concerned(session) if one.ended and now - one.ended >= REMINDED_AFTER]
        owed = [one.id or 0 for one in over if not await posts.of_topic(session, _waiting_topic(one.id or 0))]
    for number in owed:
        async with desk.db.write() as session:
            await lines.below(session, number, WAITING, _waiting_topic(number), {"incident": number}, now)


def _waiting_topic(incident_id: int) -> str:
    return f"{topic(incident_id)}/waiting"


async def look(timer: Timer, rows: Iterable[Held]) -> Found:
    """Read a timer, and ask for each post that is no longer in it. Raises the errors of a channel."""
    waiting = await timer.scheduled()
    there = {one.remote for one in waiting}
    absent = [one.remote for one in rows if one.remote not in there]
    return Found(waiting, {one: await _one(timer, one) for one in absent})


async def _one(timer: Timer, remote: str) -> Scheduled | Published | None:
    try:
        return await timer.scheduled_one(remote)
    except Gone:
        return None


async def live(session: AsyncSession, incident_id: int, channel: str) -> list[Held]:
    """The incident's posts in a timer that no choice is under way for."""
    rows = await held.of_incident(session, incident_id)
    open_ones = set(held.LIVE) - set(held.WISHES)
    return [one for one in rows if one.channel == channel and one.state in open_ones]


async def take_in(desk: Desk, incident_id: int, channel: str, found: Found, now: datetime) -> None:
    """Write down what a look found: new posts, moved ones, those that went out or were taken away."""
    async with desk.db.write() as session:
        incident = await cases.take_incident(session, incident_id)
        if incident.state != incidents.ON:
            return
        before = {one.remote: one for one in await live(session, incident_id, channel)}
        elsewhere = {one.remote for one in await held.on_channel(session, channel) if _others(one, incident_id)}
        changed = [await _new(session, incident_id, channel, one, now) for one in _fresh(found, elsewhere, now)]
        now_there: dict[str, Scheduled | Published | None] = {
            **found.others,
            **{s.remote: s for s in found.waiting},
        }
        for remote, row in before.items():
            if remote in now_there:
                changed.append(await _follow(session, row, now_there[remote], now))
        changed.append(await _readable(session, channel, ""))
        if any(changed):
            await outbox.follow(session, cases.topic(incident_id))


def _others(row: Held, incident_id: int) -> bool:
    """Whether an earlier incident holds it, and it still waits for a choice."""
    return row.incident_id != incident_id and row.state in (held.HOLDING, held.HELD, *held.WISHES)


def _fresh(found: Found, elsewhere: set[str], now: datetime) -> list[Scheduled]:
    return [one for one in found.waiting if one.remote not in elsewhere and one.at - now <= SEEN_AHEAD]


async def _new(session: AsyncSession, incident_id: int, channel: str, one: Scheduled, now: datetime) -> bool:
    row = Held(
        incident_id=incident_id,
        channel=channel,
        remote=one.remote,
        words=" ".join(one.text.split())[: held.WORDS],
        link=one.link,
        at=one.at,
        until=one.at,
    )
    added = await held.add(session, row)
    if added:
        await note(session, row, "listed", Role.DESK, now)
    return added


async def _follow(session: AsyncSession, row: Held, now_is: Scheduled | Published | None, now: datetime) -> bool:
    """Let a row say what the platform says."""
    if now_is is None or isinstance(now_is, Published):
        return await settle(session, row, held.GONE if now_is is None else held.WENT, Role.DESK, now)
    if row.state == held.HOLDING:
        there = row.wish is not None and _same(now_is.at, row.wish)
        return await settle(session, row, held.HELD if there else held.LISTED, Role.DESK, now, until=now_is.at)
    if _same(now_is.at, row.until):
        return False
    if row.state == held.LISTED:
        return await held.amend(session, row, at=now_is.at, until=now_is.at)
    return await settle(session, row, held.LISTED, Role.DESK, now, at=now_is.at, until=now_is.at, reason="")


def _same(one: datetime, other: datetime) -> bool:
    """Platforms keep whole seconds, some whole minutes."""
    return abs(one - other) < timedelta(minutes=1)


async def unreadable(desk: Desk, incident_id: int, channel: str, why: str) -> None:
    """Remember that a timer could not be read, and show it."""
    async with desk.db.write() as session:
        if await _readable(session, channel, why):
            await outbox.follow(session, cases.topic(incident_id))


async def _readable(session: AsyncSession, channel: str, why: str) -> bool:
    """Whether that is news."""
    if str(await facts.get(session, UNREAD + channel) or "") == why:
        return False
    await facts.put(session, UNREAD + channel, why)
    return True


async def hold(desk: Desk, timer: Timer, incident_id: int, now: datetime) -> None:
    """Move on whatever would go out within HELD_AHEAD. Each is asked for, then confirmed."""
    if not desk.settings.crisis.hold_scheduled:
        return
    async with desk.db.read() as session:
        rows = await live(session, incident_id, timer.name)
    for row in rows:
        if row.state == held.LISTED and row.until - now <= HELD_AHEAD:
            await _hold(desk, timer, row, now)


async def _hold(desk: Desk, timer: Timer, row: Held, now: datetime) -> None:
    to = row.at + MOVED_ON
    async with desk.db.write() as session:
        incident = await cases.take_incident(session, row.incident_id)
        if incident.state != incidents.ON or not await held.move(session, row, held.HOLDING, wish=to):
            return
    row = row.model_copy(update={"state": held.HOLDING})
    after, reason = await _asked(timer, row.remote, to)
    async with desk.db.write() as session:
        if after is None:
            await held.amend(session, row, reason=reason)
        else:
            until = to if after == held.HELD else row.until
            await settle(session, row, after, Role.DESK, now, until=until, reason=reason)
        await outbox.follow(session, cases.topic(row.incident_id))


async def _asked(timer: Timer, remote: str, to: datetime) -> tuple[str | None, str]:
    """What became of a post that was asked to wait, and the platform's word; None: nobody knows yet."""
    try:
        await timer.reschedule(remote, to)
    except Refused as refused:
        return held.STUCK, str(refused)[:200]
    except Gone:
        return held.GONE, ""
    except (TokenDead, Throttled, NotSent) as not_done:
        return held.LISTED, said(not_done)
    except ChannelError as unknown:
        return None, said(unknown)
    return held.HELD, ""


def said(error: ChannelError) -> str:
    """A channel's error in a few words."""
    return (str(error) or type(error).__name__)[:200]


async def confirm(desk: Desk, timer: Timer, row: Held, now: datetime) -> None:
    """The incident was over before it was known whether a post had been held: it is, or it goes as planned."""
    try:
        there = await _one(timer, row.remote)
    except ChannelError:
        return
    async with desk.db.write() as session:
        await cases.take_incident(session, row.incident_id)
        if await _follow(session, row, there, now):
            await outbox.follow(session, cases.topic(row.incident_id))


async def settle(
    session: AsyncSession, row: Held, after: str, actor: str, now: datetime, **changes: object
) -> bool:
    """Move a row and log it; False when somebody else was faster."""
    if after in held.ENDS:
        changes["settled"] = now
    if not await held.move(session, row, after, **changes):
        return False
    await note(session, row, after, actor, now)
    return True


async def note(session: AsyncSession, row: Held, what: str, actor: str, now: datetime) -> None:
    """A line in the incident's log."""
    await log.append(
        session,
        case=cases.topic(row.incident_id),
        at=now,
        actor=actor,
        action=f"incident.held_{what}",
        role="",
        channel=row.channel,
        post=row.remote,
    )
