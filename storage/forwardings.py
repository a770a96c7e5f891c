"""Comments that were sent on to somebody who knows, and what came back."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel, col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base

SENT, RECEIVED, ANSWERED = "sent", "received", "answered"
STATES = (SENT, RECEIVED, ANSWERED)


class Forwarding(SQLModel, table=True):
    """One comment sent on. ``target`` is its key in the settings; ``name`` what people read.

    ``receiver`` is a Slack id; ``mail`` the key of the mail channel that carries it; ``email`` the address,
    when a person has to write there. ``due`` is when it goes out (UTC), later than ``created`` while they are
    closed. ``post_id`` is its row in the outbox.
    """

    __table_args__ = (CheckConstraint(f"state IN ({base.one_of(STATES)})", name="ck_forwarding_state"),)

    id: int | None = Field(default=None, primary_key=True)
    comment_id: int = Field(foreign_key="comment.id", index=True)
    target: str = Field(max_length=40)
    kind: str = Field(max_length=20)
    name: str = Field(max_length=120)
    receiver: str | None = Field(default=None, max_length=32)
    mail: str | None = Field(default=None, max_length=40)
    email: str | None = Field(default=None, max_length=254)
    note: str = ""
    state: str = Field(default=SENT, max_length=16, index=True)
    version: int = 1
    by: str = Field(max_length=32)
    created: datetime = base.instant()
    due: datetime = base.instant()
    post_id: int | None = Field(default=None, foreign_key="post.id", unique=True)
    received: datetime | None = base.maybe_instant()
    answer: str = ""
    answered: datetime | None = base.maybe_instant()
    answered_by: str | None = Field(default=None, max_length=32)


async def get(session: AsyncSession, forwarding_id: int) -> Forwarding | None:
    """The forwarding with this number, as it stands in the database."""
    return await session.get(Forwarding, forwarding_id, populate_existing=True)


async def of_comment(session: AsyncSession, comment_id: int) -> list[Forwarding]:
    """Everywhere a comment was sent, oldest first."""
    query = select(Forwarding).where(Forwarding.comment_id == comment_id).order_by(col(Forwarding.id))
    return list((await session.exec(query)).all())


async def change(session: AsyncSession, row: Forwarding, **values: Any) -> bool:
    """Compare state and version, then set; False when somebody was faster. The row shows what it now holds."""
    query = update(Forwarding).where(
        col(Forwarding.id) == row.id, col(Forwarding.state) == row.state, col(Forwarding.version) == row.version
    )
    values = {**values, "version": row.version + 1}
    result = await session.exec(query.values(**values).execution_options(synchronize_session=False))
    await session.refresh(row)
    return bool(result.rowcount)


async def forget(session: AsyncSession, comment_id: int) -> None:
    """Keep nothing of what was said when a comment was sent on, nor of what came back."""
    query = update(Forwarding).where(col(Forwarding.comment_id) == comment_id).values(note="", answer="")
    await session.exec(query.execution_options(synchronize_session=False))
