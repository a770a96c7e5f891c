"""The gate of the Web API: token, scope, limits and misfortune, then the method."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from bot.sandbox.api import args as arguments
from bot.sandbox.api import basics, chat, conversations, users, views
from bot.sandbox.api.args import Args
from bot.sandbox.api.table import Method
from bot.sandbox.errors import ApiError, Throttled
from bot.sandbox.hub import Hub

JSON = dict[str, Any]


def methods() -> dict[str, Method]:
    """Return every method there is."""
    families = (basics, chat, conversations, users, views)
    return {name: method for family in families for name, method in family.methods.items()}


class Gate:
    """Answers POST and GET /api/{method}."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._methods = methods()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        name = request.match_info["method"]
        try:
            return await self._call(request, name)
        except Throttled as much:
            return self._throttled(much.seconds)
        except ApiError as refusal:
            return self._answer(refusal.body(), self._methods.get(name))

    async def _call(self, request: web.Request, name: str) -> web.StreamResponse:
        given = await arguments.read(request)
        method = self._methods.get(name)
        if method is None:
            raise ApiError("unknown_method", req_method=name)
        self._authorize(request, method, given)
        seconds = self._hub.limits.call(name, method.tier)
        if seconds is not None:
            return self._throttled(seconds)
        return await self._with_faults(request, name, method, given)

    def _authorize(self, request: web.Request, method: Method, given: Args) -> None:
        if method.open:
            return
        token = _token(request, given)
        if token is None:
            raise ApiError("not_authed")
        if token not in (self._hub.bot_token, self._hub.app_token):
            raise ApiError("invalid_auth")
        if self._hub.faults.revoked:
            raise ApiError("token_revoked")
        if (token == self._hub.app_token) is not method.app_token:
            raise ApiError("not_allowed_token_type")
        granted = self._hub.workspace.scopes
        if method.scopes and granted.isdisjoint(method.scopes):
            needed = ",".join(method.scopes)
            raise ApiError("missing_scope", needed=needed, provided=",".join(sorted(granted)))

    async def _with_faults(
        self, request: web.Request, name: str, method: Method, given: Args
    ) -> web.StreamResponse:
        faults = self._hub.faults
        slow = faults.strikes("slow_ms", name)
        if slow:
            await asyncio.sleep(slow.ms / 1000)
        if faults.strikes("throttle", name):
            return self._throttled(1)
        broken = faults.strikes("error_5xx", name)
        if broken and not (method.stores and faults.chance(broken.stored)):
            return _server_error()
        answer = {"ok": True, **method.handler(self._hub, given)}
        if broken:
            return _server_error()
        if method.stores and faults.strikes("drop_after_store", name):
            return _hang_up(request)
        return self._answer(answer, method)

    def _answer(self, body: JSON, method: Method | None) -> web.Response:
        headers = {"X-OAuth-Scopes": ",".join(sorted(self._hub.workspace.scopes))}
        if method is not None and method.scopes:
            headers["X-Accepted-OAuth-Scopes"] = ",".join(method.scopes)
        return web.Response(text=json.dumps(body), content_type="application/json", headers=headers)

    def _throttled(self, seconds: int) -> web.Response:
        body = json.dumps({"ok": False, "error": "ratelimited"})
        headers = {"Retry-After": str(seconds)}
        return web.Response(status=429, text=body, content_type="application/json", headers=headers)


def _token(request: web.Request, given: Args) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme == "Bearer" and token else given.text("token")


def _server_error() -> web.Response:
    body = json.dumps({"ok": False, "error": "internal_error"})
    return web.Response(status=503, text=body, content_type="application/json")


def _hang_up(request: web.Request) -> web.Response:
    """Close the connection; the answer that aiohttp insists on finds nobody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
