"""What the delivery room asks of the posts: who is next, whose fate is open, what lies about."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import posts
from storage.posts import Post


@dataclass(frozen=True)
class Ready:
    """A post whose turn it is, and where its thread's first message stands."""

    post: Post
    thread: str | None = None
    place: str | None = None


async def ready(
    session: AsyncSession, via: str, now: datetime, limit: int, busy: Collection[str] = ()
) -> list[Ready]:
    """The next posts to send, most urgent first; none to a destination in ``busy``."""
    root: Any = aliased(Post)
    query = (
        select(Post, root.remote, root.place)
        .outerjoin(root, root.id == col(Post.thread_id))
        .where(Post.via == via, Post.state == posts.WAITING, Post.due <= now)
        .where(or_(col(Post.thread_id).is_(None), root.remote.is_not(None)))
        .where(_gate_is_open(now), ~_somebody_ahead(now))
        .order_by(col(Post.prio), col(Post.id))
        .limit(limit)
    )
    if busy:
        query = query.where(col(Post.dest).not_in(busy))
    return [Ready(post, remote, place) for post, remote, place in (await session.exec(query)).all()]


def _gate_is_open(now: datetime) -> ColumnElement[bool]:
    """Nothing has to be there first, or it is there, or it was waited for long enough."""
    gate: Any = aliased(Post)
    there = exists().where(gate.id == col(Post.after_id), gate.state == posts.DONE)
    return or_(col(Post.after_id).is_(None), col(Post.after_until) <= now, there)


def _somebody_ahead(now: datetime) -> ColumnElement[bool]:
    """An earlier post of the same thread that is not in an end state.

    One that was put off on purpose (a reminder waiting for the office, a text that could not be
    rendered) has stepped aside until it is due: what people decide meanwhile does not wait for it.
    """
    earlier: Any = aliased(Post)
    in_turn = and_(earlier.state == posts.WAITING, or_(earlier.due <= now, earlier.aside.is_(False)))
    return exists().where(
        earlier.thread_id == col(Post.thread_id),
        earlier.id < col(Post.id),
        or_(earlier.state.in_(posts.UNSURE), in_turn),
    )


async def stale_cards(
    session: AsyncSession, via: str, now: datetime, limit: int, busy: Collection[int] = ()
) -> Sequence[Post]:
    """Cards that stand somewhere and show less than they should."""
    query = (
        select(Post)
        .where(Post.want > Post.shown, Post.via == via, Post.state == posts.DONE, Post.due <= now)
        .where(col(Post.remote).is_not(None))
        .order_by(col(Post.prio), col(Post.id))
        .limit(limit)
    )
    if busy:
        query = query.where(col(Post.id).not_in(busy))
    return (await session.exec(query)).all()


async def doubtful(
    session: AsyncSession, via: str, now: datetime, limit: int, busy: Collection[int] = ()
) -> list[Ready]:
    """Posts whose fate is open and whose next look is due."""
    root: Any = aliased(Post)
    query = (
        select(Post, root.remote, root.place)
        .outerjoin(root, root.id == col(Post.thread_id))
        .where(Post.via == via, Post.state == posts.UNKNOWN, Post.due <= now)
        .order_by(col(Post.prio), col(Post.id))
        .limit(limit)
    )
    if busy:
        query = query.where(col(Post.id).not_in(busy))
    return [Ready(post, remote, place) for post, remote, place in (await session.exec(query)).all()]


async def unseen(
    session: AsyncSession, via: str, now: datetime, limit: int, busy: Collection[int] = ()
) -> list[Ready]:
    """Posts that were sent and are to be read back."""
    root: Any = aliased(Post)
    query = (
        select(Post, root.remote, root.place)
        .outerjoin(root, root.id == col(Post.thread_id))
        .where(Post.via == via, Post.state == posts.DONE, col(Post.readback).is_(True), Post.due <= now)
        .order_by(col(Post.prio), col(Post.id))
        .limit(limit)
    )
    if busy:
        query = query.where(col(Post.id).not_in(busy))
    return [Ready(post, remote, place) for post, remote, place in (await session.exec(query)).all()]


async def abandoned(session: AsyncSession, via: str, owner: str, in_flight: Collection[int]) -> Sequence[Post]:
    """Posts that say they are being sent, and nobody is sending them."""
    mine = and_(col(Post.owner) == owner, col(Post.id).in_(in_flight))
    query = select(Post).where(Post.via == via, Post.state == posts.SENDING, ~mine)
    return (await session.exec(query)).all()


async def dead(session: AsyncSession, via: str, now: datetime) -> Sequence[Post]:
    """Posts that wait past their latest time."""
    query = select(Post).where(Post.via == via, Post.state == posts.WAITING, col(Post.dies) <= now)
    return (await session.exec(query.limit(500))).all()


async def stranded(session: AsyncSession, via: str, now: datetime) -> Sequence[Post]:
    """Refused posts whose fallback has not been taken yet."""
    query = select(Post).where(Post.via == via, Post.state == posts.REFUSED, Post.due <= now)
    return (await session.exec(query.where(col(Post.fallback).is_not(None)).limit(100))).all()


async def orphans(session: AsyncSession, via: str) -> Sequence[Post]:
    """Waiting replies whose thread will never have a first message."""
    root: Any = aliased(Post)
    ended = and_(root.state == posts.REFUSED, root.fallback.is_(None))
    nowhere = and_(root.state == posts.DONE, root.remote.is_(None))
    query = (
        select(Post)
        .join(root, root.id == col(Post.thread_id))
        .where(Post.via == via, Post.state == posts.WAITING)
        .where(or_(root.state == posts.DROPPED, ended, nowhere))
        .order_by(col(Post.prio), col(Post.id))  # the index's order; by id alone SQLite walks the table
        .limit(500)
    )
    return sorted((await session.exec(query)).all(), key=lambda post: post.id or 0)


async def stand_ins(session: AsyncSession, origin: int) -> Sequence[Post]:
    """Live posts that stand in for a refused one."""
    query = select(Post).where(Post.origin == origin, col(Post.state).not_in((posts.REFUSED, posts.DROPPED)))
    return (await session.exec(query.order_by(col(Post.id)))).all()


async def tally(session: AsyncSession, via: str) -> dict[str, int]:
    """How many of the lane's posts are in each state; done and dropped ones are not counted."""
    query = (
        select(Post.state, func.count())
        .where(Post.via == via, col(Post.state).in_((posts.WAITING, *posts.UNSURE, posts.REFUSED)))
        .group_by(col(Post.state))
    )
    return dict((await session.exec(query)).all())


async def asking(session: AsyncSession, via: str) -> Sequence[Post]:
    """The lane's posts that only a person can say the fate of."""
    query = select(Post).where(Post.via == via, Post.state == posts.ASKING)
    return (await session.exec(query.order_by(col(Post.prio), col(Post.id)).limit(100))).all()


async def oldest_waiting(session: AsyncSession, via: str, now: datetime) -> datetime | None:
    """Since when (UTC) the post that has waited longest could have gone; None when nothing waits."""
    query = select(func.min(Post.due)).where(Post.via == via, Post.state == posts.WAITING, Post.due <= now)
    return (await session.exec(query)).one()
