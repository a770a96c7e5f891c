"""Units of the municipality: who heads them, who stands in, where they talk."""

from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession


class Unit(SQLModel, table=True):
    """A unit under a board (nämnd). ``head`` and ``deputy`` are an e-mail address or a Slack id."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=120, unique=True)
    board: str = Field(default="", max_length=120)
    parent_id: int | None = Field(default=None, foreign_key="unit.id")
    channel: str | None = Field(default=None, max_length=32)
    head: str | None = Field(default=None, max_length=254)
    head_name: str = Field(default="", max_length=120)  # shown while the head is not in Slack
    head_title: str = Field(default="", max_length=60)
    deputy: str | None = Field(default=None, max_length=254)


async def get(session: AsyncSession, unit_id: int) -> Unit | None:
    """The unit with this number."""
    return await session.get(Unit, unit_id)


async def locked(session: AsyncSession, unit_id: int) -> Unit | None:
    """The unit, its row held until the transaction ends."""
    return await session.get(Unit, unit_id, with_for_update=True)


async def all_locked(session: AsyncSession) -> list[Unit]:
    """All units, read anew and held until the transaction ends: names and parents concern them all.

    Who only points at a unit (an application, an account) is not held up.
    """
    query = select(Unit).order_by(col(Unit.id)).with_for_update(key_share=True)
    return list((await session.exec(query.execution_options(populate_existing=True))).all())


async def everyone(session: AsyncSession) -> list[Unit]:
    """All units by name."""
    return list((await session.exec(select(Unit).order_by(col(Unit.name)))).all())


async def chain(session: AsyncSession, unit_id: int) -> list[Unit]:
    """The unit, its parent, the parent's parent …; a loop in the data ends the walk."""
    found: list[Unit] = []
    seen: set[int] = set()
    at: int | None = unit_id
    while at is not None and at not in seen:
        seen.add(at)
        unit = await get(session, at)
        if unit is None:
            break
        found.append(unit)
        at = unit.parent_id
    return found


async def by_name(session: AsyncSession, name: str) -> Unit | None:
    """The unit with exactly this name."""
    return (await session.exec(select(Unit).where(Unit.name == name))).first()
