"""Answering: the form's data, the answer as a delivery, and what becomes of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.channels import answering as lanes
from bot.comments import cases, lengths, rules, signing, tell
from bot.comments.rules import Case
from bot.comments.states import VISIBLE, Act, State, allowed
from bot.delivery import outbox
from bot.delivery.outbox import Priority
from bot.desk import Desk
from bot.errors import Invalid, Problem, Refused
from bot.people import Actor, Role
from storage import answer_drafts, comments, moderations, posts, readings, replies
from storage.comments import Comment
from storage.posts import Post
from storage.replies import Reply

ANSWER: Final = "comment.answer"  # the kind of what is sent to the platform
WRITING_FOR: Final = timedelta(minutes=15)  # so long an opened form counts as somebody writing


@dataclass(frozen=True)
class Turn:
    """One turn of a conversation: who, what, and whether it was us."""

    author: str
    text: str
    own: bool
    at: datetime


@dataclass(frozen=True)
class Writing:
    """What the form shows: the comment, its conversation, and who else is at it."""

    case: Case
    turns: tuple[Turn, ...]
    earlier: tuple[str, ...]  # what it said before it was edited
    other: str = ""  # somebody else who began to write
    other_at: datetime | None = None
    by_hand: bool = False  # the platform takes no answer from here
    room: int = 0  # characters the platform takes
    draft: str = ""  # what this person had typed before
    writer: str = ""  # this person's name
    reading: str = ""  # whose text a colleague is reading just now


async def begin(desk: Desk, actor_id: str, comment_id: int, *, now: datetime) -> Writing:
    """Open the form: others see that somebody is writing. Raises Refused."""
    async with desk.db.write() as session:
        row = await cases.take(session, comment_id)
        case, actor = await cases.view(session, desk, row, now), await people.actor(session, actor_id, now)
        rules.reply(case, actor, await replies.open_one(session, comment_id))
        other, at = _somebody_else(row, actor_id, now)
        if not other:
            await comments.change(session, row, writing=actor_id, writing_at=now)
        said = await comments.conversation(session, row.channel, row.parent or row.remote)
        earlier = await comments.wordings(session, comment_id) if case.shown else []
        said = await _readable(session, case, said)
        being_read = await readings.asked(session, comment_id)
        names = await people.names(session, [one for one in (other, being_read and being_read.by) if one])
        draft = await answer_drafts.text(session, comment_id, actor_id)
    return Writing(
        case=case,
        turns=tuple(Turn(one.author, one.text, one.own, one.written) for one in said if one.id != comment_id),
        earlier=tuple(one.text for one in earlier),
        other=names.get(other, other),
        other_at=at,
        by_hand=not can_reply(desk, row),
        room=lengths.room(case.hands.platform),
        draft=draft,
        writer=actor.name,
        reading=names[being_read.by] if being_read else "",
    )


async def _readable(session: AsyncSession, case: Case, said: list[Comment]) -> list[Comment]:
    """The turns whose text may stand in Slack: not what is hidden or gone, nor anything on a sensitive account."""
    grave = await moderations.grave(session, [one.id or 0 for one in said])
    return [one for one in said if one.own or _readable_one(case, one, grave)]


def _readable_one(case: Case, one: Comment, grave: set[int]) -> bool:
    return one.state in VISIBLE and one.id not in grave and not case.hands.sensitive


def _somebody_else(row: Comment, actor_id: str, now: datetime) -> tuple[str, datetime | None]:
    fresh = row.writing_at is not None and now - row.writing_at < WRITING_FOR
    return (row.writing or "", row.writing_at) if fresh and row.writing != actor_id else ("", None)


def can_reply(desk: Desk, row: Comment) -> bool:
    """Does the platform take an answer to this comment from here?"""
    return any(one.key == row.channel and one.answers(row.text) for one in desk.outlets)


async def keep_draft(desk: Desk, actor_id: str, comment_id: int, text: str, *, now: datetime) -> None:
    """The form was closed with this in it: it stands there when the form is opened again."""
    async with desk.db.write() as session:
        row = await cases.take(session, comment_id)
        if text.strip() and allowed(State(row.state), Act.ANSWER):
            await answer_drafts.keep(session, comment_id, actor_id, text.strip(), now)
        if row.writing == actor_id:
            await comments.change(session, row, writing=None, writing_at=None)


async def send(
    desk: Desk, actor_id: str, comment_id: int, text: str, *, now: datetime, holding: bool = False
) -> Reply:
    """Owe the comment this answer. Raises Invalid for a text that does not fit, Refused otherwise.

    Where the platform takes no answer from here the text is handed over, and *Klart* says that it stands.
    A ``holding`` answer only says that one will come: the comment goes on waiting.
    """
    async with desk.db.write() as session:
        row = await cases.take(session, comment_id)
        case, actor = await cases.view(session, desk, row, now), await people.actor(session, actor_id, now)
        return await within(session, desk, row, case, actor, text, now, holding=holding)


async def within(
    session: AsyncSession,
    desk: Desk,
    row: Comment,
    case: Case,
    actor: Actor,
    text: str,
    now: datetime,
    *,
    holding: bool = False,
    writer: Actor | None = None,
) -> Reply:
    """The same inside a transaction that has taken the comment. ``writer``: whose answer it is, if not theirs."""
    role = rules.reply(case, actor, await replies.open_one(session, case.id))
    by = writer or actor
    said = fitting(desk, case, by.name, text)
    reply = Reply(comment_id=case.id, by=by.id, text=said, created=now, holding=holding)
    session.add(reply)
    await session.flush()
    if can_reply(desk, row):
        reply.post_id = (await _owe(session, desk, row, reply, now)).id
    else:
        reply.state = replies.BY_HAND
    session.add(reply)
    await comments.change(session, row, taken=by.id, taken_at=now, writing=None, writing_at=None)
    await answer_drafts.drop(session, case.id, by.id)
    await cases.note(
        session, row, now, actor.id, "comment.reply", role, reply=reply.id, text=desk.fingerprint(said)
    )
    await tell.answering(session, row, reply, now)
    await tell.changed(session, row)
    return reply


def fitting(desk: Desk, case: Case, name: str, text: str) -> str:
    """The text with its signature. Raises Invalid when there is none, or the platform has no room for it."""
    said = signing.signed(desk, case, name, text)
    if not said:
        raise Invalid({"text": Problem("form.needed")})
    room, length = lengths.room(case.hands.platform), lengths.of(case.hands.platform, said)
    if room and length > room:
        raise Invalid(
            {"text": Problem("comment.too_long", n=length - room, platform=case.hands.platform_name, max=room)}
        )
    return said


async def _owe(session: AsyncSession, desk: Desk, row: Comment, reply: Reply, now: datetime) -> Post:
    return await outbox.send(
        session,
        kind=ANSWER,
        via=f"{row.channel}{lanes.ANSWERS}",
        dest=row.remote,
        topic=f"{cases.topic(row.id or 0)}/reply/{reply.id}",
        args={"reply": reply.id},
        now=now,
        prio=Priority.PEOPLE,
        watch=tell.fares(reply),
    )


async def settled(session: AsyncSession, desk: Desk, post: Post, state: str) -> None:
    """What becomes of a comment when the delivery of its answer has come to an end, in its transaction."""
    if post.kind != ANSWER or state not in (posts.DONE, posts.REFUSED, posts.DROPPED):
        return
    reply = await replies.of_post(session, post.id or 0)
    if reply is None or reply.state != replies.WRITTEN:
        return
    now = desk.now()
    row = await cases.take(session, reply.comment_id)
    reply.settled, post = now, await session.get_one(Post, post.id, populate_existing=True)
    if state == posts.DONE:
        await _stands(session, row, reply, post, now)
    else:
        reply.state, reply.reason = replies.REFUSED, post.reason or ""
        session.add(reply)
        await cases.note(session, row, now, Role.DESK, "comment.reply_refused", Role.DESK, reply=reply.id)
        await tell.failed(session, row, reply, now)
    await tell.changed(session, row)


async def _stands(session: AsyncSession, row: Comment, reply: Reply, post: Post, now: datetime) -> None:
    reply.state, reply.remote = replies.SENT, post.remote or ""
    session.add(reply)
    if allowed(State(row.state), Act.ANSWER) and not reply.holding:
        await cases.move(session, row, Act.ANSWER, settled=now, settled_by=reply.by)
    what = "comment.held" if reply.holding else "comment.answered"
    await cases.note(session, row, now, reply.by, what, Role.EDITOR, reply=reply.id)


async def done_by_hand(desk: Desk, actor_id: str, reply_id: int, *, now: datetime) -> None:
    """*Klart*: somebody has put the answer on the platform themselves."""
    async with desk.db.write() as session:
        reply = await replies.get(session, reply_id)
        if reply is None:
            raise Refused("comment.unknown_one")
        row = await cases.take(session, reply.comment_id)
        case, actor = await cases.view(session, desk, row, now), await people.actor(session, actor_id, now)
        role = rules.act(case, actor, Act.ANSWER)
        if reply.state not in (replies.BY_HAND, replies.REFUSED):
            raise Refused("err.stale", summary="")
        reply.state, reply.settled = replies.SENT, now
        session.add(reply)
        if not reply.holding:
            await cases.move(session, row, Act.ANSWER, settled=now, settled_by=actor_id)
        await cases.note(session, row, now, actor_id, "comment.answered_by_hand", role, reply=reply.id)
        await tell.changed(session, row)
