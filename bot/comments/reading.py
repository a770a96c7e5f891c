"""A colleague reads an answer before it is sent: send it, change it, or give it back."""

import hashlib
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.comments import cases, replying, rules
from bot.comments.rules import Case
from bot.comments.states import Act
from bot.delivery import outbox
from bot.desk import Desk
from bot.errors import Invalid, Problem, Refused
from bot.people import Actor, Role
from storage import answer_drafts, comments, readings, replies
from storage.comments import Comment
from storage.readings import Reading
from storage.replies import Reply

ASK, BACK = "comment.reading", "comment.reading_back"
NOTE = 1000  # characters


def topic(row: Reading) -> str:
    """The delivery topic of a reading's cards."""
    return f"{cases.topic(row.comment_id)}/reading/{row.id}"


def digest(text: str) -> str:
    """What a yes is bound to."""
    return hashlib.sha256(text.encode()).hexdigest()


async def ask(
    desk: Desk, actor_id: str, comment_id: int, reader: str, text: str, *, now: datetime, holding: bool = False
) -> Reading:
    """Ask ``reader`` to read it instead of sending it. Raises Invalid at ``text`` or ``reader``, or Refused."""
    async with desk.db.write() as session:
        row = await cases.take(session, comment_id)
        case, actor = await cases.view(session, desk, row, now), await people.actor(session, actor_id, now)
        role = rules.reply(case, actor, await replies.open_one(session, comment_id))
        await _nobody_reads(session, comment_id)
        said = replying.fitting(desk, case, actor.name, text)
        _may_read(case, actor, await people.actor(session, reader, now))
        made = Reading(
            comment_id=comment_id,
            text=said,
            digest=digest(said),
            holding=holding,
            by=actor_id,
            reader=reader,
            created=now,
        )
        session.add(made)
        await session.flush()
        await comments.change(session, row, taken=actor_id, taken_at=now, writing=None, writing_at=None)
        await answer_drafts.drop(session, comment_id, actor_id)
        await cases.note(
            session,
            row,
            now,
            actor_id,
            "comment.reading",
            role,
            reading=made.id,
            to=reader,
            text=desk.fingerprint(said),
        )
        await _tell(session, row, made, now)
        return made


async def _nobody_reads(session: AsyncSession, comment_id: int) -> None:
    being_read = await readings.asked(session, comment_id)
    if being_read is not None:
        names = await people.names(session, [being_read.by, being_read.reader])
        raise Refused("reading.already", name=names[being_read.by], reader=names[being_read.reader])


def _may_read(case: Case, writer: Actor, reader: Actor) -> None:
    if reader.id == writer.id:
        raise Invalid({"reader": Problem("reading.yourself")})
    if case.hands.role(reader) is None:
        raise Invalid({"reader": Problem("comment.not_theirs", name=reader.name)})
    if reader.id in case.hands.away:
        raise Invalid({"reader": Problem("comment.away", name=reader.name)})


async def _tell(session: AsyncSession, row: Comment, made: Reading, now: datetime) -> None:
    """The colleague in a direct message, everybody else in the thread of the post."""
    args = {"reading": made.id}
    await outbox.send(session, kind=ASK, dest=made.reader, topic=topic(made), args=args, now=now, card=True)
    for root in await outbox.cards(session, cases.board(row.publication_id)):
        await outbox.send(
            session, kind=ASK, dest=root.dest, topic=topic(made), args=args, now=now, thread=root, card=True
        )


async def look(desk: Desk, actor_id: str, reading_id: int, *, now: datetime) -> tuple[Reading, Case]:
    """The text as it stands, for somebody who may change it or give it back. Raises Refused."""
    async with desk.db.read() as session:
        made = await _found(session, reading_id)
        case = await cases.read(session, desk, made.comment_id, now)
        _check(made, case, await people.actor(session, actor_id, now))
        return made, case


async def approve(desk: Desk, actor_id: str, reading_id: int, seen: str, *, now: datetime) -> Reply:
    """*Skicka*: it goes out as the writer's answer, if it is what was ``seen``. Raises Refused."""
    async with desk.db.write() as session:
        made, row, case, actor, _ = await _held(session, desk, actor_id, reading_id, now)
        if actor_id == made.by:
            raise Refused("reading.own")
        if not seen or not made.digest.startswith(seen):
            raise Refused("reading.changed")
        writer = await people.actor(session, made.by, now)
        reply = await replying.within(
            session, desk, row, case, actor, made.text, now, holding=made.holding, writer=writer
        )
        await _settle(session, made, readings.SENT, actor_id, now)
        return reply


async def change(desk: Desk, actor_id: str, reading_id: int, version: int, text: str, *, now: datetime) -> Reading:
    """*Ändra*: a new text, which is what a yes is bound to from now on. Raises Invalid, Refused."""
    async with desk.db.write() as session:
        made, row, case, _, role = await _held(session, desk, actor_id, reading_id, now)
        if made.version != version:
            raise Refused("reading.changed")
        writer = await people.actor(session, made.by, now)
        said = replying.fitting(desk, case, writer.name, text)
        await readings.change(session, made, text=said, digest=digest(said))
        await cases.note(
            session,
            row,
            now,
            actor_id,
            "comment.reading_changed",
            role,
            reading=made.id,
            text=desk.fingerprint(said),
        )
        await outbox.follow(session, topic(made))
        return made


async def give_back(desk: Desk, actor_id: str, reading_id: int, note: str, *, now: datetime) -> None:
    """*Lämna tillbaka*: the writer goes on with it; their text waits in the form. Raises Refused."""
    async with desk.db.write() as session:
        made, row, _, _, role = await _held(session, desk, actor_id, reading_id, now)
        await _settle(session, made, readings.RETURNED, actor_id, now, note=note.strip()[:NOTE])
        await answer_drafts.keep(session, made.comment_id, made.by, made.text, now)
        await cases.note(session, row, now, actor_id, "comment.reading_returned", role, reading=made.id)
        if actor_id != made.by:
            await outbox.send(
                session,
                kind=BACK,
                dest=made.by,
                topic=f"{topic(made)}/back",
                args={"reading": made.id},
                now=now,
                card=True,
            )


async def _settle(
    session: AsyncSession, made: Reading, state: str, by: str, now: datetime, *, note: str = ""
) -> None:
    if not await readings.change(session, made, state=state, settled=now, settled_by=by, note=note):
        raise Refused("reading.settled")
    await outbox.follow(session, topic(made))


async def _held(
    session: AsyncSession, desk: Desk, actor_id: str, reading_id: int, now: datetime
) -> tuple[Reading, Comment, Case, Actor, Role]:
    """The comment is taken first, as everywhere; then the reading is read anew."""
    row = await cases.take(session, (await _found(session, reading_id)).comment_id)
    made = await _found(session, reading_id)
    case, actor = await cases.view(session, desk, row, now), await people.actor(session, actor_id, now)
    return made, row, case, actor, _check(made, case, actor)


async def _found(session: AsyncSession, reading_id: int) -> Reading:
    made = await readings.get(session, reading_id)
    if made is None:
        raise Refused("reading.unknown")
    return made


def _check(made: Reading, case: Case, actor: Actor) -> Role:
    role = rules.belongs(case, actor)
    if made.state != readings.ASKED:
        raise Refused("reading.settled")
    rules.check_open(case, Act.ANSWER)
    if case.settled and case.settled > made.created:
        raise Refused("comment.already", name=case.name(case.settled_by), time=case.settled)
    return role
