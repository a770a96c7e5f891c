"""Incidents: what crisis mode is about, from the first proposal to the end."""

from datetime import datetime

from sqlmodel import Field, SQLModel, col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base

PROPOSED, ON, OVER, DROPPED = "proposed", "on", "over", "dropped"
OPEN = (PROPOSED, ON)


class Incident(SQLModel, table=True):
    """One event, real or a drill. ``next_at`` is the instant at which word was promised (UTC)."""

    id: int | None = Field(default=None, primary_key=True)
    event: str = Field(max_length=32)  # the template's key
    place: str = Field(max_length=200)
    drill: bool = False
    state: str = Field(max_length=16, index=True)
    by: str = Field(max_length=32)
    opened: datetime = base.instant()
    began: datetime | None = base.maybe_instant()  # when the first message was approved
    ended: datetime | None = base.maybe_instant()
    next_at: datetime | None = base.maybe_instant(index=True)
    watcher: str | None = Field(default=None, max_length=32)  # who watches outside office hours


async def get(session: AsyncSession, incident_id: int) -> Incident | None:
    """The incident with this number."""
    return await session.get(Incident, incident_id)


async def locked(session: AsyncSession, incident_id: int) -> Incident | None:
    """The incident, read anew and its row held until the transaction ends."""
    query = select(Incident).where(Incident.id == incident_id).with_for_update()
    return (await session.exec(query.execution_options(populate_existing=True))).first()


async def change(session: AsyncSession, row: Incident, **values: object) -> bool:
    """Write these columns if the incident still has the state it was read with; then reread it."""
    query = update(Incident).where(col(Incident.id) == row.id, col(Incident.state) == row.state)
    result = await session.exec(query.values(**values).execution_options(synchronize_session=False))
    await session.refresh(row)
    return bool(result.rowcount == 1)


async def in_state(session: AsyncSession, *states: str) -> list[Incident]:
    """All incidents in one of the states, oldest first."""
    query = select(Incident).where(col(Incident.state).in_(states)).order_by(col(Incident.id))
    return list((await session.exec(query)).all())


async def newest(session: AsyncSession, limit: int = 20) -> list[Incident]:
    """The latest incidents, newest first."""
    return list((await session.exec(select(Incident).order_by(col(Incident.id).desc()).limit(limit))).all())
