"""Question sessions (frågestunder): a post's plan of who answers when, and of the topics that are counted."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base


class QuestionSession(SQLModel, table=True):
    """One plan for a post; instants are UTC. ``slots``: ``{"person", "starts"}`` in order, ISO instants.

    Each slot lasts until the next one begins, the last until the end. ``summed``: when the thread was told how
    it went. A plan that was ``dropped`` counts no more.
    """

    id: int | None = Field(default=None, primary_key=True)
    publication_id: int = Field(foreign_key="publication.id", unique=True)
    starts: datetime = base.instant()
    ends: datetime = base.instant(index=True)
    minutes: int  # in which an answer is given
    slots: list[dict[str, Any]] = base.json_list()
    topics: list[str] = base.json_list()
    by: str = Field(max_length=32)
    made: datetime = base.instant()
    version: int = 1
    summed: datetime | None = base.maybe_instant()
    dropped: datetime | None = base.maybe_instant()


async def get(session: AsyncSession, session_id: int) -> QuestionSession | None:
    """The plan with this number, dropped or not."""
    return await session.get(QuestionSession, session_id)


async def of(session: AsyncSession, publication_id: int) -> QuestionSession | None:
    """The plan of a post, unless it was dropped."""
    query = select(QuestionSession).where(QuestionSession.publication_id == publication_id)
    return (await session.exec(query.where(col(QuestionSession.dropped).is_(None)))).first()


async def locked(session: AsyncSession, publication_id: int) -> QuestionSession | None:
    """The plan of a post, dropped or not, its row held until the transaction ends."""
    query = select(QuestionSession).where(QuestionSession.publication_id == publication_id).with_for_update()
    return (await session.exec(query.execution_options(populate_existing=True))).first()


async def add(session: AsyncSession, fresh: QuestionSession) -> bool:
    """Put it in; False when the post has a plan already."""
    values = fresh.model_dump(exclude={"id"})
    insert = base.inserting(session, QuestionSession).values(**values).on_conflict_do_nothing()
    return (await session.exec(insert.returning(col(QuestionSession.id)))).scalar_one_or_none() is not None


async def over(session: AsyncSession, now: datetime) -> list[int]:
    """The posts whose session has ended without that anybody was told how it went."""
    query = select(QuestionSession.publication_id).where(
        col(QuestionSession.ends) <= now,
        col(QuestionSession.summed).is_(None),
        col(QuestionSession.dropped).is_(None),
    )
    return list((await session.exec(query)).all())
