"""Duties of the desk: department, manager, registrar, contact centre, crisis deciders."""

from sqlmodel import Field, SQLModel, UniqueConstraint, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

DEPARTMENT = "department"
MANAGER = "manager"
REGISTRAR = "registrar"
CONTACT_CENTRE = "contact_centre"
CRISIS_DECIDER = "crisis_decider"
ALL = (DEPARTMENT, MANAGER, REGISTRAR, CONTACT_CENTRE, CRISIS_DECIDER)


class Duty(SQLModel, table=True):
    """Somebody (e-mail, Slack id, or a user group's id) who has a duty."""

    __table_args__ = (UniqueConstraint("role", "who"),)

    id: int | None = Field(default=None, primary_key=True)
    role: str = Field(max_length=32, index=True)
    who: str = Field(max_length=254)
    name: str = Field(default="", max_length=120)


async def of(session: AsyncSession, role: str) -> list[Duty]:
    """Everybody with the duty, in the order in which they were entered."""
    query = select(Duty).where(Duty.role == role).order_by(col(Duty.id))
    return list((await session.exec(query)).all())


async def everything(session: AsyncSession) -> list[Duty]:
    """All duties."""
    return list((await session.exec(select(Duty).order_by(col(Duty.id)))).all())


async def replace(session: AsyncSession, role: str, whos: list[str]) -> None:
    """Give the duty to exactly these."""
    await session.exec(delete(Duty).where(col(Duty.role) == role))
    session.add_all(Duty(role=role, who=who) for who in dict.fromkeys(whos))


async def appoint(session: AsyncSession, role: str, who: str, name: str) -> None:
    """Give the duty to one mailbox with a name, inside Slack or not; an empty address leaves it vacant."""
    await session.exec(delete(Duty).where(col(Duty.role) == role))
    if who:
        session.add(Duty(role=role, who=who, name=name))
