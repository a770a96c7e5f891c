"""The requester's use cases: submit, edit, withdraw. Each is one transaction."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.accounts import cases, form, lookalikes, rules, tell
from bot.accounts.states import Act, Gate, State
from bot.desk import Desk
from bot.errors import Invalid, Problem, Refused
from storage import accounts, applications, decisions, drafts, units
from storage.applications import Application
from storage.decisions import Decision


def setting(desk: Desk, requester: str, now: datetime) -> form.Setting:
    """What a form is checked against at this moment."""
    rules_of_desk = desk.settings.accounts
    return form.Setting(
        today=desk.office.local_date(now),
        requester=requester,
        platforms=frozenset(rules_of_desk.platforms),
        minimum_posts=rules_of_desk.minimum_posts_per_week,
    )


async def known_accounts(session: AsyncSession) -> list[lookalikes.Known]:
    """Registered accounts, and accounts that somebody has applied for."""
    found = [
        lookalikes.Known(account.name, account.address, account.platform, unit.name)
        for account, unit in await accounts.live(session)
    ]
    names = {unit.id: unit.name for unit in await units.everyone(session)}
    for case in await applications.in_state(session, *applications.OPEN):
        content = case.content
        found.append(lookalikes.Known(content["name"], "", content["platform"], names.get(case.unit_id, "")))
    return found


async def lookalike(desk: Desk, data: Mapping[str, Any], editing: int | None = None) -> lookalikes.Known | None:
    """The account that the one asked for resembles, unless the requester has confirmed it."""
    if data.get("lookalike"):
        return None
    async with desk.db.read() as session:
        own = await applications.get(session, editing) if editing else None
        return await _alike(session, data, own)


async def _alike(
    session: AsyncSession, data: Mapping[str, Any], own: Application | None
) -> lookalikes.Known | None:
    """The known account most like the one asked for, the application's own former name apart."""
    known = await known_accounts(session)
    if own is not None:
        known = [one for one in known if one.address or one.name != own.content.get("name")]
    return lookalikes.alike(str(data.get("name", "")), str(data.get("platform", "")), known)


async def check_step(
    desk: Desk, requester: str, data: Mapping[str, Any], step: int, now: datetime
) -> dict[str, Problem]:
    """What is wrong with a step; for the step that names the unit, also whether anybody can decide there."""
    found = form.problems(data, setting(desk, requester, now), step)
    if step == form.step_of("unit") and "unit" not in found:
        async with desk.db.read() as session:
            problem = await _unit_problem(session, desk, int(data["unit"]), requester, now)
        if problem:
            found["unit"] = problem
    return found


async def _unit_problem(
    session: AsyncSession, desk: Desk, unit_id: int, requester: str, now: datetime
) -> Problem | None:
    if await units.get(session, unit_id) is None:
        return Problem("form.unit_gone")
    staff = await people.department(session, now)
    others = [member for member in staff.members if member.slack_id != requester]
    if not others:
        return Problem("form.no_department")
    routing = await people.route(session, desk.office, unit_id, submitter=requester, now=now)
    two = {member.slack_id for member in others} | {one.id for one in routing.deciders}
    if len(two) > 1 and (routing.deciders or routing.outside):  # one person never gives both decisions
        return None
    contact = [member.name for member in others]
    return Problem("form.no_head", head=routing.head_name, contact=contact)


async def submit(
    desk: Desk,
    requester: str,
    data: Mapping[str, Any],
    *,
    now: datetime,
    draft_id: str | None = None,
    reference: str | None = None,
) -> Application:
    """Take an application in: case, two waiting decisions, log and messages in one transaction.

    The same draft or the same case number gives the same application again, never a second one.
    Raises Invalid with a problem at each field that is wrong.
    """
    try:
        async with desk.db.write() as session:
            earlier = await _earlier(session, draft_id, reference)
            return earlier or await _take_in(session, desk, requester, data, now, draft_id, reference)
    except IntegrityError:  # the same form was sent twice in the same instant
        async with desk.db.read() as session:
            earlier = await _earlier(session, draft_id, reference)
        if earlier is None:
            raise
        return earlier


async def _take_in(
    session: AsyncSession,
    desk: Desk,
    requester: str,
    data: Mapping[str, Any],
    now: datetime,
    draft_id: str | None,
    reference: str | None,
) -> Application:
    content = await _content(session, desk, requester, data, now)
    row = _row(desk, requester, content, now, draft_id, reference)
    session.add(row)
    await session.flush()
    await _ask_anew(session, desk, row)
    entry = await cases.note(
        session, row, now, requester, "application.submitted", people.Role.REQUESTER, digest=row.digest
    )
    await tell.submitted(session, desk, row, entry.at)
    if draft_id:
        await drafts.drop(session, draft_id)
    return row


async def _earlier(session: AsyncSession, draft_id: str | None, reference: str | None) -> Application | None:
    if draft_id:
        return await applications.of_draft(session, draft_id)
    return await applications.of_reference(session, reference) if reference else None


async def _content(
    session: AsyncSession,
    desk: Desk,
    requester: str,
    data: Mapping[str, Any],
    now: datetime,
    own: Application | None = None,
) -> dict[str, Any]:
    """The checked content, with what the deciders should know beside it. Raises Invalid."""
    found = form.problems(data, setting(desk, requester, now))
    if "unit" not in found:
        problem = await _unit_problem(session, desk, int(data["unit"]), requester, now)
        if problem:
            found["unit"] = problem
    if found:
        raise Invalid(found)
    alike = await _alike(session, data, own)
    return {
        **form.clean(data),
        "guidelines_version": desk.settings.municipality.guidelines_version,
        "resembles": f"{alike.name} ({alike.unit})" if alike else None,
    }


def _row(
    desk: Desk,
    requester: str,
    content: dict[str, Any],
    now: datetime,
    draft_id: str | None,
    reference: str | None,
) -> Application:
    return Application(
        requester=requester,
        draft=draft_id,
        reference=reference,
        unit_id=content["unit"],
        head_unit_id=content["unit"],
        state=State.WAITING,
        content=content,
        digest=form.digest(content),
        created=now,
        asked=now,
        expires=now + timedelta(days=desk.settings.accounts.expires_after_days),
    )


async def _ask_anew(session: AsyncSession, desk: Desk, row: Application) -> None:
    """Two waiting decisions for the present version, each with its first reminder."""
    first = desk.settings.accounts.reminder_days[0] if desk.settings.accounts.reminder_days else None
    remind = desk.office.add_working_days(row.asked, first) if first else None
    assert row.id is not None
    for gate in Gate:
        session.add(Decision(application_id=row.id, version=row.version, gate=gate, remind=remind))
    await session.flush()


async def edit(
    desk: Desk,
    requester: str,
    application_id: int,
    data: Mapping[str, Any],
    *,
    seen_version: int,
    now: datetime,
) -> Application:
    """Change what was asked for. Earlier decisions fall; both gates are asked again.

    The same text again, while it is waiting, changes nothing. Raises Invalid or Refused.
    """
    async with desk.db.write() as session:
        row = await cases.take(session, application_id)
        cases.in_time(row, now)
        case = await cases.view(session, desk, row, now)
        actor = await people.actor(session, requester, now)
        rules.edit(case, actor)
        content = await _content(session, desk, requester, data, now, row)
        unchanged = form.digest(content) == row.digest and case.state is State.WAITING
        if unchanged or row.version != seen_version:
            if unchanged:
                return row
            raise Refused("application.edited_elsewhere")
        await _new_version(session, desk, row, content, now)
        entry = await cases.note(
            session, row, now, requester, "application.edited", people.Role.REQUESTER, digest=row.digest
        )
        await tell.happened(session, row, entry, "edited")
        await tell.asked(session, desk, row, now)
        return row


async def _new_version(
    session: AsyncSession, desk: Desk, row: Application, content: dict[str, Any], now: datetime
) -> None:
    assert row.id is not None
    for one in await decisions.of_version(session, row.id, row.version):
        if one.outcome == decisions.WAITING:
            one.outcome, one.remind = decisions.VOID, None
            session.add(one)
    moved_unit = content["unit"] != row.unit_id
    await cases.move(
        session,
        row,
        Act.EDIT,
        State.WAITING,
        version=row.version + 1,
        content=content,
        digest=form.digest(content),
        unit_id=content["unit"],
        head_unit_id=content["unit"] if moved_unit else row.head_unit_id,
        asked=now,
        expires=row.expires or now + timedelta(seconds=row.left_s or 0),
        left_s=None,
    )
    await _ask_anew(session, desk, row)


async def withdraw(desk: Desk, requester: str, application_id: int, *, now: datetime) -> Application:
    """The requester takes the application back. Raises Refused when it is closed or not theirs."""
    async with desk.db.write() as session:
        row = await cases.take(session, application_id)
        case = await cases.view(session, desk, row, now)
        actor = await people.actor(session, requester, now)
        rules.withdraw(case, actor)
        await cases.move(session, row, Act.WITHDRAW, State.WITHDRAWN, expires=None, closed=now)
        entry = await cases.note(session, row, now, requester, "application.withdrawn", people.Role.REQUESTER)
        await tell.happened(session, row, entry, "withdrawn")
        return row
