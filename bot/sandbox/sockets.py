"""Socket Mode: the bot's own connections, and envelopes shared out among them."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

from aiohttp import WSMsgType, web

from bot.sandbox.delivery import ACK_SECONDS, Answer, Envelope
from bot.sandbox.feed import Feed
from bot.sandbox.stamps import Clock, random_id

JSON = dict[str, Any]
TICKET_SECONDS = 30.0
MOST_CONNECTIONS = 10
_NORMAL_LIFE = 3600
_CLOSING_S = 1.0


class _Gone(Exception):
    """The connection closed before the acknowledgement came."""


class Sockets:
    """The open connections. Each envelope goes to exactly one of them, in turn."""

    mode = "socket"

    def __init__(self, app_id: str, feed: Feed, clock: Clock) -> None:
        self._app_id = app_id
        self._feed = feed
        self._clock = clock
        self._tickets: dict[str, float] = {}
        self._open: list[web.WebSocketResponse] = []
        self._turn = 0
        self._waiting: dict[str, tuple[web.WebSocketResponse, asyncio.Future[JSON | None]]] = {}

    @property
    def connected(self) -> bool:
        """Whether the bot has a connection open."""
        return bool(self._open)

    def issue(self) -> str:
        """Return a ticket for one connection, to be used within half a minute."""
        now = self._clock()
        self._tickets = {name: until for name, until in self._tickets.items() if until > now}
        ticket = random_id("", 24)
        self._tickets[ticket] = now + TICKET_SECONDS
        return ticket

    async def link(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection until it closes."""
        until = self._tickets.pop(request.query.get("ticket", ""), 0.0)
        if until <= self._clock():
            raise web.HTTPForbidden(text="the ticket is unknown, used or too old")
        socket = web.WebSocketResponse(heartbeat=30, timeout=_CLOSING_S)
        await socket.prepare(request)
        if len(self._open) >= MOST_CONNECTIONS:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        await self._serve(socket)
        return socket

    async def _serve(self, socket: web.WebSocketResponse) -> None:
        self._open.append(socket)
        try:
            await socket.send_json(self._hello())
            self._feed.publish("bot", None, connected=True)
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._acknowledge(message.data)
        finally:
            self._open.remove(socket)
            self._forsake(socket)
            self._feed.publish("bot", None, connected=self.connected)

    def _hello(self) -> JSON:
        return {
            "type": "hello",
            "num_connections": len(self._open),
            "connection_info": {"app_id": self._app_id},
            "debug_info": {"host": "sandbox", "approximate_connection_time": _NORMAL_LIFE},
        }

    def _acknowledge(self, text: str) -> None:
        try:
            answer = json.loads(text)
            envelope_id, payload = answer["envelope_id"], answer.get("payload")
        except (ValueError, KeyError, TypeError, AttributeError):
            return
        _, waiting = self._waiting.get(envelope_id, (None, None))
        if waiting is not None and not waiting.done():
            waiting.set_result(payload or None)

    def _forsake(self, socket: web.WebSocketResponse) -> None:
        for owner, waiting in self._waiting.values():
            if owner is socket and not waiting.done():
                waiting.set_exception(_Gone())

    async def deliver(self, envelope: Envelope) -> Answer:
        """Send an envelope over the next connection and wait for its acknowledgement."""
        if not self._open:
            return Answer(error="dispatch_failed")
        self._turn += 1
        socket = self._open[self._turn % len(self._open)]
        envelope_id = str(uuid.uuid4())
        waiting: asyncio.Future[JSON | None] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = (socket, waiting)
        try:
            async with asyncio.timeout(ACK_SECONDS):
                await socket.send_str(json.dumps(_wrap(envelope_id, envelope)))
                return Answer(await waiting)
        except TimeoutError:
            return Answer(error="operation_timeout")
        except (_Gone, ConnectionError):
            return Answer(error="dispatch_failed")
        finally:
            del self._waiting[envelope_id]

    async def verify(self) -> bool:
        """Whether the bot, known by its ticket, is connected."""
        return self.connected

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Tell every connection to be renewed, as Slack does every hour or so."""
        for socket in list(self._open):
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}})

    async def drop(self) -> None:
        """Close every connection without a word."""
        await asyncio.gather(*(socket.close() for socket in list(self._open)))


def _wrap(envelope_id: str, envelope: Envelope) -> JSON:
    wrapped: JSON = {
        "envelope_id": envelope_id,
        "type": envelope.kind,
        "payload": envelope.payload,
        "accepts_response_payload": envelope.kind != "events_api",
    }
    if envelope.kind == "events_api":
        wrapped |= {"retry_attempt": envelope.retry_num, "retry_reason": envelope.retry_reason}
    return wrapped
