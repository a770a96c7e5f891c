"""A desk whose channels can be measured: a small platform on loopback, and talks that ask it."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlmodel import col, select

from bot.channels.errors import Refused, Throttled, TokenDead
from bot.channels.measuring import Figures, PostFigures
from bot.channels.outlet import Outlet
from bot.channels.protocol import Can
from bot.desk import Desk
from bot.report_settings import Report as ReportSettings
from storage import accounts, duties, figures
from storage.accounts import Account
from storage.engine import Database
from storage.posts import Post
from tests import town

ADDRESS = "https://facebook.com/biblioteket"
CAN = frozenset({Can.COMMENTS, Can.METRICS})
OUTLETS = (
    Outlet("facebook", "Facebook", "facebook", CAN, account=ADDRESS),
    Outlet("mastodon", "Mastodon", "mastodon", CAN),
    Outlet("mejl", "Presslistan", "mail"),
)
MANAGEMENT = "C0LEDNING"


@dataclass
class Platform:
    """What the platform has of each account, and how it answers. ``asked``: since when it was asked."""

    followers: dict[str, int | None] = field(default_factory=dict)
    posts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    status: dict[str, int] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def show(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.asked.append((name, request.query["since"]))
        status = self.status.get(name, 200)
        body = {"followers": self.followers.get(name), "posts": self.posts.get(name, [])}
        headers = {"Retry-After": "7200"} if status == 429 else {}
        return web.json_response(body, status=status, headers=headers)


class Talk:
    """One account of it."""

    can = CAN

    def __init__(self, name: str, url: str, client: httpx.AsyncClient) -> None:
        self.name, self._url, self._client = name, url, client

    async def measure(self, since: datetime) -> Figures:
        answer = await self._client.get(f"{self._url}{self.name}", params={"since": since.isoformat()})
        if answer.status_code == 429:
            raise Throttled(float(answer.headers["Retry-After"]))
        if answer.status_code == 401:
            raise TokenDead("revoked")
        if answer.status_code != 200:
            raise Refused(str(answer.status_code))
        told = answer.json()
        return Figures(told["followers"], [_post(one) for one in told["posts"]])


def _post(told: Mapping[str, Any]) -> PostFigures:
    return PostFigures(**{**told, "published": datetime.fromisoformat(told["published"])})


@dataclass
class Here:
    """The desk with shorthands."""

    desk: Desk
    clock: town.Clock
    platform: Platform
    talks: list[Any]

    async def owed(self, kind: str) -> list[Post]:
        """Every delivery of a kind, in order."""
        async with self.desk.db.read() as session:
            return list((await session.exec(select(Post).where(Post.kind == kind).order_by(col(Post.id)))).all())

    async def measured(self, *days: Any) -> list[tuple[str, str, int | None]]:
        """What is kept of accounts."""
        async with self.desk.db.read() as session:
            found = await figures.of_accounts(session, days[0], days[-1])
        return [(one.channel, one.day.isoformat(), one.followers) for one in found]

    def at(self, when: datetime) -> None:
        """It is now so late."""
        self.clock.now = when

    def later(self, **span: float) -> None:
        self.clock.now += timedelta(**span)

    def sending_to(self, *to: str) -> None:
        """Management is these."""
        chosen = self.desk.settings.model_copy(update={"report": ReportSettings(to=to)})
        self.desk = replace(self.desk, settings=chosen)


@pytest.fixture
async def here(db: Database) -> AsyncIterator[Here]:
    """The library has a Facebook account; there is a communications manager; management has a channel."""
    clock, platform = town.Clock(), Platform({"facebook": 1000, "mastodon": 200})
    units = await town.settle(db)
    app = web.Application()
    app.router.add_get("/{name}", platform.show)
    async with db.write() as session:
        session.add(duties.Duty(role=duties.MANAGER, who=town.MANAGER))
        session.add(_account(units["Biblioteket"]))
    async with TestServer(app) as server, httpx.AsyncClient() as client:
        talks = [Talk(name, str(server.make_url("/")), client) for name in ("facebook", "mastodon")]
        found = Here(replace(town.desk(db, clock), outlets=OUTLETS), clock, platform, talks)
        found.sending_to(MANAGEMENT, town.PARENT)
        yield found


def _account(unit: int) -> Account:
    return accounts.Account(
        unit_id=unit,
        platform="facebook",
        name="Biblioteket berättar",
        address=f"{ADDRESS}/",
        purpose="Visa vad som händer.",
        owner=town.REQUESTER,
        substitute=town.EDITOR,
        entered_by=town.COMMS,
        entered=town.MONDAY,
    )
