"""Arrivals: what platforms' webhooks brought, byte for byte, before anything is made of it."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, case, text
from sqlmodel import Field, SQLModel, UniqueConstraint, col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base

NEW, DONE, ODD = "new", "done", "odd"


class Arrival(SQLModel, table=True):
    """One change as it came. ``digest`` keeps a redelivered one from being kept twice."""

    __table_args__ = (
        UniqueConstraint("source", "digest"),
        CheckConstraint(f"state IN ({base.one_of((NEW, DONE, ODD))})", name="ck_arrival_state"),
        Index(
            "ix_arrival_new",
            "id",
            sqlite_where=text("state = 'new'"),
            postgresql_where=text("state = 'new'"),
        ),
        Index(
            "ix_arrival_odd",
            "received",
            sqlite_where=text("state = 'odd'"),
            postgresql_where=text("state = 'odd'"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(max_length=40)
    digest: str = Field(max_length=64)
    body: str
    received: datetime = base.instant(index=True)
    state: str = Field(default=NEW, max_length=8)
    reason: str | None = Field(default=None, max_length=200)


async def add_all(session: AsyncSession, rows: Sequence[Arrival]) -> None:
    """Keep them; what came before is left alone."""
    if rows:
        values = [row.model_dump(exclude={"id"}) for row in rows]
        connection = await session.connection()
        await connection.execute(base.inserting(session, Arrival).on_conflict_do_nothing(), values)


async def new(session: AsyncSession, limit: int) -> list[Arrival]:
    """What nobody has looked at yet, in the order it came."""
    query = select(Arrival).where(text("state = 'new'")).order_by(col(Arrival.id)).limit(limit)
    return list((await session.exec(query)).all())


async def settle(session: AsyncSession, ids: Collection[int]) -> set[int]:
    """new → done; gives those that nobody else was faster with."""
    query = update(Arrival).where(col(Arrival.id).in_(ids), col(Arrival.state) == NEW).values(state=DONE)
    result = await session.exec(query.returning(col(Arrival.id)).execution_options(synchronize_session=False))
    return {one or 0 for one in result.scalars()}


async def wonder(session: AsyncSession, arrival_id: int, reason: str) -> None:
    """done → odd: it could not be understood."""
    query = update(Arrival).where(col(Arrival.id) == arrival_id).values(state=ODD, reason=reason)
    await session.exec(query.execution_options(synchronize_session=False))


async def odd(session: AsyncSession, since: datetime | None = None) -> dict[str, int]:
    """How many could not be understood, by source; of those that came since then (UTC), if it is given."""
    query = select(Arrival.source, func.count()).where(text("state = 'odd'")).group_by(Arrival.source)
    if since is not None:
        query = query.where(col(Arrival.received) >= since)
    return dict((await session.exec(query)).all())


async def about(session: AsyncSession, source: str, remote: str, since: datetime) -> list[Arrival]:
    """What came of one comment since then (UTC), by the vendor's id of it, oldest first."""
    query = select(Arrival).where(Arrival.source == source, col(Arrival.received) >= since)
    found = await session.exec(query.where(col(Arrival.body).contains(remote, autoescape=True)))
    return sorted((row for row in found if _is_about(row, remote)), key=lambda row: row.id or 0)


def _is_about(row: Arrival, remote: str) -> bool:
    try:
        return remote in _ids(json.loads(row.body))
    except ValueError:
        return True  # nobody can say what it is about, and the id stands in it


def _ids(thing: Any) -> set[str]:
    """What calls itself by an id in there; whose answer it is does not count."""
    if isinstance(thing, list):
        return {one for part in thing for one in _ids(part)}
    if not isinstance(thing, dict):
        return set()
    own = {str(thing[name]) for name in ("comment_id", "id") if isinstance(thing.get(name), str | int)}
    return own | {one for part in thing.values() for one in _ids(part)}


async def blank(session: AsyncSession, ids: Collection[int]) -> None:
    """Forget what they said. Their digests stay, so that the same is not kept when it comes again.

    Nothing is to be made any more of those that are new.
    """
    if ids:
        state = case((col(Arrival.state) == NEW, DONE), else_=col(Arrival.state))
        query = update(Arrival).where(col(Arrival.id).in_(ids)).values(body="{}", state=state)
        await session.exec(query.execution_options(synchronize_session=False))
