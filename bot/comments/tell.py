"""Everything that must arrive when something happens to a comment, as rows of the same transaction."""

from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.accounts.tell import DEPARTMENT
from bot.comments import cases
from bot.comments.hands import Hands
from bot.comments.ladder import STEPS, Step
from bot.delivery import outbox
from bot.delivery.outbox import Priority
from bot.desk import Desk
from storage import posts
from storage.comments import Comment
from storage.publications import Publication
from storage.replies import Reply

POST, ONE, BURST = "comment.post", "comment.one", "comment.burst"
BURST_WITHIN = timedelta(minutes=10)
REMINDER, REPORT, HANDED = "comment.reminder", "comment.report", "comment.handed"
FARES = "comment.fares"


async def arrived(
    session: AsyncSession, desk: Desk, post: Publication, row: Comment, whose: Hands, now: datetime
) -> None:
    """The post's card, and the comment's in its thread; of a burst one card stands for all the rest."""
    if not whose.slack:
        return
    root, board = await _root(session, post, whose, now), cases.board(post.id or 0)
    shown = await posts.count_under(session, f"{board}/one", since=now - BURST_WITHIN)
    burst = shown >= desk.settings.comments.burst
    await outbox.send(
        session,
        kind=BURST if burst else ONE,
        dest=root.dest,
        topic=f"{board}/burst/{desk.office.local_date(now)}" if burst else f"{board}/one/{row.id}",
        args={"publication": post.id} if burst else {"comment": row.id},
        now=now,
        thread=root,
        card=True,
        fallback=DEPARTMENT,
    )
    await outbox.follow(session, board)


async def _root(session: AsyncSession, post: Publication, whose: Hands, now: datetime) -> posts.Post:
    """The card of the post: everything about its comments stands in its thread."""
    return await outbox.send(
        session,
        kind=POST,
        dest=whose.slack,
        topic=cases.board(post.id or 0),
        args={"publication": post.id},
        now=now,
        card=True,
        fallback=DEPARTMENT,
    )


async def changed(session: AsyncSession, row: Comment) -> None:
    """Every card of the post and of its comments follows, also those in people's direct messages."""
    await outbox.follow(session, cases.board(row.publication_id))
    await outbox.follow(session, cases.topic(row.id or 0))


async def remind(
    session: AsyncSession,
    row: Comment,
    step: Step,
    people: tuple[str, ...],
    now: datetime,
    *,
    at_once: bool = False,
) -> None:
    """Tell people of a step, in office hours; a later step replaces one that has not gone out.

    ``at_once``: whatever the hour; a crisis does not wait for the office.
    """
    for person in people:
        await outbox.send(
            session,
            kind=REMINDER,
            dest=person,
            topic=f"{cases.topic(row.id or 0)}/remind",
            args={"comment": row.id, "step": str(step), "person": person},
            now=now,
            seq=(row.version * 10) + STEPS.index(step) + 1,
            card=True,
            quiet=not at_once,
            prio=Priority.REMINDER,
        )


async def handed(session: AsyncSession, row: Comment, to: str, by: str, now: datetime) -> None:
    """Somebody gave it to somebody else, who is told."""
    await outbox.send(
        session,
        kind=HANDED,
        dest=to,
        topic=f"{cases.topic(row.id or 0)}/handed/{row.version}",
        args={"comment": row.id, "by": by},
        now=now,
        card=True,
    )


async def answering(session: AsyncSession, row: Comment, reply: Reply, now: datetime) -> None:
    """The one who answered sees how the answer fares: on its way, there, unsure, or to be put there by hand."""
    await outbox.send(
        session,
        kind=FARES,
        dest=reply.by,
        topic=f"{cases.topic(row.id or 0)}/fares/{reply.id}",
        args={"reply": reply.id},
        now=now,
        card=True,
    )


async def failed(session: AsyncSession, row: Comment, reply: Reply, now: datetime) -> None:
    """A refused answer is a message of its own: a card that changes is not noticed."""
    await outbox.send(
        session,
        kind=FARES,
        dest=reply.by,
        topic=f"{cases.topic(row.id or 0)}/failed/{reply.id}",
        args={"reply": reply.id},
        now=now,
        card=True,
    )


async def vanished(session: AsyncSession, post: Publication, row: Comment, whose: Hands, now: datetime) -> None:
    """It is gone from the platform, and nobody here did that."""
    root = await _root(session, post, whose, now)
    await outbox.send(
        session,
        kind=REPORT,
        dest=root.dest,
        topic=f"{cases.topic(row.id or 0)}/vanished/{row.version}",
        args={"comment": row.id},
        now=now,
        thread=root,
        fallback=DEPARTMENT,
    )
