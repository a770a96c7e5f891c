"""Why there is no message now: the renderer's two other answers."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Drop:
    """The message is no longer wanted; ``reason`` is a short word for the log and the board."""

    reason: str


@dataclass(frozen=True)
class Later:
    """Not now: ask again at ``until`` (UTC). The post is not used up."""

    until: datetime
