"""The lease on a lane: one sender per vendor at a time, however many replicas run."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.delivery.pace import later
from bot.delivery.settings import Settings
from storage import lanes
from storage.engine import Database


class NotMine(Exception):
    """The lane is another sender's, or not mine for long enough to send."""


class Lease:
    """Held by ``owner`` until an instant that only the owner moves on."""

    def __init__(self, db: Database, via: str, owner: str, settings: Settings, now: Callable[[], datetime]) -> None:
        self.via, self.owner = via, owner
        self._db, self._settings, self._now = db, settings, now
        self._until: datetime | None = None

    async def hold(self) -> bool:
        """Take the lane if it is free, renew it while it is mine; False when another has it."""
        if self.covers(self._settings.lease_s * 0.8):
            return True
        if self._until is None and not await self._looks_free():
            return False
        now = self._now()
        until = later(now, self._settings.lease_s)
        async with self._db.write() as session:
            mine = await lanes.hold(
                session, self.via, self.owner, now=now, until=until, free_since=self._free_since()
            )
        self._until = until if mine else None
        return mine

    async def _looks_free(self) -> bool:
        """A plain read first, so that idle replicas do not take the writer's lock every second."""
        async with self._db.read() as session:
            lane = await lanes.get(session, self.via)
        return lane is None or lane.owner == self.owner or lane.until <= self._free_since()

    def _free_since(self) -> datetime:
        return self._now() - timedelta(seconds=self._settings.skew_s)

    def covers(self, seconds: float) -> bool:
        """Is the lane surely mine for longer than that?"""
        return self._until is not None and self._until - self._now() > timedelta(seconds=seconds)

    async def fence(self, session: AsyncSession) -> None:
        """In the claiming transaction: raise NotMine unless the lane's row itself says it is mine."""
        lane = await lanes.locked(session, self.via)
        enough = timedelta(seconds=self._settings.http_timeout_s)
        if lane is None or lane.owner != self.owner or lane.until - self._now() <= enough:
            self._until = None
            raise NotMine(self.via)

    async def release(self) -> None:
        """Give the lane back at once. Only when nothing is in flight any more."""
        if self._until is None:
            return
        async with self._db.write() as session:
            await lanes.release(session, self.via, self.owner, self._free_since())
        self._until = None
