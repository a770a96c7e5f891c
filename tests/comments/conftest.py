"""A library with a Facebook account, and residents who write on it."""

import itertools
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from bot.channels.heard import Heard, Verb
from bot.channels.outlet import Outlet
from bot.channels.protocol import Can
from bot.comments import cases, taking
from bot.comments.rules import Case
from bot.desk import Desk
from storage import accounts, comments
from storage.accounts import Account
from storage.comments import Comment
from storage.engine import Database
from storage.posts import Post
from tests import town

CHANNEL, POST, ADDRESS = "facebook", "104_1", "https://facebook.com/biblioteket"
OUTLET = Outlet(CHANNEL, "Facebook", "facebook", frozenset({Can.COMMENTS, Can.REPLY, Can.HIDE}), account=ADDRESS)


@dataclass
class Desks:
    """The desk with shorthands."""

    desk: Desk
    clock: town.Clock
    account: int = 0
    _ids: Any = field(default_factory=lambda: itertools.count(1))

    def heard(self, text: str = "När öppnar ni?", **more: Any) -> Heard:
        given = {"remote": f"{POST}_{next(self._ids)}", "post": POST, "author": "Invånare", "written": self.clock()}
        return Heard(**{**given, "text": text, "post_text": "Nu har vi öppet.", **more})

    async def take(self, *heard: Heard) -> None:
        await taking.take_in(self.desk, CHANNEL, heard, now=self.clock())

    async def comment(self, text: str = "När öppnar ni?", **more: Any) -> Case:
        """Somebody writes, and the desk hears of it."""
        one = self.heard(text, **more)
        await self.take(one)
        return await self.case(one.remote)

    async def edited(self, case: Case, text: str) -> Case:
        await self.take(self.heard(text, remote=case.remote, verb=Verb.EDIT))
        return await self.case(case.remote)

    async def case(self, remote: str) -> Case:
        async with self.desk.db.read() as session:
            query = select(Comment).where(Comment.remote == remote)
            row = (await session.exec(query)).one()
            return await cases.view(session, self.desk, row, self.clock())

    async def row(self, number: int) -> Comment:
        async with self.desk.db.read() as session:
            found = await comments.get(session, number)
            assert found is not None
            return found

    async def owed(self, kind: str) -> list[Post]:
        """Every delivery of a kind, in order."""
        async with self.desk.db.read() as session:
            found = await session.exec(select(Post).where(Post.kind == kind).order_by(col(Post.id)))
            return list(found.all())

    def later(self, **span: float) -> None:
        self.clock.now += timedelta(**span)


@pytest.fixture
async def here(db: Database) -> Desks:
    """The library's account: owner, substitute, an editor; its unit has a head."""
    clock = town.Clock()
    units = await town.settle(db)
    desk = replace(town.desk(db, clock), outlets=(OUTLET,))
    async with db.write() as session:
        account = Account(
            unit_id=units["Biblioteket"],
            platform="facebook",
            name="Biblioteket berättar",
            address=f"{ADDRESS}/",
            purpose="Visa vad som händer.",
            owner=town.REQUESTER,
            substitute=town.EDITOR,
            editors=[town.OTHER],
            entered_by=town.COMMS,
            entered=clock(),
        )
        session.add(account)
    async with db.read() as session:
        [(found, _)] = await accounts.live(session)
    return Desks(desk, clock, found.id or 0)
