"""How long an answer may be on each platform, counted as the platform counts."""

from collections.abc import Callable, Mapping
from typing import Final

from bot.channels.limits import LIMITS
from bot.channels.weighted import LIMIT, weigh

ROOM: Final[Mapping[str, int]] = {
    "facebook": 8000,
    "instagram": 300,
    "x": LIMIT,
    "linkedin": 1250,
    "youtube": 10_000,
    "tiktok": 150,
    "mastodon": 468,  # of 500: the answer begins with the name of who is answered
    "bluesky": 300,
    "wordpress": 65_525,
}
COUNTED: Final[Mapping[str, Callable[[str], int]]] = {
    "x": weigh,
    "bluesky": LIMITS["bluesky"].weigh,
    "mastodon": LIMITS["mastodon"].weigh,
}


def room(platform: str) -> int:
    """Characters the platform takes in an answer; 0 where nobody counts."""
    return ROOM.get(platform, 0)


def of(platform: str, text: str) -> int:
    """The platform's count of a text."""
    return COUNTED.get(platform, len)(text)
