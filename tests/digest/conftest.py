"""A morning in the town: accounts, residents who have written, and a Slack in memory."""

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channels.heard import Heard
from bot.channels.message import Message
from bot.channels.outlet import Outlet
from bot.channels.protocol import Can
from bot.comment_settings import Comments, Place
from bot.comments import taking
from bot.delivery.outcome import Drop, Later
from bot.delivery.room import Facts, Room
from bot.desk import Desk
from bot.digest import gathering, owing
from bot.digest.gathering import Digest, Mine
from bot.schedule import Schedule
from bot.texts import Texts
from handlers.digest import DigestRenderer
from storage import accounts, posts
from storage.accounts import Account
from storage.comments import Comment
from storage.engine import Database
from storage.posts import Post
from storage.units import Unit
from tests import town
from tests.delivery.conftest import QUICK
from tests.delivery.vendor import Vendor

SV, EN = Texts.load().language("sv"), Texts.load().language("en")
LIBRARY, SCHOOL, YOUTH, PAGE = "facebook", "instagram", "youth", "page"
LIBRARY_SLACK = "C0BIBLIO"
PATIENCE = 3000  # looks
COMMENTS = frozenset({Can.COMMENTS})
OUTLETS = (
    Outlet(LIBRARY, "Facebook", "facebook", COMMENTS, account="https://facebook.com/biblioteket"),
    Outlet(SCHOOL, "Instagram", "instagram", COMMENTS, account="https://instagram.com/skolan"),
    Outlet(YOUTH, "Ungas Instagram", "instagram", COMMENTS, account="https://instagram.com/unga"),
    Outlet(PAGE, "Kommunens sida", "facebook", COMMENTS),
)
EARLY = datetime(2026, 11, 23, 6, 45, tzinfo=UTC)  # Monday kl. 07.45
SECRET = "Hur mår min dotter hos er?"


@dataclass
class Morning:
    """The desk with shorthands; ``clock`` is moved by hand."""

    desk: Desk
    clock: town.Clock
    units: dict[str, int]
    vendor: Vendor = field(default_factory=Vendor)
    numbers: dict[str, int] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    async def facts(self) -> Facts:
        return Facts([], [], {})

    async def write(self, channel: str = LIBRARY, text: str = "När öppnar ni?", **ago: float) -> Comment:
        """Somebody wrote so long ago, and the desk heard of it then."""
        then, remote = self.clock() - timedelta(**ago), f"1_{next(self._ids)}"
        heard = Heard(remote, "1", author="Invånare", written=then, text=text, post_text="Nu har vi öppet.")
        await taking.take_in(self.desk, channel, [heard], now=then)
        async with self.desk.db.read() as session:
            return (await session.exec(select(Comment).where(Comment.remote == remote))).one()

    async def add(self, row: Any) -> None:
        async with self.desk.db.write() as session:
            session.add(row)

    async def change(self, row: Any, **values: Any) -> None:
        async with self.desk.db.write() as session:
            found = await session.get_one(type(row), row.id)
            for name, value in values.items():
                setattr(found, name, value)
            session.add(found)

    async def unit(self, name: str) -> Unit:
        async with self.desk.db.read() as session:
            return await session.get_one(Unit, self.units[name])

    async def department(self) -> Digest:
        async with self.desk.db.read() as session:
            return await gathering.department(session, self.desk, self.facts, self.clock())

    async def of_units(self, *names: str) -> Digest:
        async with self.desk.db.read() as session:
            return await gathering.of_units(session, self.desk, [self.units[one] for one in names], self.clock())

    async def mine(self, person: str) -> Mine:
        async with self.desk.db.read() as session:
            return await gathering.mine(session, self.desk, person, self.clock())

    async def tick(self, db: Database | None = None) -> None:
        """One tick of a process that has just started."""
        desk = replace(self.desk, db=db) if db else self.desk
        await Schedule(desk, [], [owing.slot(desk)]).tick()

    async def owed(self) -> list[Post]:
        async with self.desk.db.read() as session:
            query = select(Post).where(col(Post.kind).startswith("digest.")).order_by(col(Post.id))
            return list((await session.exec(query)).all())

    async def recipients(self) -> list[str]:
        return [one.dest for one in await self.owed()]

    async def render(self, session: AsyncSession, post: Post) -> Message | Drop | Later:
        if not post.kind.startswith("digest."):
            return Drop("not of this test")
        return await DigestRenderer(self.desk, self.facts).kinds[post.kind](session, post, SV)

    async def deliver(self) -> None:
        """Let the delivery room do what it can at this moment."""
        room = Room(
            self.desk.db,
            [self.vendor],
            self.render,
            settings=QUICK,
            office=self.desk.office,
            now=self.clock,
            owner="here",
        )
        task = asyncio.create_task(room.run())
        for _ in range(PATIENCE):
            if not await self._due():
                break
            await asyncio.sleep(0.02)
        await room.stop(2)
        await task

    async def _due(self) -> bool:
        async with self.desk.db.read() as session:
            open_ = (posts.WAITING, posts.SENDING, posts.UNKNOWN)
            query = select(Post.id).where(col(Post.state).in_(open_), col(Post.due) <= self.clock())
            return (await session.exec(query.where(col(Post.kind).startswith("digest.")))).first() is not None

    def later(self, **span: float) -> None:
        self.clock.now += timedelta(**span)


@pytest.fixture
async def morning(db: Database) -> Morning:
    """Monday 07:45: a library with a channel of its own, a school without a substitute, a sensitive account."""
    clock, units = town.Clock(EARLY), await town.settle(db)
    given = town.desk(db, clock)
    chosen = Comments(places=(Place(key=YOUTH, sensitive=True),))
    desk = replace(given, settings=given.settings.model_copy(update={"comments": chosen}), outlets=OUTLETS)
    async with db.write() as session:
        library = await session.get_one(Unit, units["Biblioteket"])
        library.channel = LIBRARY_SLACK
        session.add(library)
        session.add(_account(units["Biblioteket"], LIBRARY, "Biblioteket berättar", town.EDITOR))
        session.add(_account(units["Skolan"], SCHOOL, "Skolan", None, owner=town.OTHER))
        session.add(_account(units["Kultur"], YOUTH, "Unga", town.PARENT, owner=town.MANAGER))
    async with db.read() as session:
        numbers = {one.name: one.id or 0 for one in await accounts.everyone(session)}
    return Morning(desk, clock, units, numbers=numbers)


def _account(unit: int, channel: str, name: str, substitute: str | None, owner: str = town.REQUESTER) -> Account:
    address = next(one.account for one in OUTLETS if one.key == channel)
    return Account(
        unit_id=unit,
        platform="instagram",
        name=name,
        address=address,
        purpose="Svara på frågor.",
        owner=owner,
        substitute=substitute,
        entered_by=town.COMMS,
        entered=EARLY,
    )
