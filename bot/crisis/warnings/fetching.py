"""One look at a source: a GET that costs the source nothing while nothing has changed."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx

from bot.crisis.warnings.found import Unreadable, decoded

MOST_BYTES: Final = 32 << 20  # SMHI draws every border it warns within
LONGEST_WAIT_S: Final = 3600.0
NOT_MODIFIED: Final = 304


class Away(Exception):
    """The source gave no answer to work with. ``retry_after``: seconds it asks for, if it does."""

    def __init__(self, reason: str, retry_after: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


@dataclass(frozen=True)
class Answer:
    """``max_age``: seconds the answer stays fresh. Unless it has ``changed`` there is no body."""

    body: Any
    etag: str = ""
    max_age: float = 0.0
    changed: bool = True


def session(timeout_s: float) -> httpx.AsyncClient:
    """The one session with all sources. ``timeout_s`` for connecting and for each read."""
    return httpx.AsyncClient(
        headers={"Accept": "application/json"},
        timeout=httpx.Timeout(timeout_s, connect=timeout_s / 2),
        follow_redirects=False,
        trust_env=False,
    )


async def fetch(client: httpx.AsyncClient, address: str, etag: str, timeout_s: float) -> Answer:
    """Look once; ``timeout_s`` for everything together. Raises Away."""
    try:
        async with asyncio.timeout(timeout_s):
            return await _fetch(client, address, etag)
    except TimeoutError:
        raise Away("timeout") from None
    except httpx.HTTPError as problem:
        raise Away(type(problem).__name__) from problem
    except httpx.InvalidURL:
        raise Away("invalid address") from None
    except Unreadable as problem:
        raise Away(str(problem)) from None


async def _fetch(client: httpx.AsyncClient, address: str, etag: str) -> Answer:
    headers = {"If-None-Match": etag} if etag else {}
    async with client.stream("GET", address, headers=headers) as answer:
        if answer.status_code == NOT_MODIFIED and etag:
            return Answer(None, etag, max_age(answer), changed=False)
        if answer.status_code != httpx.codes.OK:
            raise Away(f"HTTP {answer.status_code}", retry_after(answer))
        return Answer(decoded(await _content(answer)), _etag(answer), max_age(answer))


async def _content(answer: httpx.Response) -> bytes:
    parts, size = [], 0
    async for part in answer.aiter_bytes():
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise Away("answer too long")
    return b"".join(parts)


def _etag(answer: httpx.Response) -> str:
    tag = answer.headers.get("etag", "")
    return tag if len(tag) <= 200 and tag.isascii() and tag.isprintable() else ""


def retry_after(answer: httpx.Response) -> float:
    """Seconds the source asks us to wait, given as seconds or as a date; 0 when it does not say.

    A date is measured by the source's own clock, so that a difference between the clocks does no harm.
    """
    said = answer.headers.get("retry-after", "").strip()
    if said.isdecimal():
        return min(LONGEST_WAIT_S, float(said))
    until, now = _date(said), _date(answer.headers.get("date", ""))
    if until is None:
        return 0.0
    return min(LONGEST_WAIT_S, max(0.0, (until - (now or datetime.now(UTC))).total_seconds()))


def _date(said: str) -> datetime | None:
    try:
        read = parsedate_to_datetime(said)
    except (ValueError, TypeError, IndexError):
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def max_age(answer: httpx.Response) -> float:
    """Seconds the answer stays fresh, as the source says; 0 when it does not say."""
    for part in answer.headers.get("cache-control", "").split(","):
        name, _, value = part.strip().partition("=")
        if name.lower() == "max-age" and value.isdecimal():
            return min(LONGEST_WAIT_S, float(value))
    return 0.0
