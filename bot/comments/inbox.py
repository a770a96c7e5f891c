"""The inbox: what webhooks bring is kept at once, and worked off in the lulls between."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import structlog

from bot.comments import arriving
from bot.comments.arriving import Reader
from bot.desk import Desk
from storage import arrivals
from storage.arrivals import Arrival

log = structlog.get_logger(__name__)
QUIET_S: Final = 0.02  # so long nothing came: a lull
PATIENCE_S: Final = 1.0  # in a storm without lulls: so long between two slices of work
SLICE_S: Final = 0.25


@dataclass
class _Bundle:
    """What goes into the same commit."""

    rows: list[Arrival] = field(default_factory=list)
    commit: asyncio.Task[None] | None = None


class Inbox:
    """Keeps what comes and makes comments of it, as soon as nobody is at the door.

    In a storm the door comes first: whoever brings something while a commit is under way shares the next.
    """

    def __init__(self, desk: Desk, readers: Mapping[str, Reader]) -> None:
        self._desk, self._readers = desk, readers
        self._open: _Bundle | None = None
        self._committing = asyncio.Lock()
        self._woken, self._over = asyncio.Event(), False
        self._at_the_door, self._last = 0, 0.0

    async def keep(self, source: str, changes: Iterable[Mapping[str, Any]], *, now: datetime) -> None:
        """Keep each change, byte for byte as JSON has it; committed when this returns. Twice is once.

        Raises what the database raises; then nothing of it is kept.
        """
        if self._open is None:
            self._open = _Bundle()
            self._open.commit = asyncio.create_task(self._commit(self._open), name="arrivals")
        bundle = self._open
        bundle.rows += [arriving.row(source, one, now) for one in changes]
        assert bundle.commit is not None
        self._at_the_door += 1
        try:
            await asyncio.shield(bundle.commit)
        finally:
            self._at_the_door -= 1
            self._last = asyncio.get_running_loop().time()

    async def _commit(self, bundle: _Bundle) -> None:
        """Closed only when the database is free, so that everybody who waits for it goes together."""
        async with self._committing:
            try:
                async with self._desk.db.write() as session:
                    self._open = None
                    await arrivals.add_all(session, bundle.rows)
            finally:
                if self._open is bundle:
                    self._open = None
        self.wake()

    def wake(self) -> None:
        """There may be something to work off."""
        self._woken.set()

    async def tick(self, now: datetime) -> None:
        """What was left by a stop, or by another process that was killed."""
        self.wake()

    def stop(self) -> None:
        """No more after what is in hand."""
        self._over = True
        self.wake()

    async def run(self) -> None:
        """Until ``stop``."""
        while not self._over:
            await self._woken.wait()
            self._woken.clear()
            try:
                await self._work_off()
            except Exception as error:  # noqa: BLE001 - the job boundary; the tick tries again
                log.error("arrivals wait", action="arrivals_failed", error=type(error).__name__)

    async def _work_off(self) -> None:
        """Slice by slice, until nothing is left."""
        loop, more = asyncio.get_running_loop(), True
        while more and not self._over:
            await self._lull()
            until = loop.time() + SLICE_S
            while more and loop.time() < until:
                more = await arriving.some(self._desk, self._readers, self._desk.now())

    async def _lull(self) -> None:
        """Wait until nobody has brought anything for a moment, but not for ever."""
        loop = asyncio.get_running_loop()
        patience = loop.time() + PATIENCE_S
        while loop.time() < patience and self._busy(loop.time()):  # noqa: ASYNC110 - silence sets no event
            await asyncio.sleep(QUIET_S)

    def _busy(self, at: float) -> bool:
        return bool(self._at_the_door) or at - self._last < QUIET_S
