"""Measuring: followers and reactions, once a day and channel, kept by us.

A channel that fails is tried again during the day. What is not measured by the evening stays unmeasured.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final, cast

import structlog

from bot.channels import measuring
from bot.channels.conversation import Conversation
from bot.channels.errors import ChannelError, Throttled
from bot.channels.measuring import Figures, Measured
from bot.channels.protocol import Can
from bot.desk import Desk
from bot.turns import in_turns
from storage import figures
from storage.figures import LINK, REMOTE, WORDS, AccountFigures, FigureLook, PostFigures

log = structlog.get_logger(__name__)
OPENS, UNTIL = time(6, 30), time(19, 0)  # Stockholm
BACK: Final = timedelta(days=40)  # so far back posts are read again: the whole month before, on the first days
AGAIN: Final = timedelta(minutes=15)  # a claim, and the first wait after a failure
LONGEST: Final = timedelta(hours=3)


class Measures:
    """Measures every channel that can be, one look each; no transaction is open while a platform is asked."""

    def __init__(self, talks: Iterable[Conversation]) -> None:
        self._talks = [cast(Measured, one) for one in talks if Can.METRICS in one.can]

    async def tick(self, desk: Desk, now: datetime) -> None:
        """Look where it is time; one that fails does not hold up the others."""
        if not OPENS <= desk.office.local(now).time() <= UNTIL:
            return
        looks = (self._look(desk, one, now) for one in self._talks)
        await in_turns(looks, "channels that could not be measured")

    async def _look(self, desk: Desk, talk: Measured, now: datetime) -> None:
        if not await _claimed(desk, talk.name, now):
            return
        try:
            found = await talk.measure(now - BACK)
        except ChannelError as error:
            await _trouble(desk, talk.name, error, now)
        else:
            await keep(desk, talk.name, found, now)


async def _claimed(desk: Desk, channel: str, now: datetime) -> bool:
    """Whether today's look is due and ours. A day that is done costs one read."""
    today = desk.office.local_date(now)
    async with desk.db.read() as session:
        known = await figures.look(session, channel)
    if known and (known.done == today or known.next_at > now):
        return False
    async with desk.db.write() as session:
        row = await figures.claim(session, channel, now, now + AGAIN)
        return row is not None and row.done != today


async def keep(desk: Desk, channel: str, found: Figures, now: datetime) -> None:
    """Keep what a look gave, and that today is done. One transaction."""
    today = desk.office.local_date(now)
    async with desk.db.write() as session:
        day = AccountFigures(channel=channel, day=today, followers=_count(found.followers), measured=now)
        await figures.keep_account(session, day)
        for row in _rows(channel, found.posts, today):
            await figures.keep_post(session, row)
        look = await session.get_one(FigureLook, channel)
        look.done, look.failures, look.trouble = today, 0, ""
        session.add(look)


def _rows(channel: str, posts: Sequence[measuring.PostFigures], today: date) -> list[PostFigures]:
    return [_row(channel, one, today) for one in posts if one.remote]


def _row(channel: str, post: measuring.PostFigures, today: date) -> PostFigures:
    return PostFigures(
        channel=channel,
        remote=post.remote[:REMOTE],
        published=post.published,
        seen=today,
        reactions=_count(post.reactions),
        comments=_count(post.comments),
        shares=_count(post.shares),
        link=post.link if len(post.link) <= LINK else "",
        words=tidy(post.words)[:WORDS],
    )


def _count(value: int | None) -> int | None:
    """A figure; what cannot be one counts as not told."""
    return value if value is not None and 0 <= value < 2**31 else None


def tidy(words: str) -> str:
    """One line of signs that every database and spreadsheet takes."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())


async def _trouble(desk: Desk, channel: str, error: ChannelError, now: datetime) -> None:
    """Wait longer each time, and as long as the vendor asks."""
    log.warning("not measured", action="measure_failed", channel=channel, error=repr(error))
    async with desk.db.write() as session:
        row = await session.get_one(FigureLook, channel)
        row.failures += 1
        row.trouble = str(error)[:200] or type(error).__name__
        row.next_at = now + _pause(error, row.failures)
        session.add(row)


def _pause(error: ChannelError, failures: int) -> timedelta:
    pause = min(LONGEST, AGAIN * 2.0 ** min(failures - 1, 8))
    return max(pause, timedelta(seconds=error.retry_after)) if isinstance(error, Throttled) else pause
