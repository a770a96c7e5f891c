"""How a call to the Web API fails."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.sandbox.problems import Problem


class ApiError(Exception):
    """A refusal in Slack's words: {"ok": false, "error": code, ...}."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.code = code
        self.more = more

    def body(self) -> dict[str, Any]:
        """Return the answer's body."""
        return {"ok": False, "error": self.code, **self.more}


class Throttled(ApiError):
    """Too much at once: HTTP 429, to be tried again after so many `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__("ratelimited")
        self.seconds = seconds


class Refused(Exception):
    """A person cannot do this; the sentence says why."""


def invalid(code: str, problems: Iterable[Problem]) -> ApiError:
    """Return the error that names every faulty place by its JSON pointer."""
    messages = [f"[ERROR] {problem.sentence} [json-pointer:{problem.pointer}]" for problem in problems]
    return ApiError(code, response_metadata={"messages": messages})


def missing(field: str) -> ApiError:
    """Return the error for an argument that is not there."""
    messages = [f"[ERROR] missing required field: {field}"]
    return ApiError("invalid_arguments", response_metadata={"messages": messages})
