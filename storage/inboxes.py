"""Inboxes: how much waits for an account beside its comments, and since when; never what it says."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Field, SQLModel, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base


class Inbox(SQLModel, table=True):
    """One kind of inbox (messages, mentions, …) of one channel as it was ``seen`` last. Instants are UTC."""

    channel: str = Field(primary_key=True, max_length=40)
    kind: str = Field(primary_key=True, max_length=16)
    count: int
    oldest: datetime | None = base.maybe_instant()
    link: str = Field(default="", max_length=500)
    seen: datetime = base.instant()


async def replace(session: AsyncSession, channel: str, rows: Iterable[Inbox]) -> None:
    """What a channel's inboxes hold now; a kind it no longer tells of is forgotten."""
    await session.exec(delete(Inbox).where(col(Inbox.channel) == channel))
    session.add_all(rows)


async def waiting(session: AsyncSession) -> list[Inbox]:
    """Every inbox in which something waits, by channel and kind."""
    query = select(Inbox).where(col(Inbox.count) > 0)
    return list((await session.exec(query.order_by(col(Inbox.channel), col(Inbox.kind)))).all())
