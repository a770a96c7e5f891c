"""What is wrong with a payload, and where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One fault: the place as a JSON pointer, the rule's short name, and a sentence for people."""

    pointer: str
    rule: str
    sentence: str
