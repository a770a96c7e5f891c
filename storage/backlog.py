"""The backlog: comments that wait, counted by account; and what a span of days brought. No comment's text.

However many lie behind: the first question reads only the open ones, the others only their span.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, literal_column, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.comments import Comment
from storage.publications import Publication


@dataclass(frozen=True)
class Heap:
    """Comments that wait on one account, in the same hands. Instants are UTC.

    ``taken``: who has them; ``late``: their time is out. ``oldest``: when the first one's clock was started;
    ``due``: when the first one's time is out.
    """

    channel: str
    account: int | None
    taken: str | None
    late: bool
    count: int
    oldest: datetime
    due: datetime


@dataclass(frozen=True)
class Figures:
    """What came, and what became of comments; ``in_time``: of those answered."""

    came: int = 0
    answered: int = 0
    in_time: int = 0
    closed: int = 0
    hidden: int = 0


async def heaps(session: AsyncSession, now: datetime) -> list[Heap]:
    """Everything that waits, in one query; what is due first at the top."""
    late = case((col(Comment.due) <= now, 1), else_=0).label("late")
    query = (
        select(  # type: ignore[call-overload]
            Publication.channel,
            Publication.account_id,
            Comment.taken,
            late,
            func.count(),
            func.min(Comment.since),
            func.min(Comment.due).label("first"),
        )
        .join(Publication, col(Publication.id) == Comment.publication_id)
        .where(text("comment.state = 'waiting'"))
        .group_by(col(Publication.channel), col(Publication.account_id), col(Comment.taken), literal_column("late"))
        .order_by(literal_column("first"), col(Publication.channel))
    )
    rows = (await session.exec(query)).all()
    return [Heap(channel, account, taken, bool(over), n, *when) for channel, account, taken, over, n, *when in rows]


async def between(session: AsyncSession, since: datetime, until: datetime) -> Figures:
    """Residents' comments that came, or were settled, from ``since`` on and before ``until`` (UTC)."""
    arrived = select(func.count()).select_from(Comment).where(col(Comment.own).is_(False))
    arrived = arrived.where(col(Comment.received) >= since, col(Comment.received) < until)
    met = case((col(Comment.settled) <= col(Comment.due), 1), (col(Comment.due).is_(None), 1), else_=0)
    ended = select(Comment.state, func.count(), func.sum(met)).where(col(Comment.own).is_(False))
    ended = ended.where(col(Comment.settled) >= since, col(Comment.settled) < until).group_by(col(Comment.state))
    by_state = {state: (n, in_time) for state, n, in_time in (await session.exec(ended)).all()}
    return Figures(
        came=(await session.exec(arrived)).one(),
        answered=by_state.get("answered", (0, 0))[0],
        in_time=by_state.get("answered", (0, 0))[1],
        closed=by_state.get("closed", (0, 0))[0],
        hidden=sum(by_state.get(state, (0, 0))[0] for state in ("hidden", "removed")),
    )
