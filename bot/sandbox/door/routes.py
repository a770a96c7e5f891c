"""The door's addresses: JSON over HTTP, for the page, for scripts and for tests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from bot.sandbox.door import look, manage, modal, press, talk
from bot.sandbox.errors import Refused
from bot.sandbox.hub import Hub

JSON = dict[str, Any]
Act = Callable[[Hub, JSON], Awaitable[JSON]]
PAGE = Path(__file__).parent.parent / "page"
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
_KEEP_ALIVE_S = 15.0

ACTS: dict[tuple[str, str], Act] = {
    ("GET", "/door/state"): look.state,
    ("GET", "/door/messages"): look.messages,
    ("GET", "/door/views"): look.views,
    ("GET", "/door/home"): look.home,
    ("GET", "/door/faults"): look.faults,
    ("GET", "/door/manifest"): look.manifest,
    ("POST", "/door/message"): talk.message,
    ("POST", "/door/command"): talk.command,
    ("POST", "/door/shortcut"): talk.shortcut,
    ("POST", "/door/action"): press.action,
    ("POST", "/door/suggest"): press.suggest,
    ("POST", "/door/home"): press.home,
    ("POST", "/door/submit"): modal.submit,
    ("POST", "/door/close"): modal.close,
    ("PUT", "/door/manifest"): manage.manifest,
    ("POST", "/door/people/{id}"): manage.people,
    ("POST", "/door/channels/{id}"): manage.channels,
    ("POST", "/door/groups/{id}"): manage.groups,
    ("POST", "/door/faults"): manage.faults,
}


def add(app: web.Application, hub: Hub) -> None:
    """Add the door and the page to the application."""
    for (verb, path), act in ACTS.items():
        app.router.add_route(verb, path, _handler(hub, act))
    app.router.add_get("/door/events", _Events(hub).stream)
    app.router.add_get("/", _page)
    app.router.add_get("/page/{file}", _page)
    app.router.add_get("/archives/{channel}/{link}", _permalink)


def _handler(hub: Hub, act: Act) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            _refuse_strangers(request)
            given = await _given(request)
            return web.json_response(await act(hub, given))
        except Refused as refusal:
            return web.json_response({"ok": False, "error": str(refusal)}, status=400)

    return handle


def _refuse_strangers(request: web.Request) -> None:
    """Another site open in the same browser must not act here."""
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.host:
        raise Refused("this page is not the sandbox's own")


async def _given(request: web.Request) -> JSON:
    given: JSON = {}
    if request.can_read_body:
        try:
            given = await request.json()
        except ValueError as odd:
            raise Refused("the body is not JSON") from odd
    if not isinstance(given, dict):
        raise Refused("the body is not a JSON object")
    return given | dict(request.query) | dict(request.match_info)


class _Events:
    """Server-Sent Events: what changes on one person's screen."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Send events until the page closes."""
        headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        who = request.query.get("person", "")
        queue = self._hub.feed.subscribe(who)
        try:
            await response.write(b": open\n\n")
            await self._pump(queue, response)
        except ConnectionError:
            pass
        finally:
            self._hub.feed.unsubscribe(who, queue)
        return response

    async def _pump(self, queue: asyncio.Queue[JSON | None], response: web.StreamResponse) -> None:
        while True:
            try:
                event = await asyncio.wait_for(queue.get(), _KEEP_ALIVE_S)
            except TimeoutError:
                await response.write(b": still here\n\n")
                continue
            if event is None:
                return
            await response.write(f"data: {json.dumps(event)}\n\n".encode())


async def _page(request: web.Request) -> web.StreamResponse:
    name = request.match_info.get("file", "index.html")
    path = PAGE / name
    if Path(name).name != name or name.startswith(".") or not path.is_file():
        raise web.HTTPNotFound()
    return web.FileResponse(path, headers=_HEADERS)


async def _permalink(request: web.Request) -> web.StreamResponse:
    """A message's address leads to its place on the page, in its thread where it names one."""
    digits = request.match_info["link"].removeprefix("p")
    thread = request.query.get("thread_ts")
    place = {"channel": request.match_info["channel"], "thread": thread, "at": f"{digits[:-6]}.{digits[-6:]}"}
    raise web.HTTPFound(f"/#{urlencode({name: value for name, value in place.items() if value})}")
