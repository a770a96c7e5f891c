"""Answers that a colleague is asked to read before they are sent."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel, col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base

ASKED, SENT, RETURNED = "asked", "sent", "returned"
STATES = (ASKED, SENT, RETURNED)


class Reading(SQLModel, table=True):
    """A text by ``by`` that ``reader`` is asked to read. ``digest``: of the text as it stands; a yes names it.

    ``holding``: it only says that an answer will come. ``settled_by``: who sent it or gave it back.
    """

    __table_args__ = (CheckConstraint(f"state IN ({base.one_of(STATES)})", name="ck_reading_state"),)

    id: int | None = Field(default=None, primary_key=True)
    comment_id: int = Field(foreign_key="comment.id", index=True)
    text: str
    digest: str = Field(max_length=64)
    holding: bool = False
    by: str = Field(max_length=32)
    reader: str = Field(max_length=32)
    state: str = Field(default=ASKED, max_length=16)
    version: int = 1
    created: datetime = base.instant()
    settled: datetime | None = base.maybe_instant()
    settled_by: str | None = Field(default=None, max_length=32)
    note: str = ""  # what the reader wants otherwise


async def get(session: AsyncSession, reading_id: int) -> Reading | None:
    """The reading with this number, as it stands in the database."""
    return await session.get(Reading, reading_id, populate_existing=True)


async def asked(session: AsyncSession, comment_id: int) -> Reading | None:
    """The text for this comment that somebody is reading, if there is one."""
    query = select(Reading).where(Reading.comment_id == comment_id, Reading.state == ASKED)
    return (await session.exec(query.order_by(col(Reading.id)))).first()


async def change(session: AsyncSession, row: Reading, **values: Any) -> bool:
    """Compare state and version, then set; False when somebody was faster. The row shows what it now holds."""
    query = update(Reading).where(
        col(Reading.id) == row.id, col(Reading.state) == row.state, col(Reading.version) == row.version
    )
    values = {**values, "version": row.version + 1}
    result = await session.exec(query.values(**values).execution_options(synchronize_session=False))
    await session.refresh(row)
    return bool(result.rowcount)


async def forget(session: AsyncSession, comment_id: int) -> None:
    """Keep nothing of what was written about a comment."""
    query = update(Reading).where(col(Reading.comment_id) == comment_id).values(text="", note="")
    await session.exec(query.execution_options(synchronize_session=False))
