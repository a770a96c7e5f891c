"""Reading a case whole, and the one mutator that changes it."""

from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.accounts import rules, states
from bot.accounts.states import Act, Gate, State
from bot.desk import Desk
from bot.errors import DeskError, Refused, Text
from bot.people import Decider, Role, Routing
from storage import applications, decisions, log, units
from storage.applications import Application
from storage.decisions import Decision
from storage.log import Entry


class NotAllowed(DeskError):
    """A use case asked for a transition that the table does not have: a bug, never a click."""


def topic(application_id: int) -> str:
    """The delivery topic and log case of an application."""
    return f"application:{application_id}"


async def take(session: AsyncSession, application_id: int) -> Application:
    """The case row, first of all rows, held until the transaction ends."""
    row = await applications.locked(session, application_id)
    if row is None:
        raise Refused("application.unknown")
    return row


def in_time(case: Application | rules.Case, now: datetime) -> None:
    """Refuse what comes after the last day: the clock will close the case at its next tick."""
    if case.expires is not None and case.expires <= now:
        raise Refused("err.stale", summary=Text(f"state.{State.EXPIRED}"))


async def read(session: AsyncSession, desk: Desk, application_id: int, now: datetime) -> rules.Case:
    """The case as it stands, without a lock: for cards and lists."""
    row = await applications.get(session, application_id)
    if row is None:
        raise Refused("application.unknown")
    return await view(session, desk, row, now)


async def view(session: AsyncSession, desk: Desk, row: Application, now: datetime) -> rules.Case:
    """The case with both decisions and those who may give them now."""
    assert row.id is not None
    given = {one.gate: one for one in await decisions.of_version(session, row.id, row.version)}
    routing = await routing_of(session, desk, row, now)
    staff = await people.department(session, now)
    comms = tuple(Decider(p.slack_id, p.name, Role.COMMS) for p in staff.members)
    unit = await units.get(session, row.unit_id)
    content = row.content
    ids = [row.requester, content.get("substitute"), *content.get("editors", [])]
    ids += [one.decided_by for one in given.values()]
    names = await people.names(session, [one for one in ids if one])
    return rules.Case(
        id=row.id,
        state=State(row.state),
        version=row.version,
        digest=row.digest,
        requester=row.requester,
        requester_name=names[row.requester],
        unit=unit.name if unit else "",
        head_name=routing.head_name,
        head=_gate(Gate.HEAD, given.get("head"), routing.deciders, names),
        comms=_gate(Gate.COMMS, given.get("comms"), comms, names),
        outside=routing.outside,
        asked=row.asked,
        expires=row.expires,
        answer_by=desk.office.add_working_days(row.asked, desk.settings.accounts.answer_days),
        content=content,
        names=names,
    )


async def routing_of(session: AsyncSession, desk: Desk, row: Application, now: datetime) -> Routing:
    """Who gives the head's decision on this case now: not the requester, nor who gave the department's."""
    given = await decisions.of_version(session, row.id or 0, row.version)
    comms = next((one.decided_by for one in given if one.gate == Gate.COMMS), None)
    return await people.route(
        session,
        desk.office,
        row.head_unit_id,
        submitter=row.requester,
        barred=frozenset({comms} if comms else ()),
        now=now,
        asked=row.asked,
        deputy_after_days=desk.settings.accounts.deputy_after_days,
    )


def _gate(gate: Gate, row: Decision | None, deciders: tuple[Decider, ...], names: dict[str, str]) -> rules.GateView:
    if row is None:
        return rules.GateView(gate, deciders=deciders)
    return rules.GateView(
        gate=gate,
        outcome=row.outcome,
        by=row.decided_by,
        by_name=names.get(row.decided_by or "", ""),
        at=row.decided,
        role=row.role,
        reason=row.reason,
        deciders=deciders,
    )


async def move(session: AsyncSession, row: Application, act: Act, to: State, **values: Any) -> None:
    """The one mutator: checks the table, then compares and sets. The row must have been taken.

    Raises NotAllowed for a transition outside the table, Refused when somebody was faster.
    """
    if to not in states.TABLE.get((State(row.state), act), frozenset()):
        raise NotAllowed(f"{row.state} --{act}--> {to}")
    if not await applications.change(session, row, state=str(to), **values):
        raise Refused("decision.changed")


async def note(
    session: AsyncSession,
    row: Application,
    now: datetime,
    actor: str,
    action: str,
    role: str = "",
    **detail: Any,
) -> Entry:
    """A line in the case's log."""
    assert row.id is not None
    return await log.append(
        session,
        case=topic(row.id),
        at=now,
        actor=actor,
        action=action,
        role=role,
        version=row.version,
        **detail,
    )
