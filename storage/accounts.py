"""The municipality's accounts: what the public register shows."""

from datetime import date, datetime
from typing import Final

from sqlalchemy import text
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base
from storage.units import Unit

LIVE = "live"
CLOSED = "closed"
LOCK: Final = 0x6B6F6E74  # PostgreSQL's advisory lock: "kont"


class Account(SQLModel, table=True):
    """An account on a platform. ``login_place`` says where the login is kept, never what it is."""

    id: int | None = Field(default=None, primary_key=True)
    application_id: int | None = Field(default=None, foreign_key="application.id", unique=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    platform: str = Field(max_length=32)
    name: str = Field(max_length=120)
    address: str = Field(max_length=300)
    purpose: str
    audience: str = ""
    owner: str = Field(max_length=32, index=True)
    substitute: str | None = Field(default=None, max_length=32)
    editors: list[str] = base.json_list()
    login_place: str = Field(default="", max_length=300)
    state: str = Field(default=LIVE, max_length=16, index=True)
    until: date | None = None
    entered_by: str = Field(max_length=32)
    entered: datetime = base.instant()


async def alone(session: AsyncSession) -> None:
    """Hold the register until the transaction ends, so that no address enters it twice at once.

    SQLite's writers are alone anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        connection = await session.connection()
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


async def get(session: AsyncSession, account_id: int) -> Account | None:
    """The account with this number."""
    return await session.get(Account, account_id)


async def live(session: AsyncSession) -> list[tuple[Account, Unit]]:
    """Every live account with its unit, by unit, platform and name."""
    query = select(Account, Unit).where(Account.unit_id == Unit.id, Account.state == LIVE)
    query = query.order_by(col(Unit.name), col(Account.platform), col(Account.name))
    return list((await session.exec(query)).all())


async def everyone(session: AsyncSession) -> list[Account]:
    """Every account there has been, by number."""
    return list((await session.exec(select(Account).order_by(col(Account.id)))).all())


async def of_person(session: AsyncSession, slack_id: str) -> list[Account]:
    """Live accounts that the person owns or stands in for."""
    mine = (col(Account.owner) == slack_id) | (col(Account.substitute) == slack_id)
    query = select(Account).where(mine, Account.state == LIVE).order_by(col(Account.name))
    return list((await session.exec(query)).all())


async def of_application(session: AsyncSession, application_id: int) -> Account | None:
    """The account an application became."""
    return (await session.exec(select(Account).where(Account.application_id == application_id))).first()
