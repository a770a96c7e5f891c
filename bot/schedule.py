"""One job: a tick every 30 seconds that asks what is due.

Calendar work is a slot claimed in the database, by (job, local date): a restart, a second replica or a
DST night changes nothing. Slots open between 06 and 20 and catch up until a stated hour.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.desk import Desk
from storage import slots

log = structlog.get_logger(__name__)
TICK = timedelta(seconds=30)
LATE = timedelta(hours=1)
Work = Callable[[datetime], Awaitable[None]]
Daily = Callable[[AsyncSession, datetime], Awaitable[None]]


@dataclass(frozen=True)
class Slot:
    """Work done once a local day, from ``opens`` and, after a stop, until ``until`` (Stockholm time).

    Claim and work are one transaction: what fails is tried again at the next tick.
    """

    job: str
    opens: time
    until: time
    work: Daily

    def __post_init__(self) -> None:
        """Refuse hours that a DST night could skip or repeat."""
        if not time(6) <= self.opens < self.until <= time(20):
            raise ValueError(f"{self.job}: a slot lies between 06 and 20")


@dataclass
class Schedule:
    """Runs the ticks, ``every`` so often. ``last`` tells the health page when the tick last finished."""

    desk: Desk
    steps: Sequence[tuple[str, Work]]
    daily: Sequence[Slot] = ()
    last: datetime | None = None
    every: timedelta = TICK
    _scheduler: AsyncIOScheduler | None = None
    _running: asyncio.Lock = field(default_factory=asyncio.Lock)

    def start(self) -> None:
        """Tick now and then every 30 seconds (``every``); needs a running event loop."""
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._scheduler.add_job(
            self.tick,
            "interval",
            seconds=self.every.total_seconds(),
            next_run_time=self.desk.now(),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=int(LATE.total_seconds()),
        )
        self._scheduler.start()

    async def stop(self) -> None:
        """No more ticks; the one under way is waited for."""
        if self._scheduler is None:
            return
        self._scheduler.pause()
        async with self._running:  # shutting down cancels a tick that is under way
            self._scheduler.shutdown(wait=False)
            self._scheduler = None

    async def tick(self) -> None:
        """Every step and every due slot; one that fails is logged and does not hold up the others."""
        async with self._running:
            now = self.desk.now()
            for name, work in self.steps:
                await self._attempt(name, work, now)
            for slot in self.daily:
                await self._attempt(slot.job, partial(self._daily, slot), now)
            self.last = self.desk.now()

    async def _daily(self, slot: Slot, now: datetime) -> None:
        local = self.desk.office.local(now)
        if not slot.opens <= local.time() <= slot.until:
            return
        async with self.desk.db.write() as session:
            if await slots.claim(session, slot.job, local.date(), "desk", now):
                await slot.work(session, now)

    async def _attempt(self, name: str, work: Work, now: datetime) -> None:
        try:
            await work(now)
        except Exception as error:  # the job boundary
            log.error("job failed", action="job_failed", job=name, error=repr(error), exc_info=error)
