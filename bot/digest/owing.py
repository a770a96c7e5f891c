"""The morning's work: one digest owed to every recipient, in the transaction that claims the day."""

from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.accounts import tell
from bot.delivery import outbox
from bot.delivery.outbox import Priority
from bot.desk import Desk
from bot.digest import day as days
from bot.digest import recipients
from bot.digest.day import Day
from bot.schedule import Slot

DEPARTMENT, UNITS, MINE = "digest.department", "digest.units", "digest.mine"
JOB: Final = "digest"  # the slot


def slot(desk: Desk) -> Slot:
    """The slot of the digests, at the municipality's hour."""
    chosen = desk.settings.digest
    return Slot(JOB, chosen.at, chosen.until, partial(owe, desk))


async def owe(desk: Desk, session: AsyncSession, now: datetime) -> None:
    """Owe the day's digests, on working days. Each recipient has one: what is owed twice is one row."""
    day = days.of(desk, now)
    if not desk.office.is_working_day(day.today):
        return
    found = await recipients.of(session, desk, now)
    if found.department:
        await _send(session, day, DEPARTMENT, found.department, {}, now, fallback=tell.DEPARTMENT)
    for channel, numbers in found.units.items():
        await _send(session, day, UNITS, channel, {"units": list(numbers)}, now)
    for person in found.people:
        await _send(session, day, MINE, person, {}, now)


async def _send(
    session: AsyncSession,
    day: Day,
    kind: str,
    dest: str,
    args: dict[str, Any],
    now: datetime,
    fallback: str | None = None,
) -> None:
    """What the digest says is gathered when it goes out: later the same day, never the next."""
    await outbox.send(
        session,
        kind=kind,
        dest=dest,
        topic=f"digest:{day.today}",
        args=args,
        now=now,
        prio=Priority.DIGEST,
        dies=day.dies,
        fallback=fallback,
    )
