"""Bulletins: each message of an incident, as it was submitted, approved and sent."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel, UniqueConstraint, col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base


class Bulletin(SQLModel, table=True):
    """One message to every channel. ``texts``: channel key → what it shows; ``digest`` binds the approval.

    ``skipped``: channel key → why it does not get this message.
    """

    __table_args__ = (UniqueConstraint("incident_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    number: int
    kind: str = Field(max_length=16)
    state: str = Field(max_length=16, index=True)
    version: int = 1
    drill: bool = False
    facts: dict[str, Any] = base.json_column()
    texts: dict[str, Any] = base.json_column()
    skipped: dict[str, Any] = base.json_column()
    digest: str = Field(max_length=64)
    by: str = Field(max_length=32)
    asked: datetime = base.instant()
    decided_by: str | None = Field(default=None, max_length=32)
    role: str | None = Field(default=None, max_length=16)
    decided: datetime | None = base.maybe_instant()
    emergency: bool = False
    anew: bool = False  # announced in Slack by new messages, not by editing the earlier ones
    reason: str = ""
    without_site_s: int | None = None  # go on without the website after so many seconds
    stopped_by: str | None = Field(default=None, max_length=32)
    stopped: datetime | None = base.maybe_instant()


async def get(session: AsyncSession, bulletin_id: int) -> Bulletin | None:
    """The bulletin with this number, unlocked."""
    return await session.get(Bulletin, bulletin_id)


async def locked(session: AsyncSession, bulletin_id: int) -> Bulletin | None:
    """The bulletin, read anew and its row held until the transaction ends."""
    query = select(Bulletin).where(Bulletin.id == bulletin_id).with_for_update()
    return (await session.exec(query.execution_options(populate_existing=True))).first()


async def change(session: AsyncSession, row: Bulletin, **values: object) -> bool:
    """Write these columns if the bulletin still has the state and version it was read with; then reread it."""
    query = update(Bulletin).where(
        col(Bulletin.id) == row.id,
        col(Bulletin.state) == row.state,
        col(Bulletin.version) == row.version,
    )
    result = await session.exec(query.values(**values).execution_options(synchronize_session=False))
    await session.refresh(row)
    return bool(result.rowcount == 1)


async def of_incident(session: AsyncSession, incident_id: int) -> list[Bulletin]:
    """An incident's bulletins in order."""
    query = select(Bulletin).where(Bulletin.incident_id == incident_id).order_by(col(Bulletin.number))
    return list((await session.exec(query)).all())


async def in_state(session: AsyncSession, incident_id: int, *states: str) -> list[Bulletin]:
    """An incident's bulletins in one of the states, oldest first."""
    query = select(Bulletin).where(Bulletin.incident_id == incident_id, col(Bulletin.state).in_(states))
    return list((await session.exec(query.order_by(col(Bulletin.number)))).all())
