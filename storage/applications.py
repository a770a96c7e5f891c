"""Applications for accounts: the case row, taken first by whoever changes anything."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel, col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base

OPEN = ("waiting", "returned", "approved")


class Application(SQLModel, table=True):
    """One request for an account. ``content`` is the form; ``digest`` binds approvals to it."""

    id: int | None = Field(default=None, primary_key=True)
    reference: str | None = Field(default=None, max_length=80, unique=True)  # the e-service's case number
    draft: str | None = Field(default=None, max_length=32, unique=True)  # a repeated submit finds its case
    requester: str = Field(max_length=32, index=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    head_unit_id: int = Field(foreign_key="unit.id")  # whose head decides; "Fel chef?" changes it
    state: str = Field(max_length=16, index=True)
    version: int = 1
    content: dict[str, Any] = base.json_column()
    digest: str = Field(max_length=64)
    created: datetime = base.instant()
    asked: datetime = base.instant()  # when the present version was sent to its deciders
    expires: datetime | None = base.maybe_instant(index=True)  # None while it is not waiting
    left_s: int | None = None  # seconds left when the clock was stopped
    closed: datetime | None = base.maybe_instant()


async def get(session: AsyncSession, application_id: int) -> Application | None:
    """The application with this number."""
    return await session.get(Application, application_id)


async def locked(session: AsyncSession, application_id: int) -> Application | None:
    """The application, read anew and its row held until the transaction ends."""
    query = select(Application).where(Application.id == application_id).with_for_update()
    return (await session.exec(query.execution_options(populate_existing=True))).first()


async def change(session: AsyncSession, case: Application, **values: Any) -> bool:
    """Write these columns if the case still has the state and version it was read with; then reread it."""
    query = update(Application).where(
        col(Application.id) == case.id,
        col(Application.state) == case.state,
        col(Application.version) == case.version,
    )
    result = await session.exec(query.values(**values).execution_options(synchronize_session=False))
    await session.refresh(case)
    return bool(result.rowcount == 1)


async def of_draft(session: AsyncSession, draft: str) -> Application | None:
    """The application that a draft became."""
    return (await session.exec(select(Application).where(Application.draft == draft))).first()


async def of_reference(session: AsyncSession, reference: str) -> Application | None:
    """The application with the e-service's case number."""
    return (await session.exec(select(Application).where(Application.reference == reference))).first()


async def of_person(session: AsyncSession, slack_id: str, limit: int = 20) -> list[Application]:
    """A person's applications, newest first."""
    query = select(Application).where(Application.requester == slack_id)
    return list((await session.exec(query.order_by(col(Application.id).desc()).limit(limit))).all())


async def in_state(session: AsyncSession, *states: str) -> list[Application]:
    """All applications in one of the states, oldest first."""
    query = select(Application).where(col(Application.state).in_(states)).order_by(col(Application.id))
    return list((await session.exec(query)).all())


async def ids_in_state(session: AsyncSession, *states: str) -> list[int]:
    """Numbers of all applications in one of the states, oldest first."""
    query = select(Application.id).where(col(Application.state).in_(states)).order_by(col(Application.id))
    return [number for number in (await session.exec(query)).all() if number is not None]
