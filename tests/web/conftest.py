"""The web room on both databases: a real desk and directory, with the sandbox as Slack."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from slack_bolt.async_app import AsyncApp

from bot.accounts import register
from bot.accounts.register import Existing
from bot.channels.slackapi import SlackApi
from bot.delivery.room import Facts, LaneFacts
from bot.desk import Desk
from bot.directory import Directory
from bot.sandbox.seed import PersonSeed, Seed
from bot.sandbox.server import Sandbox
from bot.settings import Environment
from bot.texts import Texts
from bot.web import signature
from bot.web.app import build
from bot.web.health import Pulse
from handlers import sentences
from storage.engine import Database
from tests import town
from tests.town import COMMS, OTHER

SECRET = "e-tjänstens hemlighet"
SIGNING = "slacks hemlighet"
TEXTS = Texts.load()
NEWCOMER = "ny@exempel.example"
Open = Callable[..., Awaitable[TestClient[web.Request, web.Application]]]


class Parts:
    """The running parts as the health page asks them; a test breaks one."""

    def __init__(self, now: datetime) -> None:
        self.tick: datetime | None = now
        self.slack: str | None = None
        self.lane = LaneFacts("slack", "me", True, 0, 0, 0, 0, None)

    def pulse(self) -> Pulse:
        async def room() -> Facts:
            return Facts([self.lane], [], {})

        calls = {("chat.postMessage", "ok"): 3, ("users.info", "throttled"): 1}
        return Pulse(room, lambda: self.tick, lambda: self.slack, lambda: calls)


@pytest.fixture
def clock() -> town.Clock:
    return town.Clock()


@pytest.fixture
def desk(db: Database, clock: town.Clock) -> Desk:
    return town.desk(db, clock)


@pytest.fixture
async def units(db: Database) -> dict[str, int]:
    return await town.settle(db)


@pytest.fixture
async def slack() -> AsyncIterator[Sandbox]:
    sandbox = Sandbox(Seed(people=(PersonSeed("U0NY", "Ny kollega", NEWCOMER),)))
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


@pytest.fixture
async def directory(desk: Desk, slack: Sandbox) -> AsyncIterator[Directory]:
    api = SlackApi("xoxb-sandbox", base_url=slack.api_url, timeout_s=2)
    yield Directory(desk, api)
    await api.close()


@pytest.fixture
def parts(clock: town.Clock) -> Parts:
    return Parts(clock())


@pytest.fixture
async def open_site(desk: Desk, directory: Directory, parts: Parts) -> AsyncIterator[Open]:
    """Open the site; ``environment`` and ``slack`` as a test needs them."""
    opened: list[TestClient[web.Request, web.Application]] = []

    async def open_(
        slack: AsyncApp | None = None,
        accessibility_url: str | None = None,
        public_url: str = "http://desk.test",
        **environment: Any,
    ) -> TestClient[web.Request, web.Application]:
        app = build(
            replace(desk, public_url=public_url),
            TEXTS,
            directory,
            health=parts.pulse(),
            environment=Environment(**{"etjanst_secret": SECRET, **environment}),
            say=sentences.problem,
            slack=slack,
            accessibility_url=accessibility_url,
        )
        client = TestClient(TestServer(app))
        await client.start_server()
        opened.append(client)
        return client

    yield open_
    for client in opened:
        await client.close()


@pytest.fixture
async def site(open_site: Open) -> TestClient[web.Request, web.Application]:
    return await open_site()


async def add(desk: Desk, unit: int, name: str, **changed: Any) -> None:
    """Put an account into the register."""
    values = {
        "platform": "instagram",
        "address": f"https://www.instagram.com/{name.replace(' ', '').lower()}",
        "purpose": "Visar vad som händer hos oss.",
        "owner": OTHER,
        "substitute": "",
        **changed,
    }
    account = Existing(unit=unit, name=name, **values)
    await register.register_existing(desk, COMMS, account, now=desk.now())


def signed(body: bytes, now: datetime, *, secret: str = SECRET, late: float = 0) -> dict[str, str]:
    """The headers of the e-service's request."""
    timestamp = int((now - timedelta(seconds=late)).timestamp())
    return {
        signature.TIMESTAMP: str(timestamp),
        signature.SIGNATURE: signature.sign(secret, timestamp, body),
        "Content-Type": "application/json",
    }


def encoded(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode()
