"""What the clock does to comments: one step of the ladder at a time, in office hours."""

from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.comments import cases, hands, ladder, tell
from bot.comments.hands import Hands
from bot.comments.ladder import Step
from bot.comments.states import State
from bot.desk import Desk
from bot.people import Role
from storage import comments, publications
from storage.comments import Comment

AT_ONCE = 200  # comments in one tick; the others are next


async def tick(desk: Desk, now: datetime) -> None:
    """Every comment whose next step is due, each in a transaction of its own."""
    async with desk.db.read() as session:
        due = await comments.due_steps(session, now, AT_ONCE)
    for number in due:
        async with desk.db.write() as session:
            await _step(session, desk, await cases.take(session, number), now)


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
