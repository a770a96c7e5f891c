"""Lanes: one sender per vendor at a time, by a lease; and the pauses the vendor asked for."""

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base, posts


class Lane(SQLModel, table=True):
    """Who may send to a vendor, and until when. ``pauses``: verb → {"until": ISO instant, "reason"}."""

    via: str = Field(primary_key=True, max_length=48)
    owner: str | None = Field(default=None, max_length=80)
    until: datetime = base.instant()
    pauses: dict[str, Any] = base.json_column()


async def hold(
    session: AsyncSession, via: str, owner: str, *, now: datetime, until: datetime, free_since: datetime
) -> bool:
    """Take or renew the lease until ``until``; another owner's must have ended by ``free_since``."""
    fresh = posts.inserting(session, Lane).values(via=via, owner=None, until=free_since, pauses={})
    await session.exec(fresh.on_conflict_do_nothing())
    query = (
        update(Lane)
        .where(col(Lane.via) == via, (col(Lane.owner) == owner) | (col(Lane.until) <= free_since))
        .values(owner=owner, until=until)
    )
    result = await session.exec(query.execution_options(synchronize_session=False))
    return bool(result.rowcount)


async def locked(session: AsyncSession, via: str) -> Lane | None:
    """The lane as it stands now, held until the transaction ends."""
    query = select(Lane).where(Lane.via == via).with_for_update()
    return (await session.exec(query.execution_options(populate_existing=True))).first()


async def get(session: AsyncSession, via: str) -> Lane | None:
    """The lane, unlocked."""
    return await session.get(Lane, via)


async def release(session: AsyncSession, via: str, owner: str, free_since: datetime) -> None:
    """Give the lease back: the next may take it at once."""
    query = update(Lane).where(col(Lane.via) == via, col(Lane.owner) == owner)
    await session.exec(query.values(owner=None, until=free_since))


async def pause(session: AsyncSession, via: str, verb: str, until: datetime, reason: str) -> None:
    """Remember that the vendor wants no ``verb`` until then."""
    lane = await locked(session, via)
    if lane is not None:
        lane.pauses = {**lane.pauses, verb: {"until": until.isoformat(), "reason": reason}}
        session.add(lane)


async def lift(session: AsyncSession, via: str, verb: str) -> bool:
    """Forget that ``verb`` rests; its sender reads that from the row. False when it did not rest."""
    lane = await locked(session, via)
    if lane is None or verb not in lane.pauses:
        return False
    lane.pauses = {name: one for name, one in lane.pauses.items() if name != verb}
    session.add(lane)
    return True
