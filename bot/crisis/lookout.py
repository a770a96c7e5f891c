"""The look at our own accounts while an incident is on: what lies in their timers, and what they have published.

Rides on the tick; a look is a read, so replicas may all look.
"""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.channels.errors import ChannelError
from bot.channels.protocol import Can, Channel
from bot.channels.scheduled import Readable, Timer
from bot.crisis import choosing, strays, timers
from bot.desk import Desk
from storage import held
from storage.held import Held
from storage.incidents import Incident

log = structlog.get_logger(__name__)
PATIENCE_S: Final = 10.0  # the tick waits for the slowest account
OVERLAP: Final = timedelta(hours=1)  # a post may be listed late


class Lookout:
    """Looks at the accounts that can be read."""

    def __init__(self, channels: Iterable[Channel]) -> None:
        every = list(channels)
        self._timers: dict[str, Timer] = {
            one.name: one for one in every if Can.TIMER in one.can and isinstance(one, Timer)
        }
        self._readable = [one for one in every if Can.RECENT in one.can and isinstance(one, Readable)]
        self._looked: dict[tuple[int, str], datetime] = {}  # (incident, account): when
        self._told: dict[tuple[int, str], datetime] = {}  # (incident, account): what is older has been told of
        self._working = asyncio.Lock()

    async def tick(self, desk: Desk, now: datetime) -> None:
        """Look where it is time while a real incident is on; carry out what was chosen. ``now`` is UTC."""
        async with desk.db.read() as session:
            on = await timers.real_on(session)
        if on:
            await self._look(desk, on[0], now)
        else:
            self._looked.clear()
            self._told.clear()
            await timers.remind(desk, now)
        await self.work(desk, now)

    async def _look(self, desk: Desk, incident: Incident, now: datetime) -> None:
        """At every account that is due; the oldest incident's thread tells of all of them."""
        number = incident.id or 0
        await timers.open_card(desk, number, now)
        due = [one for one in self._timers.values() if self._due(desk, number, f"timer {one.name}", now)]
        read = [one for one in self._readable if self._due(desk, number, f"posts {one.name}", now)]
        await asyncio.gather(
            *(self._timer(desk, number, one, now) for one in due),
            *(self._posts(desk, incident, one, now) for one in read),
        )

    def _due(self, desk: Desk, incident: int, what: str, now: datetime) -> bool:
        last = self._looked.get((incident, what))
        if last is not None and now - last < timedelta(seconds=desk.settings.crisis.look_every_s):
            return False
        self._looked[incident, what] = now
        return True

    async def _timer(self, desk: Desk, incident: int, timer: Timer, now: datetime) -> None:
        async with desk.db.read() as session:
            rows = await timers.live(session, incident, timer.name)
        try:
            async with asyncio.timeout(PATIENCE_S):
                found = await timers.look(timer, rows)
        except (ChannelError, TimeoutError) as away:
            why = timers.said(away) if isinstance(away, ChannelError) else type(away).__name__
            log.warning("timer not read", action="timer_unread", channel=timer.name, reason=why)
            await timers.unreadable(desk, incident, timer.name, why)
            return
        await timers.take_in(desk, incident, timer.name, found, now)
        await timers.hold(desk, timer, incident, now)

    async def _posts(self, desk: Desk, incident: Incident, account: Readable, now: datetime) -> None:
        key = (incident.id or 0, account.name)
        began = incident.began or incident.opened
        since = max(began, self._told[key] - OVERLAP) if key in self._told else began
        try:
            async with asyncio.timeout(PATIENCE_S):
                found = await account.recent(since)
        except (ChannelError, TimeoutError) as away:
            log.warning("posts not read", action="posts_unread", channel=account.name, reason=type(away).__name__)
            return
        if await strays.report(desk, incident.id or 0, account.name, found, now):
            self._told[key] = now

    async def work(self, desk: Desk, now: datetime) -> None:
        """Carry out what was chosen, one post after the other."""
        async with self._working:
            async with desk.db.read() as session:
                rows = await held.in_state(session, *held.WISHES, held.HOLDING)
                on = {one.id for one in await timers.real_on(session)}
            for row in rows:
                timer = self._timers.get(row.channel)
                if timer is not None and (row.state in held.WISHES or row.incident_id not in on):
                    await self._one(desk, timer, row, now)

    async def _one(self, desk: Desk, timer: Timer, row: Held, now: datetime) -> None:
        if row.state == held.HOLDING:
            await timers.confirm(desk, timer, row, now)
        else:
            await choosing.carry_out(desk, timer, row, now)
