"""A finding of `kanalvakt check`: what was looked at, how it is, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Level = Literal["ok", "warning", "error"]
SIGNS: Final[Mapping[Level, str]] = {"ok": "ok", "warning": "warning", "error": "ERROR"}


@dataclass(frozen=True)
class Finding:
    """One thing looked at. ``remedy``: what to do about it, empty when it is ok."""

    level: Level
    sentence: str
    remedy: str = ""

    def line(self) -> str:
        """The finding for a terminal."""
        return f"{SIGNS[self.level]:>7}  {self.sentence}" + (f" → {self.remedy}" if self.remedy else "")


def good(sentence: str) -> Finding:
    """All is well here."""
    return Finding("ok", sentence)


def doubtful(sentence: str, remedy: str) -> Finding:
    """It will run, but not as it should."""
    return Finding("warning", sentence, remedy)


def wrong(sentence: str, remedy: str) -> Finding:
    """It will not run, or not do its work."""
    return Finding("error", sentence, remedy)
