"""Receipts: who has paused their other posts during an incident."""

from datetime import datetime

from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base


class Receipt(SQLModel, table=True):
    """*Jag har pausat*, once for each person and incident."""

    incident_id: int = Field(primary_key=True, foreign_key="incident.id")
    person: str = Field(primary_key=True, max_length=32)
    at: datetime = base.instant()


async def give(session: AsyncSession, incident_id: int, person: str, now: datetime) -> None:
    """Enter it; the first one counts."""
    row = base.inserting(session, Receipt).values(incident_id=incident_id, person=person, at=now)
    await session.exec(row.on_conflict_do_nothing())


async def of_incident(session: AsyncSession, incident_id: int) -> list[Receipt]:
    """Everybody who has paused, in order."""
    query = select(Receipt).where(Receipt.incident_id == incident_id)
    return list((await session.exec(query.order_by(col(Receipt.at)))).all())
