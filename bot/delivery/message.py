"""What a renderer gives: a message, or why there is none now."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Message:
    """Full plain text (all a screen reader reads) and the blocks."""

    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Drop:
    """The message is no longer wanted; ``reason`` is a short word for the log and the board."""

    reason: str


@dataclass(frozen=True)
class Later:
    """Not now: ask again at ``until`` (UTC). The post is not used up."""

    until: datetime
