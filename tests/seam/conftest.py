"""The whole desk beside the sandbox workspace: real payloads in, messages and rows out."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot import stage
from bot.accounts import applying
from bot.app import Kanalvakt
from bot.delivery.settings import Settings
from bot.demo import town
from bot.sandbox.driver import Person
from bot.sandbox.server import Sandbox
from storage import units
from storage.applications import Application
from tests.town import form

HURRY = Settings(
    posts_per_minute=60_000,
    updates_per_minute=60_000,
    reads_per_minute=60_000,
    dest_interval_s=0.01,
    card_interval_s=0.05,
)


@dataclass
class Scene:
    """Sandbox and desk, and people at their screens."""

    sandbox: Sandbox
    desk: Kanalvakt
    session: aiohttp.ClientSession

    def person(self, slack_id: str) -> Person:
        """Somebody at a screen."""
        return Person(self.sandbox.base_url, slack_id, self.session)

    async def apply(self, name: str = "Biblioteket berättar", unit: str = "Biblioteket") -> Application:
        """An application as the form would leave it."""
        async with self.desk.db.read() as session:
            found = await units.by_name(session, unit)
        assert found is not None
        assert found.id is not None
        given = form(
            found.id,
            name=name,
            editors=[town.LIBRARIAN, town.EDUCATOR],
            substitute=town.EDUCATOR,
        )
        return await applying.submit(self.desk.desk, town.LIBRARIAN, given, now=self.desk.desk.now())

    async def head_card(self, name: str) -> dict[str, Any]:
        """The head's card about an account, with its buttons."""
        return await self.person(town.LIBRARY).sees(f"Ansökan: {name} ")

    async def ask(self, name: str) -> dict[str, Any]:
        """The department's buttons, in the thread of the card."""
        comms = self.person(town.SOCIAL)
        card = await comms.sees(f"Ansökan: {name} ", town.DEPARTMENT_CHANNEL)
        return await comms.sees("Godkänn", town.DEPARTMENT_CHANNEL, thread=card["ts"])


@pytest.fixture(params=["socket", "http"])
def mode(request: pytest.FixtureRequest) -> str:
    """How Slack reaches the desk."""
    return str(request.param)


@pytest.fixture
def outside() -> bool:
    """Whether local platforms stand beside the workspace; most clicks never leave Slack."""
    return False


@pytest.fixture
async def scene(database_url: str, tmp_path: Path, mode: str, outside: bool) -> AsyncIterator[Scene]:
    """A desk and a workspace, once on each database and in each mode."""
    chosen = stage.Stage(
        tmp_path / "demo", database_url=database_url, http=mode == "http", tuning=HURRY, outside=outside
    )
    async with stage.set_up(chosen) as (sandbox, desk), aiohttp.ClientSession() as session:
        sandbox.hub.limits.on = False  # this is about clicks, not about pace
        yield Scene(sandbox, desk, session)
