"""The deciders' use cases: approve, publish alone, hand back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.crisis import cases, publishing, rules, tell
from bot.crisis.states import Act, Kind, State
from bot.crisis.submitting import same_mode
from bot.desk import Desk
from bot.people import Role
from storage import bulletins, incidents
from storage.bulletins import Bulletin
from storage.incidents import Incident
from storage.log import Entry


@dataclass(frozen=True)
class Yes:
    """An approval as given by a click. ``without_site_s``: go on without the website after so long."""

    bulletin: int
    actor: str
    seen: str
    without_site_s: int | None = None


async def may_look(desk: Desk, actor_id: str, bulletin_id: int, *, now: datetime) -> rules.Bulletin:
    """The bulletin, for those who run crisis mode. Raises Refused."""
    async with desk.db.read() as session:
        case = await cases.read(session, desk, bulletin_id, now)
        rules.belongs(await people.actor(session, actor_id, now), case.emergency_deciders)
        return case


async def approve(desk: Desk, yes: Yes, *, now: datetime) -> rules.Bulletin:
    """A colleague has read every text: it goes out. The bulletin afterwards; raises Refused."""
    async with desk.db.write() as session:
        incident, row = await cases.take(session, yes.bulletin)
        case = await cases.view(session, desk, incident, row, now)
        role = rules.approve(case, await people.actor(session, yes.actor, now), yes.seen)
        await _publish(session, desk, incident, row, yes, Act.APPROVE, role, now)
        return await cases.view(session, desk, incident, row, now)


async def emergency(desk: Desk, yes: Yes, place: str, *, now: datetime) -> rules.Bulletin:
    """*Nödpublicera*: a crisis decider alone, by typing the place. All deciders see it. Raises Refused."""
    async with desk.db.write() as session:
        incident, row = await cases.take(session, yes.bulletin)
        case = await cases.view(session, desk, incident, row, now)
        role = rules.emergency(case, await people.actor(session, yes.actor, now), yes.seen, place)
        entry = await _publish(session, desk, incident, row, yes, Act.EMERGENCY, role, now)
        await tell.alarm(session, desk, row, entry, now)
        return await cases.view(session, desk, incident, row, now)


async def _publish(
    session: AsyncSession,
    desk: Desk,
    incident: Incident,
    row: Bulletin,
    yes: Yes,
    act: Act,
    role: Role,
    now: datetime,
) -> Entry:
    """Write the decision, move bulletin and incident, owe every delivery, log it, tell everybody."""
    same_mode(row.drill, incident.drill)
    anew = await _anew(session, row)
    await cases.move(
        session,
        row,
        act,
        decided_by=yes.actor,
        role=str(role),
        decided=now,
        emergency=act is Act.EMERGENCY,
        anew=anew,
        without_site_s=yes.without_site_s,
    )
    await _advance(session, incident, row, now)
    await publishing.release(session, desk, row, now)
    entry = await cases.note(session, row, now, yes.actor, f"bulletin.{act}", role, texts=row.digest)
    await tell.happened(session, row, entry, str(act))
    if yes.actor != row.by:
        await tell.told(session, row, entry, str(act))
    return entry


async def _anew(session: AsyncSession, row: Bulletin) -> bool:
    """Start, changed advice and end are new messages in Slack; everything else is edited in place."""
    if row.kind in (Kind.FIRST, Kind.END):
        return True
    earlier = await bulletins.in_state(session, row.incident_id, State.APPROVED, State.STOPPED)
    return not earlier or earlier[-1].facts.get("advice") != row.facts.get("advice")


async def _advance(session: AsyncSession, incident: Incident, row: Bulletin, now: datetime) -> None:
    """The incident follows its messages: on with the first, over with the last."""
    promised = row.facts.get("next_at")
    changes: dict[str, object] = {"next_at": datetime.fromisoformat(promised) if promised else None}
    if row.kind == Kind.END:
        changes |= {"state": incidents.OVER, "ended": now, "next_at": None}
    elif incident.state == incidents.PROPOSED:
        changes |= {"state": incidents.ON, "began": now}
    await incidents.change(session, incident, **changes)


async def hand_back(
    desk: Desk, actor_id: str, bulletin_id: int, seen: str, reason: str, *, now: datetime
) -> rules.Bulletin:
    """Not yet: the submitter learns what has to be changed. Raises Refused."""
    async with desk.db.write() as session:
        incident, row = await cases.take(session, bulletin_id)
        case = await cases.view(session, desk, incident, row, now)
        role = rules.hand_back(case, await people.actor(session, actor_id, now), seen, reason)
        await cases.move(session, row, Act.RETURN, reason=reason.strip(), decided_by=actor_id, decided=now)
        entry = await cases.note(
            session, row, now, actor_id, "bulletin.return", role, reason=desk.fingerprint(reason)
        )
        await tell.happened(session, row, entry, "return")
        await tell.told(session, row, entry, "return")
        return await cases.view(session, desk, incident, row, now)


def answer_by(case: rules.Bulletin, minutes: int) -> datetime:
    """When the next decider is asked too (UTC)."""
    return case.asked + timedelta(minutes=minutes)
