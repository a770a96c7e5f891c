"""Handwork: what a person publishes where there is no interface, or where it failed."""

from datetime import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base


class Handwork(SQLModel, table=True):
    """One channel of one bulletin, done by hand. ``due`` is the deadline (UTC)."""

    __table_args__ = (UniqueConstraint("bulletin_id", "channel"),)

    id: int | None = Field(default=None, primary_key=True)
    bulletin_id: int = Field(foreign_key="bulletin.id", index=True)
    channel: str = Field(max_length=32)
    person: str = Field(max_length=32)
    due: datetime = base.instant()
    done: datetime | None = base.maybe_instant()
    done_by: str | None = Field(default=None, max_length=32)


async def of_bulletin(session: AsyncSession, bulletin_id: int) -> list[Handwork]:
    """Everything done by hand for a bulletin."""
    query = select(Handwork).where(Handwork.bulletin_id == bulletin_id).order_by(col(Handwork.id))
    return list((await session.exec(query)).all())


async def locked(session: AsyncSession, bulletin_id: int, channel: str) -> Handwork | None:
    """The row, read anew and held until the transaction ends."""
    query = select(Handwork).where(Handwork.bulletin_id == bulletin_id, Handwork.channel == channel)
    found = await session.exec(query.with_for_update().execution_options(populate_existing=True))
    return found.first()
