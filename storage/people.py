"""People as Slack knows them, and the members of its user groups; a cache that law and status read."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Field, SQLModel, col, delete, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base


class Person(SQLModel, table=True):
    """One Slack user, as last seen."""

    slack_id: str = Field(primary_key=True, max_length=32)
    team_id: str = Field(default="", max_length=32)
    email: str | None = Field(default=None, index=True, max_length=254)
    name: str = Field(default="", max_length=200)
    locale: str | None = Field(default=None, max_length=16)
    phone: str = Field(default="", max_length=40)
    guest: bool = False
    foreign: bool = False  # another workspace's person, seen through a shared channel
    deleted: bool = False
    bot: bool = False
    place: str | None = Field(default=None, max_length=32)  # the stored direct-message channel
    seen: datetime = base.instant()


class Group(SQLModel, table=True):
    """A Slack user group whose members were read at ``seen``."""

    group_id: str = Field(primary_key=True, max_length=32)
    seen: datetime = base.instant()


class Member(SQLModel, table=True):
    """Membership in a user group."""

    group_id: str = Field(primary_key=True, max_length=32)
    slack_id: str = Field(primary_key=True, max_length=32)


async def get(session: AsyncSession, slack_id: str) -> Person | None:
    """The person with this Slack id."""
    return await session.get(Person, slack_id)


async def locked(session: AsyncSession, slack_id: str) -> Person | None:
    """The person, the row held until the transaction ends."""
    return await session.get(Person, slack_id, with_for_update=True)


async def many(session: AsyncSession, slack_ids: Iterable[str]) -> dict[str, Person]:
    """People by Slack id; unknown ids are left out."""
    wanted = set(slack_ids)
    if not wanted:
        return {}
    rows = (await session.exec(select(Person).where(col(Person.slack_id).in_(wanted)))).all()
    return {row.slack_id: row for row in rows}


async def by_who(session: AsyncSession, whos: Iterable[str]) -> dict[str, Person]:
    """People by what the register calls them: an e-mail address (lower case) or a Slack id."""
    wanted = {who for who in whos if who}
    if not wanted:
        return {}
    query = select(Person).where(or_(col(Person.slack_id).in_(wanted), col(Person.email).in_(wanted)))
    found: dict[str, Person] = {}
    for row in (await session.exec(query)).all():
        found[row.slack_id] = row
        if row.email:
            found[row.email] = row
    return {who: found[who] for who in wanted if who in found}


async def save(session: AsyncSession, person: Person) -> None:
    """Insert or replace what is known of a person; a stored direct-message channel is kept."""
    values = person.model_dump()
    if person.place is None:
        values.pop("place")
    changed = {name: value for name, value in values.items() if name != "slack_id"}
    query = base.inserting(session, Person).values(**values)
    await session.exec(query.on_conflict_do_update(index_elements=["slack_id"], set_=changed))


async def remember_place(session: AsyncSession, slack_id: str, place: str) -> None:
    """Keep a person's direct-message channel; nothing for somebody unknown."""
    person = await session.get(Person, slack_id)
    if person is not None:
        person.place = place
        session.add(person)


async def group(session: AsyncSession, group_id: str) -> tuple[datetime | None, list[str]]:
    """When the group was last read, and its members."""
    row = await session.get(Group, group_id)
    members = await session.exec(select(Member.slack_id).where(Member.group_id == group_id))
    return (row.seen if row else None), sorted(members.all())


async def everyone(session: AsyncSession) -> list[Person]:
    """Everybody the desk has ever met."""
    return list((await session.exec(select(Person).order_by(col(Person.name)))).all())


async def save_group(session: AsyncSession, group_id: str, members: Sequence[str], now: datetime) -> None:
    """Replace the members of a group."""
    fresh = base.inserting(session, Group).values(group_id=group_id, seen=now)  # held: one reader at a time
    await session.exec(fresh.on_conflict_do_update(index_elements=["group_id"], set_={"seen": now}))
    await session.exec(delete(Member).where(col(Member.group_id) == group_id))
    session.add_all(Member(group_id=group_id, slack_id=member) for member in set(members))
