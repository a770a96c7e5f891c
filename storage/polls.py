"""Polls: how far each channel's comments have been read, and when to look next."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel, col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base


class Poll(SQLModel, table=True):
    """One channel's reading. ``cursor`` is the channel's own; ``trouble`` since ``since`` while it fails.

    ``fault``: what kind of trouble it is.
    """

    channel: str = Field(primary_key=True, max_length=40)
    cursor: dict[str, Any] = base.json_column()
    next_at: datetime = base.instant()
    failures: int = 0
    trouble: str = Field(default="", max_length=200)
    fault: str | None = Field(default=None, max_length=16)
    since: datetime | None = base.maybe_instant()
    heard: datetime | None = base.maybe_instant()


async def everyone(session: AsyncSession) -> dict[str, Poll]:
    """All polls by channel."""
    return {row.channel: row for row in (await session.exec(select(Poll))).all()}


def due(poll: Poll | None, now: datetime) -> bool:
    """Whether a claim may succeed; a channel without a poll was never looked at."""
    return poll is None or poll.next_at <= now


async def claim(session: AsyncSession, channel: str, now: datetime, until: datetime) -> Poll | None:
    """The poll, when it is due and nobody else has claimed it; the next one is not before ``until``."""
    fresh = base.inserting(session, Poll).values(channel=channel, cursor={}, next_at=now, failures=0, trouble="")
    await session.exec(fresh.on_conflict_do_nothing())
    query = update(Poll).where(col(Poll.channel) == channel, col(Poll.next_at) <= now).values(next_at=until)
    result = await session.exec(query.execution_options(synchronize_session=False))
    return await session.get(Poll, channel, populate_existing=True) if result.rowcount else None
