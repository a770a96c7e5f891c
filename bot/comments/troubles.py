"""What does not work when comments are read: channels that do not answer, and arrivals nobody understood.

An outage that somebody must mend is told once, to whoever is responsible for the channel.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.accounts import tell as accounts_tell
from bot.channels.errors import ChannelError, Refused, TokenDead
from bot.crisis import pings
from bot.crisis.pings import LASTING, Fault
from bot.delivery import outbox
from bot.desk import Desk
from bot.errors import Problem
from storage import arrivals, polls
from storage.polls import Poll
from storage.posts import Post

KIND: Final = "comment.unread"
LOOK_BACK: Final = timedelta(days=7)  # odd arrivals older than this are history


def fault(error: ChannelError) -> Fault:
    """What a channel needs that failed so."""
    if isinstance(error, TokenDead):
        return Fault.TOKEN
    return Fault.REFUSED if isinstance(error, Refused) else Fault.AWAY


async def began(session: AsyncSession, desk: Desk, row: Poll, now: datetime) -> None:
    """A reading failed: tell whoever can mend it, once per outage; what may pass by itself is not told.

    Nothing is told twice: not when the daily question at the channel's door has told of a dead token.
    """
    if row.fault not in (Fault.TOKEN, Fault.REFUSED) or row.since is None:
        return
    heard = (await pings.standing(session)).get(row.channel)
    if heard and heard.told and heard.fault == row.fault:
        return
    outlet = pings.named(desk, row.channel)
    dest = await pings.whom(session, desk, outlet.responsible if outlet else "")
    if dest:
        await outbox.send(
            session,
            kind=KIND,
            dest=dest,
            topic=topic(row),
            args={"channel": row.channel, "since": row.since.isoformat()},
            now=now,
            card=True,
            fallback=accounts_tell.DEPARTMENT,
        )


async def ended(session: AsyncSession, row: Poll) -> None:
    """A reading worked: the message of the outage says so. To be called before the row forgets the outage."""
    if row.since is not None:
        await outbox.follow(session, topic(row))


def topic(row: Poll) -> str:
    """The delivery topic of an outage."""
    return f"poll:{row.channel}/{row.since:%Y%m%dT%H%M%S}"


async def broken(session: AsyncSession, post: Post) -> Poll | None:
    """The reading a message is about; None when that outage is over."""
    row = (await polls.everyone(session)).get(post.args["channel"])
    same = row is not None and row.since is not None and row.since.isoformat() == post.args["since"]
    return row if same else None


async def troubles(session: AsyncSession, desk: Desk, now: datetime) -> Sequence[Problem]:
    """Channels whose comments are not read, and how many arrivals of late could not be understood."""
    reading = await polls.everyone(session)
    found = [
        Problem(f"status.unread.{row.fault or Fault.AWAY}", channel=outlet.name, time=row.since, reason=row.trouble)
        for outlet in desk.outlets
        if (row := reading.get(outlet.key)) and row.since and _lasts(row, row.since, now)
    ]
    names = {one.key: one.name for one in desk.outlets}
    odd = await arrivals.odd(session, now - LOOK_BACK)
    return [*found, *(Problem("status.odd", channel=names.get(one, one), n=n) for one, n in sorted(odd.items()))]


def _lasts(row: Poll, since: datetime, now: datetime) -> bool:
    return row.fault in (Fault.TOKEN, Fault.REFUSED) or now - since >= LASTING
