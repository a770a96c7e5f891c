"""Elsewhere: counting what residents write beside the comments, where the platform lets us; no text is fetched."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final, cast

import structlog

from bot.channels.conversation import Conversation
from bot.channels.elsewhere import Counted
from bot.channels.elsewhere import Elsewhere as Found
from bot.channels.errors import ChannelError, Throttled
from bot.channels.protocol import Can
from bot.desk import Desk
from bot.turns import in_turns
from storage import inboxes, polls
from storage.inboxes import Inbox
from storage.polls import Poll

log = structlog.get_logger(__name__)
PREFIX: Final = "inbox:"  # of the polls' channel
PATIENCE_S: Final = 10.0
LONGEST: Final = 500  # characters of a link


class Elsewhere:
    """Counts where it is time; what fails is tried again next time, and the last count stands."""

    def __init__(self, talks: Iterable[Conversation]) -> None:
        self._talks = [cast(Counted, one) for one in talks if Can.ELSEWHERE in one.can]

    async def tick(self, desk: Desk, now: datetime) -> None:
        """One look at each that is due, a few at once; ``now`` is UTC.

        Raises ExceptionGroup, after all the others, for a platform that failed as none may.
        """
        async with desk.db.read() as session:
            known = await polls.everyone(session)
        due = (one for one in self._talks if polls.due(known.get(f"{PREFIX}{one.name}"), now))
        await in_turns((self._look(desk, one, now) for one in due), "inboxes that could not be counted")

    async def _look(self, desk: Desk, talk: Counted, now: datetime) -> None:
        key, every = f"{PREFIX}{talk.name}", timedelta(seconds=desk.settings.comments.inbox_poll_s)
        async with desk.db.write() as session:
            if await polls.claim(session, key, now, now + every) is None:
                return
        try:
            async with asyncio.timeout(PATIENCE_S):
                found = await talk.elsewhere()
        except (ChannelError, TimeoutError) as error:
            await _failed(desk, key, error, now, every)
        else:
            await _keep(desk, talk.name, key, found, now)


async def _keep(desk: Desk, channel: str, key: str, found: Iterable[Found], now: datetime) -> None:
    async with desk.db.write() as session:
        await inboxes.replace(session, channel, [_row(channel, one, now) for one in found])
        await _note(session, key, failures=0, trouble="", since=None, heard=now)


def _row(channel: str, one: Found, now: datetime) -> Inbox:
    link = one.link if len(one.link) <= LONGEST else ""
    return Inbox(channel=channel, kind=one.kind, count=one.count, oldest=one.oldest, link=link, seen=now)


async def _failed(desk: Desk, key: str, error: Exception, now: datetime, every: timedelta) -> None:
    log.warning("inbox not counted", action="inbox_failed", channel=key.removeprefix(PREFIX), error=repr(error))
    pause = timedelta(seconds=error.retry_after) if isinstance(error, Throttled) else every
    async with desk.db.write() as session:
        row = await session.get_one(Poll, key)
        why = str(error)[:200] or type(error).__name__
        await _note(
            session,
            key,
            failures=row.failures + 1,
            trouble=why,
            since=row.since or now,
            next_at=now + max(pause, every),
        )


async def _note(session: Any, key: str, **values: Any) -> None:
    row = await session.get_one(Poll, key)
    for name, value in values.items():
        setattr(row, name, value)
    session.add(row)
