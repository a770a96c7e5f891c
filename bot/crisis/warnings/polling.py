"""Looking out: which sources are due, one look at each, and what it means kept before the next.

A time for the next look stands in the database, so a restart or a second replica changes nothing.
"""

import asyncio
import hashlib
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any, Final

import httpx
import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.crisis.warnings import fetching, judging, keeping, krisinformation, smhi, vma
from bot.crisis.warnings.fetching import Away
from bot.crisis.warnings.found import Places, Reading, Unreadable
from bot.desk import Desk
from bot.errors import Problem, Text
from bot.warning_settings import Warnings
from storage import warnings
from storage.warnings import WarningFeed

log = structlog.get_logger(__name__)
SOURCES: Final[Mapping[str, ModuleType]] = {one.SOURCE: one for one in (vma, krisinformation, smhi)}
LONGEST_PAUSE_S: Final = 600.0  # of our own making; a source may ask for more
FURTHEST: Final = timedelta(hours=3)  # no look is ever put off for so long: somebody's clock was wrong
SILENT: Final = 3  # looks in vain before people are told


@dataclass(frozen=True)
class Look:
    """What one look at a source gave: a reading (None: nothing new), or why there is none."""

    source: str
    asked: str
    reading: Reading | None = None
    etag: str = ""
    max_age: float = 0.0
    away: Away | None = None


class Watch:
    """Looks at the sources the municipality chose; without them it does nothing at all."""

    def __init__(self, chosen: Warnings) -> None:
        self.chosen = chosen
        self._client: httpx.AsyncClient | None = None

    async def tick(self, desk: Desk, now: datetime) -> None:
        """Look at every source that is due, and keep what they say; ``now`` is UTC.

        A source that is away, or whose words cannot be kept, does not hold up the others. Raises
        ExceptionGroup, after all the others, for what could not be kept.
        """
        if not self.chosen.enabled:
            return
        await self._run_out(desk, now)
        due = await self._due(desk, now)
        looks = await asyncio.gather(*(self._look(desk, feed) for feed in due), return_exceptions=True)
        failed = [one for one in looks if isinstance(one, Exception)]
        for look in looks:
            if isinstance(look, Look):
                failed += await _tried(self._keep(desk, look, now))
        if failed:
            raise ExceptionGroup("warnings that could not be kept", failed)

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _run_out(self, desk: Desk, now: datetime) -> None:
        async with desk.db.read() as session:
            over = await warnings.run_out(session, now - judging.SKEW)
        if over:
            async with desk.db.write() as session:
                await keeping.run_out(session, desk, now)

    async def _due(self, desk: Desk, now: datetime) -> list[WarningFeed]:
        """The sources that are due and are ours to look at, the most trusted first."""
        async with desk.db.read() as session:
            feeds = {one.source: one for one in await warnings.feeds(session)}
        wanted = [name for name in keeping.ORDER if name in self.chosen.sources]
        if all(name in feeds and now < feeds[name].next_at <= now + FURTHEST for name in wanted):
            return []
        until = now + timedelta(seconds=self.chosen.poll_s)
        async with desk.db.write() as session:
            claimed = [
                await warnings.claim(session, name, now=now, until=until, furthest=now + FURTHEST)
                for name in wanted
            ]
        return [one for one in claimed if one is not None]

    async def _look(self, desk: Desk, feed: WarningFeed) -> Look:
        chosen, source = self.chosen, SOURCES[feed.source]
        places, address = self._places(desk), source.address(chosen)
        asked = _digest(address, chosen, places)
        etag = feed.etag if feed.asked == asked else ""
        if self._client is None:
            self._client = fetching.session(chosen.timeout_s)
        try:
            answer = await fetching.fetch(self._client, address, etag, chosen.timeout_s)
            reading = source.read(answer.body, places, chosen) if answer.changed else None
        except Unreadable as odd:
            return Look(feed.source, asked, away=Away(str(odd)))
        except Away as away:
            return Look(feed.source, asked, away=away)
        return Look(feed.source, asked, reading, answer.etag, answer.max_age)

    def _places(self, desk: Desk) -> Places:
        names = (desk.settings.municipality.name, *self.chosen.names)
        return Places(self.chosen.municipality or "", self.chosen.county or "", names)

    async def _keep(self, desk: Desk, look: Look, now: datetime) -> None:
        async with desk.db.write() as session:
            feed = (await warnings.locked_feeds(session))[look.source]
            if look.away is not None:
                self._away(feed, look.away, now)
            else:
                await self._heard(session, desk, feed, look, now)
            session.add(feed)

    async def _heard(self, session: AsyncSession, desk: Desk, feed: WarningFeed, look: Look, now: datetime) -> None:
        if look.reading is not None:
            feed.odd = await keeping.take_in(session, desk, look.source, look.reading, now)
        feed.etag, feed.asked = look.etag, look.asked
        feed.failures, feed.trouble, feed.since, feed.heard = 0, "", None, now
        fresh = min(look.max_age, LONGEST_PAUSE_S)
        feed.next_at = now + timedelta(seconds=max(self.chosen.poll_s, fresh))

    def _away(self, feed: WarningFeed, away: Away, now: datetime) -> None:
        """Wait longer each time, and as long as the source asks."""
        if not feed.failures:
            log.warning("source is away", action="warnings_away", source=feed.source, reason=away.reason)
        pause = min(LONGEST_PAUSE_S, self.chosen.poll_s * 2.0 ** min(feed.failures, 10))
        pause = max(pause, self.chosen.poll_s, away.retry_after)
        feed.failures += 1
        feed.trouble, feed.since = away.reason[:200], feed.since or now
        feed.next_at = now + timedelta(seconds=pause)


async def _tried(work: Coroutine[Any, Any, None]) -> list[Exception]:
    results = await asyncio.gather(work, return_exceptions=True)
    return [one for one in results if isinstance(one, Exception)]


def _digest(address: str, chosen: Warnings, places: Places) -> str:
    """Stands for everything the reading of an answer depends on: with other settings, "unchanged" is no answer."""
    said = "\n".join((address, chosen.model_dump_json(), repr(places)))
    return hashlib.sha256(said.encode()).hexdigest()


async def troubles(session: AsyncSession, chosen: Warnings) -> list[Problem]:
    """What keeps warnings from being heard, for `/komm status`: sources away, entries not understood."""
    if not chosen.enabled:
        return []
    feeds = [one for one in await warnings.feeds(session) if one.source in chosen.sources]
    return [problem for one in feeds for problem in _troubles(one)]


def _troubles(feed: WarningFeed) -> list[Problem]:
    source = Text(f"warning.source.{feed.source}")
    found = []
    if feed.failures >= SILENT:
        found.append(Problem("status.warning.away", source=source, time=feed.since, reason=feed.trouble))
    if feed.odd:
        found.append(Problem("status.warning.odd", source=source))
    return found
