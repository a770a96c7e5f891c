"""Calendar slots that have been claimed: a restart, a replica or a DST day changes nothing."""

from datetime import date, datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, SQLModel, col
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base


class Slot(SQLModel, table=True):
    """A job done for a recipient on a local date."""

    job: str = Field(primary_key=True, max_length=40)
    day: date = Field(primary_key=True)
    recipient: str = Field(primary_key=True, max_length=80)
    claimed: datetime = base.instant()


async def claim(session: AsyncSession, job: str, day: date, recipient: str, now: datetime) -> bool:
    """True for the one caller who gets the slot."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    query = insert(Slot).values(job=job, day=day, recipient=recipient, claimed=now)
    taken = await session.exec(query.on_conflict_do_nothing().returning(col(Slot.job)))
    return taken.first() is not None
