"""Hiding and removing: who decided it, why, and the evidence that was kept."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel, col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base

PROPOSED, ORDERED, DONE, BY_HAND, DECLINED = "proposed", "ordered", "done", "by_hand", "declined"
STATES = (PROPOSED, ORDERED, DONE, BY_HAND, DECLINED)


class Moderation(SQLModel, table=True):
    """One act on one comment. ``klass``: a, b, c, d or child; ``evidence``: the comment as it stood, frozen.

    ``second`` agreed, where a second person is needed. ``shot``: where the picture of it is kept;
    ``no_shot``: why there is none. ``diary``: the diary number, or that the registrar has it.
    """

    __table_args__ = (CheckConstraint(f"state IN ({base.one_of(STATES)})", name="ck_moderation_state"),)

    id: int | None = Field(default=None, primary_key=True)
    comment_id: int = Field(foreign_key="comment.id", index=True)
    act: str = Field(max_length=8)
    klass: str = Field(max_length=8)
    why: str = ""
    shot: str = ""
    no_shot: str = ""
    diary: str = Field(default="", max_length=120)
    evidence: dict[str, Any] = base.json_column()
    digest: str = Field(default="", max_length=64)
    state: str = Field(max_length=16)
    reason: str = Field(default="", max_length=200)
    by: str = Field(max_length=32)
    at: datetime = base.instant()
    second: str | None = Field(default=None, max_length=32)
    seconded: datetime | None = base.maybe_instant()
    post_id: int | None = Field(default=None, foreign_key="post.id", unique=True)
    settled: datetime | None = base.maybe_instant()


async def get(session: AsyncSession, moderation_id: int) -> Moderation | None:
    """The act with this number."""
    return await session.get(Moderation, moderation_id, populate_existing=True)


async def newest(session: AsyncSession, comment_id: int) -> Moderation | None:
    """The last act on a comment that was not declined."""
    query = select(Moderation).where(Moderation.comment_id == comment_id, Moderation.state != DECLINED)
    return (await session.exec(query.order_by(col(Moderation.id).desc()).limit(1))).first()


async def of_post(session: AsyncSession, post_id: int) -> Moderation | None:
    """The act that this delivery carries out."""
    return (await session.exec(select(Moderation).where(Moderation.post_id == post_id))).first()


async def move(session: AsyncSession, row: Moderation, after: str, **values: Any) -> bool:
    """Compare the state, then set; False when somebody was faster. The row shows what it now holds."""
    query = update(Moderation).where(col(Moderation.id) == row.id, col(Moderation.state) == row.state)
    result = await session.exec(query.values(state=after, **values).execution_options(synchronize_session=False))
    await session.refresh(row)
    return bool(result.rowcount)
