"""While a message is out: stop it, and see each channel through by retry, skip, hand or removal."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.channels.outlet import Outlet
from bot.channels.protocol import Can
from bot.crisis import cases, publishing, rules, tell
from bot.crisis.plan import Stands
from bot.crisis.states import Act, State
from bot.delivery import outbox
from bot.delivery.outbox import Priority
from bot.desk import Desk
from bot.errors import Invalid, Problem, Refused
from storage import bulletins, handwork, incidents, lanes, posts, receipts
from storage.bulletins import Bulletin
from storage.incidents import Incident
from storage.posts import Post

STOPPED, SKIPPED, OVERRIDDEN = "stopped", "skipped", "gate overridden"


@dataclass(frozen=True)
class Touch:
    """A click at one channel of one bulletin."""

    bulletin: int
    channel: str
    actor: str


async def stop(desk: Desk, actor_id: str, bulletin_id: int, *, now: datetime) -> rules.Bulletin:
    """*Stoppa utskicket*: what has not gone does not go. Raises Refused when it was not out."""
    async with desk.db.write() as session:
        incident, row = await cases.take(session, bulletin_id)
        case = await cases.view(session, desk, incident, row, now)
        rules.stop(case, await people.actor(session, actor_id, now))
        await halt(session, row, actor_id, now)
        await _keep_promise(session, incident, row)
        entry = await cases.note(session, row, now, actor_id, "bulletin.stop")
        await tell.happened(session, row, entry, "stop")
        return await cases.view(session, desk, incident, row, now)


async def halt(session: AsyncSession, row: Bulletin, actor_id: str, now: datetime) -> None:
    """Stop a bulletin that is out: what has not gone does not go, and nobody need do it by hand."""
    await cases.move(session, row, Act.STOP, stopped_by=actor_id, stopped=now)
    for topic in _topics(row):
        await posts.drop_waiting(session, topic, STOPPED)
    await _call_off_hands(session, row)
    if not await bulletins.in_state(session, row.incident_id, State.APPROVED):
        await posts.raise_want(session, publishing.slack(row.incident_id))  # nothing is left to pause for


async def _keep_promise(session: AsyncSession, incident: Incident, row: Bulletin) -> None:
    """The time promised in a message that nobody got was never promised: the one before it holds."""
    if incident.state != incidents.ON or await _anybody_got(session, row):
        return
    earlier = await bulletins.in_state(session, row.incident_id, State.APPROVED)
    before = earlier[-1].facts.get("next_at") if earlier else None
    await incidents.change(session, incident, next_at=datetime.fromisoformat(before) if before else None)


async def _anybody_got(session: AsyncSession, row: Bulletin) -> bool:
    """Whether any channel shows the message, or may."""
    outwards = await posts.under(session, f"{cases.topic(row.incident_id)}/out")
    texts = [one for one in outwards if one.kind == publishing.TEXT and one.args.get("bulletin") == row.id]
    if any(one.state in (posts.DONE, *posts.UNSURE) for one in texts):
        return True
    told = await posts.tally(session, publishing.slack(row.incident_id), row.number)
    by_hand = await handwork.of_bulletin(session, row.id or 0)
    return bool(by_hand) or any(told.get(state) for state in (posts.DONE, *posts.UNSURE))


def _topics(row: Bulletin) -> tuple[str, ...]:
    """Everything that carries the bulletin outwards; board and thread go on."""
    base = cases.topic(row.incident_id)
    return (f"{base}/out", f"{base}/spread", publishing.slack(row.incident_id))


async def _call_off_hands(session: AsyncSession, row: Bulletin) -> None:
    """What nobody has done by hand yet need not be done."""
    for work in await handwork.of_bulletin(session, row.id or 0):
        if work.done is None:
            await session.delete(work)


async def retry(desk: Desk, touch: Touch, *, now: datetime) -> None:
    """Try a channel again now, also one that rests since its token was dead or its door closed.

    What a vendor itself asked to wait for is waited for. Raises Refused when there is nothing to try.
    """
    async with desk.db.write() as session:
        row = await _opened(session, desk, touch, now)
        for post in await _of(session, row, touch.channel):
            if await _again(session, post, now):
                await lanes.lift(session, post.via, "all")
                return await _noted(session, row, touch, "retry", now)
        raise Refused("crisis.nothing_to_retry")


async def _again(session: AsyncSession, post: Post, now: datetime) -> bool:
    """Let it go now, if it was refused or waits."""
    if post.state == posts.REFUSED:
        return await posts.move(session, post.id or 0, posts.REFUSED, posts.WAITING, due=now, reason=None)
    return post.state == posts.WAITING and await posts.defer(session, post.id or 0, due=now)


async def skip(desk: Desk, touch: Touch, reason: str, *, now: datetime) -> None:
    """Leave a channel out, with a reason. Raises Invalid without one, Refused when it is too late."""
    if not reason.strip():
        raise Invalid({"reason": Problem("decision.needs_reason")})
    async with desk.db.write() as session:
        row = await _opened(session, desk, touch, now)
        waiting = [one for one in await _of(session, row, touch.channel) if one.state == posts.WAITING]
        if not await _dropped(session, waiting, SKIPPED):
            raise Refused("crisis.too_late")
        await _explained(session, desk, row, touch, "skip", reason, now)


async def _dropped(session: AsyncSession, waiting: list[Post], reason: str) -> bool:
    moved = [await posts.move(session, one.id or 0, posts.WAITING, posts.DROPPED, reason=reason) for one in waiting]
    return any(moved)


async def override_gate(desk: Desk, actor_id: str, bulletin_id: int, reason: str, *, now: datetime) -> None:
    """Go on without the website, with a reason. Raises Invalid without one."""
    if not reason.strip():
        raise Invalid({"reason": Problem("decision.needs_reason")})
    async with desk.db.write() as session:
        touch = Touch(bulletin_id, desk.settings.crisis.website or "", actor_id)
        row = await _opened(session, desk, touch, now)
        await posts.open_gate(session, cases.topic(row.incident_id))
        await _explained(session, desk, row, touch, "override", reason, now)


async def take_by_hand(desk: Desk, touch: Touch, *, now: datetime) -> None:
    """A channel that fails is done by hand, by the one who pressed. Raises Refused when it is out already."""
    async with desk.db.write() as session:
        row = await _opened(session, desk, touch, now)
        mine = await _of(session, row, touch.channel)
        if any(one.state in (posts.DONE, *posts.UNSURE) for one in mine):
            raise Refused("crisis.too_late")
        await _dropped(session, [one for one in mine if one.state == posts.WAITING], SKIPPED)
        await publishing.by_hand(session, desk, row, touch.channel, touch.actor, None, now)
        await _noted(session, row, touch, "hand", now)


async def done_by_hand(desk: Desk, touch: Touch, *, now: datetime) -> None:
    """*Klart*: the text is out. Raises Refused when nobody was asked, or it was done already."""
    async with desk.db.write() as session:
        row = await _opened(session, desk, touch, now, right=False)
        work = await handwork.locked(session, row.id or 0, touch.channel)
        if work is None:
            raise Refused("err.unknown_button")
        if work.done is not None:
            raise Refused("crisis.hand_done")
        actor = await people.actor(session, touch.actor, now)
        if touch.actor != work.person and not actor.department:
            raise Refused("crisis.hand_not_yours")
        work.done, work.done_by = now, touch.actor
        session.add(work)
        await _noted(session, row, touch, "hand_done", now)


async def answer(desk: Desk, touch: Touch, there: bool, *, now: datetime) -> None:
    """Somebody has looked at what was unsure: it is there, or it is not. Raises Refused if nobody asked."""
    async with desk.db.write() as session:
        row = await _opened(session, desk, touch, now)
        asked = [one for one in await _of(session, row, touch.channel) if one.state == posts.ASKING]
        answered = [await outbox.answer(session, one.id or 0, there, now) for one in asked]
        if not any(answered):
            raise Refused("crisis.nothing_to_answer")
        await _noted(session, row, touch, "there" if there else "not_there", now)


async def remove(desk: Desk, touch: Touch, *, now: datetime) -> None:
    """*Ta bort*: take away what a channel shows of this very message, once.

    Raises Refused where that is impossible, and when it is gone already: an older message stays.
    """
    async with desk.db.write() as session:
        incident, row = await cases.take(session, touch.bulletin)
        await _belongs(session, desk, incident, row, touch, now)
        outlet = _outlet(desk, touch.channel)
        if Can.REMOVE not in outlet.can:
            raise Refused("crisis.cannot_remove", channel=outlet.name)
        shown = await _shown(session, row, touch.channel)
        if shown is None:
            raise Refused("crisis.removed")
        await take_away(session, row, outlet, Stands(shown, True), now)
        await _noted(session, row, touch, "remove", now)


async def _shown(session: AsyncSession, row: Bulletin, channel: str) -> int | None:
    """The post in which a channel shows this bulletin: its own, or the older one that it changed."""
    rows = await posts.of_topic(session, publishing.out(row.incident_id, channel))
    removed = {one.thread_id for one in rows if one.verb == posts.REMOVE and one.state != posts.DROPPED}
    mine = [one for one in rows if one.args.get("bulletin") == row.id and one.verb != posts.REMOVE]
    out = [one for one in mine if one.state not in (posts.DROPPED, posts.REFUSED)]
    if not out:
        return None
    found = out[-1].id if out[-1].verb == posts.SEND else out[-1].thread_id
    return None if found in removed else found


async def take_away(session: AsyncSession, row: Bulletin, outlet: Outlet, stands: Stands, now: datetime) -> None:
    """Owe a channel that what it shows of the incident is taken away."""
    await outbox.send(
        session,
        kind=publishing.TEXT,
        via=outlet.key,
        dest=outlet.key,
        topic=publishing.out(row.incident_id, outlet.key),
        seq=row.number * publishing.ROOM_FOR_MARKS + 1,
        args={"bulletin": row.id, "channel": outlet.key},
        now=now,
        thread=stands.post,
        verb=posts.REMOVE,
        prio=Priority.CRISIS,
        watch=cases.topic(row.incident_id),
    )


async def paused(desk: Desk, actor_id: str, incident_id: int, *, now: datetime) -> None:
    """*Jag har pausat*: somebody's other posts wait. Raises Refused when the incident is not on."""
    async with desk.db.write() as session:
        incident = await cases.take_incident(session, incident_id)
        if incident.state != incidents.ON:
            raise Refused("crisis.not_on")
        await receipts.give(session, incident_id, actor_id, now)
        await outbox.follow(session, cases.topic(incident_id))


async def _opened(
    session: AsyncSession, desk: Desk, touch: Touch, now: datetime, *, right: bool = True
) -> Bulletin:
    """The bulletin, its incident held, if it is out and the actor may handle it."""
    incident, row = await cases.take(session, touch.bulletin)
    if right:
        case = await cases.view(session, desk, incident, row, now)
        rules.handle(case, await people.actor(session, touch.actor, now))
    return row


async def _belongs(
    session: AsyncSession, desk: Desk, incident: Incident, row: Bulletin, touch: Touch, now: datetime
) -> None:
    case = await cases.view(session, desk, incident, row, now)
    rules.belongs(await people.actor(session, touch.actor, now), case.emergency_deciders)


def _outlet(desk: Desk, channel: str) -> Outlet:
    found = next((one for one in desk.outlets if one.key == channel), None)
    if found is None:
        raise Refused("err.unknown_button")
    return found


async def _of(session: AsyncSession, row: Bulletin, channel: str) -> list[Post]:
    """What a channel gets of this very bulletin."""
    rows = await posts.of_topic(session, publishing.out(row.incident_id, channel))
    return [one for one in rows if one.args.get("bulletin") == row.id]


async def _noted(session: AsyncSession, row: Bulletin, touch: Touch, what: str, now: datetime) -> None:
    entry = await cases.note(session, row, now, touch.actor, f"delivery.{what}", channel=touch.channel)
    await tell.happened(session, row, entry, what, channel=touch.channel)


async def _explained(
    session: AsyncSession, desk: Desk, row: Bulletin, touch: Touch, what: str, reason: str, now: datetime
) -> None:
    """As `_noted`, with the reason in the thread; the log holds its fingerprint."""
    detail = {"channel": touch.channel, "reason": desk.fingerprint(reason)}
    entry = await cases.note(session, row, now, touch.actor, f"delivery.{what}", **detail)
    await tell.happened(session, row, entry, what, channel=touch.channel, reason=reason.strip())
