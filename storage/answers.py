"""Answers: questions that residents ask during an incident, with the answer everybody gives."""

from datetime import datetime
from typing import Final

from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base

PROPOSED: Final = "proposed"
APPROVED: Final = "approved"
WITHDRAWN: Final = "withdrawn"


class Answer(SQLModel, table=True):
    """A question with its answer. The words never change: a better answer is a new row."""

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    question: str = Field(max_length=300)
    answer: str
    state: str = Field(default=PROPOSED, max_length=16)
    by: str = Field(max_length=32)
    at: datetime = base.instant()
    approved_by: str | None = Field(default=None, max_length=32)
    approved: datetime | None = base.maybe_instant()


async def locked(session: AsyncSession, answer_id: int) -> Answer | None:
    """The answer, read anew and its row held until the transaction ends."""
    return await session.get(Answer, answer_id, with_for_update=True, populate_existing=True)


async def of_incident(session: AsyncSession, incident_id: int, *states: str) -> list[Answer]:
    """An incident's answers in these states, oldest first."""
    query = select(Answer).where(Answer.incident_id == incident_id, col(Answer.state).in_(states))
    return list((await session.exec(query.order_by(col(Answer.id)))).all())
