"""The municipality's own posts on platforms, as far as comments stand under them."""

from datetime import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base

WORDS = 300  # characters kept of what the post says


class Publication(SQLModel, table=True):
    """One post on one channel. ``channel`` is the channel's key, or ``account:<id>`` without an interface."""

    __table_args__ = (UniqueConstraint("channel", "remote"),)

    id: int | None = Field(default=None, primary_key=True)
    channel: str = Field(max_length=40)
    remote: str = Field(max_length=300)
    account_id: int | None = Field(default=None, foreign_key="account.id", index=True)
    words: str = Field(default="", max_length=WORDS)
    link: str = Field(default="", max_length=500)
    first_heard: datetime = base.instant()


async def get(session: AsyncSession, publication_id: int) -> Publication | None:
    """The post with this number."""
    return await session.get(Publication, publication_id)


async def taken_in(session: AsyncSession, fresh: Publication) -> tuple[Publication, bool]:
    """The row for this post, put in if it is new; and whether its words became known only now."""
    values = fresh.model_dump(exclude={"id"})
    await session.exec(base.inserting(session, Publication).values(**values).on_conflict_do_nothing())
    query = select(Publication).where(Publication.channel == fresh.channel, Publication.remote == fresh.remote)
    row = (await session.exec(query)).one()
    learned = bool(fresh.words and not row.words)
    row.words, row.link = row.words or fresh.words, row.link or fresh.link
    return row, learned


async def many(session: AsyncSession, ids: set[int]) -> dict[int, Publication]:
    """Posts by number."""
    rows = (await session.exec(select(Publication).where(col(Publication.id).in_(ids)))).all()
    return {row.id or 0: row for row in rows}
