"""What the clock does to comments: one step of the ladder at a time, in office hours."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channels.conversation import Conversation
from bot.channels.errors import CannotLook, ChannelError, NotSent, Throttled, TokenDead, Unknown
from bot.channels.heard import Heard, Unreadable, Verb
from bot.channels.protocol import Can
from bot.comments import cases, hands, ladder, taking, tell, timing
from bot.comments.hands import Hands
from bot.comments.ladder import Step
from bot.comments.pace import Count, Live
from bot.comments.states import State
from bot.comments.timing import Hour
from bot.desk import Desk
from bot.people import Role
from bot.turns import in_turns
from storage import comments, publications
from storage.comments import Comment
from storage.publications import Publication

log = structlog.get_logger(__name__)
AWAY: Final = (CannotLook, NotSent, Throttled, TokenDead, Unknown)  # of the platform; others are of one comment
AT_ONCE: Final = 200  # comments in one tick; the others are next


class Climb:
    """Climbs for all comments, and looks on the platform first where that costs nothing."""

    def __init__(self, talks: Iterable[Conversation] = ()) -> None:
        self._talks = {one.name: one for one in talks if Can.LOOK in one.can}

    async def tick(self, desk: Desk, now: datetime) -> None:
        """Every comment whose next step is due, each in a transaction of its own.

        Raises ExceptionGroup, after all the others, for a comment whose step or look failed as none may.
        """
        async with desk.db.read() as session:
            due = await comments.due_steps(session, now, AT_ONCE)
            hour = await timing.hour(session, desk, now)
        blind: set[str] = set()
        try:
            await in_turns((self._look(desk, number, hour, blind) for number in due), "comments not looked at")
        finally:
            steps = (_climb(desk, number, now) for number in due)
            await in_turns(steps, "comments whose step could not be taken", at_once=1)

    async def _look(self, desk: Desk, number: int, hour: Hour, blind: set[str]) -> None:
        """Take in how it stands there now: nobody is reminded of what is gone. Blind we remind all the same.

        ``blind``: channels that were away in this tick; two hundred comments do not wait for each of them anew.
        """
        async with desk.db.read() as session:
            row = await comments.get(session, number)
            post = await publications.get(session, row.publication_id) if row else None
            talk = self._talks.get(row.channel) if row else None
            if row is None or post is None or talk is None or row.channel in blind:
                return
            if not await _anybody(session, desk, post, hour):
                return
        try:
            seen = await talk.look(row.remote)
        except (ChannelError, Unreadable) as error:
            log.warning("not looked at", action="look_failed", channel=row.channel, error=repr(error))
            if isinstance(error, AWAY):
                blind.add(row.channel)
            return
        gone = Heard(row.remote, post.remote, Verb.REMOVE)
        heard = replace(seen, post=post.remote) if seen else gone
        await taking.take_in(desk, row.channel, [heard], now=hour.now)


async def _climb(desk: Desk, number: int, now: datetime) -> None:
    async with desk.db.write() as session:
        await _step(session, desk, await cases.take(session, number), now)


async def _anybody(session: AsyncSession, desk: Desk, post: Publication, hour: Hour) -> bool:
    """Is there anybody who may be told now?"""
    return hour.everybody or bool((await hands.of(session, desk, post, hour.now)).on_call(hour.now))


async def _step(session: AsyncSession, desk: Desk, row: Comment, now: datetime) -> None:
    """Tell who is to be told now, and know when the next step is. What was missed while we stood is one step."""
    if row.state != State.WAITING or row.next_at is None or row.next_at > now:
        return
    hour, post = await timing.hour(session, desk, now), await publications.get(session, row.publication_id)
    assert post is not None
    whose, live = await hands.of(session, desk, post, now), await timing.live(session, row.publication_id)
    count = _count(desk, row, hour, live)
    if hour.everybody:
        await _everybody(session, desk, row, whose, count, hour)
    elif on_call := whose.on_call(now):
        await _alone(session, desk, row, whose, on_call, count, hour)
    else:
        await comments.change(session, row, next_at=_opens(desk, hour, live))


def _count(desk: Desk, row: Comment, hour: Hour, live: Live | None) -> Count:
    """How its time is counted, until the instant that was said."""
    assert row.due is not None
    return replace(timing.counted(desk, row, hour.pace, live), due=row.due)


def _opens(desk: Desk, hour: Hour, live: Live | None) -> datetime:
    """When somebody may be told next: the office opens, a watch or the post's session begins."""
    shifts = [one.opens for one in hour.pace.shifts.values()]
    sessions = [at for at, _ in live.hosts] if live else []
    return min([desk.office.next_opening(hour.now), *(at for at in (*shifts, *sessions) if at > hour.now)])


async def _everybody(
    session: AsyncSession, desk: Desk, row: Comment, whose: Hands, count: Count, hour: Hour
) -> None:
    """The ladder as it is: in office hours, and in a crisis whatever the hour."""
    told = Step(row.told) if row.told else None
    step = ladder.reached(desk.office, count, desk.settings.comments, hour.now, above=ladder.height(told))
    coming = _not_now(cases.first_step(desk, count, step or told), hour.now)
    heard = None if step else row.watch_told
    await comments.change(session, row, told=step or told, watch_told=heard, next_at=coming, later=None)
    if step is not None:
        people = told_at(whose, step, row.taken)
        await tell.remind(session, row, step, people, hour.now, at_once=hour.pace.crisis is not None)
        await _note(session, row, step, people, hour.now)


async def _alone(
    session: AsyncSession,
    desk: Desk,
    row: Comment,
    whose: Hands,
    on_call: tuple[str, ...],
    count: Count,
    hour: Hour,
) -> None:
    """Everybody else is free: the one on call is told, and the ladder's people hear of it when the office opens."""
    heard = max((row.told, row.watch_told), key=ladder.height)
    step = ladder.reached(desk.office, count, desk.settings.comments, hour.now, above=ladder.height(heard))
    now_heard = step or (Step(heard) if heard else None)
    opening = desk.office.next_opening(hour.now)
    coming = min(_not_now(cases.first_step(desk, count, now_heard), hour.now) or opening, opening)
    await comments.change(session, row, watch_told=now_heard, next_at=coming, later=None)
    if step is not None:
        watching = whose.shift is not None and on_call == (whose.shift.person,)
        until = whose.shift.closes if whose.shift and watching else opening
        await tell.remind(session, row, step, on_call, hour.now, at_once=True, until=until)
        await _note(session, row, step, on_call, hour.now)


async def _note(session: AsyncSession, row: Comment, step: Step, people: tuple[str, ...], now: datetime) -> None:
    await cases.note(session, row, now, Role.DESK, f"comment.{step}", Role.DESK, told=list(people))


def _not_now(coming: datetime | None, now: datetime) -> datetime | None:
    """A step that is due already had its turn just now."""
    return now + timedelta(minutes=1) if coming is not None and coming <= now else coming


def told_at(whose: Hands, step: Step, taken: str | None) -> tuple[str, ...]:
    """Who is told: whoever has taken it as long as there is time, and always beside the next one up."""
    if taken is None or taken in whose.away:
        return whose.at(step)
    if step in (Step.HALF, Step.SOON):
        return (taken,)
    return tuple(dict.fromkeys((*whose.at(step), taken)))
