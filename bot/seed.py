"""The seed: an empty desk is filled from the settings, once; after that people edit it in Slack."""

from datetime import datetime

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import settings
from bot.desk import Desk
from bot.people import Role
from storage import duties, facts, log, units
from storage.duties import Duty
from storage.units import Unit

CASE = "desk"  # the log's chain of everything that concerns the desk itself
logger = structlog.get_logger(__name__)


class _Seeded(Exception):
    """Another process was faster: nothing of ours is kept."""


async def seed(desk: Desk, *, now: datetime) -> bool:
    """Fill an empty desk from the settings; True when that happened now. Never overwrites an edit."""
    async with desk.db.read() as session:
        if await facts.get(session, facts.SEEDED):
            return False
    try:
        await _fill(desk, now)
    except _Seeded:
        return False
    logger.info("desk seeded", action="desk_seeded", units=len(desk.settings.units))
    return True


async def _fill(desk: Desk, now: datetime) -> None:
    async with desk.db.write() as session:
        # The line in the log comes first: its chain is what two processes that start at once wait for.
        await log.append(
            session,
            case=CASE,
            at=now,
            actor=Role.DESK,
            role=Role.DESK,
            action="desk.seeded",
            units=len(desk.settings.units),
        )
        if await facts.get(session, facts.SEEDED):
            raise _Seeded
        await facts.put(session, facts.SEEDED, now.isoformat())
        await facts.put(session, facts.DEPARTMENT_CHANNEL, desk.settings.slack.department_channel)
        _department(session, desk.settings.department)
        await _units(session, desk.settings.units)


def _department(session: AsyncSession, given: settings.Department) -> None:
    members = [*([given.group] if given.group else []), *given.people]
    roles = {
        duties.DEPARTMENT: members,
        duties.MANAGER: [given.manager] if given.manager else [],
        duties.CRISIS_DECIDER: list(given.crisis_deciders),
    }
    for role, whos in roles.items():
        session.add_all(Duty(role=role, who=who) for who in dict.fromkeys(map(spelling, whos)))
    for role, contact in ((duties.REGISTRAR, given.registrar), (duties.CONTACT_CENTRE, given.contact_centre)):
        if contact:
            session.add(Duty(role=role, who=spelling(contact.email), name=contact.name))


async def _units(session: AsyncSession, given: tuple[settings.Unit, ...]) -> None:
    """All units first, then who is above whom: the file may name a parent before it comes."""
    rows = {one.key: _unit(one) for one in given if await units.by_name(session, one.name) is None}
    session.add_all(rows.values())
    await session.flush()
    for one in given:
        parent = rows.get(one.parent or "")
        if one.key in rows and parent is not None:
            rows[one.key].parent_id = parent.id


def _unit(given: settings.Unit) -> Unit:
    return Unit(
        name=given.name,
        board=given.board,
        channel=given.channel,
        head=spelling(given.head) if given.head else None,
        head_name=given.head_name,
        head_title=given.head_title,
        deputy=spelling(given.deputy) if given.deputy else None,
    )


def spelling(who: str) -> str:
    """An e-mail address in the one spelling the desk compares by; a Slack id as it is."""
    return who.strip().lower() if "@" in who else who.strip()
