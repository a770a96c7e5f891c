"""Arguments of a call, however they were sent."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from aiohttp import web

from bot.sandbox.errors import ApiError, missing

T = TypeVar("T")
_TRUE = {"1", "true", "True", True}


async def read(request: web.Request) -> Args:
    """Return the arguments of a request: query, then form or JSON. Raises ApiError."""
    given: dict[str, Any] = dict(request.query)
    if not request.can_read_body:
        return Args(given)
    if request.content_type == "application/json":
        return Args(given | _object(await request.text()))
    return Args(given | dict(await request.post()))


def _object(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text) if text else {}
    except ValueError as odd:
        raise ApiError("invalid_json") from odd
    if not isinstance(body, dict):
        raise ApiError("json_not_object")
    return body


class Args:
    """Reads arguments by name, as text, flag, number or JSON."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given

    def text(self, name: str) -> str | None:
        """Return an argument as text; None when it is absent or empty."""
        value = self._given.get(name)
        return None if value in (None, "") else str(value)

    def required(self, name: str) -> str:
        """Return an argument as text. Raises ApiError when it is absent."""
        value = self.text(name)
        if value is None:
            raise missing(name)
        return value

    def flag(self, name: str) -> bool:
        """Return whether an argument says yes."""
        value = self._given.get(name)
        return isinstance(value, (str, bool, int)) and value in _TRUE

    def number(self, name: str, default: int, most: int) -> int:
        """Return a positive whole number. Raises ApiError("invalid_limit") beyond `most`."""
        value = self.text(name)
        try:
            number = default if value is None else int(value)
        except ValueError as odd:
            raise ApiError("invalid_limit") from odd
        if not 1 <= number <= most:
            raise ApiError("invalid_limit")
        return number

    def data(self, name: str) -> Any:
        """Return a structure, whether it came as JSON or as text holding JSON."""
        value = self._given.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError as odd:
            raise ApiError("invalid_blocks_format" if name == "blocks" else "invalid_arguments") from odd

    def content(self) -> dict[str, Any]:
        """Return what belongs to a message."""
        names = ("blocks", "attachments", "metadata")
        given: dict[str, Any] = {name: self.data(name) for name in names}
        return given | {"text": self.text("text"), "markdown_text": self.text("markdown_text")}


def page(rows: Sequence[T], args: Args, *, default: int = 100, most: int = 1000) -> tuple[Sequence[T], str]:
    """Return one page of some rows and the cursor of the next ("" after the last)."""
    limit = args.number("limit", default, most)
    start = position(args.text("cursor"), 0)
    following = start + limit
    return rows[start:following], cursor(following) if following < len(rows) else ""


def cursor(position: int) -> str:
    """Return an opaque cursor."""
    return base64.b64encode(f"next:{position}".encode()).decode()


def position(text: str | None, beginning: int) -> int:
    """Return what a cursor stands for; without one, the beginning. Raises ApiError("invalid_cursor")."""
    if text is None:
        return beginning
    try:
        word, _, number = base64.b64decode(text, validate=True).decode().partition(":")
        if word == "next":
            return int(number)
    except (binascii.Error, ValueError):
        pass
    raise ApiError("invalid_cursor")
