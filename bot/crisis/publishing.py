"""Publishing: every delivery of an approved bulletin as rows of one transaction, the website first."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channels.outlet import Outlet
from bot.channels.protocol import Can
from bot.crisis import ahead, cases, pings, plan
from bot.crisis.plan import Stands, Step
from bot.crisis.states import Kind
from bot.delivery import outbox
from bot.delivery.outbox import Gate, Priority
from bot.desk import Desk
from storage import handwork, posts
from storage.bulletins import Bulletin
from storage.handwork import Handwork
from storage.posts import Post

TEXT, MARK, HAND, SPREAD, ANNOUNCE = (
    "crisis.text",
    "crisis.mark",
    "crisis.hand",
    "crisis.spread",
    "crisis.announce",
)
SPREADER = "spread"  # the lane that turns one row into an announcement for each Slack channel
Known = Mapping[str, Stands | None]  # channel key → what it shows
ROOM_FOR_MARKS = 10  # seq = number × this; marks and removals stand between


async def release(session: AsyncSession, desk: Desk, row: Bulletin, now: datetime) -> None:
    """Owe every channel its text, and every Slack channel the announcement; of a drill some are told before."""
    outlets = plan.reached(desk.outlets, row.skipped, drill=row.drill)
    known = await _all_standing(session, row.incident_id, outlets)
    told = await ahead.forewarn(session, desk, row, now)
    gate = _gate(row, await _site(session, desk, row, outlets, known, told, now)) or told
    for outlet in outlets:
        if outlet.key != desk.settings.crisis.website:
            await _channel(session, desk, row, outlet, known, gate, now)
    if desk.settings.crisis.announce:
        await _announce(session, row, gate, now)
    await outbox.follow(session, cases.topic(row.incident_id))


async def _site(
    session: AsyncSession,
    desk: Desk,
    row: Bulletin,
    outlets: list[Outlet],
    known: Known,
    gate: Gate | None,
    now: datetime,
) -> Post | None:
    """The website's own delivery, for which the others wait."""
    site = next((one for one in outlets if one.key == desk.settings.crisis.website), None)
    return await _channel(session, desk, row, site, known, gate, now) if site else None


async def _channel(
    session: AsyncSession,
    desk: Desk,
    row: Bulletin,
    outlet: Outlet,
    known: Known,
    gate: Gate | None,
    now: datetime,
) -> Post | None:
    """Everything one channel gets; the last of it. A correction of what stands waits for no gate."""
    if outlet.by_hand:
        who = await pings.whom(session, desk, outlet.responsible)
        await by_hand(session, desk, row, outlet.key, who or row.by, gate, now)
        return None
    stands = known.get(outlet.key)
    if row.kind == Kind.CORRECTION and stands is not None:
        gate = None
    last = None
    for step in plan.steps(Kind(row.kind), outlet, stands):
        last = await _step(session, row, outlet, step, gate, now)
    return last


async def _step(
    session: AsyncSession, row: Bulletin, outlet: Outlet, step: Step, gate: Gate | None, now: datetime
) -> Post:
    topic = out(row.incident_id, outlet.key)
    return await outbox.send(
        session,
        kind=MARK if step.mark else TEXT,
        via=outlet.key,
        dest=outlet.key,
        topic=f"{topic}/mark" if step.mark else topic,
        seq=row.number * ROOM_FOR_MARKS,
        args={"bulletin": row.id, "channel": outlet.key},
        now=now,
        thread=step.on,
        verb=step.verb,
        prio=Priority.CRISIS,
        readback=Can.FIND in outlet.can and step.verb == posts.SEND,
        watch=cases.topic(row.incident_id),
        after=gate,
    )


def _gate(row: Bulletin, site: Post | None) -> Gate | None:
    """The website's post; waited for only so long when the approver allowed going on without it."""
    if site is None:
        return None
    patience = row.without_site_s
    until = row.decided + timedelta(seconds=patience) if patience and row.decided else None
    return Gate(site.id or 0, until)


async def _all_standing(session: AsyncSession, incident_id: int, outlets: list[Outlet]) -> Known:
    """What every channel shows of the incident, in one look."""
    every = await posts.under(session, f"{cases.topic(incident_id)}/out")
    mine = {one.key: [post for post in every if post.topic == out(incident_id, one.key)] for one in outlets}
    return {key: _stands(rows) for key, rows in mine.items()}


async def standing(session: AsyncSession, incident_id: int, channel: str) -> Stands | None:
    """What a channel shows of the incident: its newest post that was sent or may have been."""
    return _stands(await posts.of_topic(session, out(incident_id, channel)))


def _stands(rows: list[Post]) -> Stands | None:
    sent = [one for one in rows if one.verb == posts.SEND and one.state not in (posts.DROPPED, posts.REFUSED)]
    removed = {one.thread_id for one in rows if one.verb == posts.REMOVE and one.state != posts.DROPPED}
    live = [one for one in sent if one.id not in removed]
    if not live:
        return None
    newest = live[-1]
    return Stands(newest.id or 0, newest.state != posts.WAITING or newest.tries > 0)


async def by_hand(
    session: AsyncSession,
    desk: Desk,
    row: Bulletin,
    channel: str,
    who: str,
    gate: Gate | None,
    now: datetime,
) -> Handwork:
    """Give a channel to a person: text, deadline and *Klart*, in a direct message."""
    known = await handwork.locked(session, row.id or 0, channel)
    if known is not None:
        return known
    due = now + timedelta(minutes=desk.settings.crisis.by_hand_within_min)
    work = Handwork(bulletin_id=row.id or 0, channel=channel, person=who, due=due)
    session.add(work)
    await outbox.send(
        session,
        kind=HAND,
        dest=who,
        topic=f"{out(row.incident_id, channel)}/hand",
        seq=row.number,
        args={"bulletin": row.id, "channel": channel},
        now=now,
        card=True,
        prio=Priority.CRISIS,
        watch=cases.topic(row.incident_id),
        after=gate,
    )
    return work


async def _announce(session: AsyncSession, row: Bulletin, gate: Gate | None, now: datetime) -> None:
    """One row, which becomes one announcement for each Slack channel once the website is there."""
    await outbox.send(
        session,
        kind=SPREAD,
        via=SPREADER,
        dest=SPREADER,
        topic=f"{cases.topic(row.incident_id)}/spread",
        seq=row.number,
        args={"bulletin": row.id},
        now=now,
        prio=Priority.ANNOUNCEMENT,
        watch=cases.topic(row.incident_id),
        after=gate,
    )


def out(incident_id: int, channel: str) -> str:
    """The topic of what one channel gets of an incident."""
    return f"{cases.topic(incident_id)}/out/{channel}"


def slack(incident_id: int) -> str:
    """The topic of an incident's announcements: its own, lest thousands follow whatever happens."""
    return f"announce:{incident_id}"
