"""Polling: reading comments where no webhook brings them, and as the net below those that do."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.channels.conversation import Conversation, Page
from bot.channels.errors import ChannelError, Throttled, TokenDead
from bot.comments import taking, troubles
from bot.desk import Desk
from bot.turns import in_turns
from storage import polls
from storage.polls import Poll

log = structlog.get_logger(__name__)
LONGEST_S: Final = 3600.0
DEAD_S: Final = 900.0  # a dead token is tried again this often, so that a mended one catches up
PAGES: Final = 20  # in one look


class Polls:
    """Reads every channel that is due, one look each, kept before the next."""

    def __init__(self, talks: Sequence[Conversation]) -> None:
        self._talks = talks

    async def tick(self, desk: Desk, now: datetime) -> None:
        """Look where it is time; one that fails does not hold up the others. Nothing due costs one read."""
        async with desk.db.read() as session:
            known = await polls.everyone(session)
        due = (one for one in self._talks if polls.due(known.get(one.name), now))
        await in_turns((self._look(desk, one, now) for one in due), "comments that could not be read")

    async def _look(self, desk: Desk, talk: Conversation, now: datetime) -> None:
        every = timedelta(seconds=desk.settings.comments.poll_s)
        async with desk.db.write() as session:
            poll = await polls.claim(session, talk.name, now, now + every)
        if poll is None:
            return
        try:
            await self._read(desk, talk, poll, now)
        except ChannelError as error:
            await self._trouble(desk, talk.name, error, now)

    async def _read(self, desk: Desk, talk: Conversation, poll: Poll, now: datetime) -> None:
        """Page by page; each page and its cursor in one transaction, so that nothing is lost or read for ever."""
        cursor = poll.cursor
        for _ in range(PAGES):
            page = await talk.comments(cursor)
            await self._keep(desk, talk.name, page, now)
            cursor = dict(page.cursor)
            if not page.more:
                return

    async def _keep(self, desk: Desk, channel: str, page: Page, now: datetime) -> None:
        async with desk.db.write() as session:
            await taking.within(session, desk, channel, page.heard, now)
            row = await session.get_one(Poll, channel)
            await troubles.ended(session, row)
            row.cursor, row.failures, row.heard = dict(page.cursor), 0, now
            row.trouble, row.fault, row.since = "", None, None
            session.add(row)

    async def _trouble(self, desk: Desk, channel: str, error: ChannelError, now: datetime) -> None:
        """Wait longer each time, and as long as the vendor asks; the cursor stands, so nothing is missed."""
        log.warning("comments not read", action="poll_failed", channel=channel, error=repr(error))
        async with desk.db.write() as session:
            row = await session.get_one(Poll, channel)
            row.failures += 1
            row.trouble, row.since = str(error)[:200] or type(error).__name__, row.since or now
            row.fault = troubles.fault(error)
            row.next_at = now + timedelta(seconds=_pause(error, row.failures, desk.settings.comments.poll_s))
            session.add(row)
            await troubles.began(session, desk, row, now)


def _pause(error: ChannelError, failures: int, every: float) -> float:
    if isinstance(error, TokenDead):
        return DEAD_S
    pause = min(LONGEST_S, every * 2.0 ** min(failures, 8))
    return max(pause, error.retry_after) if isinstance(error, Throttled) else pause
