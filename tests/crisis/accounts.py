"""A real Facebook channel at a local Facebook, whose clock is the desk's; and the look at it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.channels.facebook import Facebook, FacebookSettings
from bot.channels.message import Message
from bot.channels.settings import Keyring
from bot.crisis import choosing, timers
from bot.crisis.choosing import Choice, Wish
from bot.crisis.facts import Kind
from bot.crisis.lookout import Lookout
from bot.sandbox.platforms.base import Item
from bot.sandbox.platforms.facebook import PAGE_ID
from bot.sandbox.platforms.facebook import Facebook as Local
from handlers.scheduled import SchedulingRenderer
from storage import held
from storage.held import Held
from storage.posts import Post
from tests import town
from tests.channels.conftest import Listen, listen
from tests.crisis.conftest import FACEBOOK, Staff
from tests.test_texts import SV

__all__ = ["HOUR", "MINUTE", "Watch", "listen", "watch"]
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
TOKEN = "EAAhemligt"


@dataclass
class Watch:
    """The desk, a Page, and the look at it; ``staff.clock`` is everybody's."""

    staff: Staff
    local: Local
    channel: Facebook
    lookout: Lookout

    def plan(self, after: timedelta, text: str = "Marknad på torget") -> Item:
        """Somebody schedules a post on the Page."""
        return self.local.plan(text, (self.staff.clock() + after).timestamp())

    def scheduled(self) -> list[tuple[str, datetime]]:
        """Texts and times that lie in the Page's timer, soonest first."""
        waiting = sorted(self.local.scheduled(), key=lambda one: one.at)
        return [(one.text, datetime.fromtimestamp(one.at, town.MONDAY.tzinfo)) for one in waiting]

    def standing(self) -> list[str]:
        """The texts that residents see."""
        return [one.text for one in self.local.visible()]

    async def look(self, after: timedelta = timedelta(0)) -> None:
        """The clock ticks, so much later."""
        self.staff.clock.now += after
        await self.lookout.tick(self.staff.desk, self.staff.clock())

    async def rows(self, incident: int) -> list[Held]:
        async with self.staff.desk.db.read() as session:
            return await held.of_incident(session, incident)

    async def states(self, incident: int) -> list[str]:
        return [one.state for one in await self.rows(incident)]

    async def ended(self, *texts: str) -> tuple[int, list[Held]]:
        """A crisis in which these posts were held, an hour apart, and which is over now."""
        for number, text in enumerate(texts):
            self.plan((number + 1) * HOUR, text)
        incident = (await self.staff.publish()).incident
        await self.look()
        await self.staff.publish(Kind.END, incident=incident, now="Proverna är bra.", next_at=None)
        return incident, await self.rows(incident)

    async def choose(self, row: Held, choice: Choice, at: datetime | None = None, *, by: str = town.COMMS) -> Held:
        return await choosing.choose(self.staff.desk, by, Wish(row.id or 0, choice, at), now=self.staff.clock())

    async def drawn(self, kind: str) -> Message:
        """The newest message of a kind, as the thread shows it."""
        found = (await self.staff.rows(kind))[-1]
        drawn = await self.draw(found)
        assert isinstance(drawn, Message)
        return drawn

    async def draw(self, post: Post) -> Any:
        """What the renderer makes of a delivery."""
        async with self.staff.desk.db.read() as session:
            return await SchedulingRenderer(self.staff.desk).kinds[post.kind](session, post, SV)

    async def card(self) -> Message:
        return await self.drawn(timers.CARD)


@pytest.fixture
async def watch(staff: Staff, listen: Listen) -> AsyncIterator[Watch]:
    local = Local(token=TOKEN, clock=lambda: staff.clock().timestamp())
    url = await listen(local)
    given = {"key": FACEBOOK, "name": "Facebook", "api_url": url, "token_env": "FACEBOOK", "page_id": PAGE_ID}
    channel = Facebook(FacebookSettings.model_validate(given), Keyring({"FACEBOOK": TOKEN}), timeout_s=2.0)
    outlets = tuple(replace(one, can=channel.can) if one.key == FACEBOOK else one for one in staff.desk.outlets)
    staff.desk = replace(staff.desk, outlets=outlets)
    yield Watch(staff, local, channel, Lookout([channel]))
    await channel.close()
