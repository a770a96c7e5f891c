"""Blockings: somebody kept off an account for a time, by hand on the platform, and never without an end.

A row points to the comment it followed upon. Nothing is ever listed, counted or added up by who wrote.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel, col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base

PROPOSED, ORDERED, ON, LIFTED, DECLINED = "proposed", "ordered", "on", "lifted", "declined"
STATES = (PROPOSED, ORDERED, ON, LIFTED, DECLINED)
LIVE: Final = (PROPOSED, ORDERED, ON)
# Proposed by one, agreed to by another, done on the platform by hand, and undone there by hand.
MOVES: Final[Mapping[str, frozenset[str]]] = {
    PROPOSED: frozenset({ORDERED, DECLINED}),
    ORDERED: frozenset({ON, LIFTED}),
    ON: frozenset({LIFTED}),
    LIFTED: frozenset(),
    DECLINED: frozenset(),
}


class ForbiddenMove(Exception):
    """The transition table has no such move."""


class Block(SQLModel, table=True):
    """One blocking. ``until``: its last day (local date); ``next_at``: when somebody is reminded (UTC).

    ``moderation_id``: the documented act on the comment that went before.
    """

    __table_args__ = (CheckConstraint(f"state IN ({base.one_of(STATES)})", name="ck_block_state"),)

    id: int | None = Field(default=None, primary_key=True)
    comment_id: int = Field(foreign_key="comment.id", index=True)
    moderation_id: int = Field(foreign_key="moderation.id")
    reason: str
    until: date
    state: str = Field(default=PROPOSED, max_length=16)
    by: str = Field(max_length=32)
    at: datetime = base.instant()
    second: str | None = Field(default=None, max_length=32)
    seconded: datetime | None = base.maybe_instant()
    on_at: datetime | None = base.maybe_instant()
    on_by: str | None = Field(default=None, max_length=32)
    lifted: datetime | None = base.maybe_instant()
    lifted_by: str | None = Field(default=None, max_length=32)
    next_at: datetime | None = base.maybe_instant()


async def get(session: AsyncSession, block_id: int) -> Block | None:
    """The blocking with this number, as it stands in the database."""
    return await session.get(Block, block_id, populate_existing=True)


async def live(session: AsyncSession, comment_id: int) -> Block | None:
    """The blocking upon this comment that is asked for or stands, if there is one."""
    query = select(Block).where(Block.comment_id == comment_id, col(Block.state).in_(LIVE))
    return (await session.exec(query.order_by(col(Block.id).desc()).limit(1))).first()


async def due(session: AsyncSession, now: datetime) -> list[int]:
    """Those of which somebody is to be reminded now."""
    query = select(Block.id).where(col(Block.next_at) <= now).order_by(col(Block.id))
    return [one or 0 for one in (await session.exec(query)).all()]


async def move(session: AsyncSession, row: Block, after: str, **values: Any) -> bool:
    """The one mutator: checks MOVES, then compares and sets; False when somebody was faster.

    The row shows what it now holds. Raises ForbiddenMove for what MOVES lacks.
    """
    if after not in MOVES[row.state]:
        raise ForbiddenMove(f"{row.state} → {after}")
    return await _set(session, row, state=after, **values)


async def remind(session: AsyncSession, row: Block, next_at: datetime | None) -> bool:
    """When somebody is reminded next; False when it was moved meanwhile."""
    return await _set(session, row, next_at=next_at)


async def _set(session: AsyncSession, row: Block, **values: Any) -> bool:
    query = update(Block).where(col(Block.id) == row.id, col(Block.state) == row.state)
    result = await session.exec(query.values(**values).execution_options(synchronize_session=False))
    await session.refresh(row)
    return bool(result.rowcount)


async def forget(session: AsyncSession, comment_id: int) -> None:
    """Keep nothing of what the reasons say."""
    query = update(Block).where(col(Block.comment_id) == comment_id).values(reason="")
    await session.exec(query.execution_options(synchronize_session=False))
