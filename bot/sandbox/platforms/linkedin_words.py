"""What the local LinkedIn says no with."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web


async def body_of(request: web.Request) -> dict[str, Any]:
    """The request's JSON object; {} when it holds none."""
    try:
        given = await request.json()
    except json.JSONDecodeError:
        return {}
    return given if isinstance(given, dict) else {}


def missing() -> web.Response:
    """No such thing."""
    return error(404, "NOT_FOUND", "Could not find entity")


def too_long() -> web.Response:
    """A field that holds too much."""
    wrong = {"description": "The field is too long", "code": "FIELD_LENGTH_TOO_LONG"}
    body = {"message": "Invalid input", "errorDetails": {"inputErrors": [wrong]}, "status": 422}
    return web.json_response(body, status=422)


def error(status: int, code: str, message: str, number: int | None = None) -> web.Response:
    """LinkedIn's word and sentence; ``number``: its service error code."""
    body: dict[str, Any] = {"status": status, "code": code, "message": message}
    return web.json_response(body | ({"serviceErrorCode": number} if number else {}), status=status)
