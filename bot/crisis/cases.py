"""Reading a bulletin whole, and the one mutator that changes it. The incident's row is the lock."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.crisis import duty, rules, states
from bot.crisis.states import Act, Kind, State
from bot.desk import Desk
from bot.errors import DeskError, Refused
from storage import bulletins, incidents, log
from storage.bulletins import Bulletin
from storage.incidents import Incident
from storage.log import Entry


class NotAllowed(DeskError):
    """A use case asked for a transition that the table does not have: a bug, never a click."""


def topic(incident_id: int) -> str:
    """The delivery topic and log case of an incident."""
    return f"incident:{incident_id}"


def digest(kind: str, texts: Mapping[str, Any], skipped: Mapping[str, str], *, drill: bool) -> str:
    """What an approval is bound to: every channel's text, what is left out, and whether it is a drill."""
    given = {"kind": kind, "texts": texts, "skipped": sorted(skipped), "drill": drill}
    spelling = json.dumps(given, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(spelling.encode()).hexdigest()


async def take(session: AsyncSession, bulletin_id: int) -> tuple[Incident, Bulletin]:
    """Incident and bulletin, the incident's row first, both held until the transaction ends."""
    found = await bulletins.get(session, bulletin_id)
    if found is None:
        raise Refused("crisis.unknown")
    incident = await take_incident(session, found.incident_id)
    row = await bulletins.locked(session, bulletin_id)
    assert row is not None
    return incident, row


async def take_incident(session: AsyncSession, incident_id: int) -> Incident:
    """The incident's row, held until the transaction ends."""
    incident = await incidents.locked(session, incident_id)
    if incident is None:
        raise Refused("crisis.unknown")
    return incident


async def read(session: AsyncSession, desk: Desk, bulletin_id: int, now: datetime) -> rules.Bulletin:
    """The bulletin as it stands, without a lock: for cards and lists."""
    row = await bulletins.get(session, bulletin_id)
    incident = await incidents.get(session, row.incident_id) if row else None
    if row is None or incident is None:
        raise Refused("crisis.unknown")
    return await view(session, desk, incident, row, now)


async def view(
    session: AsyncSession, desk: Desk, incident: Incident, row: Bulletin, now: datetime
) -> rules.Bulletin:
    """The bulletin with those who may decide on it now."""
    cast = await duty.cast(session, desk, now)
    ids = [row.by, row.decided_by, row.stopped_by, *cast.everybody]
    return rules.Bulletin(
        id=_id(row),
        incident=row.incident_id,
        number=row.number,
        kind=Kind(row.kind),
        state=State(row.state),
        version=row.version,
        digest=row.digest,
        drill=row.drill,
        event=incident.event,
        place=incident.place,
        by=row.by,
        asked=row.asked,
        incident_state=incident.state,
        deciders=cast.without(row.by),
        emergency_deciders=cast.everybody,
        on_duty=cast.on_duty,
        decided_by=row.decided_by,
        decided=row.decided,
        emergency=row.emergency,
        reason=row.reason,
        stopped_by=row.stopped_by,
        stopped=row.stopped,
        without_site_s=row.without_site_s,
        facts=row.facts,
        texts=row.texts,
        skipped=row.skipped,
        names=await people.names(session, [one for one in ids if one]),
    )


async def move(session: AsyncSession, row: Bulletin, act: Act, **values: Any) -> None:
    """The one mutator: checks the table, then compares and sets. The row must have been taken.

    Raises NotAllowed for a transition outside the table, Refused when somebody was faster.
    """
    to = states.TABLE.get((State(row.state), act))
    if to is None:
        raise NotAllowed(f"{row.state} --{act}-->")
    if not await bulletins.change(session, row, state=str(to), **values):
        raise Refused("crisis.changed")


async def note(
    session: AsyncSession, row: Bulletin, now: datetime, actor: str, action: str, role: str = "", **detail: Any
) -> Entry:
    """A line in the incident's log."""
    return await log.append(
        session,
        case=topic(row.incident_id),
        at=now,
        actor=actor,
        action=action,
        role=role,
        bulletin=row.number,
        version=row.version,
        **detail,
    )


def _id(row: Bulletin) -> int:
    assert row.id is not None
    return row.id
