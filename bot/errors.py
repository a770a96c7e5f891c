"""What the desk says no with. Everything here becomes a sentence for a person."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Text:
    """A text by its key, for values that are said in the reader's language."""

    key: str


class DeskError(Exception):
    """Root of everything the desk raises on purpose."""


class Refused(DeskError):
    """The desk says no. ``key`` is a text; ``values`` fill it (instants, dates and lists as they are)."""

    def __init__(self, key: str, **values: Any) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


class Problem:
    """One thing wrong with one field of a form."""

    def __init__(self, key: str, **values: Any) -> None:
        self.key = key
        self.values = values

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Problem) and (self.key, self.values) == (other.key, other.values)

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return f"Problem({self.key!r}, {self.values!r})"


class Invalid(DeskError):
    """A form that cannot be taken as it is: problems by field."""

    def __init__(self, problems: dict[str, Problem]) -> None:
        super().__init__(", ".join(sorted(problems)))
        self.problems = problems
