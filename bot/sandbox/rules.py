"""The small language in which Block Kit's rules are written: a check looks at one value and reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bot.sandbox.problems import Problem

JSON = dict[str, Any]


class Report:
    """Collects problems while a payload is walked through; `surface` is message, modal or home."""

    def __init__(self, surface: str) -> None:
        self.surface = surface
        self.problems: list[Problem] = []

    def add(self, pointer: str, rule: str, sentence: str) -> None:
        """Note a problem at a place."""
        self.problems.append(Problem(pointer, rule, sentence))


Check = Callable[[Report, str, Any], None]


def string(most: int, least: int = 1) -> Check:
    """A text of `least` to `most` code points."""

    def check(report: Report, pointer: str, value: Any) -> None:
        if not isinstance(value, str):
            report.add(pointer, "type", "must be a string")
        elif len(value) > most:
            report.add(pointer, "too_long", f"must be less than {most + 1} characters")
        elif len(value) < least:
            report.add(pointer, "too_short", f"must be more than {least - 1} characters")

    return check


def flag(report: Report, pointer: str, value: Any) -> None:
    """True or false."""
    if not isinstance(value, bool):
        report.add(pointer, "type", "must be a boolean")


def number(least: int, most: int) -> Check:
    """A whole number within bounds."""

    def check(report: Report, pointer: str, value: Any) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            report.add(pointer, "type", "must be an integer")
        elif not least <= value <= most:
            report.add(pointer, "range", f"must be between {least} and {most}")

    return check


def one_of(*words: str) -> Check:
    """One of a few words."""

    def check(report: Report, pointer: str, value: Any) -> None:
        if value not in words:
            report.add(pointer, "choice", f"must be one of {', '.join(words)}")

    return check


def matching(fits: Callable[[str], bool], form: str) -> Check:
    """A text of a certain form, described in words."""

    def check(report: Report, pointer: str, value: Any) -> None:
        if not isinstance(value, str) or not fits(value):
            report.add(pointer, "format", f"must be {form}")

    return check


def array(item: Check, most: int, least: int = 1) -> Check:
    """A list of `least` to `most` items, each of which is checked."""

    def check(report: Report, pointer: str, value: Any) -> None:
        if not isinstance(value, list):
            report.add(pointer, "type", "must be an array")
            return
        if len(value) > most:
            report.add(pointer, "too_many", f"no more than {most} items allowed")
        if len(value) < least:
            report.add(pointer, "too_few", f"no fewer than {least} items allowed")
        for index, one in enumerate(value[:most]):
            item(report, f"{pointer}/{index}", one)

    return check


def shape(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None, *more: Check) -> Check:
    """An object with these fields and no others; `more` checks see the whole object if the fields are fine."""
    known = {**required, **(optional or {})}

    def check(report: Report, pointer: str, value: Any) -> None:
        if not isinstance(value, dict):
            report.add(pointer, "type", "must be an object")
            return
        before = len(report.problems)
        for name in required:
            if value.get(name) is None:
                report.add(pointer, "missing", f"missing required field: {name}")
        for name, content in value.items():
            _field(report, pointer, name, content, known)
        if len(report.problems) == before:
            for also in more:
                also(report, pointer, value)

    return check


def _field(report: Report, pointer: str, name: str, content: Any, known: Mapping[str, Check]) -> None:
    if name not in known:
        report.add(pointer, "unknown_field", f"invalid additional property: {name}")
    elif content is not None:
        known[name](report, f"{pointer}/{name}", content)


def anything(report: Report, pointer: str, value: Any) -> None:
    """Whatever it is."""


def typed(kinds: Mapping[str, Check]) -> Check:
    """An object whose `type` says which of the checks applies."""

    def check(report: Report, pointer: str, value: Any) -> None:
        if not isinstance(value, dict):
            report.add(pointer, "type", "must be an object")
            return
        kind = value.get("type")
        found = kinds.get(kind) if isinstance(kind, str) else None
        if found is None:
            report.add(f"{pointer}/type", "unsupported_type", f"unsupported type: {kind}")
        else:
            found(report, pointer, value)

    return check


def objects(value: Any, pointer: str = "") -> Iterator[tuple[str, JSON]]:
    """Yield every object inside a value, with its pointer."""
    if isinstance(value, dict):
        yield pointer, value
        for name, part in value.items():
            yield from objects(part, f"{pointer}/{name}")
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from objects(part, f"{pointer}/{index}")
