"""A real Chromium before a real sandbox, with the toy app connected."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from inspect import iscoroutinefunction
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize

from bot.sandbox.server import Sandbox
from tests.browser import shapes, toy
from tests.browser.screen import Screen

HERE = Path(__file__).parent
DESKTOP = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=360, height=740)


@pytest_asyncio.fixture(loop_scope="session")
async def sandbox() -> AsyncIterator[Sandbox]:
    """A workspace with the toy app's manifest installed."""
    workspace = Sandbox(toy.seed(), signing_secret="sandbox")
    url = await workspace.start()
    async with aiohttp.ClientSession() as http, http.put(f"{url}/door/manifest", json=toy.MANIFEST) as answer:
        assert answer.status == 200
    yield workspace
    await workspace.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def app(sandbox: Sandbox) -> AsyncIterator[toy.Toy]:
    """The toy app, connected."""
    app = toy.Toy(sandbox.api_url)
    await app.start()
    yield app
    await app.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One loop for all of them, so that they can share a browser."""
    for item in items:
        if item.path.parent == HERE and isinstance(item, pytest.Function) and iscoroutinefunction(item.function):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


Visit = Callable[..., Awaitable[Screen]]


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, sandbox: Sandbox, app: toy.Toy) -> AsyncIterator[Visit]:
    """Open the page of the toy app's workspace as somebody."""
    async with visiting(browser, sandbox.base_url, shapes.LOBBY) as open_as:
        yield open_as


@asynccontextmanager
async def visiting(browser: Browser, base_url: str, lobby: str) -> AsyncIterator[Visit]:
    """Let people open the page; afterwards no page may have complained or asked another place."""
    screens: list[Screen] = []

    async def open_as(person: str, channel: str = lobby, *, phone: bool = False, dark: bool = False) -> Screen:
        page: Page = await browser.new_page(
            viewport=PHONE if phone else DESKTOP,
            has_touch=phone,
            is_mobile=phone,
            color_scheme="dark" if dark else "light",
        )
        screen = await Screen.open(page, base_url)
        screens.append(screen)
        await screen.go(person, channel)
        return screen

    yield open_as
    for screen in screens:
        await screen.page.close()
        assert screen.complaints == []
        assert screen.elsewhere == []
