"""What every script of the demo says and expects. Raises `Surprise` for what did not happen."""

from collections.abc import Callable
from typing import Any

from bot.sandbox.forms import Surprise

Say = Callable[[str, str], None]


def ok(answer: dict[str, Any]) -> None:
    """Slack took it."""
    if not answer.get("ok"):
        raise Surprise(f"Slack said: {answer.get('error')}")


def result(answer: dict[str, Any], wanted: str) -> None:
    """The form answered as it should: "push", "closed", "cleared", "errors"."""
    if answer.get("result") != wanted:
        raise Surprise(f"expected the form to answer {wanted!r}, got {answer}")


def expect(true: bool, what: str) -> None:
    """It happened."""
    if not true:
        raise Surprise(f"it did not happen that {what}")
