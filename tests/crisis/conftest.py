"""A desk with three crisis deciders, channels of every kind, and a delivery room that carries them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channels.message import Message
from bot.channels.outlet import Outlet
from bot.channels.protocol import Can
from bot.crisis import board, cases, deciding, drafting, publishing, rules, submitting
from bot.crisis.board import Board, Fate
from bot.crisis.deciding import Yes
from bot.crisis.facts import Facts, Kind
from bot.crisis.submitting import Draft
from bot.crisis_settings import Crisis
from bot.delivery.room import Room
from bot.desk import Desk
from storage import duties
from storage.engine import Database
from storage.posts import Post
from tests import town
from tests.delivery.conftest import QUICK
from tests.delivery.vendor import Vendor

SITE, FACEBOOK, X, SIGN, VIDEO = "webben", "facebook", "x", "skylt", "youtube"
EDITABLE = frozenset({Can.PUBLISH, Can.UPDATE, Can.REMOVE, Can.FIND})
OUTLETS = (
    Outlet(SITE, "Webbplatsen", "wordpress", EDITABLE),
    Outlet(FACEBOOK, "Facebook", "facebook", EDITABLE),
    Outlet(X, "X", "x", frozenset({Can.PUBLISH, Can.REMOVE, Can.FIND})),
    Outlet(SIGN, "Infartsskylten", "sign", EDITABLE - {Can.FIND}, drill=True, rows=3, characters=24),
    Outlet(VIDEO, "YouTube", "by_hand", responsible=town.COMMS2),
)
DECIDERS = (town.MANAGER, town.COMMS, town.COMMS2)
WATER = Facts(
    event="water",
    what="Bakterier i dricksvattnet",
    where="Centrum",
    where_not="Norrby",
    advice="Koka vattnet.",
    confirmed_by="VA-jouren",
    confirmed_at=town.MONDAY - timedelta(minutes=20),
    next_at=town.MONDAY + timedelta(hours=4),
)


@dataclass
class Staff:
    """The desk with shorthands."""

    desk: Desk
    clock: town.Clock
    vendors: dict[str, Vendor]

    def draft(self, kind: Kind = Kind.FIRST, *, incident: int | None = None, **changed: Any) -> Draft:
        """A message whose texts are as short as can be."""
        facts = replace(WATER, **changed)
        said = " ".join(filter(None, (kind, facts.news, facts.advice)))
        keys = [*(one.key for one in self.desk.outlets), drafting.SLACK.key]
        texts = {key: {"text": f"{key}: {said} {{url}}"} for key in keys}
        return Draft(kind, facts, texts, incident=incident)

    async def submit(self, kind: Kind = Kind.FIRST, *, by: str = town.COMMS, **changed: Any) -> rules.Bulletin:
        return await submitting.submit(self.desk, by, self.draft(kind, **changed), now=self.clock())

    async def approve(self, case: rules.Bulletin, by: str = town.MANAGER, **more: Any) -> rules.Bulletin:
        return await deciding.approve(self.desk, Yes(case.id, by, case.seen, **more), now=self.clock())

    async def publish(self, kind: Kind = Kind.FIRST, **changed: Any) -> rules.Bulletin:
        """Submitted by one, approved by another."""
        return await self.approve(await self.submit(kind, **changed))

    async def case(self, number: int) -> rules.Bulletin:
        async with self.desk.db.read() as session:
            return await cases.read(session, self.desk, number, self.clock())

    async def board(self, incident: int) -> Board:
        async with self.desk.db.read() as session:
            return await board.read(session, self.desk, incident, self.clock())

    async def fates(self, incident: int) -> dict[str, Fate]:
        """How each channel fares."""
        return {line.outlet.key: line.fate for line in (await self.board(incident)).lines}

    async def rows(self, kind: str) -> list[Post]:
        """Every delivery of a kind, in order."""
        async with self.desk.db.read() as session:
            found = await session.exec(select(Post).where(Post.kind == kind).order_by(col(Post.id)))
            return list(found.all())

    def shown(self, channel: str) -> list[str]:
        """What a channel shows, oldest first."""
        return [one.text for one in self.vendors[channel].stored]

    @asynccontextmanager
    async def at_work(self, *names: str, **tuned: Any) -> AsyncIterator[Room]:
        """The delivery room carries these channels while the block runs; all of them unless some are named."""
        carriers = [self.vendors[name] for name in names or self.vendors]
        room = Room(
            self.desk.db, carriers, self._render, settings=replace(QUICK, **tuned), now=self.clock, owner="test"
        )
        task = asyncio.create_task(room.run())
        try:
            yield room
        finally:
            await room.stop(2)
            await task

    async def _render(self, session: AsyncSession, post: Post) -> Message:
        case = await cases.read(session, self.desk, post.args["bulletin"], self.clock())
        if post.kind == publishing.MARK:
            return Message(f"{post.via}: nyare finns")
        return Message(case.texts.get(post.via, {}).get("text", post.kind), over=case.kind is Kind.END)

    async def until(self, incident: int, **wanted: Fate) -> None:
        """Wait until these channels fare so; the clock runs on."""
        for _ in range(int(20 / 0.02)):
            fates = await self.fates(incident)
            if all(fates.get(channel) is fate for channel, fate in wanted.items()):
                return
            await asyncio.sleep(0.02)
            self.clock.now += timedelta(milliseconds=100)
        raise AssertionError(fates)


@pytest.fixture
async def staff(db: Database) -> Staff:
    clock = town.Clock()
    await town.settle(db)
    async with db.write() as session:
        for who in DECIDERS:
            session.add(duties.Duty(role=duties.CRISIS_DECIDER, who=who))
    plain = town.desk(db, clock)
    chosen = plain.settings.model_copy(update={"crisis": Crisis(website=SITE)})
    desk = replace(plain, settings=chosen, outlets=OUTLETS)
    vendors = {one.key: Vendor(one.key) for one in OUTLETS if not one.by_hand}
    return Staff(desk, clock, vendors)
