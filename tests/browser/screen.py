"""What a person does on the page, and what can be seen there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.async_api import ConsoleMessage, Locator, Page, Request, expect

JSON = dict[str, Any]
PROBES = Path(__file__).with_name("probes.js")


class Screen:
    """One open page. `complaints` collects console errors, `elsewhere` requests that left the sandbox."""

    def __init__(self, page: Page, base_url: str) -> None:
        self.page = page
        self.base_url = base_url
        self.complaints: list[str] = []
        self.elsewhere: list[str] = []
        self.expected: tuple[str, ...] = ()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._asked)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(words in message.text for words in self.expected):
            self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(self.base_url):
            self.elsewhere.append(request.url)

    @classmethod
    async def open(cls, page: Page, base_url: str) -> Screen:
        """Make a screen of a page, with the probes in it."""
        await page.add_init_script(path=PROBES)
        return cls(page, base_url)

    async def go(self, person: str, channel: str) -> None:
        """Open a channel as somebody and wait until it is shown."""
        await self.page.goto(f"{self.base_url}/#person={person}&channel={channel}")
        await expect(self.page.locator("#stage .timeline, #stage .home")).to_be_visible()

    @property
    def composer(self) -> Locator:
        """Where one writes in the channel."""
        return self.page.locator("#foot .composer-input")

    @property
    def dialog(self) -> Locator:
        """The dialog on top."""
        return self.page.locator("dialog[open]")

    @property
    def options(self) -> Locator:
        """The choices of the open combobox or command list."""
        return self.page.locator("[role=listbox] [role=option]")

    @property
    def thread(self) -> Locator:
        """The thread panel."""
        return self.page.locator("#thread")

    @property
    def messages(self) -> Locator:
        """The messages in the channel."""
        return self.page.locator("#stage .message")

    async def command(self, words: str) -> None:
        """Type a slash command and send it, without the suggestions' help."""
        await self.composer.fill(words)
        await self.page.keyboard.press("Escape")
        await self.page.keyboard.press("Enter")

    async def focused(self) -> JSON:
        """Return what has the keyboard: its label, text, key, and whether a ring shows it."""
        found: JSON = await self.page.evaluate("probes.focus()")
        return found

    async def active_option(self) -> str:
        """Return the text of the option the focused combobox points at, or nothing."""
        return str(await self.page.evaluate("probes.option()"))

    async def too_wide(self) -> list[str]:
        """Return what sticks out to the right of the window."""
        return list(await self.page.evaluate("probes.wide()"))

    async def faults(self) -> list[str]:
        """Return what lacks a name, shares an id, points nowhere, or is too pale to read (WCAG AA)."""
        return list(await self.page.evaluate("[...probes.nameless(), ...probes.twins(), ...probes.pale()]"))
