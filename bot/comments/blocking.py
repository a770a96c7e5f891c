"""Blocking somebody on a platform: by hand, after a documented act, by two people, with an end and a review."""

from datetime import date, datetime, time, timedelta
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.accounts import tell as accounts_tell
from bot.comments import cases, rules, tell
from bot.comments.rules import Case
from bot.delivery import outbox
from bot.delivery.outbox import Priority
from bot.desk import Desk
from bot.errors import Invalid, Problem, Refused, Text
from bot.people import Actor, Role
from storage import blocks, moderations
from storage.blocks import Block
from storage.comments import Comment
from storage.posts import Post

ASK, HAND, REVIEW = "block.ask", "block.hand", "block.review"
USUAL, LONGEST, BEFORE = timedelta(days=30), timedelta(days=365), timedelta(days=7)
REASON: Final = 1000  # characters


def topic(row: Block) -> str:
    """The delivery topic of a blocking's cards."""
    return f"{cases.topic(row.comment_id)}/block/{row.id}"


async def look(desk: Desk, actor_id: str, comment_id: int, *, now: datetime) -> Case:
    """The comment for the form. Raises Refused for who may not, or when nothing documented went before."""
    async with desk.db.read() as session:
        case = await cases.read(session, desk, comment_id, now)
        await _may_propose(session, case, await people.actor(session, actor_id, now))
        return case


async def propose(
    desk: Desk, actor_id: str, comment_id: int, reason: str, until: date | None, *, now: datetime
) -> Block:
    """Ask for it; a second person decides. Raises Invalid at ``reason`` or ``until``, Refused otherwise."""
    _check(desk, reason, until, now)
    assert until is not None
    async with desk.db.write() as session:
        row = await cases.take(session, comment_id)
        case, actor = await cases.view(session, desk, row, now), await people.actor(session, actor_id, now)
        role = await _may_propose(session, case, actor)
        assert case.moderation is not None
        made = Block(
            comment_id=comment_id,
            moderation_id=case.moderation.id or 0,
            reason=reason.strip()[:REASON],
            until=until,
            by=actor_id,
            at=now,
        )
        session.add(made)
        await session.flush()
        await _note(session, row, made, now, actor_id, "asked", role, until=until.isoformat())
        await _ask(session, desk, row, made, now)
        return made


def _check(desk: Desk, reason: str, until: date | None, now: datetime) -> None:
    today, problems = desk.office.local_date(now), {}
    if not reason.strip():
        problems["reason"] = Problem("block.reason.needed")
    if until is None:
        problems["until"] = Problem("form.needed")
    elif until <= today:
        problems["until"] = Problem("block.until.past")
    elif until > today + LONGEST:
        problems["until"] = Problem("block.until.long")
    if problems:
        raise Invalid(problems)


async def _may_propose(session: AsyncSession, case: Case, actor: Actor) -> Role:
    role, made = rules.belongs(case, actor), case.moderation
    if case.own or made is None or made.lifted or made.state in (moderations.PROPOSED, moderations.DECLINED):
        raise Refused("block.undocumented")
    if case.lacks:
        raise Refused("block.lacks", missing=[Text(f"hide.lacks.{one}") for one in case.lacks])
    there = await blocks.live(session, case.id)
    if there is not None:
        name = (await people.names(session, [there.by]))[there.by]
        raise Refused("block.already", name=name, time=there.at)
    return role


async def agree(desk: Desk, actor_id: str, block_id: int, *, now: datetime) -> None:
    """A second person's yes: whoever asked does it on the platform."""
    async with desk.db.write() as session:
        made, row, role = await _held(session, desk, actor_id, block_id, now, blocks.ORDERED)
        _not_their_own(made, actor_id)
        await _move(
            session, made, blocks.ORDERED, second=actor_id, seconded=now, next_at=_review(desk, made.until, now)
        )
        await _note(session, row, made, now, actor_id, "agreed", role)
        await outbox.send(
            session, kind=HAND, dest=made.by, topic=f"{topic(made)}/hand", args=_args(made), now=now, card=True
        )


async def decline(desk: Desk, actor_id: str, block_id: int, *, now: datetime) -> None:
    """A second person's no."""
    async with desk.db.write() as session:
        made, row, role = await _held(session, desk, actor_id, block_id, now, blocks.DECLINED)
        _not_their_own(made, actor_id)
        await _move(session, made, blocks.DECLINED, second=actor_id, seconded=now)
        await _note(session, row, made, now, actor_id, "declined", role)


async def done(desk: Desk, actor_id: str, block_id: int, *, now: datetime) -> None:
    """*Klart*: it was done on the platform."""
    async with desk.db.write() as session:
        made, row, role = await _held(session, desk, actor_id, block_id, now, blocks.ON)
        await _move(session, made, blocks.ON, on_at=now, on_by=actor_id)
        await _note(session, row, made, now, actor_id, "on", role)


async def lift(desk: Desk, actor_id: str, block_id: int, *, now: datetime) -> None:
    """*Hävd*: it was undone on the platform, or was never needed."""
    async with desk.db.write() as session:
        made, row, role = await _held(session, desk, actor_id, block_id, now, blocks.LIFTED)
        await _move(session, made, blocks.LIFTED, lifted=now, lifted_by=actor_id, next_at=None)
        await _note(session, row, made, now, actor_id, "lifted", role)


async def tick(desk: Desk, now: datetime) -> None:
    """A week before the end, at the end, and every working day from then on: somebody is to undo it."""
    async with desk.db.read() as session:
        numbers = await blocks.due(session, now) if desk.office.open_at(now) else []
    for number in numbers:
        async with desk.db.write() as session:
            made = await _found(session, number)
            row = await cases.take(session, made.comment_id)
            made = await _found(session, number)
            if made.next_at is not None and made.next_at <= now:
                await _remind(session, desk, row, made, now)


async def _remind(session: AsyncSession, desk: Desk, row: Comment, made: Block, now: datetime) -> None:
    live = made.state in (blocks.ORDERED, blocks.ON)
    await blocks.remind(session, made, _review(desk, made.until, now) if live else None)
    if not live:
        return
    for dest in dict.fromkeys((made.by, await accounts_tell.department_channel(session, desk))):
        await outbox.send(
            session,
            kind=REVIEW,
            dest=dest,
            topic=f"{topic(made)}/review",
            seq=desk.office.local_date(now).toordinal(),
            args=_args(made),
            now=now,
            card=True,
            quiet=True,
            prio=Priority.REMINDER,
        )
    await _note(session, row, made, now, Role.DESK, "review", Role.DESK)


def _review(desk: Desk, until: date, now: datetime) -> datetime:
    """When it is looked at next (UTC): a week before the end, at the end, then each working day."""
    today = desk.office.local_date(now)
    ahead = [day for day in (until - BEFORE, until) if day > today]
    if not ahead:
        return desk.office.add_working_days(now, 1)
    return desk.office.next_opening(datetime.combine(ahead[0], time(6), desk.office.zone))


async def sight(session: AsyncSession, desk: Desk, block_id: int, now: datetime) -> tuple[Block, Case]:
    """The blocking and its comment, with the names of all who had to do with it. Raises Refused."""
    made = await _found(session, block_id)
    case = await cases.read(session, desk, made.comment_id, now)
    return made, await cases.naming(session, case, made.by, made.second, made.on_by, made.lifted_by)


async def _ask(session: AsyncSession, desk: Desk, row: Comment, made: Block, now: datetime) -> None:
    """In the thread of the post; where there is none, in the department's channel."""
    roots = await outbox.cards(session, cases.board(row.publication_id))
    given: list[tuple[str, Post | None]] = [(root.dest, root) for root in roots]
    for dest, root in given or [(await accounts_tell.department_channel(session, desk), None)]:
        await outbox.send(
            session,
            kind=ASK,
            dest=dest,
            topic=f"{topic(made)}/ask",
            args=_args(made),
            now=now,
            thread=root,
            card=True,
        )


def _not_their_own(made: Block, actor_id: str) -> None:
    if made.by == actor_id:
        raise Refused("hide.own")


async def _held(
    session: AsyncSession, desk: Desk, actor_id: str, block_id: int, now: datetime, after: str
) -> tuple[Block, Comment, Role]:
    """The comment is taken first, as everywhere; then the blocking is read anew."""
    row = await cases.take(session, (await _found(session, block_id)).comment_id)
    made = await _found(session, block_id)
    case, actor = await cases.view(session, desk, row, now), await people.actor(session, actor_id, now)
    role = rules.belongs(case, actor)
    if after not in blocks.MOVES[made.state]:
        raise Refused("err.stale", summary=Text(f"block.state.{made.state}"))
    return made, row, role


async def _move(session: AsyncSession, made: Block, after: str, **values: object) -> None:
    if not await blocks.move(session, made, after, **values):
        raise Refused("err.stale", summary="")
    await outbox.follow(session, topic(made))


async def _found(session: AsyncSession, block_id: int) -> Block:
    made = await blocks.get(session, block_id)
    if made is None:
        raise Refused("block.unknown")
    return made


def _args(made: Block) -> dict[str, int | None]:
    return {"block": made.id}


async def _note(
    session: AsyncSession, row: Comment, made: Block, now: datetime, actor: str, what: str, role: str, **detail: str
) -> None:
    await cases.note(
        session, row, now, actor, f"block.{what}", role, block=made.id, moderation=made.moderation_id, **detail
    )
    await tell.changed(session, row)
