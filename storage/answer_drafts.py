"""Answers that somebody began and did not send, until the comment is settled."""

from datetime import datetime

from sqlmodel import Field, SQLModel, col, delete
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base


class AnswerDraft(SQLModel, table=True):
    """What one person has typed for one comment."""

    __tablename__ = "answer_draft"

    comment_id: int = Field(primary_key=True, foreign_key="comment.id")
    person: str = Field(primary_key=True, max_length=32)
    text: str
    saved: datetime = base.instant()


async def text(session: AsyncSession, comment_id: int, person: str) -> str:
    """What they had typed; "" when nothing is kept."""
    row = await session.get(AnswerDraft, (comment_id, person))
    return row.text if row else ""


async def keep(session: AsyncSession, comment_id: int, person: str, said: str, now: datetime) -> None:
    """Keep it, instead of what was kept before."""
    values = {"comment_id": comment_id, "person": person, "text": said, "saved": now}
    insert = base.inserting(session, AnswerDraft).values(**values)
    fresh = {"text": said, "saved": now}
    await session.exec(insert.on_conflict_do_update(index_elements=["comment_id", "person"], set_=fresh))


async def drop(session: AsyncSession, comment_id: int, person: str | None = None) -> None:
    """Forget one person's, or everybody's."""
    query = delete(AnswerDraft).where(col(AnswerDraft.comment_id) == comment_id)
    if person is not None:
        query = query.where(col(AnswerDraft.person) == person)
    await session.exec(query)
