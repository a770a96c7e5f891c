"""Press calls: who asks what and when the answer is due. Never who has talked to them (TF 3:5)."""

from datetime import datetime

from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base


class PressCall(SQLModel, table=True):
    """One question from a newsroom. ``person`` will answer it; who took the call is not kept."""

    __tablename__ = "press_call"

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    at: datetime = base.instant()
    newsroom: str = Field(max_length=120)
    number: str = Field(max_length=120)  # name and number to ring back
    question: str
    due: datetime = base.instant()
    person: str = Field(max_length=32)
    done: datetime | None = base.maybe_instant()


async def locked(session: AsyncSession, call_id: int) -> PressCall | None:
    """The call, read anew and its row held until the transaction ends."""
    return await session.get(PressCall, call_id, with_for_update=True, populate_existing=True)


async def of_incident(session: AsyncSession, incident_id: int) -> list[PressCall]:
    """An incident's calls, the most urgent first."""
    query = select(PressCall).where(PressCall.incident_id == incident_id)
    return list((await session.exec(query.order_by(col(PressCall.due), col(PressCall.id)))).all())
