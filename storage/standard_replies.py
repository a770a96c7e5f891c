"""Standard replies as the department words them; what nobody has edited stands in the catalogue."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel, col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base


class StandardReply(SQLModel, table=True):
    """One reply of the book. ``version`` counts its edits; 0 is the catalogue's own, which has no row."""

    __tablename__ = "standard_reply"

    key: str = Field(primary_key=True, max_length=40)
    title: str = Field(max_length=75)
    text: str
    version: int = 1
    by: str = Field(max_length=32)
    at: datetime = base.instant()


async def everything(session: AsyncSession) -> list[StandardReply]:
    """All that somebody has written or edited, in the order of their keys."""
    return list((await session.exec(select(StandardReply).order_by(col(StandardReply.key)))).all())


async def add(session: AsyncSession, row: StandardReply) -> bool:
    """Put the first edit in; False when somebody was faster."""
    values = row.model_dump()
    insert = base.inserting(session, StandardReply).values(**values).on_conflict_do_nothing()
    return (await session.exec(insert.returning(col(StandardReply.key)))).first() is not None


async def change(session: AsyncSession, key: str, version: int, **values: Any) -> bool:
    """Compare the version, then set; False when somebody was faster."""
    query = update(StandardReply).where(col(StandardReply.key) == key, col(StandardReply.version) == version)
    result = await session.exec(query.values(**values, version=version + 1))
    return bool(result.rowcount)
