"""Refusals and problems as sentences, in the reader's language."""

from datetime import date, datetime
from typing import Any

from bot.errors import Problem, Refused, Text
from bot.texts import Speak


def refusal(t: Speak, error: Refused) -> str:
    """What a person reads when the desk says no."""
    return t(error.key, **{name: spoken(t, value) for name, value in error.values.items()})


def problem(t: Speak, one: Problem) -> str:
    """What stands at a field."""
    return t(one.key, **{name: spoken(t, value) for name, value in one.values.items()})


def spoken(t: Speak, value: Any) -> str:
    """A value as the language writes it: instants, dates, numbers, lists of names, other texts."""
    match value:
        case Text(key):
            return t(key)
        case datetime():
            return t.moment(value)
        case date():
            return t.iso(value)
        case list() | tuple():
            return t.names([spoken(t, one) for one in value])
        case bool() | None:
            return ""
        case int() | float():
            return t.number(value)
    return str(value)
