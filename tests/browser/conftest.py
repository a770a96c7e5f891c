"""A real Chromium before a real sandbox, with the toy app connected."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from bot.sandbox.server import Sandbox
from tests.browser import shapes, toy
from tests.browser.screen import Screen

ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=360, height=740)


def chromium() -> str:
    """Return the path of the browser, or fail with what to install."""
    for name in ("chromium", "chromium-browser"):
        if path := shutil.which(name):
            return path
    pytest.fail("Chromium is missing. Install the package chromium: apt-get install chromium", pytrace=False)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A workspace with the toy app's manifest installed."""
    workspace = Sandbox(toy.seed(), signing_secret="sandbox")
    url = await workspace.start()
    async with aiohttp.ClientSession() as http, http.put(f"{url}/door/manifest", json=toy.MANIFEST) as answer:
        assert answer.status == 200
    yield workspace
    await workspace.stop()


@pytest.fixture
async def app(sandbox: Sandbox) -> AsyncIterator[toy.Toy]:
    """The toy app, connected."""
    app = toy.Toy(sandbox.api_url)
    await app.start()
    yield app
    await app.stop()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium."""
    path = chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(ARGS), headless=True)
        yield browser
        await browser.close()


Visit = Callable[..., Awaitable[Screen]]


@pytest.fixture
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
        assert screen.complaints == []
        assert screen.elsewhere == []
