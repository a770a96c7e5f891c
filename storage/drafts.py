"""Unfinished forms, kept for a while so that nobody has to write a thing twice."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base


class Draft(SQLModel, table=True):
    """What a person has typed so far; ``application_id`` when it edits a case."""

    id: str = Field(primary_key=True, max_length=32)
    person: str = Field(max_length=32, index=True)
    step: int = 1
    data: dict[str, Any] = base.json_column()
    application_id: int | None = Field(default=None, foreign_key="application.id")
    saved: datetime = base.instant()
    expires: datetime = base.instant(index=True)


async def get(session: AsyncSession, draft_id: str) -> Draft | None:
    """The draft with this id."""
    return await session.get(Draft, draft_id)


async def of_person(session: AsyncSession, slack_id: str, now: datetime) -> list[Draft]:
    """A person's drafts that have not run out, newest first."""
    query = select(Draft).where(Draft.person == slack_id, col(Draft.expires) > now)
    return list((await session.exec(query.order_by(col(Draft.saved).desc()))).all())


async def drop(session: AsyncSession, draft_id: str) -> None:
    """Forget a draft."""
    await session.exec(delete(Draft).where(col(Draft.id) == draft_id))


async def drop_expired(session: AsyncSession, now: datetime) -> None:
    """Forget drafts whose time has run out."""
    await session.exec(delete(Draft).where(col(Draft.expires) <= now))
