"""Response urls: five answers within half an hour, past every posting rule."""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox.errors import ApiError
from bot.sandbox.stamps import Clock, random_id

USES = 5
LIFETIME = 1800.0


@dataclass
class ResponseUrl:
    """Where an answer goes: the channel and person, and the message it may replace."""

    channel: str
    user: str
    born: float
    message_ts: str | None = None
    thread_ts: str | None = None
    uses: int = 0


class ResponseUrls:
    """The urls that have been handed out."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[str, ResponseUrl] = {}
        self.base_url = ""

    def issue(self, channel: str, user: str, message_ts: str | None = None, thread_ts: str | None = None) -> str:
        """Return a new absolute url."""
        self._forget()
        name = random_id("", 24)
        self._known[name] = ResponseUrl(channel, user, self._clock(), message_ts, thread_ts)
        return f"{self.base_url}/hooks/{name}"

    def _forget(self) -> None:
        """Drop what is long past; ids are in order of birth, so the old ones stand first."""
        limit = self._clock() - 2 * LIFETIME
        while self._known:
            name, oldest = next(iter(self._known.items()))
            if oldest.born >= limit:
                return
            del self._known[name]

    def redeem(self, name: str) -> ResponseUrl:
        """Use a url once. Raises ApiError when it is unknown, too old or used five times."""
        url = self._known.get(name)
        if url is None or self._clock() - url.born > LIFETIME:
            raise ApiError("expired_url")
        if url.uses >= USES:
            raise ApiError("used_url")
        url.uses += 1
        return url
