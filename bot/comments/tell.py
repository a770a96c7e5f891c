"""Everything that must arrive when something happens to a comment, as rows of the same transaction."""

from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.accounts.tell import DEPARTMENT
from bot.comments import cases, timing
from bot.comments.hands import Hands
from bot.comments.ladder import STEPS, Step
from bot.comments.marks import PRESSING
from bot.delivery import outbox
from bot.delivery.outbox import Priority
from bot.desk import Desk
from storage import absences, posts
from storage.comments import WAITING, Comment
from storage.moderations import Moderation
from storage.publications import Publication
from storage.replies import Reply

POST, ONE, BURST = "comment.post", "comment.one", "comment.burst"
BURST_WITHIN = timedelta(minutes=10)
REMINDER, REPORT, HANDED, URGENT = "comment.reminder", "comment.report", "comment.handed", "comment.urgent"
FARES, SECOND, HAND = "comment.fares", "comment.second", "comment.hand"


async def arrived(
    session: AsyncSession, desk: Desk, post: Publication, row: Comment, whose: Hands, now: datetime
) -> None:
    """The post's card, and the comment's in its thread.

    Of a burst one card stands for all the rest, but for those that may be urgent or unlawful.
    """
    await pressing(session, desk, row, now)
    if not whose.slack:
        return
    root, board = await _root(session, post, whose, now), cases.board(post.id or 0)
    shown = await posts.count_under(session, f"{board}/one", since=now - BURST_WITHIN)
    burst = shown >= desk.settings.comments.burst and not PRESSING & set(row.marks)
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
    await post_follows(session, post.id or 0)


async def pressing(session: AsyncSession, desk: Desk, row: Comment, now: datetime) -> None:
    """What may be urgent or unlawful is told at once to whoever watches, or when they begin before the office."""
    if row.state != WAITING or not PRESSING & set(row.marks) or desk.office.open_at(now):
        return
    shift = (await timing.read(session, desk, now)).next_shift(now)
    if shift is None or shift.opens >= desk.office.next_opening(now):
        return
    if shift.person in await absences.away(session, desk.office.local_date(shift.opens)):
        return
    await outbox.send(
        session,
        kind=URGENT,
        dest=shift.person,
        topic=f"{cases.topic(row.id or 0)}/urgent",
        args={"comment": row.id},
        now=now,
        due=max(now, shift.opens),
        dies=shift.closes,
        card=True,
    )


async def post_follows(session: AsyncSession, publication_id: int) -> None:
    """The card of the post, and that of a burst: not every comment's under it, which would be a flood."""
    board = cases.board(publication_id)
    await posts.raise_want(session, board, below=False)
    await outbox.follow(session, f"{board}/burst")


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
    """The post's card follows, the comment's own, and those in people's direct messages."""
    await post_follows(session, row.publication_id)
    await posts.raise_want(session, f"{cases.board(row.publication_id)}/one/{row.id}", below=False)
    await outbox.follow(session, cases.topic(row.id or 0))


async def remind(
    session: AsyncSession,
    row: Comment,
    step: Step,
    people: tuple[str, ...],
    now: datetime,
    *,
    at_once: bool = False,
    until: datetime | None = None,
) -> None:
    """Tell people of a step, in office hours; a later step replaces one that has not gone out.

    ``at_once``: whatever the hour; a crisis does not wait for the office. ``until`` (UTC): not after that.
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
            dies=until,
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
        topic=fares(reply),
        args={"reply": reply.id},
        now=now,
        card=True,
    )


def fares(reply: Reply) -> str:
    """The topic of the card that tells how an answer fares."""
    return f"{cases.topic(reply.comment_id)}/fares/{reply.id}"


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


async def second(session: AsyncSession, row: Comment, made: Moderation, now: datetime) -> None:
    """Criticism is to be hidden: a second person is asked, in the thread of the post."""
    for root in await outbox.cards(session, cases.board(row.publication_id)):
        await outbox.send(
            session,
            kind=SECOND,
            dest=root.dest,
            topic=f"{cases.topic(row.id or 0)}/second/{made.id}",
            args={"moderation": made.id},
            now=now,
            thread=root,
            card=True,
        )


async def by_hand(session: AsyncSession, row: Comment, made: Moderation, now: datetime) -> None:
    """The platform did not do it: whoever asked for it has to."""
    await outbox.send(
        session,
        kind=HAND,
        dest=made.by,
        topic=f"{cases.topic(row.id or 0)}/hand/{made.id}",
        args={"moderation": made.id},
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
