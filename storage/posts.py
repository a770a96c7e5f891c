"""Posts: every message the desk owes somebody, and the frozen bodies of those that were sent.

The states and the moves between them stand here, with the one function that makes a move. What the
delivery room asks the table for is in ``storage/queue.py``.
"""

import hashlib
import json
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, ColumnElement, Index, String, UniqueConstraint, false, func, text, update
from sqlmodel import Field, SQLModel, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base

WAITING: Final = "waiting"
SENDING: Final = "sending"
UNKNOWN: Final = "unknown"
ASKING: Final = "asking"
DONE: Final = "done"
REFUSED: Final = "refused"
DROPPED: Final = "dropped"

# Where a post may go from where it is. Done is reached from everywhere short of an end: an answer
# that comes late is still the truth. Back from done only when the message itself is gone, back from
# refused only when a person asks for another try.
MOVES: Final[dict[str, frozenset[str]]] = {
    WAITING: frozenset({SENDING, DROPPED, REFUSED, DONE}),
    SENDING: frozenset({DONE, WAITING, REFUSED, UNKNOWN}),
    UNKNOWN: frozenset({DONE, WAITING, ASKING}),
    ASKING: frozenset({DONE, WAITING}),
    DONE: frozenset({WAITING}),
    REFUSED: frozenset({WAITING}),
    DROPPED: frozenset(),
}
# What may be done to a platform. All but SEND may be repeated without harm.
SEND: Final = "send"
UPDATE: Final = "update"
REMOVE: Final = "remove"
VERBS: Final = (SEND, UPDATE, REMOVE)
ENDS: Final = (DONE, REFUSED, DROPPED)
UNSURE: Final = (SENDING, UNKNOWN, ASKING)

# Compared byte by byte on both databases, so that "starts with" can use the index.
_TOPIC = String(200).with_variant(String(200, collation="C"), "postgresql")


class ForbiddenMove(Exception):
    """The transition table has no such move."""


class Body(SQLModel, table=True):
    """What a line said when it was sent. Shared: two thousand channels, one text."""

    hash: str = Field(primary_key=True, max_length=64)
    content: dict[str, Any] = base.json_column()


class Post(SQLModel, table=True):
    """A message owed to one destination; ``id`` is the order. All instants are UTC."""

    __table_args__ = (
        UniqueConstraint("kind", "topic", "dest", "seq"),
        CheckConstraint(f"state IN ({base.one_of(tuple(MOVES))})", name="ck_post_state"),
        CheckConstraint(f"verb IN ({base.one_of(VERBS)})", name="ck_post_verb"),
        # The queue stays quick however many done posts lie behind it.
        Index("ix_post_queue", "via", "state", "prio", "id"),
        Index("ix_post_thread", "thread_id", "state", "id"),
        Index(
            "ix_post_readback",
            "via",
            "prio",
            "id",
            sqlite_where=text("readback"),
            postgresql_where=text("readback"),
        ),
        Index("ix_post_topic", "topic", "dest", "seq"),
        Index(
            "ix_post_refused",
            "id",
            sqlite_where=text("state = 'refused'"),
            postgresql_where=text("state = 'refused'"),
        ),
        Index(
            "ix_post_stale",
            "via",
            "prio",
            "id",
            sqlite_where=text("want > shown"),
            postgresql_where=text("want > shown"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(default_factory=lambda: uuid.uuid4().hex, unique=True, max_length=32)
    via: str = Field(max_length=48)
    dest: str = Field(max_length=300)
    thread_id: int | None = Field(default=None, foreign_key="post.id")
    after_id: int | None = Field(default=None, foreign_key="post.id", index=True)  # goes when that is done …
    after_until: datetime | None = base.maybe_instant()  # … or then at the latest
    verb: str = Field(default=SEND, max_length=8)  # what is done; other than SEND: to the thread's first message
    origin: int | None = Field(default=None, foreign_key="post.id", index=True)  # whose stand-in this is
    kind: str = Field(max_length=40)
    args: dict[str, Any] = base.json_column()
    body: str | None = Field(default=None, foreign_key="body.hash", max_length=64)
    card: bool = False
    quiet: bool = False  # only inside office hours
    prio: int
    topic: str = Field(sa_type=_TOPIC)
    seq: int = 0
    due: datetime = base.instant()
    dies: datetime | None = base.maybe_instant()
    state: str = Field(default=WAITING, max_length=8)
    aside: bool = False  # put off on purpose: until it is due, its thread goes on without it
    tries: int = 0
    looks: int = 0
    started: datetime | None = base.maybe_instant()  # of the first try whose fate is open
    # an earlier try may have got through; sending again changes nothing there
    perhaps: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    owner: str | None = Field(default=None, max_length=80)
    remote: str | None = Field(default=None, max_length=300)
    place: str | None = Field(default=None, max_length=300)
    link: str = Field(default="", max_length=500)  # its public address, where the platform gives one
    readback: bool = False  # to be read back after it was sent
    seen: datetime | None = base.maybe_instant()  # when it was read back
    watch: str | None = Field(default=None, sa_type=_TOPIC)  # cards of that topic tell how this post fares
    want: int = 0
    shown: int = 0
    reason: str | None = Field(default=None, max_length=200)
    fallback: str | None = Field(default=None, max_length=80)
    created: datetime = base.instant()


inserting = base.inserting


async def move(
    session: AsyncSession,
    post_id: int,
    before: str,
    after: str,
    *,
    held_by: str | None = None,
    **changes: Any,
) -> bool:
    """Make one move by compare-and-set; False when the post is no longer where it was thought to be.

    With ``held_by`` the post must also be that sender's. Raises ForbiddenMove for what MOVES lacks.
    """
    if after not in MOVES[before]:
        raise ForbiddenMove(f"{before} → {after}")
    query = update(Post).where(col(Post.id) == post_id, col(Post.state) == before)
    if held_by is not None:
        query = query.where(col(Post.owner) == held_by)
    return await _changed(session, query.values(state=after, **changes))


async def defer(session: AsyncSession, post_id: int, **changes: Any) -> bool:
    """Change a post that waits, without moving it."""
    return await amend(session, post_id, WAITING, **changes)


async def amend(session: AsyncSession, post_id: int, state: str, **changes: Any) -> bool:
    """Change a post that is still in ``state``, without moving it."""
    query = update(Post).where(col(Post.id) == post_id, col(Post.state) == state)
    return await _changed(session, query.values(**changes))


async def _changed(session: AsyncSession, query: Any) -> bool:
    """Done past the session, which would look for the row among its entities; there are none of it."""
    result = await (await session.connection()).execute(query)
    return bool(result.rowcount)


async def add(session: AsyncSession, post: Post) -> Post:
    """Put the post in, or give back the row that already has its (kind, topic, dest, seq)."""
    values = post.model_dump(exclude={"id"})
    await session.exec(inserting(session, Post).values(**values).on_conflict_do_nothing())
    query = select(Post).where(
        Post.kind == post.kind, Post.topic == post.topic, Post.dest == post.dest, Post.seq == post.seq
    )
    return (await session.exec(query)).one()


async def supersede(session: AsyncSession, newest: Post) -> int:
    """Drop what waits of the same topic and destination with a lower seq; says how many.

    Whatever its kind: an all-clear replaces an unsent warning. A post never replaces its own thread's
    first message, nor a removal, nor one that may stand there already.
    """
    query = select(Post.id).where(
        Post.topic == newest.topic,
        Post.dest == newest.dest,
        Post.seq < newest.seq,
        Post.state == WAITING,
        *replaceable(Post),
        col(Post.id).is_distinct_from(newest.thread_id),
    )
    older = (await session.exec(query)).all()
    return sum([await move(session, one or 0, WAITING, DROPPED, reason="replaced") for one in older])


async def raise_want(session: AsyncSession, topic: str, *, below: bool = True) -> int:
    """Ask every card of the topic, and of the topics ``below`` it, to be shown anew; says how many."""
    mine = _here_and_below(topic) if below else col(Post.topic) == topic
    query = (
        update(Post)
        .where(mine, col(Post.card).is_(True))
        .where(col(Post.state).not_in((REFUSED, DROPPED)))
        .values(want=Post.want + 1)
    )
    result = await session.exec(query.execution_options(synchronize_session=False))
    return int(result.rowcount)


def _below(topic: str) -> ColumnElement[bool]:
    """The topics under this one: "topic/…"."""
    return (col(Post.topic) >= f"{topic}/") & (col(Post.topic) < f"{topic}0")  # '0' follows '/'


def _here_and_below(topic: str) -> ColumnElement[bool]:
    return (col(Post.topic) == topic) | _below(topic)


async def cards(session: AsyncSession, topic: str) -> list[Post]:
    """The topic's live cards that start a thread, in order."""
    query = (
        select(Post)
        .where(Post.topic == topic, col(Post.card).is_(True), col(Post.thread_id).is_(None))
        .where(col(Post.state).not_in((REFUSED, DROPPED)))
        .order_by(col(Post.id))
    )
    return list((await session.exec(query)).all())


def replaceable(post: Any) -> tuple[ColumnElement[bool], ...]:
    """A newer one may take its place: it shows something, and that surely does not stand there yet."""
    return (col(post.verb) != REMOVE, col(post.perhaps).is_(False))


async def address(session: AsyncSession, topic: str) -> str:
    """The newest public address of the topic's posts; empty while there is none."""
    query = select(Post.link).where(Post.topic == topic, Post.link != "").order_by(col(Post.id).desc()).limit(1)
    return (await session.exec(query)).first() or ""


async def of_topic(session: AsyncSession, topic: str) -> list[Post]:
    """Every post of exactly this topic, in order."""
    query = select(Post).where(Post.topic == topic).order_by(col(Post.id))
    return list((await session.exec(query)).all())


async def under(session: AsyncSession, topic: str) -> list[Post]:
    """Every post of the topics under this one ("topic/…"), in order."""
    query = select(Post).where(_below(topic))
    return list((await session.exec(query.order_by(col(Post.id)))).all())


async def tally(session: AsyncSession, topic: str, seq: int) -> dict[str, int]:
    """How many posts of this topic and seq are in each state."""
    query = select(Post.state, func.count()).where(Post.topic == topic, Post.seq == seq)
    return dict((await session.exec(query.group_by(col(Post.state)))).all())


async def count_under(session: AsyncSession, topic: str, since: datetime) -> int:
    """How many posts of the topics under this one were owed since then (UTC) and not dropped."""
    query = select(func.count()).where(_below(topic), Post.state != DROPPED, col(Post.created) > since)
    return int((await session.exec(query)).one())


async def dests(session: AsyncSession, topic: str) -> set[str]:
    """Who has been owed something of this topic that was not dropped."""
    query = select(Post.dest).where(Post.topic == topic, Post.state != DROPPED)
    return set((await session.exec(query)).all())


async def add_copies(session: AsyncSession, pattern: Post, dests: Sequence[str]) -> None:
    """Owe many destinations the same; those who are owed it already (kind, topic, dest, seq) are left alone."""
    if not dests:
        return
    values = pattern.model_dump(exclude={"id"})
    rows = [{**values, "dest": dest, "key": uuid.uuid4().hex} for dest in dests]  # a model for each costs more
    connection = await session.connection()  # many rows by one statement: compiled once, not row by row
    await connection.execute(inserting(session, Post).on_conflict_do_nothing(), rows)


async def drop_waiting(session: AsyncSession, topic: str, reason: str) -> int:
    """Drop what waits of a topic and of the topics under it; says how many."""
    query = update(Post).where(_here_and_below(topic), col(Post.state) == WAITING)
    result = await session.exec(
        query.values(state=DROPPED, reason=reason).execution_options(synchronize_session=False)
    )
    return int(result.rowcount)


async def open_gate(session: AsyncSession, topic: str) -> int:
    """Let what waits under a topic go without its gate; says how many."""
    query = update(Post).where(_below(topic)).values(after_id=None)
    query = query.where(col(Post.state) == WAITING, col(Post.after_id).is_not(None))
    result = await session.exec(query.execution_options(synchronize_session=False))
    return int(result.rowcount)


async def freeze(session: AsyncSession, content: dict[str, Any]) -> str:
    """Keep a body and give its hash; equal bodies are one row."""
    spelling = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(spelling.encode()).hexdigest()
    row = inserting(session, Body).values(hash=digest, content=content)
    await session.exec(row.on_conflict_do_nothing())
    return digest


async def forget_bodies(session: AsyncSession, topic: str) -> None:
    """Forget what the posts of a topic, and of the topics under it, said; what others also say stays theirs."""
    mine = (await session.exec(select(Post.body).where(_here_and_below(topic), col(Post.body).is_not(None)))).all()
    query = update(Post).where(_here_and_below(topic)).values(body=None)
    await session.exec(query.execution_options(synchronize_session=False))
    others = select(Post.id).where(col(Post.body) == col(Body.hash)).exists()
    await session.exec(delete(Body).where(col(Body.hash).in_(mine), ~others))
