"""Arrivals: what platforms' webhooks brought, byte for byte, before anything is made of it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
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


async def settle(session: AsyncSession, arrival_id: int, state: str, reason: str | None = None) -> bool:
    """new → done or odd; False when another process was faster."""
    query = update(Arrival).where(col(Arrival.id) == arrival_id, col(Arrival.state) == NEW)
    result = await session.exec(
        query.values(state=state, reason=reason).execution_options(synchronize_session=False)
    )
    return bool(result.rowcount)


async def odd(session: AsyncSession) -> dict[str, int]:
    """How many could not be understood, by source."""
    query = select(Arrival.source, func.count()).where(Arrival.state == ODD).group_by(Arrival.source)
    return dict((await session.exec(query)).all())
