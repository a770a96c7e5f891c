"""Message timestamps and other identifiers, in Slack's shapes."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

Clock = Callable[[], float]


def micros(ts: str) -> int:
    """Return a timestamp ("1700000000.000100", seconds since 1970 UTC) in whole microseconds.

    Raises ValueError when it is not one.
    """
    try:
        return int(Decimal(ts) * 1_000_000)
    except (InvalidOperation, OverflowError) as odd:
        raise ValueError(ts) from odd


class Stamps:
    """Hands out timestamps that never repeat and never go backwards."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> str:
        """Return a fresh timestamp: now, or one microsecond after the last."""
        self._last = max(self._last + 1, int(self._clock() * 1_000_000))
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def seen(self, ts: str) -> None:
        """Make sure later timestamps come after this one, read back from a file."""
        self._last = max(self._last, micros(ts))


def random_id(prefix: str, length: int = 10) -> str:
    """Return an id such as V8K2… that cannot be guessed from the one before."""
    return prefix + base64.b32encode(secrets.token_bytes(length)).decode()[:length]
