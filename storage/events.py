"""Events already taken: Slack delivers some of them twice."""

from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, SQLModel, col, delete
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base


class SeenEvent(SQLModel, table=True):
    """An event id and when it came."""

    __tablename__ = "seen_event"

    event_id: str = Field(primary_key=True, max_length=64)
    seen: datetime = base.instant(index=True)


async def first_time(session: AsyncSession, event_id: str, now: datetime) -> bool:
    """True the first time an event id is shown."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    query = insert(SeenEvent).values(event_id=event_id, seen=now).on_conflict_do_nothing()
    taken = await session.exec(query.returning(col(SeenEvent.event_id)))
    return taken.first() is not None


async def forget_before(session: AsyncSession, when: datetime) -> None:
    """Forget old event ids."""
    await session.exec(delete(SeenEvent).where(col(SeenEvent.seen) < when))
