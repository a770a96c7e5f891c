"""Small facts of the desk that are edited in Slack or noticed at work: one key, one JSON value."""

from typing import Any

from sqlmodel import Field, SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base

SEEDED = "seeded"
DEPARTMENT_CHANNEL = "department_channel"


class Fact(SQLModel, table=True):
    """A fact by name."""

    key: str = Field(primary_key=True, max_length=80)
    value: dict[str, Any] = base.json_column()


async def get(session: AsyncSession, key: str, default: Any = None) -> Any:
    """The fact's value, or the default."""
    row = await session.get(Fact, key)
    return default if row is None else row.value.get("is", default)


async def locked(session: AsyncSession, key: str) -> Any:
    """The fact's value (None: there is none yet), held until the transaction ends."""
    await session.exec(base.inserting(session, Fact).values(key=key, value={}).on_conflict_do_nothing())
    row = await session.get_one(Fact, key, with_for_update=True, populate_existing=True)
    return row.value.get("is")


async def put(session: AsyncSession, key: str, value: Any) -> None:
    """Set the fact."""
    await session.merge(Fact(key=key, value={"is": value}))


async def starting(session: AsyncSession, prefix: str) -> dict[str, Any]:
    """All facts whose key starts so."""
    rows = await session.exec(select(Fact).where(Fact.key.startswith(prefix)))
    return {row.key: row.value.get("is") for row in rows.all()}


async def drop(session: AsyncSession, key: str) -> None:
    """Forget the fact."""
    row = await session.get(Fact, key)
    if row is not None:
        await session.delete(row)
