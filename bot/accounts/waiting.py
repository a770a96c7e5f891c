"""What the clock does to applications: ask whoever decides now, remind, expire."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.accounts import cases, tell
from bot.accounts.states import Act, Gate, State
from bot.desk import Desk
from bot.people import Role
from storage import applications, decisions
from storage.applications import Application


async def tick(desk: Desk, *, now: datetime) -> None:
    """Go through every waiting application, each in a transaction of its own."""
    async with desk.db.read() as session:
        waiting = await applications.ids_in_state(session, State.WAITING)
    for number in waiting:
        await tick_one(desk, number, now=now)


async def tick_one(desk: Desk, application_id: int, *, now: datetime) -> None:
    """Expire the application if its time is out; else, in office hours, ask and remind."""
    async with desk.db.write() as session:
        row = await cases.take(session, application_id)
        if row.state != State.WAITING:
            return
        if row.expires is not None and row.expires <= now:
            await _expire(session, row, now)
        elif desk.office.open_at(now):
            await _ask_and_remind(session, desk, row, now)


async def _expire(session: AsyncSession, row: Application, now: datetime) -> None:
    assert row.id is not None
    for one in await decisions.of_version(session, row.id, row.version):
        one.remind = None
        session.add(one)
    await cases.move(session, row, Act.EXPIRE, State.EXPIRED, expires=None, closed=now)
    entry = await cases.note(session, row, now, Role.DESK, "application.expired", Role.DESK)
    await tell.happened(session, row, entry, "expired")
    await tell.told(session, row, entry, "expired")


async def _ask_and_remind(session: AsyncSession, desk: Desk, row: Application, now: datetime) -> None:
    """Whoever gives the head's decision by now has a card; whoever is late is reminded."""
    assert row.id is not None
    for one in await decisions.of_version(session, row.id, row.version):
        if one.outcome != decisions.WAITING:
            continue
        if one.gate == Gate.HEAD:
            await tell.ask_head(session, desk, row, now)
        if one.remind is not None and one.remind <= now:
            one.reminded += 1
            one.remind = _next(desk, row, now)
            session.add(one)
            await tell.remind(session, desk, row, Gate(one.gate), one.reminded, now)


def _next(desk: Desk, row: Application, now: datetime) -> datetime | None:
    """The next reminder still to come: counted from when the version was asked, not from the last one.

    So "remind me later" uses none of them up, and after a stop nobody is reminded twice in a row.
    """
    moments = (desk.office.add_working_days(row.asked, days) for days in desk.settings.accounts.reminder_days)
    return next((moment for moment in moments if moment > now), None)
