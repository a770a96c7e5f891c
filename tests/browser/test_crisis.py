"""A crisis in Chromium, before the real desk: the facts, a colleague's eyes, the board, stop, and taking away."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

from bot import stage
from bot.app import Kanalvakt
from bot.delivery.settings import Settings
from bot.demo import town
from bot.sandbox.server import Sandbox
from storage import bulletins, log
from tests.browser.conftest import Visit, visiting
from tests.browser.screen import Screen

pytestmark = pytest.mark.browser
QUICK = Settings(dest_interval_s=0.01, card_interval_s=0.05)
Demo = tuple[Sandbox, Kanalvakt]


@pytest_asyncio.fixture(loop_scope="session")
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    """The demo with the platforms beside it, only quicker to send."""
    async with stage.set_up(stage.Stage(tmp_path / "demo", tuning=QUICK)) as (sandbox, desk):
        sandbox.hub.limits.on = False  # this is about what people see, not about pace
        yield sandbox, desk


@pytest_asyncio.fixture(loop_scope="session")
async def enter(browser: Browser, demo: Demo) -> AsyncIterator[Visit]:
    """Open the demo's page as somebody."""
    async with visiting(browser, demo[0].base_url, town.DEPARTMENT_CHANNEL) as open_as:
        yield open_as


async def wall_clock(screen: Screen, ahead: timedelta) -> str:
    """A time as the browser's own field takes it, in the browser's zone."""
    local = """ms => {
        const at = new Date(Date.now() + ms);
        return new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
    }"""
    return str(await screen.page.evaluate(local, ahead.total_seconds() * 1000))


async def type_facts(screen: Screen) -> None:
    """What is known; then every channel's text stands there."""
    await screen.command("/kris start")
    form = screen.dialog
    await form.get_by_role("radio", name="Skarpt").check()
    await form.get_by_label("Vad gäller det?").select_option(label="Dricksvatten")
    await form.get_by_label("Vad har hänt?").fill("bakterier i dricksvattnet")
    await form.get_by_role("textbox", name=re.compile(r"^Var gäller det\?")).fill("Centrum")
    await form.get_by_label("Vem har bekräftat").fill("VA-jouren")
    await form.get_by_label("När bekräftades de?").fill(await wall_clock(screen, -timedelta(minutes=5)))
    await form.get_by_label("När kommer nästa besked?").fill(await wall_clock(screen, timedelta(hours=3)))
    await form.get_by_role("button", name="Visa alla texter").click()
    await expect(screen.page.get_by_role("dialog", name="Visa alla texter")).to_be_visible()


async def to_the_desk(screen: Screen) -> None:
    """The conversation with Kanalvakt."""
    menu = screen.page.get_by_role("button", name="Visa kanaler")
    if await menu.is_visible():
        await menu.tap()
    await screen.page.get_by_role("link", name="Kanalvakt").click()
    await screen.page.get_by_role("link", name="Meddelanden", exact=True).click()


def board(screen: Screen) -> Locator:
    """The live board."""
    heading = screen.page.get_by_role("heading", name="Krisläge: Dricksvatten, Centrum")
    return screen.messages.filter(has=heading)


async def take_away(screen: Screen, channel: str) -> None:
    """The channel's menu on the board, and the question before it counts."""
    row = board(screen).locator(".section").filter(has_text=channel)
    await row.get_by_role("button", name="Fler val").click()
    await screen.page.get_by_role("menuitem", name="Ta bort").click()
    await expect(screen.dialog).to_contain_text(f"Ta bort texten från {channel}?")
    await screen.dialog.get_by_role("button", name="Ta bort").dblclick()
    await expect(screen.dialog).to_have_count(0)


async def test_a_crisis_from_the_facts_to_taking_it_away(enter: Visit, demo: Demo) -> None:
    """The decider approves by phone with a double click, once. The board follows; what is out is taken away."""
    sandbox, desk = demo
    writer = await enter(town.SOCIAL, town.DEPARTMENT_CHANNEL)
    await type_facts(writer)
    await writer.dialog.get_by_role("button", name="Be en kollega granska").dblclick()
    await expect(writer.dialog).to_have_count(0)
    await expect(board(writer)).to_contain_text("väntar på att en kollega granskar")
    chief = await enter(town.MANAGER, phone=True)
    await to_the_desk(chief)
    await chief.page.get_by_role("button", name="Granska och publicera").tap()
    await chief.dialog.get_by_role("checkbox", name="Jag har läst alla texter").check()
    assert [] == await chief.too_wide()
    await chief.dialog.get_by_role("button", name="Publicera", exact=True).dblclick()
    await expect(chief.dialog).to_have_count(0)
    await expect(board(writer)).to_contain_text(re.compile(r"Webbplatsen\s+Syns"))
    await expect(board(writer)).to_contain_text(re.compile(r"X\s+Syns"), timeout=15_000)
    await board(writer).get_by_role("button", name="Stoppa utskicket").click()
    await writer.page.get_by_role("button", name="Ja, stoppa").dblclick()
    await expect(board(writer)).to_contain_text("kanaler hann få texten")
    await take_away(writer, "Mastodon")
    await expect(board(writer)).to_contain_text(re.compile(r"Mastodon\s+Borttagen"))
    mastodon = next(one for one in sandbox.platforms if one.name == "mastodon")
    assert [True] == [one.removed for one in mastodon.items]
    async with desk.db.read() as session:
        [row] = await bulletins.of_incident(session, 1)
        acts = [one.action for one in await log.of_case(session, "incident:1")]
    assert (town.MANAGER, town.SOCIAL) == (row.decided_by, row.stopped_by)
    assert 1 == acts.count("bulletin.approve")
    assert 1 == acts.count("delivery.remove")
