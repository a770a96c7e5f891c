"""How often a method may be called, as Slack counts: per method in windows of a minute, posts per channel."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from bot.sandbox.stamps import Clock

WINDOW = 60.0
POST_BURST = 5.0
POSTS_PER_SECOND = 1.0


class Tier(Enum):
    """Calls a minute. Tier 1 is documented as "1+", yet a restarting app may open several sockets."""

    ONE = 30
    TWO = 20
    THREE = 50
    FOUR = 100
    SPECIAL = 600
    POST = 0
    """Counted per channel and for the whole workspace instead."""


@dataclass
class _Window:
    began: float
    count: int = 0


@dataclass
class _Bucket:
    filled: float
    at: float


class Limits:
    """Counts calls. `on` false lets everything through; `workspace_per_min` bounds posting as a whole."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._windows: dict[str, _Window] = {}
        self._buckets: dict[str, _Bucket] = {}
        self.on = True
        self.workspace_per_min = 300

    def call(self, method: str, tier: Tier) -> int | None:
        """Count a call; return None, or the whole seconds to wait."""
        if not self.on or tier is Tier.POST:
            return None
        return self._count(method, tier.value)

    def post(self, channel: str) -> int | None:
        """Count a post to a channel; return None, or the whole seconds to wait."""
        if not self.on:
            return None
        return self._drip(channel) or self._count("chat.postMessage", self.workspace_per_min)

    def _count(self, name: str, allowed: int) -> int | None:
        now = self._clock()
        window = self._windows.get(name)
        if window is None or now - window.began >= WINDOW:
            window = self._windows[name] = _Window(now)
        if window.count >= allowed:
            return math.ceil(window.began + WINDOW - now) or 1
        window.count += 1
        return None

    def _drip(self, channel: str) -> int | None:
        now = self._clock()
        bucket = self._buckets.setdefault(channel, _Bucket(POST_BURST, now))
        bucket.filled = min(POST_BURST, bucket.filled + (now - bucket.at) * POSTS_PER_SECOND)
        bucket.at = now
        if bucket.filled < 1:
            return math.ceil((1 - bucket.filled) / POSTS_PER_SECOND) or 1
        bucket.filled -= 1
        return None

    def to_json(self) -> dict[str, object]:
        """Return the switches."""
        return {"on": self.on, "workspace_per_min": self.workspace_per_min}
