"""Decisions on applications: one row per version and gate."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel, UniqueConstraint, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base

WAITING = "waiting"
VOID = "void"


class Decision(SQLModel, table=True):
    """What one gate (head or comms) says of one version."""

    __table_args__ = (UniqueConstraint("application_id", "version", "gate"),)

    id: int | None = Field(default=None, primary_key=True)
    application_id: int = Field(foreign_key="application.id", index=True)
    version: int
    gate: str = Field(max_length=8)
    outcome: str = Field(default=WAITING, max_length=8)
    decided_by: str | None = Field(default=None, max_length=32)
    role: str = Field(default="", max_length=16)
    reason: str = ""
    decided: datetime | None = base.maybe_instant()
    reference: str = Field(default="", max_length=200)  # of an answer given outside Slack
    answered: date | None = None  # the date of that answer
    reminded: int = 0
    remind: datetime | None = base.maybe_instant(index=True)


async def of_version(session: AsyncSession, application_id: int, version: int) -> list[Decision]:
    """Both decisions on one version."""
    query = select(Decision).where(Decision.application_id == application_id, Decision.version == version)
    return list((await session.exec(query.order_by(col(Decision.gate)))).all())


async def history(session: AsyncSession, application_id: int) -> list[Decision]:
    """Every decision ever given on an application, in order."""
    query = select(Decision).where(Decision.application_id == application_id)
    return list((await session.exec(query.order_by(col(Decision.version), col(Decision.gate)))).all())
