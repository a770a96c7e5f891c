"""Pace: never faster than the vendor allows, and never much slower.

A vendor counts calls in windows of a minute. A bucket that refills at the full permitted rate would
overstep by its burst in some window; so the rate and the burst together stay just under the limit.
"""

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta

SHARE = 0.99  # of what is permitted; the rest is for jitter on the way
IDLE_DESTINATIONS = 1000


@dataclass
class Bucket:
    """A token bucket. ``rate`` in tokens per second; starts with ``tokens``, holds ``burst``."""

    rate: float
    burst: float
    tokens: float = 0.0
    at: float = -math.inf  # seconds; when ``tokens`` was true
    dry: bool = False  # there was none when it was last asked; somebody waits for the next

    @classmethod
    def per_minute(cls, limit: float, burst: float | None = None) -> "Bucket":
        """A bucket that never gives more than ``limit`` in any minute: burst and refill stay under it.

        Without a ``burst`` it holds a hundredth of the limit and so nearly reaches it. It starts a third
        full, lest a process that is killed and restarted burst each time.
        """
        held = max(1.0, math.floor(limit / 100)) if burst is None else burst
        return cls(rate=(limit * SHARE - held) / 60, burst=held, tokens=max(1.0, held / 3))

    def _refill(self, now: float) -> None:
        passed = max(0.0, now - self.at) if self.at > -math.inf else 0.0
        self.tokens = min(self.burst, self.tokens + passed * self.rate)
        self.at = now

    def ready(self, now: float) -> int:
        """How many may go at once."""
        self._refill(now)
        self.dry = self.tokens + 1e-9 < 1
        return int(self.tokens + 1e-9)

    def take(self, now: float) -> bool:
        """Take a token if there is one."""
        if not self.ready(now):
            return False
        self.tokens -= 1
        return True

    def refund(self) -> None:
        """Nothing was sent after all."""
        self.tokens = min(self.burst, self.tokens + 1)

    def ready_in(self, now: float) -> float:
        """Seconds until there is a token."""
        self._refill(now)
        return max(0.0, (1 - self.tokens) / self.rate)


@dataclass(frozen=True)
class Pause:
    """No ``verb`` until then (UTC), and why."""

    until: datetime
    reason: str


@dataclass
class Pace:
    """One lane's pace: the workspace, each destination, and what the vendor asked us to rest from."""

    posts: Bucket
    updates: Bucket
    reads: Bucket
    dest_rate: float = 1.0
    dest_burst: float = 2.0
    pauses: dict[str, Pause] = field(default_factory=dict)
    dests: dict[str, Bucket] = field(default_factory=dict)

    def paused(self, verb: str, now: datetime) -> bool:
        """Is the lane resting from ``verb`` ("send", "update", "read"; "all" is each of them)?"""
        held = [self.pauses[name] for name in (verb, "all") if name in self.pauses]
        return any(pause.until > now for pause in held)

    def pause(self, verb: str, until: datetime, reason: str) -> None:
        """Rest from ``verb``; a longer rest already asked for stands."""
        known = self.pauses.get(verb)
        if known is None or known.until < until:
            self.pauses[verb] = Pause(until, reason)

    def lift(self, verb: str) -> None:
        """Rest from ``verb`` no longer."""
        self.pauses.pop(verb, None)

    def took(self, dest: str, now: float) -> None:
        """A post to ``dest`` is on its way."""
        if len(self.dests) > IDLE_DESTINATIONS:
            self.dests = {name: one for name, one in self.dests.items() if not one.ready(now)}
        bucket = self.dests.setdefault(dest, Bucket(self.dest_rate, self.dest_burst, self.dest_burst))
        bucket.take(now)

    def resting(self, now: float) -> set[str]:
        """Destinations that had a post just now."""
        self.dests = {dest: one for dest, one in self.dests.items() if one.ready(now) < int(one.burst)}
        return {dest for dest, bucket in self.dests.items() if not bucket.ready(now)}

    def next_in(self, now: datetime, most: float) -> float:
        """Seconds until something changes here, at most ``most``."""
        at = now.timestamp()
        buckets = (self.posts, self.updates, self.reads, *self.dests.values())
        waits = [bucket.ready_in(at) for bucket in buckets if bucket.dry]
        ends = [(pause.until - now).total_seconds() for pause in self.pauses.values()]
        return min([*waits, *(wait for wait in ends if wait > 0), most])


def later(now: datetime, seconds: float) -> datetime:
    """``seconds`` from now."""
    return now + timedelta(seconds=seconds)
