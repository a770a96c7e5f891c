"""Arrivals: webhooks' changes kept as they came, then made into comments one by one."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy.exc import DataError, IntegrityError

from bot.channels.heard import Heard, Unreadable
from bot.comments import taking
from bot.desk import Desk
from storage import arrivals, comments
from storage.arrivals import Arrival

log = structlog.get_logger(__name__)
UNSTORABLE: Final = (DataError, IntegrityError, ValueError, TypeError)  # as often as one may try
AT_ONCE: Final = 20  # changes in one transaction
Reader = Callable[[Mapping[str, Any]], Heard | None]


def row(source: str, change: Mapping[str, Any], now: datetime) -> Arrival:
    """A change to be kept."""
    body = json.dumps(change, sort_keys=True, separators=(",", ":"))
    return Arrival(source=source, digest=hashlib.sha256(body.encode()).hexdigest(), body=body, received=now)


async def some(desk: Desk, readers: Mapping[str, Reader], now: datetime) -> bool:
    """Make comments of the oldest that came; False when nothing waited.

    One that cannot be understood is kept as odd. Few at a time: people's clicks wait for the same database.
    """
    async with desk.db.read() as session:
        rows = await arrivals.new(session, AT_ONCE)
    for source, few in _by_source(rows).items():
        await _together(desk, source, few, readers.get(source), now)
    return bool(rows)


async def work_off(desk: Desk, readers: Mapping[str, Reader], now: datetime) -> None:
    """Everything that waits."""
    while await some(desk, readers, now):
        pass


def _by_source(rows: Sequence[Arrival]) -> dict[str, list[Arrival]]:
    found: dict[str, list[Arrival]] = {}
    for row in rows:
        found.setdefault(row.source, []).append(row)
    return found


async def _together(desk: Desk, source: str, rows: Sequence[Arrival], reader: Reader | None, now: datetime) -> None:
    """All in one transaction; when one of them cannot be stored each goes by itself, and that one is odd."""
    try:
        await _batch(desk, source, rows, reader, now)
    except UNSTORABLE as odd:
        if len(rows) == 1:
            log.warning("change cannot be stored", action="arrival_odd", source=source, arrival=rows[0].id)
            async with desk.db.write() as session:
                await arrivals.wonder(session, rows[0].id or 0, type(odd).__name__)
            return
        for row in rows:
            await _together(desk, source, [row], reader, now)


async def _batch(desk: Desk, source: str, rows: Sequence[Arrival], reader: Reader | None, now: datetime) -> None:
    """One transaction: whoever settles the arrivals first takes them in."""
    async with desk.db.write() as session:
        mine = await arrivals.settle(session, [row.id or 0 for row in rows])
        read = [(row.id or 0, *_read(row, reader)) for row in rows if row.id in mine]
        for number, odd in ((number, odd) for number, _, odd in read if odd):
            await arrivals.wonder(session, number, odd)
        await taking.within(session, desk, source, [heard for _, heard, _ in read if heard], now)
        told = {number: heard.remote for number, heard, _ in read if heard}
        nothing_of = await comments.forgotten(session, source, set(told.values()))
        await arrivals.blank(session, [number for number, remote in told.items() if remote in nothing_of])


def _read(row: Arrival, reader: Reader | None) -> tuple[Heard | None, str | None]:
    if reader is None:
        return None, "nobody reads this channel"
    try:
        return reader(json.loads(row.body)), None
    except (Unreadable, ValueError, KeyError, TypeError, AttributeError) as odd:
        log.warning("change not understood", action="arrival_odd", source=row.source, arrival=row.id)
        return None, (str(odd) or type(odd).__name__)[:200]
