"""How many rows there are in each state; for the metrics page."""

from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.accounts import Account
from storage.applications import Application
from storage.posts import Post


@dataclass(frozen=True)
class Counts:
    """Posts by (via, state); accounts and applications by state."""

    posts: dict[tuple[str, str], int]
    accounts: dict[str, int]
    applications: dict[str, int]


async def everything(session: AsyncSession) -> Counts:
    """All counts, in three queries."""
    query = select(Post.via, Post.state, func.count()).group_by(col(Post.via), col(Post.state))
    posts = {(via, state): number for via, state, number in (await session.exec(query)).all()}
    return Counts(posts, await _by(session, Account.state), await _by(session, Application.state))


async def _by(session: AsyncSession, state: str) -> dict[str, int]:
    rows = await session.exec(select(col(state), func.count()).group_by(col(state)))
    return dict(rows.all())
