"""The submitter's use cases: propose a message, better it, take it back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.crisis import cases, duty, facts, rules, tell
from bot.crisis.facts import Facts
from bot.crisis.states import Act, Kind, State
from bot.desk import Desk
from bot.errors import Invalid, Refused, Text
from storage import bulletins, incidents
from storage.bulletins import Bulletin
from storage.incidents import Incident


@dataclass(frozen=True)
class Draft:
    """A message as it was composed and read. ``texts``: channel key → {title, text, alt, rows}."""

    kind: Kind
    facts: Facts
    texts: Mapping[str, Mapping[str, Any]]
    skipped: Mapping[str, str] = field(default_factory=dict)
    incident: int | None = None  # None: a new one begins


async def submit(desk: Desk, by: str, draft: Draft, *, now: datetime) -> rules.Bulletin:
    """Propose a message. Nothing is published before somebody else has approved it.

    Raises Refused, or Invalid for facts that are not whole.
    """
    _check(draft, now)
    async with desk.db.write() as session:
        await _right(session, desk, by, now)
        incident = await _incident(session, desk, by, draft, now)
        row = await _row(session, incident, by, draft, now)
        entry = await cases.note(session, row, now, by, "bulletin.submitted", kind=row.kind, drill=row.drill)
        if row.number == 1:
            await tell.opened(session, desk, row, now)
        await tell.happened(session, row, entry, "submitted")
        await tell.asked(session, desk, row, now)
        return await cases.view(session, desk, incident, row, now)


def _check(draft: Draft, now: datetime) -> None:
    problems = facts.check(draft.facts, kind=draft.kind, now=now)
    if problems:
        raise Invalid(problems)


async def _right(session: AsyncSession, desk: Desk, by: str, now: datetime) -> None:
    cast = await duty.cast(session, desk, now)
    rules.belongs(await people.actor(session, by, now), cast.everybody)
    if not cast.without(by) and by not in cast.everybody:
        raise Refused("crisis.nobody")


async def _incident(session: AsyncSession, desk: Desk, by: str, draft: Draft, now: datetime) -> Incident:
    """The incident, its row held. A follow-up needs one that is on, and the same flag for drills."""
    if draft.incident is None:
        fresh = Incident(
            event=draft.facts.event,
            place=draft.facts.where,
            drill=draft.facts.drill,
            state=incidents.PROPOSED,
            by=by,
            opened=now,
        )
        session.add(fresh)
        await session.flush()
        return fresh
    incident = await cases.take_incident(session, draft.incident)
    same_mode(draft.facts.drill, incident.drill)
    wanted = incidents.PROPOSED if draft.kind is Kind.FIRST else incidents.ON
    if incident.state != wanted:
        raise Refused("crisis.not_on")
    if await bulletins.in_state(session, draft.incident, State.ASKED, State.RETURNED):
        raise Refused("crisis.already_asked")
    return incident


def same_mode(message: bool, incident: bool) -> None:
    """A drill's message in a real incident, or the other way round, is never sent. Raises Refused."""
    if message != incident:
        raise Refused("drill.mismatch", a=_mode(message), b=_mode(incident))


def _mode(drill: bool) -> Text:
    return Text("crisis.mode.drill" if drill else "crisis.mode.real")


async def _row(session: AsyncSession, incident: Incident, by: str, draft: Draft, now: datetime) -> Bulletin:
    assert incident.id is not None
    earlier = await bulletins.of_incident(session, incident.id)
    row = Bulletin(
        incident_id=incident.id,
        number=len(earlier) + 1,
        kind=str(draft.kind),
        state=str(State.ASKED),
        by=by,
        asked=now,
        **_content(draft),
    )
    session.add(row)
    await session.flush()
    return row


def _content(draft: Draft) -> dict[str, Any]:
    texts = {key: dict(text) for key, text in draft.texts.items()}
    return {
        "drill": draft.facts.drill,
        "facts": draft.facts.to_json(),
        "texts": texts,
        "skipped": dict(draft.skipped),
        "digest": cases.digest(draft.kind, texts, draft.skipped, drill=draft.facts.drill),
    }


async def edit(desk: Desk, by: str, bulletin_id: int, draft: Draft, *, now: datetime) -> rules.Bulletin:
    """Better the texts: whoever was asked is asked anew. Raises Refused or Invalid."""
    _check(draft, now)
    async with desk.db.write() as session:
        incident, row = await cases.take(session, bulletin_id)
        case = await cases.view(session, desk, incident, row, now)
        rules.edit(case, await people.actor(session, by, now))
        same_mode(draft.facts.drill, incident.drill)
        undecided = {"decided_by": None, "decided": None, "reason": ""}
        await cases.move(
            session, row, Act.EDIT, version=row.version + 1, by=by, asked=now, **undecided, **_content(draft)
        )
        entry = await cases.note(session, row, now, by, "bulletin.edited")
        await tell.happened(session, row, entry, "edited")
        await tell.asked(session, desk, row, now)
        return await cases.view(session, desk, incident, row, now)


async def withdraw(desk: Desk, by: str, bulletin_id: int, *, now: datetime) -> rules.Bulletin:
    """Take it back before it went out; an incident that never began ends with it. Raises Refused."""
    async with desk.db.write() as session:
        incident, row = await cases.take(session, bulletin_id)
        case = await cases.view(session, desk, incident, row, now)
        rules.withdraw(case, await people.actor(session, by, now))
        await cases.move(session, row, Act.WITHDRAW)
        if incident.state == incidents.PROPOSED:
            await incidents.change(session, incident, state=incidents.DROPPED, ended=now)
        entry = await cases.note(session, row, now, by, "bulletin.withdrawn")
        await tell.happened(session, row, entry, "withdrawn")
        return await cases.view(session, desk, incident, row, now)
