"""How many rows there are in each state; for the metrics page."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import arrivals, backlog
from storage.accounts import Account
from storage.applications import Application
from storage.posts import Post


@dataclass(frozen=True)
class Counts:
    """Posts by (via, state); accounts and applications by state; comments that wait, in time or no more;
    what came by webhook and could not be understood, by source.
    """

    posts: dict[tuple[str, str], int]
    accounts: dict[str, int]
    applications: dict[str, int]
    comments: dict[str, int]
    odd: dict[str, int]


async def everything(session: AsyncSession, now: datetime) -> Counts:
    """All counts, a query each."""
    query = select(Post.via, Post.state, func.count()).group_by(col(Post.via), col(Post.state))
    posts = {(via, state): number for via, state, number in (await session.exec(query)).all()}
    open_ones = {"waiting": 0, "overdue": 0}
    for heap in await backlog.heaps(session, now):
        open_ones["overdue" if heap.late else "waiting"] += heap.count
    return Counts(
        posts,
        await _by(session, Account.state),
        await _by(session, Application.state),
        open_ones,
        await arrivals.odd(session),
    )


async def _by(session: AsyncSession, state: str) -> dict[str, int]:
    rows = await session.exec(select(col(state), func.count()).group_by(col(state)))
    return dict(rows.all())
