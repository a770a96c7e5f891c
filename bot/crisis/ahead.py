"""Before a drill: the contact centre and the officer on call are told first, and everything else waits for that."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.accounts import tell as accounts_tell
from bot.channels.outlet import Outlet
from bot.crisis import cases, duty
from bot.crisis.states import Kind
from bot.delivery import outbox
from bot.delivery.outbox import Gate, Priority
from bot.desk import Desk
from storage import duties
from storage import people as storage_people
from storage.bulletins import Bulletin

AHEAD = "crisis.drill_ahead"
CENTRE = "contact_centre"


async def forewarn(session: AsyncSession, desk: Desk, row: Bulletin, now: datetime) -> Gate | None:
    """Owe word of a drill to those who must know before it; the gate that opens when all of them have it."""
    if not row.drill or row.kind != Kind.FIRST:
        return None
    gate = None
    for via, dest, missing in await _whom(session, desk, now):
        post = await outbox.send(
            session,
            kind=AHEAD,
            via=via,
            dest=dest,
            topic=topic(row.incident_id),
            args={"bulletin": row.id, "incident": row.incident_id, "missing": missing},
            now=now,
            prio=Priority.CRISIS,
            after=gate,
        )
        gate = Gate(post.id or 0)
    return gate


def topic(incident_id: int) -> str:
    """The topic of the word before a drill."""
    return f"{cases.topic(incident_id)}/ahead"


async def _whom(session: AsyncSession, desk: Desk, now: datetime) -> list[tuple[str, str, list[str]]]:
    """Lane and destination of each; the department is told of those whom nothing reaches."""
    centre = [one.who for one in await duties.of(session, duties.CONTACT_CENTRE)]
    named = [_spelt(one) for one in (*desk.settings.crisis.drill_told, *centre)]
    known = await storage_people.by_who(session, named)
    there = {who: known[who].slack_id for who in named if people.usable(known.get(who))}
    on_duty = (await duty.cast(session, desk, now)).on_duty
    found = [("slack", one) for one in dict.fromkeys([*([on_duty] if on_duty else []), *there.values()])]
    lists = [one.key for one in desk.outlets if one.audience == CENTRE]
    by_mail = {who for who in centre if who not in there} if lists else set()
    found += [(key, key) for key in lists if by_mail or not centre]
    missing = [who for who in named if who not in there and who not in by_mail]
    department = await accounts_tell.department_channel(session, desk)
    told = [(via, dest, list[str]()) for via, dest in found]
    return [*told, *([("slack", department, missing)] if missing and department else [])]


def _spelt(who: str) -> str:
    return who.lower() if "@" in who else who


def shown_in(desk: Desk) -> list[Outlet]:
    """The channels that a drill uses."""
    return [one for one in desk.outlets if one.drill]
