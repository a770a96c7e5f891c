"""Posts in a platform's own timer while an incident is on: which they are, and what became of each.

The states and the moves between them stand here, with the one function that makes a move.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel, col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base, posts
from storage.posts import Body, Post

LISTED: Final = "listed"  # goes out at its time unless somebody holds it
HOLDING: Final = "holding"  # the platform was asked to wait; not confirmed
HELD: Final = "held"
STUCK: Final = "stuck"  # the platform does not let us
PUBLISHING: Final = "publishing"  # somebody's choice; not confirmed
MOVING: Final = "moving"
DROPPING: Final = "dropping"
PUBLISHED: Final = "published"
MOVED: Final = "moved"
DROPPED: Final = "dropped"
WENT: Final = "went"  # went out, and not by the desk
GONE: Final = "gone"  # somebody took it away on the platform

MOVES: Final[dict[str, frozenset[str]]] = {
    LISTED: frozenset({HOLDING, WENT, GONE}),
    HOLDING: frozenset({HELD, LISTED, STUCK, WENT, GONE}),
    HELD: frozenset({LISTED, PUBLISHING, MOVING, DROPPING, WENT, GONE}),
    STUCK: frozenset({LISTED, WENT, GONE}),
    PUBLISHING: frozenset({PUBLISHED, HELD, GONE}),
    MOVING: frozenset({MOVED, HELD, WENT, GONE}),
    DROPPING: frozenset({DROPPED, HELD, WENT}),
    PUBLISHED: frozenset(),
    MOVED: frozenset(),
    DROPPED: frozenset(),
    WENT: frozenset(),
    GONE: frozenset(),
}
WISHES: Final = (PUBLISHING, MOVING, DROPPING)
ENDS: Final = tuple(state for state, onward in MOVES.items() if not onward)
LIVE: Final = tuple(state for state, onward in MOVES.items() if onward)
WORDS: Final = 200  # characters kept of a post's text


class ForbiddenMove(Exception):
    """The transition table has no such move."""


class Held(SQLModel, table=True):
    """One post in a platform's timer. Instants are UTC.

    ``at``: when it was to go out; ``until``: when the platform will let it out now. ``wish``: the time that
    was chosen for it; ``by`` and ``chosen``: who chose what becomes of it, and when; ``settled``: when that
    was confirmed. ``reason``: the platform's word when it said no.
    """

    __table_args__ = (
        UniqueConstraint("incident_id", "channel", "remote"),
        CheckConstraint(f"state IN ({base.one_of(tuple(MOVES))})", name="ck_held_state"),
        Index("ix_held_channel_remote", "channel", "remote"),
    )

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    channel: str = Field(max_length=32)
    remote: str = Field(max_length=200)
    words: str = Field(max_length=WORDS)
    link: str = Field(default="", max_length=500)
    at: datetime = base.instant()
    until: datetime = base.instant()
    state: str = Field(default=LISTED, max_length=12, index=True)
    reason: str = Field(default="", max_length=200)
    tries: int = 0
    wish: datetime | None = base.maybe_instant()
    by: str | None = Field(default=None, max_length=32)
    chosen: datetime | None = base.maybe_instant()
    settled: datetime | None = base.maybe_instant()


async def add(session: AsyncSession, row: Held) -> bool:
    """Put it in; False when the incident has it already."""
    query = base.inserting(session, Held).values(**row.model_dump(exclude={"id"}))
    found = await session.exec(query.on_conflict_do_nothing().returning(col(Held.id)))
    return found.first() is not None


async def move(session: AsyncSession, row: Held, after: str, **changes: object) -> bool:
    """Make one move by compare-and-set; False when the post is no longer where it was thought to be.

    Raises ForbiddenMove for what MOVES lacks.
    """
    if after not in MOVES[row.state]:
        raise ForbiddenMove(f"{row.state} → {after}")
    return await _changed(session, row, state=after, **changes)


async def amend(session: AsyncSession, row: Held, **changes: object) -> bool:
    """Change a post that is still in its state, without moving it."""
    return await _changed(session, row, **changes)


async def _changed(session: AsyncSession, row: Held, **values: object) -> bool:
    query = update(Held).where(col(Held.id) == row.id, col(Held.state) == row.state).values(**values)
    result = await session.exec(query.execution_options(synchronize_session=False))
    return bool(result.rowcount)


async def get(session: AsyncSession, held_id: int) -> Held | None:
    """The row with this number, read anew."""
    return await session.get(Held, held_id, populate_existing=True)


async def of_incident(session: AsyncSession, incident_id: int) -> list[Held]:
    """An incident's posts, the next to go first."""
    query = select(Held).where(Held.incident_id == incident_id)
    return list((await session.exec(query.order_by(col(Held.at), col(Held.id)))).all())


async def in_state(session: AsyncSession, *states: str) -> list[Held]:
    """Every post in one of the states, oldest first."""
    query = select(Held).where(col(Held.state).in_(states)).order_by(col(Held.id))
    return list((await session.exec(query)).all())


async def on_channel(session: AsyncSession, channel: str) -> list[Held]:
    """Every post of a channel, oldest first."""
    return list((await session.exec(select(Held).where(Held.channel == channel).order_by(col(Held.id)))).all())


async def ours(session: AsyncSession, channel: str, remotes: Collection[str]) -> set[str]:
    """Which of these posts of a channel the desk itself has let out."""
    sent = select(Post.remote).where(Post.via == channel, col(Post.remote).in_(remotes))
    let_out = select(Held.remote).where(Held.channel == channel, col(Held.remote).in_(remotes))
    chosen = let_out.where(col(Held.state).in_((PUBLISHING, PUBLISHED)))
    return {str(one) for one in [*(await session.exec(sent)).all(), *(await session.exec(chosen)).all()]}


async def unsure(session: AsyncSession, channel: str) -> bool:
    """Whether a delivery of the desk's own may stand on the channel without the desk knowing its id yet."""
    query = select(Post.id).where(Post.via == channel, col(Post.state).in_((posts.SENDING, posts.UNKNOWN)))
    return (await session.exec(query.limit(1))).first() is not None


async def nameless(session: AsyncSession, channel: str) -> list[str]:
    """The texts that the desk has sent to the channel, or may have, without ever learning their ids."""
    query = select(Body).join(Post, col(Post.body) == Body.hash)
    query = query.where(Post.via == channel, col(Post.remote).is_(None))
    query = query.where(col(Post.state).in_((posts.ASKING, posts.DONE)))
    return [str(one.content.get("text") or "") for one in (await session.exec(query)).all()]
