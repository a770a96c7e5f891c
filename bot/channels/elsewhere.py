"""What waits for an account outside its comments: how much, since when and where; never what it says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Kind(StrEnum):
    """Where residents write beside the comments."""

    MESSAGES = "messages"  # direct messages nobody has answered
    MENTIONS = "mentions"
    REVIEWS = "reviews"
    VISITORS = "visitors"  # posts of others on the account's own page


@dataclass(frozen=True)
class Elsewhere:
    """How much of one kind waits. ``oldest``: aware UTC, None when nothing does; ``link``: where people read it."""

    kind: Kind
    count: int
    oldest: datetime | None = None
    link: str = ""


class Counted(Protocol):
    """A talk that can say it: ``Can.ELSEWHERE`` is in its ``can``."""

    name: str

    async def elsewhere(self) -> Sequence[Elsewhere]:
        """Every kind the platform lets us count, also those with nothing waiting. Raises the channels' errors."""
