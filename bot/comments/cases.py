"""Reading a comment whole, and the one mutator that changes it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.comments import evidence, hands, ladder, pace, states, timing
from bot.comments.ladder import Step
from bot.comments.pace import Count, Live, Pace
from bot.comments.rules import Case
from bot.comments.states import Act, State
from bot.desk import Desk
from bot.errors import DeskError, Refused
from bot.people import Role
from storage import answer_drafts, comments, log, moderations, publications
from storage.comments import Comment
from storage.log import Entry
from storage.publications import Publication


class NotAllowed(DeskError):
    """A use case asked for a transition that the table does not have: a bug, never a click."""


def topic(comment_id: int) -> str:
    """The delivery topic and log case of a comment."""
    return f"comment:{comment_id}"


def board(publication_id: int) -> str:
    """The delivery topic of the card of a post."""
    return f"publication:{publication_id}"


async def take(session: AsyncSession, comment_id: int) -> Comment:
    """The comment's row, held until the transaction ends."""
    row = await comments.locked(session, comment_id)
    if row is None:
        raise Refused("comment.unknown_one")
    return row


async def read(session: AsyncSession, desk: Desk, comment_id: int, now: datetime) -> Case:
    """The comment as it stands, without a lock: for cards and lists."""
    row = await comments.get(session, comment_id)
    if row is None:
        raise Refused("comment.unknown_one")
    return await view(session, desk, row, now)


async def view(session: AsyncSession, desk: Desk, row: Comment, now: datetime) -> Case:
    """The comment with its post and those in whose hands it is."""
    post = await publications.get(session, row.publication_id)
    assert post is not None
    whose = await hands.of(session, desk, post, now)
    made = await moderations.newest(session, _id(row))
    named = (row.taken, row.settled_by, whose.owner, whose.substitute, made and made.by, *whose.first())
    ids = list(dict.fromkeys(one for one in named if one))
    return Case(
        id=_id(row),
        publication=row.publication_id,
        channel=row.channel,
        remote=row.remote,
        state=State(row.state),
        version=row.version,
        author=row.author,
        text=row.text,
        link=row.link or post.link,
        marks=tuple(row.marks),
        written=row.written,
        since=row.since,
        due=row.due,
        hands=whose,
        own=row.own,
        taken=row.taken,
        later=row.later,
        settled=row.settled,
        settled_by=row.settled_by,
        post_words=post.words,
        post_link=post.link,
        moderation=made,
        lacks=evidence.missing(made) if made else (),
        names=await people.names(session, ids),
    )


async def naming(session: AsyncSession, case: Case, *ids: str | None) -> Case:
    """The same, with more people's names."""
    more = await people.names(session, [one for one in ids if one])
    return replace(case, names={**case.names, **more})


async def move(session: AsyncSession, row: Comment, act: Act, **values: Any) -> None:
    """The one mutator: checks the table, then compares and sets. The row must have been taken.

    Whatever does not wait has no clock, is in nobody's hands, and has no unsent drafts. Raises NotAllowed
    for a transition outside the table, Refused when somebody was faster.
    """
    if not states.allowed(State(row.state), act):
        raise NotAllowed(f"{row.state} {act}")
    after = states.TABLE[State(row.state), act]
    if after is not State.WAITING:
        await answer_drafts.drop(session, _id(row))
        values = {"next_at": None, "taken": None, "taken_at": None, "later": None, **values}
    if not await comments.change(session, row, state=after, **values):
        raise Refused("err.stale", summary="")


def clock(desk: Desk, channel: str, since: datetime, found: Pace, live: Live | None = None) -> dict[str, Any]:
    """A started clock: since when, until when, and when the first step of the ladder is."""
    count = pace.count(desk.office, desk.settings.comments, channel, since, found, live)
    fresh = {"since": since, "due": count.due, "told": None, "watch_told": None}
    return {**fresh, "next_at": first_step(desk, count)}


def first_step(desk: Desk, count: Count, told: Step | None = None) -> datetime | None:
    """When the step after ``told`` is due (UTC); None at the top of the ladder."""
    rung = ladder.next_rung(desk.office, count, desk.settings.comments, told)
    return rung.at if rung else None


async def retime(session: AsyncSession, desk: Desk, row: Comment, count: Count, now: datetime) -> bool:
    """Another due time, because what is on has changed; False when it is the same. The row must have been taken.

    Nobody is told twice of a step, but steps whose time has not come any more come again.
    """
    if row.state != State.WAITING or count.due == row.due:
        return False
    told = ladder.reached(desk.office, count, desk.settings.comments, now, below=ladder.height(row.told) + 1)
    coming = first_step(desk, count, told)
    if row.later is not None and row.later > now:  # left alone as was promised, but never past the time
        coming = min(row.later, max(count.due, now))
    await comments.change(session, row, due=count.due, told=told, watch_told=None, next_at=coming)
    await note(session, row, now, Role.DESK, "comment.retimed", Role.DESK, due=count.due.isoformat())
    return True


async def note(
    session: AsyncSession, row: Comment, now: datetime, actor: str, action: str, role: str, **detail: Any
) -> Entry:
    """A line in the comment's log; no text of a resident goes there."""
    return await log.append(session, case=topic(_id(row)), at=now, actor=actor, role=role, action=action, **detail)


async def crisis_on(session: AsyncSession) -> bool:
    """Is a real incident on? Then the clock runs round the clock, and faster."""
    return await timing.crisis_since(session) is not None


def _id(row: Comment | Publication) -> int:
    assert row.id is not None
    return row.id
