"""What the delivery room asks of the posts: who is next, whose fate is open, what lies about."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, exists, func, literal, or_, text, union_all
from sqlalchemy import select as sql_select
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base, posts
from storage.engine import Database
from storage.posts import Post


@dataclass(frozen=True)
class Turn:
    """A post whose turn it is. Who acts on it reads its row; ``thread`` is where its first message stands."""

    id: int
    kind: str
    dest: str
    thread: str | None = None
    place: str | None = None
    replaced: bool = False  # a newer one has taken its place


@dataclass(frozen=True)
class Doubt:
    """A post to be looked for, and where its thread's first message stands."""

    post: Post
    thread: str | None = None


async def ready(db: Database, via: str, now: datetime, limit: int, busy: Collection[str] = ()) -> list[Turn]:
    """The next posts to send, most urgent first; none to a destination in ``busy``."""
    return [Turn(*tuple(row)) for row in await db.rows(_ready(), via=via, now=now, most=limit, busy=list(busy))]


@cache
def _ready() -> Any:
    """Built once: composing a query costs more than asking it."""
    now = bindparam("now", type_=base.UtcDateTime())
    root = _root()
    return (
        _with_root(col(Post.id), col(Post.kind), col(Post.dest), root.remote, root.place, _replaced())
        .where(_lane(), Post.state == posts.WAITING, col(Post.due) <= now)
        .where(or_(col(Post.thread_id).is_(None), root.remote.is_not(None)))
        .where(_gate_is_open(now), ~_somebody_ahead(now))
        .where(col(Post.dest).not_in(bindparam("busy", expanding=True)))
    )


def _replaced() -> ColumnElement[bool]:
    """There is a newer post of the same topic and destination that was not itself dropped."""
    newer: Any = aliased(Post)
    return exists().where(
        *posts.replaceable(Post),
        newer.topic == col(Post.topic),
        newer.dest == col(Post.dest),
        newer.seq > col(Post.seq),
        newer.state != posts.DROPPED,
        newer.thread_id.is_distinct_from(col(Post.id)),
    )


@cache
def _root() -> Any:
    """The thread's first message."""
    return aliased(Post)


def _with_root(*columns: Any) -> Any:
    """Of posts and their threads' first messages; most urgent first, so many of them."""
    root = _root()
    query = sql_select(*columns).select_from(Post).outerjoin(root, root.id == col(Post.thread_id))
    return query.order_by(col(Post.prio), col(Post.id)).limit(bindparam("most", type_=Integer))


def _lane() -> ColumnElement[bool]:
    return col(Post.via) == bindparam("via")


def _not_in_flight() -> ColumnElement[bool]:
    return col(Post.id).not_in(bindparam("busy", expanding=True))


async def _rows(session: AsyncSession, statement: Any, given: dict[str, Any]) -> Sequence[Any]:
    rows: Sequence[Any] = (await session.exec(statement, params=given)).all()
    return rows


def _gate_is_open(now: Any) -> ColumnElement[bool]:
    """Nothing has to be there first, or it is there, or it was waited for long enough."""
    gate: Any = aliased(Post)
    there = exists().where(gate.id == col(Post.after_id), gate.state == posts.DONE)
    return or_(col(Post.after_id).is_(None), col(Post.after_until) <= now, there)


def _somebody_ahead(now: Any) -> ColumnElement[bool]:
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


CHORES = ("queued", "waiting", "sending", "unknown", "stranded", "stale", "unread")
AHEAD = frozenset({"queued"})  # nothing of that needs to be done now


def at_work(vias: Sequence[str]) -> Select[Any]:
    """Of each of these lanes: its name, and which of CHORES it has at ``now``.

    One quick look for each in the indexes.
    """
    lanes = union_all(*(sql_select(literal(via).label("via")) for via in vias)).subquery()
    mine = col(Post.via) == lanes.c.via
    due = col(Post.due) <= bindparam("now", type_=base.UtcDateTime())
    queued, sending = (exists().where(mine, col(Post.state) == state) for state in (posts.WAITING, posts.SENDING))
    waiting, unknown = (
        exists().where(mine, col(Post.state) == state, due) for state in (posts.WAITING, posts.UNKNOWN)
    )
    stranded = exists().where(mine, col(Post.state) == posts.REFUSED, col(Post.fallback).is_not(None))
    # asked for in the index's order: PostgreSQL takes a third of all cards for stale, and would walk the table
    shown_less = sql_select(col(Post.id)).where(mine, col(Post.want) > col(Post.shown), due).correlate(lanes)
    stale = shown_less.order_by(col(Post.prio), col(Post.id)).limit(1).scalar_subquery().is_not(None)
    unread = exists().where(mine, text("post.readback"), due)
    return sql_select(lanes.c.via, queued, waiting, sending, unknown, stranded, stale, unread)


async def stale_cards(db: Database, via: str, now: datetime, limit: int, busy: Collection[int] = ()) -> list[Turn]:
    """Cards that stand somewhere and show less than they should."""
    return [Turn(*tuple(row)) for row in await db.rows(_stale(), via=via, now=now, most=limit, busy=list(busy))]


@cache
def _stale() -> Any:
    return (
        _with_root(col(Post.id), col(Post.kind), col(Post.dest))
        .where(col(Post.want) > col(Post.shown), _lane(), Post.state == posts.DONE)
        .where(col(Post.due) <= bindparam("now", type_=base.UtcDateTime()), col(Post.remote).is_not(None))
        .where(_not_in_flight())
    )


async def doubtful(
    session: AsyncSession, via: str, now: datetime, limit: int, busy: Collection[int] = ()
) -> list[Doubt]:
    """Posts whose fate is open and whose next look is due."""
    given = {"via": via, "now": now, "most": limit, "busy": list(busy)}
    return [Doubt(post, remote) for post, remote in await _rows(session, _doubtful(), given)]


@cache
def _doubtful() -> Any:
    due = col(Post.due) <= bindparam("now", type_=base.UtcDateTime())
    return _with_root(Post, _root().remote).where(_lane(), Post.state == posts.UNKNOWN, due, _not_in_flight())


async def unseen(
    session: AsyncSession, via: str, now: datetime, limit: int, busy: Collection[int] = ()
) -> list[Doubt]:
    """Posts that were sent and are to be read back."""
    given = {"via": via, "now": now, "most": limit, "busy": list(busy)}
    return [Doubt(post, remote) for post, remote in await _rows(session, _unseen(), given)]


@cache
def _unseen() -> Any:
    due = col(Post.due) <= bindparam("now", type_=base.UtcDateTime())
    sent = _with_root(Post, _root().remote).where(_lane(), Post.state == posts.DONE, due, _not_in_flight())
    return sent.where(text("post.readback"))  # as the index says it


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
    found = [post for (post,) in await _rows(session, _orphans(), {"via": via, "most": 500})]
    return sorted(found, key=lambda post: post.id or 0)


@cache
def _orphans() -> Any:
    root = _root()
    ended = and_(root.state == posts.REFUSED, root.fallback.is_(None))
    nowhere = and_(root.state == posts.DONE, root.remote.is_(None))
    lost = or_(root.state == posts.DROPPED, ended, nowhere)
    # by priority, the index's order; by id alone SQLite walks the table
    return _with_root(Post).where(_lane(), Post.state == posts.WAITING, lost)


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
