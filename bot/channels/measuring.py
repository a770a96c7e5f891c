"""Followers and reactions: figures a platform gives of an account, never of a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class PostFigures:
    """One post of the account as it stands now. ``reactions``: None where the platform does not tell."""

    remote: str
    published: datetime
    reactions: int | None = None
    comments: int | None = None
    shares: int | None = None
    link: str = ""
    words: str = ""


@dataclass(frozen=True)
class Figures:
    """What one look gave. ``followers``: None where the platform does not tell."""

    followers: int | None = None
    posts: Sequence[PostFigures] = ()


class Measured(Protocol):
    """A talk whose channel can be measured: ``Can.METRICS`` is in its ``can``."""

    name: str

    async def measure(self, since: datetime) -> Figures:
        """The account and its own posts published after ``since`` (UTC). Raises the channels' errors."""
