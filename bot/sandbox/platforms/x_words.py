"""What the local X says: its problem documents, its instants, and its escapes."""

from __future__ import annotations

import html
import json
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web

from bot.sandbox.platforms.base import Item

PROBLEMS: Final = "https://api.x.com/2/problems/"


async def body_of(request: web.Request) -> dict[str, Any] | None:
    """The request's JSON object; None when it holds none."""
    try:
        found = await request.json()
    except json.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def problem(status: int, title: str, detail: str, kind: str = "") -> web.Response:
    """X's problem document."""
    body = {"title": title, "detail": detail, "type": PROBLEMS + kind if kind else "about:blank", "status": status}
    return web.json_response(body, status=status, content_type="application/problem+json")


def forbidden(detail: str) -> web.Response:
    """Not allowed, in X's words."""
    return problem(403, "Forbidden", detail)


def invalid(parameter: str, message: str) -> web.Response:
    """A parameter or a field that X does not take so."""
    body = {
        "errors": [{"parameters": {parameter: []}, "message": message}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": f"{PROBLEMS}invalid-request",
    }
    return web.json_response(body, status=400, content_type="application/problem+json")


def missing() -> web.Response:
    """No such post."""
    return problem(404, "Not Found Error", "Could not find tweet with that id", "resource-not-found")


def made(at: float) -> str:
    """An instant (seconds since 1970) as X writes it."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def shown(item: Item) -> str:
    """The text as X gives it: its own short links, and three signs escaped."""
    text = item.text
    for short, url in (item.more.get("links") or {}).items():
        text = text.replace(url, short)
    return html.escape(text, quote=False)
