"""The communications department and its duties, as they are now and as the department changes them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import log
from bot import people as roles
from bot.accounts import cases, register, rules, tell
from bot.accounts.states import State
from bot.delivery import outbox
from bot.desk import Desk
from bot.errors import Invalid, Problem, Refused
from bot.fields import EMAIL
from bot.seed import CASE, spelling
from bot.units import ADDRESS, NAME, Known, person_problem, too_long
from storage import applications, duties, facts, people, units


@dataclass(frozen=True)
class Mailbox:
    """A function with an address, inside Slack or not."""

    name: str = ""
    email: str = ""


@dataclass(frozen=True)
class DepartmentForm:
    """The department as it is entered: Slack ids, a user group's id, mailboxes, a channel's id."""

    members: tuple[str, ...] = ()
    group: str | None = None
    manager: str | None = None
    registrar: Mailbox = Mailbox()
    contact_centre: Mailbox = Mailbox()
    crisis_deciders: tuple[str, ...] = ()
    channel: str | None = None


@dataclass(frozen=True)
class Now:
    """The department as it is, and those named for it whom Slack does not have as full members."""

    form: DepartmentForm
    unresolved: tuple[str, ...] = ()


async def read(session: AsyncSession, desk: Desk) -> Now:
    """The department as it is."""
    named = await _named(session)
    by_hand = (duties.DEPARTMENT, duties.MANAGER, duties.CRISIS_DECIDER)
    whos = [who for role in by_hand for who, _ in named[role] if not roles.is_group(who)]
    known = await people.by_who(session, whos)
    ids = {who: one.slack_id for who, one in known.items() if roles.usable(one)}

    def found(role: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(ids[who] for who, _ in named[role] if who in ids))

    def mailbox(role: str) -> Mailbox:
        return next((Mailbox(name, who) for who, name in named[role]), Mailbox())

    form = DepartmentForm(
        members=found(duties.DEPARTMENT),
        group=next((who for who, _ in named[duties.DEPARTMENT] if roles.is_group(who)), None),
        manager=next(iter(found(duties.MANAGER)), None),
        registrar=mailbox(duties.REGISTRAR),
        contact_centre=mailbox(duties.CONTACT_CENTRE),
        crisis_deciders=found(duties.CRISIS_DECIDER),
        channel=await tell.department_channel(session, desk) or None,
    )
    return Now(form, tuple(dict.fromkeys(who for who in whos if who not in ids)))


async def _named(session: AsyncSession) -> dict[str, list[tuple[str, str]]]:
    named: dict[str, list[tuple[str, str]]] = {role: [] for role in duties.ALL}
    for one in await duties.everything(session):
        named[one.role].append((one.who, one.name))
    return named


async def open_for(desk: Desk, actor_id: str, *, now: datetime) -> Now:
    """The department as it is, for itself to change. Raises Refused."""
    async with desk.db.read() as session:
        register.only_department(await roles.actor(session, actor_id, now))
        return await read(session, desk)


async def naming_manager(desk: Desk, refused: Refused, asker: str) -> Refused:
    """A refusal that sends the asker from the department to the department: to its manager instead, if any."""
    if not refused.values.get("roles") == refused.values.get("contact") == rules.DEPARTMENT:
        return refused
    async with desk.db.read() as session:
        named = [one.who for one in await duties.of(session, duties.MANAGER)]
        known = (await people.by_who(session, named)).values()
    manager = next((one.name for one in known if roles.usable(one) and one.slack_id != asker), None)
    return Refused(refused.key, **{**refused.values, "contact": manager}) if manager else refused


async def save(desk: Desk, actor_id: str, form: DepartmentForm, *, now: datetime) -> None:
    """Change the department. Raises Refused, or Invalid at its field.

    Those chosen, and the group's members, must have been read from Slack before.
    """
    async with desk.db.write() as session:
        await units.all_locked(session)  # one change of the desk at a time
        register.only_department(await roles.actor(session, actor_id, now))
        found = await _problems(session, form)
        if found:
            raise Invalid(found)
        before = await read(session, desk)
        if before.form == form and not before.unresolved:
            return
        await _write(session, form)
        await _note(session, actor_id, before.form, form, now)
        for number in await applications.ids_in_state(session, State.WAITING):
            await outbox.follow(session, cases.topic(number))


async def _problems(session: AsyncSession, form: DepartmentForm) -> dict[str, Problem]:
    named = [*form.members, *form.crisis_deciders, form.manager or ""]
    known = await people.by_who(session, named)
    group = await _group_problem(session, form.group)
    found = {
        "members": _first_problem(form.members, known) or await _nobody(session, form, known),
        "group": group,
        "manager": person_problem(form.manager, known),
        "crisis_deciders": _first_problem(form.crisis_deciders, known),
        "channel": None if form.channel else Problem("form.needed"),
        **_mailbox_problems("registrar", form.registrar),
        **_mailbox_problems("contact_centre", form.contact_centre),
    }
    if group:
        found.pop("members")  # one trouble at a time: without the group nobody is counted
    return {name: problem for name, problem in found.items() if problem is not None}


def _first_problem(ids: tuple[str, ...], known: Known) -> Problem | None:
    return next((problem for one in ids if (problem := person_problem(one, known))), None)


async def _group_problem(session: AsyncSession, group: str | None) -> Problem | None:
    if not group:
        return None
    seen, _ = await people.group(session, group)
    return Problem("units.group.unread") if seen is None else None


async def _nobody(session: AsyncSession, form: DepartmentForm, known: Known) -> Problem | None:
    """A department of nobody could never be changed again."""
    members = (await people.group(session, form.group))[1] if form.group else []
    there = [*known.values(), *(await people.many(session, members)).values()]
    counted = {*form.members, *members}
    somebody = any(roles.usable(one) and one.slack_id in counted for one in there)
    return None if somebody else Problem("units.department.empty")


def _mailbox_problems(role: str, given: Mailbox) -> Mapping[str, Problem | None]:
    name, email = given.name.strip(), given.email.strip()
    good = re.fullmatch(EMAIL, email) and len(email) <= ADDRESS
    return {
        f"{role}_name": too_long(name, NAME) or (Problem("form.needed") if email and not name else None),
        f"{role}_email": Problem("units.email") if (name or email) and not good else None,
    }


async def _write(session: AsyncSession, form: DepartmentForm) -> None:
    members = [*([form.group] if form.group else []), *form.members]
    await duties.replace(session, duties.DEPARTMENT, members)
    await duties.replace(session, duties.MANAGER, [form.manager] if form.manager else [])
    await duties.replace(session, duties.CRISIS_DECIDER, list(form.crisis_deciders))
    for role, given in ((duties.REGISTRAR, form.registrar), (duties.CONTACT_CENTRE, form.contact_centre)):
        await duties.appoint(session, role, spelling(given.email), given.name.strip())
    await facts.put(session, facts.DEPARTMENT_CHANNEL, form.channel)


async def _note(
    session: AsyncSession, actor_id: str, before: DepartmentForm, after: DepartmentForm, now: datetime
) -> None:
    changed = {name: _logged(value) for name, value in vars(after).items() if value != getattr(before, name)}
    await log.by_department(session, CASE, actor_id, "department.changed", now, changed=changed)


def _logged(value: object) -> object:
    if isinstance(value, Mailbox):
        return value.email
    return list(value) if isinstance(value, tuple) else value
