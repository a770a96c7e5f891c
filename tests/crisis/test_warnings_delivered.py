"""A warning on its way to people: through the delivery room and onto the card, and from then on in place."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channels.message import Message
from bot.crisis.warnings import keeping
from bot.delivery.outcome import Drop
from bot.delivery.room import Room
from handlers.cards import warning
from storage.engine import Database
from storage.posts import Post
from tests.crisis.outside import Outside, listening
from tests.delivery.conftest import PATIENCE_S, QUICK
from tests.delivery.vendor import Vendor
from tests.test_texts import SV


@pytest.fixture
async def outside(db: Database) -> AsyncIterator[Outside]:
    async with listening(db) as found:
        yield found


async def render(session: AsyncSession, post: Post) -> Message | Drop:
    """As the roof will have it."""
    shown = await keeping.shown(session, post.args["warning"], post.args["version"])
    return Drop("forgotten") if shown is None else warning.card(SV, shown)


@asynccontextmanager
async def at_work(outside: Outside, slack: Vendor) -> AsyncIterator[None]:
    room = Room(outside.desk.db, [slack], render, settings=QUICK, now=outside.clock, owner="test")
    task = asyncio.create_task(room.run())
    try:
        yield
    finally:
        await room.stop(2)
        await task


async def until(outside: Outside, true: Callable[[], bool]) -> None:
    for _ in range(int(PATIENCE_S / 0.05)):
        if true():
            return
        await outside.tick(0.1)
        await asyncio.sleep(0.05)
    raise AssertionError([(one.seq, one.state, one.want, one.shown, one.reason) for one in await outside.cards()])


async def test_the_life_of_a_warning_in_slack(outside: Outside) -> None:
    """Told once, updated by a card of its own, ended in place: two messages in all."""
    slack = Vendor()
    async with at_work(outside, slack):
        made = outside.sources.alert("Gå inomhus.")
        await outside.tick()
        await until(outside, lambda: len(slack.stored) == 1)
        assert "Vill du starta krisläge?" in slack.stored[0].text
        await outside.due()
        outside.sources.update(made, "Gå inomhus nu.")
        await outside.tick()
        await until(outside, lambda: len(slack.stored) == 2)
        await until(outside, lambda: "nyare kort" in slack.stored[0].text)
        await outside.due()
        outside.sources.cancel(made)
        await outside.tick()
        await until(outside, lambda: "har avslutat varningen" in slack.stored[1].text)
    assert 2 == len(slack.stored)
    assert "nyare kort" in slack.stored[0].text
