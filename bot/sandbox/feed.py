"""What changes on people's screens, as it happens."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

JSON = dict[str, Any]
_QUEUE_LIMIT = 2_000


class Feed:
    """Carries screen events to the open pages of each person."""

    def __init__(self) -> None:
        self._pages: dict[str, set[asyncio.Queue[JSON | None]]] = {}

    def subscribe(self, person: str) -> asyncio.Queue[JSON | None]:
        """Open a page for a person; None in the queue means that the sandbox closes."""
        queue: asyncio.Queue[JSON | None] = asyncio.Queue(_QUEUE_LIMIT)
        self._pages.setdefault(person, set()).add(queue)
        return queue

    def unsubscribe(self, person: str, queue: asyncio.Queue[JSON | None]) -> None:
        """Close a page."""
        pages = self._pages.get(person, set())
        pages.discard(queue)
        if not pages:
            self._pages.pop(person, None)

    def publish(self, kind: str, audience: Iterable[str] | None, **facts: Any) -> None:
        """Tell the open pages of the audience (None: everybody)."""
        if not self._pages:
            return
        people = list(self._pages) if audience is None else audience
        for person in people:
            for queue in self._pages.get(person, ()):
                _offer(queue, {"type": kind, **facts})

    def close(self) -> None:
        """End every open page."""
        for pages in self._pages.values():
            for queue in pages:
                _offer(queue, None)


def _offer(queue: asyncio.Queue[JSON | None], event: JSON | None) -> None:
    """A page that has stopped reading loses its oldest events rather than everyone's memory."""
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(event)
