"""The README's picture, taken of the real thing: python -m tests.browser.picture deploy/picture.png."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser

from bot import stage
from bot.demo import konto, town
from bot.sandbox.driver import Person
from tests.browser.conftest import DESKTOP
from tests.browser.screen import Screen
from tests.chromium import launched


async def take(target: Path) -> None:
    """Apply for an account in the demo, and show it as the department sees it."""
    with tempfile.TemporaryDirectory() as folder:
        async with stage.set_up(stage.Stage(Path(folder) / "demo")) as (sandbox, desk):
            play = konto.Play(sandbox.base_url, desk.desk.public_url, lambda who, words: None)
            await play.apply(play.person(town.LIBRARIAN))
            comms = play.person(town.SOCIAL)
            card = await play.card_arrives(comms)
            await approved_by_the_head(play.person(town.LIBRARY), comms, card["ts"])
            async with launched() as browser:
                await shoot(browser, sandbox.base_url, target)


async def approved_by_the_head(head: Person, comms: Person, thread: str) -> None:
    """One yes is given, so that the picture shows both kinds of waiting."""
    await head.click(await head.sees("Godkänn"), "Godkänn")
    await comms.sees("(Chefens beslut)", town.DEPARTMENT_CHANNEL, thread=thread)
    await comms.sees("Enhetschef biblioteket godkände", town.DEPARTMENT_CHANNEL)


async def shoot(browser: Browser, base_url: str, target: Path) -> None:
    """The department's channel with the thread beside it, the buttons in sight."""
    screen = await Screen.open(await browser.new_page(viewport=DESKTOP), base_url)
    await screen.go(town.SOCIAL, town.DEPARTMENT_CHANNEL)
    await screen.page.locator(".thread-link").click()
    await screen.thread.get_by_role("button", name="Godkänn").wait_for()
    await screen.page.mouse.move(0, 0)
    await screen.page.wait_for_timeout(500)
    await screen.page.screenshot(path=target)


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1])))
