"""The crisis log: what people wrote down during an incident, in order."""

from datetime import datetime

from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base


class Note(SQLModel, table=True):
    """One line of the crisis log. ``source`` is the address of the Slack message it was made of, if any."""

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    at: datetime = base.instant()
    by: str = Field(max_length=32)
    text: str
    source: str = Field(default="", max_length=500)


async def of_incident(session: AsyncSession, incident_id: int) -> list[Note]:
    """An incident's log in order."""
    query = select(Note).where(Note.incident_id == incident_id).order_by(col(Note.at), col(Note.id))
    return list((await session.exec(query)).all())
