"""What people do with a comment, short of answering it: take it, close it, wake it, put it off, hand it over."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.comments import cases, rules, tell, timing
from bot.comments.rules import Case
from bot.comments.states import Act, State
from bot.desk import Desk
from bot.errors import Refused
from bot.people import Actor, Role
from storage import comments
from storage.comments import Comment


async def take(desk: Desk, actor_id: str, comment_id: int, *, now: datetime) -> Case:
    """*Jag tar den*: others see it at once. Taking over from somebody is allowed, and logged."""
    async with desk.db.write() as session:
        row, case, actor = await _held(session, desk, actor_id, comment_id, now)
        role = rules.take(case, actor)
        await comments.change(session, row, taken=actor_id, taken_at=now)
        await _done(session, row, now, actor, role, "taken", before=case.taken)
        return await cases.view(session, desk, row, now)


async def close(desk: Desk, actor_id: str, comment_id: int, *, now: datetime) -> None:
    """*Inget svar behövs*."""
    async with desk.db.write() as session:
        row, case, actor = await _held(session, desk, actor_id, comment_id, now)
        role = rules.act(case, actor, Act.CLOSE)
        await _close(session, row, now, actor, role)


async def close_all(desk: Desk, actor_id: str, publication_id: int, *, now: datetime) -> int:
    """*Klart med hela inlägget*: everything under it that waits; says how many."""
    closed = 0
    async with desk.db.write() as session:
        for one in await comments.waiting_under(session, publication_id):
            row, case, actor = await _held(session, desk, actor_id, one, now)
            role = rules.belongs(case, actor)
            if rules.may(rules.check_open, case, Act.CLOSE):
                await _close(session, row, now, actor, role)
                closed += 1
    return closed


async def _close(session: AsyncSession, row: Comment, now: datetime, actor: Actor, role: Role) -> None:
    await cases.move(session, row, Act.CLOSE, settled=now, settled_by=actor.id)
    await _done(session, row, now, actor, role, "closed")


async def need(desk: Desk, actor_id: str, comment_id: int, *, now: datetime) -> None:
    """It needs an answer after all: the clock starts now."""
    async with desk.db.write() as session:
        row, case, actor = await _held(session, desk, actor_id, comment_id, now)
        role = rules.act(case, actor, Act.NEED)
        found, live = await timing.read(session, desk, now), await timing.live(session, row.publication_id)
        clock = cases.clock(desk, row.channel, now, found, live)
        await cases.move(session, row, Act.NEED, settled=None, settled_by=None, **clock)
        await _done(session, row, now, actor, role, "needed")


async def later(desk: Desk, actor_id: str, comment_id: int, until: datetime, *, now: datetime) -> datetime:
    """*Påminn mig senare*: no reminder before then, but never past the time when it is due.

    Gives the instant (UTC) when they will be reminded.
    """
    async with desk.db.write() as session:
        row, case, actor = await _held(session, desk, actor_id, comment_id, now)
        role = rules.take(case, actor) if case.taken != actor_id else rules.belongs(case, actor)
        rules.check_open(case, Act.CLOSE)
        assert row.due is not None
        soon = min(until, max(row.due, now + timedelta(minutes=15)))
        await comments.change(session, row, taken=actor_id, taken_at=now, later=soon, next_at=soon)
        await _done(session, row, now, actor, role, "later")
        return soon


async def hand_over(desk: Desk, actor_id: str, comment_id: int, to: str, *, now: datetime) -> None:
    """*Lämna över*: to somebody who may act on the account, and is there."""
    async with desk.db.write() as session:
        row, case, actor = await _held(session, desk, actor_id, comment_id, now)
        role = rules.belongs(case, actor)
        rules.check_open(case, Act.CLOSE)
        receiver = await people.actor(session, to, now)
        if case.hands.role(receiver) is None:
            raise Refused("comment.not_theirs", name=receiver.name)
        if to in case.hands.away:
            raise Refused("comment.away", name=receiver.name)
        await comments.change(session, row, taken=to, taken_at=now, later=None)
        await tell.handed(session, row, to, actor_id, now)
        await _done(session, row, now, actor, role, "handed_over", to=to)


async def release(session: AsyncSession, desk: Desk, person: str, now: datetime) -> Sequence[Comment]:
    """What somebody who is away now had taken waits for the others again; gives it."""
    rows = []
    for one in await comments.taken_by(session, person):
        row = await cases.take(session, one)
        if row.state == State.WAITING and row.taken == person:
            await comments.change(session, row, taken=None, taken_at=None, later=None)
            await cases.note(session, row, now, Role.DESK, "comment.released", Role.DESK)
            await tell.changed(session, row)
            rows.append(row)
    return rows


async def _held(
    session: AsyncSession, desk: Desk, actor_id: str, comment_id: int, now: datetime
) -> tuple[Comment, Case, Actor]:
    row = await cases.take(session, comment_id)
    return row, await cases.view(session, desk, row, now), await people.actor(session, actor_id, now)


async def _done(
    session: AsyncSession, row: Comment, now: datetime, actor: Actor, role: Role, what: str, **detail: Any
) -> None:
    await cases.note(session, row, now, actor.id, f"comment.{what}", role, **detail)
    await tell.changed(session, row)
