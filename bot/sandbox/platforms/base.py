"""What every local platform has: a wall of posts, a token, misfortune by switch, and a page for residents."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from aiohttp import web

from bot.sandbox.faults import Faults

Handler = Callable[[web.Request], Awaitable[web.Response]]
Clock = Callable[[], float]


@dataclass
class Item:
    """Something published. ``at`` in seconds since 1970 (UTC); ``key`` only where the vendor takes one."""

    id: str
    text: str
    at: float
    title: str = ""
    link: str = ""
    image: str = ""
    alt: str = ""
    key: str = ""
    parent: str = ""
    hidden: bool = False
    removed: bool = False
    edits: list[str] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)


class Platform(ABC):
    """One local vendor, mounted at ``/platform/<name>``.

    Subclasses add their interface in ``routes`` with ``self.call(name, handler, stores=…)``, which puts
    the vendor's token check, throttling and the faults around the handler.
    """

    name: str
    title: str  # as residents know it
    color: str = "#444444"

    def __init__(self, *, token: str = "", clock: Clock = time.time) -> None:
        self.token = token or f"{self.name}-local"
        self.clock = clock
        self.items: list[Item] = []
        self.faults = Faults()
        self.base_url = ""  # set when the server listens
        self.calls: list[str] = []  # names of the calls that came, in order
        self.changed: Callable[[], None] = lambda: None  # called when it has something else to keep
        self._last_id = 1000

    @abstractmethod
    def routes(self) -> list[web.RouteDef]:
        """The vendor's interface, below this platform's address."""

    @abstractmethod
    def authorized(self, request: web.Request) -> bool:
        """Does the request carry the platform's token?"""

    @abstractmethod
    def dead_token(self) -> web.Response:
        """What the vendor says to a wrong or revoked token."""

    @abstractmethod
    def throttled(self) -> web.Response:
        """What the vendor says to who is too fast."""

    def broken(self) -> web.Response:
        """What the vendor says when it is ill itself."""
        return web.json_response({"error": "internal"}, status=503)

    def call(self, name: str, handler: Handler, *, stores: bool = False, open_to_all: bool = False) -> Handler:
        """The handler with token check and misfortune around it; ``stores`` when it publishes or changes."""

        async def answer(request: web.Request) -> web.Response:
            self.calls.append(name)
            if not open_to_all and (self.faults.revoked or not self.authorized(request)):
                return self.dead_token()
            return await self._with_faults(request, name, handler, stores)

        return answer

    async def _with_faults(self, request: web.Request, name: str, handler: Handler, stores: bool) -> web.Response:
        slow = self.faults.strikes("slow_ms", name)
        if slow:
            await asyncio.sleep(slow.ms / 1000)
        if self.faults.strikes("throttle", name):
            return self.throttled()
        broken = self.faults.strikes("error_5xx", name)
        if broken and not (stores and self.faults.chance(broken.stored)):
            return self.broken()
        response = await handler(request)
        if stores:
            self.changed()
        if broken:
            return self.broken()
        if stores and self.faults.strikes("drop_after_store", name):
            return _hang_up(request)
        return response

    def next_id(self) -> str:
        """A new id, as a string of digits."""
        self._last_id += 1
        return str(self._last_id)

    def add(self, text: str, **more: Any) -> Item:
        """Publish; from then on it is there, whatever happens to the answer."""
        item = Item(id=str(more.pop("id", "") or self.next_id()), text=text, at=self.clock(), **more)
        self.items.append(item)
        return item

    def publish(self, text: str, title: str = "") -> Item:
        """What the account publishes with the platform's own tools, not through its interface."""
        return self.add(text, title=title)

    def get(self, item_id: str) -> Item | None:
        """The item with that id unless it was removed."""
        return next((one for one in self.items if one.id == item_id and not one.removed), None)

    def visible(self) -> list[Item]:
        """What a resident sees, newest first; history lags by the fault switch."""
        newest = self.clock() - self.faults.history_lag_s
        shown = [one for one in self.items if not one.removed and not one.hidden and one.at <= newest]
        return sorted(shown, key=lambda one: one.at, reverse=True)

    def kept(self) -> dict[str, Any]:
        """What outlives a restart, as JSON. Sessions and switches do not."""
        return {"last_id": self._last_id, "items": [asdict(one) for one in self.items]}

    def restore(self, state: dict[str, Any]) -> None:
        """Be as `kept` said. Raises KeyError or TypeError for what another version wrote."""
        self._last_id = int(state["last_id"])
        self.items = [Item(**one) for one in state["items"]]

    def edit(self, item: Item, text: str) -> None:
        """Show this text instead; the old one is kept."""
        item.edits.append(item.text)
        item.text = text


def _hang_up(request: web.Request) -> web.Response:
    """Close the connection; the answer that aiohttp insists on finds nobody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
