"""A desk that listens to local sources of warnings; the clock is moved by hand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlmodel import col, select

from bot.crisis.warnings import keeping
from bot.crisis.warnings.keeping import Shown
from bot.crisis.warnings.polling import Watch
from bot.desk import Desk
from bot.sandbox.platforms import alerts
from bot.sandbox.platforms.alerts import Alerts
from bot.warning_settings import Warnings
from storage.engine import Database
from storage.posts import Post
from storage.warnings import OutsideWarning, WarningFeed
from tests import town

MUNICIPALITY, COUNTY = "1480", "14"


def chosen(base: str = "http://127.0.0.1:9", **changed: Any) -> Warnings:
    """Everything turned on, at local addresses."""
    given = {
        "enabled": True,
        "municipality": MUNICIPALITY,
        "county": COUNTY,
        "names": ("Göteborg",),
        "vma_api_url": base + alerts.VMA,
        "krisinformation_api_url": base + alerts.KRISINFORMATION,
        "smhi_api_url": base + alerts.SMHI,
    }
    return Warnings.model_validate(given | changed)


@dataclass
class Outside:
    """The desk, its sources, and shorthands."""

    desk: Desk
    clock: town.Clock
    sources: Alerts
    watch: Watch
    base: str

    async def tick(self, seconds: float = 0) -> None:
        """So much later, one tick."""
        self.clock.now += timedelta(seconds=seconds)
        await self.watch.tick(self.desk, self.clock())

    async def due(self) -> None:
        """Every source may be asked at once; the delivery room's clock does not jump."""
        async with self.desk.db.write() as session:
            for one in (await session.exec(select(WarningFeed))).all():
                one.next_at = self.clock()
                session.add(one)

    async def choose(self, **changed: Any) -> None:
        """Other settings, as after a restart."""
        await self.watch.close()
        self.watch = Watch(chosen(self.base, **changed))

    async def cards(self) -> list[Post]:
        """Every card owed, in order."""
        async with self.desk.db.read() as session:
            found = await session.exec(select(Post).where(Post.kind == keeping.CARD).order_by(col(Post.id)))
            return list(found.all())

    async def rows(self) -> list[OutsideWarning]:
        async with self.desk.db.read() as session:
            return list((await session.exec(select(OutsideWarning).order_by(col(OutsideWarning.id)))).all())

    async def feed(self, source: str) -> WarningFeed:
        async with self.desk.db.read() as session:
            return await session.get_one(WarningFeed, source)

    async def shown(self, card: Post) -> Shown:
        """What a card shows now."""
        async with self.desk.db.read() as session:
            found = await keeping.shown(session, card.args["warning"], card.args["version"])
        assert found is not None
        return found

    async def last(self) -> Shown:
        """What the newest card shows."""
        return await self.shown((await self.cards())[-1])

    async def sent(self) -> None:
        """Every card that waits has been delivered."""
        async with self.desk.db.write() as session:
            for one in (await session.exec(select(Post).where(Post.state == "waiting"))).all():
                one.state, one.remote, one.shown = "done", f"{one.id}.0", one.want
                session.add(one)

    async def stale(self) -> list[int]:
        """The cards whose change people have yet to see."""
        return [one.id or 0 for one in await self.cards() if one.state == "done" and one.want > one.shown]

    async def states(self) -> list[str]:
        return [one.state for one in await self.rows()]


@asynccontextmanager
async def listening(db: Database, **changed: Any) -> AsyncIterator[Outside]:
    """A desk and its sources, listening on loopback."""
    clock = town.Clock()
    sources = Alerts(clock=lambda: clock().timestamp())
    app = web.Application()
    app.add_routes(sources.routes())
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    base = f"http://127.0.0.1:{server.port}"
    outside = Outside(town.desk(db, clock), clock, sources, Watch(chosen(base, **changed)), base)
    try:
        yield outside
    finally:
        await outside.watch.close()
        await server.close()
