"""The deciders' use cases: decide, record an answer from outside Slack, re-route, snooze."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.accounts import cases, rules, tell
from bot.accounts.states import Act, Gate, State
from bot.desk import Desk
from bot.errors import Invalid, Problem, Refused
from bot.people import Role
from storage import decisions, units
from storage.applications import Application
from storage.decisions import Decision
from storage.log import Entry

Rule = Callable[[rules.Case, people.Actor], object]  # raises Refused


@dataclass(frozen=True)
class Verdict:
    """A decision as given by a click: on which case, by whom, on which text, and why."""

    application_id: int
    gate: Gate
    act: Act
    actor: str
    seen: str
    reason: str = ""


@dataclass(frozen=True)
class Outside:
    """A head's answer given outside Slack, as the department enters it: its date and reference."""

    answered: date
    reference: str


async def check(desk: Desk, actor_id: str, application_id: int, rule: Rule, *, now: datetime) -> rules.Case:
    """The case, if the rule lets the actor through: before a form is opened. Holds nothing; raises Refused."""
    async with desk.db.read() as session:
        case = await cases.read(session, desk, application_id, now)
        cases.in_time(case, now)
        rule(case, await people.actor(session, actor_id, now))
        return case


async def may_decide(desk: Desk, verdict: Verdict, *, now: datetime) -> rules.Case:
    """The case, if `decide` would take this verdict once its reason is there. Raises Refused."""

    def rule(case: rules.Case, actor: people.Actor) -> object:
        return rules.may_decide(case, verdict.gate, verdict.act, actor, verdict.seen)

    return await check(desk, verdict.actor, verdict.application_id, rule, now=now)


async def may_record(desk: Desk, verdict: Verdict, *, now: datetime) -> rules.Case:
    """The case, if `record` would take an answer to this text from the actor. Raises Refused."""

    def rule(case: rules.Case, actor: people.Actor) -> None:
        rules.may_record(case, verdict.act, actor, verdict.seen)

    return await check(desk, verdict.actor, verdict.application_id, rule, now=now)


async def decide(desk: Desk, verdict: Verdict, *, now: datetime) -> rules.Case:
    """Give one of the two decisions. The case as it stands afterwards; raises Refused."""
    async with desk.db.write() as session:
        row, case, actor = await _opened(session, desk, verdict, now)
        state, role = rules.decide(case, verdict.gate, verdict.act, actor, verdict.seen, verdict.reason)
        await _settle(session, desk, row, verdict, state, role, now)
        return await cases.view(session, desk, row, now)


async def record(desk: Desk, verdict: Verdict, outside: Outside, *, now: datetime) -> rules.Case:
    """Enter a head's answer given outside Slack. Raises Refused, or Invalid for its date or reference."""
    async with desk.db.write() as session:
        row, case, actor = await _opened(session, desk, verdict, now)
        problems = _outside_problems(desk, outside, row.asked, now)
        if problems:
            raise Invalid(problems)
        state = rules.record(case, verdict.act, actor, verdict.seen, verdict.reason)
        await _settle(session, desk, row, verdict, state, Role.COMMS, now, outside)
        return await cases.view(session, desk, row, now)


def _outside_problems(desk: Desk, outside: Outside, asked: datetime, now: datetime) -> dict[str, Problem]:
    """An answer is of today at the latest, and not older than the text it answers."""
    found = {}
    since = desk.office.local_date(asked)
    if outside.answered < since:
        found["answered"] = Problem("form.older", date=since)
    if outside.answered > desk.office.local_date(now):
        found["answered"] = Problem("form.future")
    if not outside.reference.strip():
        found["reference"] = Problem("form.needed")
    return found


async def _opened(
    session: AsyncSession, desk: Desk, verdict: Verdict, now: datetime
) -> tuple[Application, rules.Case, people.Actor]:
    row = await cases.take(session, verdict.application_id)
    cases.in_time(row, now)
    case = await cases.view(session, desk, row, now)
    return row, case, await people.actor(session, verdict.actor, now)


async def _settle(
    session: AsyncSession,
    desk: Desk,
    row: Application,
    verdict: Verdict,
    state: State,
    role: Role,
    now: datetime,
    outside: Outside | None = None,
) -> None:
    """Write the decision, move the case, log it, tell everybody."""
    given = await _write(session, row, verdict, role, now, outside)
    await cases.move(session, row, verdict.act, state, **_clock(row, state, now))
    entry = await cases.note(
        session,
        row,
        now,
        verdict.actor,
        f"decision.{verdict.act}",
        role,
        gate=verdict.gate,
        recorded=outside is not None,
        reason=desk.fingerprint(verdict.reason) if verdict.reason else None,
    )
    if state is not State.WAITING:
        await _stop_reminders(session, row)
    await tell.happened(session, row, entry, "decided", given.id)
    if state is State.WAITING and verdict.gate is Gate.COMMS:
        await tell.ask_head(session, desk, row, now)  # a head who decided for the department is out now
    await _tell_requester(session, row, entry, state, given)


async def _write(
    session: AsyncSession,
    row: Application,
    verdict: Verdict,
    role: Role,
    now: datetime,
    outside: Outside | None,
) -> Decision:
    assert row.id is not None
    both = await decisions.of_version(session, row.id, row.version)
    given = next(one for one in both if one.gate == verdict.gate)
    given.outcome, given.decided_by, given.role = str(verdict.act), verdict.actor, str(role)
    given.reason, given.decided, given.remind = verdict.reason.strip(), now, None
    if outside is not None:
        given.answered, given.reference = outside.answered, outside.reference.strip()
    session.add(given)
    await session.flush()
    return given


def _clock(row: Application, state: State, now: datetime) -> dict[str, object]:
    """The clock towards expiry stands while the requester has it, and ends with the case."""
    if state is State.WAITING:
        return {}
    if state is State.RETURNED:
        left = (row.expires - now).total_seconds() if row.expires else 0
        return {"expires": None, "left_s": max(int(left), 0)}
    return {"expires": None, "closed": now if state is State.REJECTED else None}


async def _stop_reminders(session: AsyncSession, row: Application) -> None:
    assert row.id is not None
    for one in await decisions.of_version(session, row.id, row.version):
        one.remind = None
        session.add(one)


async def _tell_requester(
    session: AsyncSession, row: Application, entry: Entry, state: State, given: Decision
) -> None:
    what = {State.APPROVED: "approved", State.REJECTED: "rejected", State.RETURNED: "returned"}.get(state, "half")
    await tell.told(session, row, entry, what, given.id)


async def reroute(desk: Desk, actor_id: str, application_id: int, unit_id: int, *, now: datetime) -> rules.Case:
    """ "Fel chef?": the head of another unit decides instead. Raises Refused or Invalid."""
    async with desk.db.write() as session:
        row = await cases.take(session, application_id)
        cases.in_time(row, now)
        case = await cases.view(session, desk, row, now)
        actor = await people.actor(session, actor_id, now)
        rules.reroute(case, actor)
        await _check_target(session, desk, row, unit_id, now)
        await cases.move(session, row, Act.REROUTE, State.WAITING, head_unit_id=unit_id)
        await _remind_anew(session, desk, row, now)
        entry = await cases.note(session, row, now, actor_id, "application.rerouted", unit=unit_id)
        await tell.happened(session, row, entry, "rerouted")
        await tell.ask_head(session, desk, row, now)
        return await cases.view(session, desk, row, now)


async def _remind_anew(session: AsyncSession, desk: Desk, row: Application, now: datetime) -> None:
    """Whoever is asked late is reminded too, also when the earlier head's reminders are used up."""
    days = desk.settings.accounts.reminder_days
    for one in await decisions.of_version(session, row.id or 0, row.version):
        if one.gate == Gate.HEAD and days:
            one.remind = desk.office.add_working_days(now, days[0])
            session.add(one)


async def _check_target(session: AsyncSession, desk: Desk, row: Application, unit_id: int, now: datetime) -> None:
    if await units.get(session, unit_id) is None:
        raise Invalid({"unit": Problem("form.unit_gone")})
    if unit_id == row.head_unit_id:
        raise Invalid({"unit": Problem("form.same_unit")})
    routing = await people.route(session, desk.office, unit_id, submitter=row.requester, now=now)
    if not routing.deciders and not routing.outside:
        raise Invalid({"unit": Problem("form.no_head_there", head=routing.head_name)})


async def wrong_head(desk: Desk, actor_id: str, application_id: int, *, now: datetime) -> None:
    """ "Fel chef?" when the unit is right and its head is out of date: the department hears of it."""
    async with desk.db.write() as session:
        row = await cases.take(session, application_id)
        cases.in_time(row, now)
        case = await cases.view(session, desk, row, now)
        rules.reroute(case, await people.actor(session, actor_id, now))
        entry = await cases.note(session, row, now, actor_id, "application.wrong_head")
        await tell.happened(session, row, entry, "wrong_head")


async def snooze(desk: Desk, actor_id: str, application_id: int, gate: Gate, *, now: datetime) -> datetime:
    """Remind the decider on the next working day instead. When that is; raises Refused."""
    async with desk.db.write() as session:
        row = await cases.take(session, application_id)
        case = await cases.view(session, desk, row, now)
        rules.check_open(case, Act.YES, gate)
        rules.right(case, gate, await people.actor(session, actor_id, now))
        assert row.id is not None
        both = await decisions.of_version(session, row.id, row.version)
        mine = next(one for one in both if one.gate == gate)
        mine.remind = _next_working_day(desk, now)
        session.add(mine)
        await cases.note(session, row, now, actor_id, "decision.snoozed", gate=gate)
        return mine.remind


def _next_working_day(desk: Desk, now: datetime) -> datetime:
    """The same time on the next working day; from a closed day that is its opening."""
    if desk.office.is_working_day(desk.office.local_date(now)):
        return desk.office.add_working_days(now, 1)
    return desk.office.next_opening(now)


async def may_read(desk: Desk, actor_id: str, application_id: int, *, now: datetime) -> rules.Case:
    """The case for somebody who takes part in it or belongs to the department; raises Refused."""
    async with desk.db.read() as session:
        case = await cases.read(session, desk, application_id, now)
        actor = await people.actor(session, actor_id, now)
    parts = {case.requester, case.head.by, case.comms.by, *(one.id for one in case.head.deciders)}
    if actor_id not in parts and not actor.department:
        raise Refused("application.not_yours")
    return case
