"""Referring on: an employee who was asked in private gets a ready reply. Counted, without names or text."""

from datetime import datetime

from bot.desk import Desk
from bot.people import Role
from storage import log

CASE, ACTION = "referrals", "comment.referred"


async def note(desk: Desk, *, now: datetime) -> None:
    """That it happened once more; not to whom, by whom or about what."""
    async with desk.db.write() as session:
        await log.append(session, case=CASE, at=now, actor=Role.DESK, role=Role.DESK, action=ACTION)
