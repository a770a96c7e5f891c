"""The way from the workspace to the bot: one envelope, one answer within three seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

JSON = dict[str, Any]
ACK_SECONDS = 3.0
RETRY_AFTER_S: tuple[float, ...] = (0.0, 60.0, 300.0)
"""Slack retries an event at once, after one minute, after five."""


@dataclass(frozen=True)
class Envelope:
    """Something the bot is told. `kind` is slash_commands, interactive or events_api."""

    kind: str
    payload: JSON
    retry_num: int = 0
    retry_reason: str = ""


@dataclass(frozen=True)
class Answer:
    """What came back: `error` is Slack's word for what went wrong, None if it was acknowledged in time."""

    body: JSON | None = None
    error: str | None = None
    final: bool = False
    """The bot asked not to be told again."""


class Transport(Protocol):
    """Socket Mode, or signed HTTP."""

    mode: str

    @property
    def connected(self) -> bool:
        """Whether anyone is there to be told."""
        ...

    async def deliver(self, envelope: Envelope) -> Answer:
        """Tell the bot once. Never raises."""
        ...

    async def verify(self) -> bool:
        """Make sure that it is the bot who listens."""
        ...


class Delivery:
    """Asks the bot (commands and interactions, once) and tells it (events, with retries)."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.retry_after_s: Sequence[float] = RETRY_AFTER_S
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, kind: str, payload: JSON) -> Answer:
        """Deliver a command or an interaction and wait for the acknowledgement."""
        return await self.transport.deliver(Envelope(kind, payload))

    def tell(self, payload: JSON) -> None:
        """Deliver an event in the background; one that is not acknowledged is told again."""
        self._run(self._tell(payload))

    def mention(self, kind: str, payload: JSON) -> None:
        """Deliver an interaction once, in the background, whatever comes of it."""
        self._run(self._mention(kind, payload))

    async def _mention(self, kind: str, payload: JSON) -> None:
        await self.transport.deliver(Envelope(kind, payload))

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell(self, payload: JSON) -> None:
        answer = await self.transport.deliver(Envelope("events_api", payload))
        for attempt, pause in enumerate(self.retry_after_s, start=1):
            if answer.error is None or answer.final:
                return
            await asyncio.sleep(pause)
            reason = {"operation_timeout": "http_timeout", "dispatch_failed": "connection_failed"}
            why = reason.get(answer.error, "http_error")
            answer = await self.transport.deliver(Envelope("events_api", payload, attempt, why))

    async def close(self) -> None:
        """Give up what is still to be told."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
