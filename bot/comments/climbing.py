"""What the clock does to comments: one step of the ladder at a time, in office hours."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channels.conversation import Conversation
from bot.channels.errors import ChannelError
from bot.channels.heard import Heard, Unreadable, Verb
from bot.channels.protocol import Can
from bot.comments import cases, hands, ladder, taking, tell
from bot.comments.hands import Hands
from bot.comments.ladder import Step
from bot.comments.states import State
from bot.desk import Desk
from bot.people import Role
from storage import comments, publications
from storage.comments import Comment

log = structlog.get_logger(__name__)
AT_ONCE: Final = 200  # comments in one tick; the others are next
BESIDE: Final = 4  # questions to platforms at the same time


class Climb:
    """Climbs for all comments, and looks on the platform first where that costs nothing."""

    def __init__(self, talks: Iterable[Conversation] = ()) -> None:
        self._talks = {one.name: one for one in talks if Can.LOOK in one.can}

    async def tick(self, desk: Desk, now: datetime) -> None:
        """Every comment whose next step is due, each in a transaction of its own."""
        async with desk.db.read() as session:
            due = await comments.due_steps(session, now, AT_ONCE)
            told_now = desk.office.open_at(now) or await cases.crisis_on(session)
        if told_now:
            gate = asyncio.Semaphore(BESIDE)
            await asyncio.gather(*(self._look(desk, number, gate, now) for number in due))
        for number in due:
            async with desk.db.write() as session:
                await _step(session, desk, await cases.take(session, number), now)

    async def _look(self, desk: Desk, number: int, gate: asyncio.Semaphore, now: datetime) -> None:
        """Take in how it stands there now: nobody is reminded of what is gone. Blind we remind all the same."""
        async with desk.db.read() as session:
            row = await comments.get(session, number)
            post = await publications.get(session, row.publication_id) if row else None
        talk = self._talks.get(row.channel) if row else None
        if row is None or post is None or talk is None:
            return
        try:
            async with gate:
                seen = await talk.look(row.remote)
        except (ChannelError, Unreadable) as error:
            log.warning("not looked at", action="look_failed", channel=row.channel, error=repr(error))
            return
        gone = Heard(row.remote, post.remote, Verb.REMOVE)
        await taking.take_in(desk, row.channel, [replace(seen, post=post.remote) if seen else gone], now=now)


async def _step(session: AsyncSession, desk: Desk, row: Comment, now: datetime) -> None:
    """Tell who is to be told now, and know when the next step is. What was missed while we stood is one step."""
    if row.state != State.WAITING or row.next_at is None or row.next_at > now:
        return
    crisis = await cases.crisis_on(session)
    if not crisis and not desk.office.open_at(now):
        await comments.change(session, row, next_at=desk.office.next_opening(now))
        return
    assert row.since is not None
    assert row.due is not None
    step = _reached(desk, row.since, row.due, Step(row.told) if row.told else None, now)
    post = await publications.get(session, row.publication_id)
    assert post is not None
    whose = await hands.of(session, desk, post, now)
    await comments.change(session, row, **_after(desk, row, step, now))
    if step is not None:
        told = told_at(whose, step, row.taken)
        await tell.remind(session, row, step, told, now, at_once=crisis)
        await cases.note(session, row, now, Role.DESK, f"comment.{step}", Role.DESK, told=list(told))


def _reached(desk: Desk, since: datetime, due: datetime, told: Step | None, now: datetime) -> Step | None:
    """The highest step whose time has come; None when somebody only asked to be left alone until now."""
    reached = None
    for rung in ladder.rungs(desk.office, since, due, desk.settings.comments):
        if rung.at <= now and (told is None or ladder.STEPS.index(rung.step) > ladder.STEPS.index(told)):
            reached = rung.step
    return reached


def _after(desk: Desk, row: Comment, step: Step | None, now: datetime) -> dict[str, object]:
    """What the row knows afterwards."""
    assert row.since is not None
    assert row.due is not None
    told = step or (Step(row.told) if row.told else None)
    coming = cases.first_step(desk, row.since, row.due, told)
    if coming is not None and coming <= now:
        coming = now + timedelta(minutes=1)
    return {"told": told, "next_at": coming, "later": None}


def told_at(whose: Hands, step: Step, taken: str | None) -> tuple[str, ...]:
    """Who is told: whoever has taken it as long as there is time, and always beside the next one up."""
    if taken is None or taken in whose.away:
        return whose.at(step)
    if step in (Step.HALF, Step.SOON):
        return (taken,)
    return tuple(dict.fromkeys((*whose.at(step), taken)))
