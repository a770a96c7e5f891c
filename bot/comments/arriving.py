"""Arrivals: webhooks' changes kept as they came, then made into comments one by one."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import structlog

from bot.channels.heard import Heard, Unreadable
from bot.comments import taking
from bot.desk import Desk
from storage import arrivals
from storage.arrivals import Arrival

log = structlog.get_logger(__name__)
AT_ONCE: Final = 100  # changes in one transaction
ROUNDS: Final = 50  # of them in one tick, so that the tick ends
Reader = Callable[[Mapping[str, Any]], Heard | None]


async def keep(desk: Desk, source: str, changes: Iterable[Mapping[str, Any]], *, now: datetime) -> None:
    """Keep each change, byte for byte as JSON has it; committed when this returns. Twice is once."""
    rows = [_row(source, one, now) for one in changes]
    async with desk.db.write() as session:
        await arrivals.add_all(session, rows)


def _row(source: str, change: Mapping[str, Any], now: datetime) -> Arrival:
    body = json.dumps(change, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Arrival(source=source, digest=hashlib.sha256(body.encode()).hexdigest(), body=body, received=now)


async def work_off(desk: Desk, readers: Mapping[str, Reader], now: datetime) -> int:
    """Make comments of what came; says how many changes. One that cannot be understood is kept as odd."""
    done = 0
    for _ in range(ROUNDS):
        async with desk.db.read() as session:
            rows = await arrivals.new(session, AT_ONCE)
        if not rows:
            break
        for source, some in _by_source(rows).items():
            await _batch(desk, source, some, readers.get(source), now)
        done += len(rows)
    return done


def _by_source(rows: Sequence[Arrival]) -> dict[str, list[Arrival]]:
    found: dict[str, list[Arrival]] = {}
    for row in rows:
        found.setdefault(row.source, []).append(row)
    return found


async def _batch(desk: Desk, source: str, rows: Sequence[Arrival], reader: Reader | None, now: datetime) -> None:
    """One transaction: whoever settles the arrivals first takes them in."""
    read = [(row, *_read(row, reader)) for row in rows]
    async with desk.db.write() as session:
        mine = [
            heard
            for row, heard, odd in read
            if await arrivals.settle(session, row.id or 0, arrivals.ODD if odd else arrivals.DONE, odd) and heard
        ]
        await taking.within(session, desk, source, mine, now)


def _read(row: Arrival, reader: Reader | None) -> tuple[Heard | None, str | None]:
    if reader is None:
        return None, "nobody reads this channel"
    try:
        return reader(json.loads(row.body)), None
    except (Unreadable, ValueError, KeyError, TypeError, AttributeError) as odd:
        log.warning("change not understood", action="arrival_odd", source=row.source, arrival=row.id)
        return None, (str(odd) or type(odd).__name__)[:200]


class Inbox:
    """Works off what came, as soon as it came; the tick sees to what was left by a stop."""

    def __init__(self, desk: Desk, readers: Mapping[str, Reader]) -> None:
        self._desk, self._readers = desk, readers
        self._woken, self._over = asyncio.Event(), False
        self._one = asyncio.Lock()

    def wake(self) -> None:
        """Something was kept."""
        self._woken.set()

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
                await self.tick(self._desk.now())
            except Exception as error:  # noqa: BLE001 - the job boundary; the tick tries again
                log.error("arrivals wait", action="arrivals_failed", error=type(error).__name__)

    async def tick(self, now: datetime) -> None:
        """Everything that waits, unless it is being worked off already."""
        async with self._one:
            await work_off(self._desk, self._readers, now)
