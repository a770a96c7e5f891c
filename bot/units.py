"""Units and their seats: who heads them and who stands in, as it is now, and as the department changes it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people as roles
from bot.accounts import cases, register, tell
from bot.accounts.states import Gate, State
from bot.delivery import outbox
from bot.desk import Desk
from bot.errors import Invalid, Problem, Refused
from bot.fields import EMAIL
from bot.people import Role
from bot.seed import spelling
from storage import absences, applications, decisions, log, people, units
from storage.applications import Application
from storage.people import Person
from storage.units import Unit

NAME, TITLE, ADDRESS = 120, 60, 254  # what the columns hold
Known = Mapping[str, Person]


class Standing(StrEnum):
    """How a seat is filled at this moment."""

    HERE = "here"
    AWAY = "away"
    VACANT = "vacant"
    OUTSIDE = "outside"  # named, but not in Slack
    DELETED = "deleted"  # deactivated in Slack
    UNFIT = "unfit"  # a guest, a bot or another workspace's person


@dataclass(frozen=True)
class Seat:
    """Somebody's place in a unit. ``until``: the last date away."""

    standing: Standing
    name: str = ""
    person: str | None = None  # Slack id
    until: date | None = None


@dataclass(frozen=True)
class Row:
    """A unit with its seats as they are now."""

    unit: Unit
    head: Seat
    deputy: Seat


@dataclass(frozen=True)
class UnitForm:
    """A unit as the department enters it. The head is a Slack id, or an address with a name."""

    name: str
    board: str = ""
    parent: int | None = None
    channel: str | None = None
    head: str | None = None
    head_email: str = ""
    head_name: str = ""
    head_title: str = ""
    deputy: str | None = None


@dataclass(frozen=True)
class Saved:
    """What a change led to: the unit, and how many waiting applications were asked about anew."""

    unit: Unit
    asked: int = 0


def standing(person: Person | None) -> Standing:
    """Whether a person may hold a role, absences left aside."""
    if person is None:
        return Standing.OUTSIDE
    if person.deleted:
        return Standing.DELETED
    return Standing.HERE if roles.usable(person) else Standing.UNFIT


def seat(who: str | None, name: str, known: Known, away: Mapping[str, date]) -> Seat:
    """A seat as it is filled now; ``name`` is shown for somebody who is not in Slack."""
    person = known.get(who) if who else None
    if person is None:
        shown = name or who or ""
        return Seat(Standing.OUTSIDE if shown else Standing.VACANT, shown)
    until = away.get(person.slack_id)
    as_is = standing(person)
    if as_is is Standing.HERE and until is not None:
        return Seat(Standing.AWAY, person.name, person.slack_id, until)
    return Seat(as_is, person.name, person.slack_id)


async def overview(session: AsyncSession, desk: Desk, now: datetime) -> list[Row]:
    """Every unit with its seats, by name."""
    everyone = await units.everyone(session)
    known = await people.by_who(session, [who for one in everyone for who in (one.head, one.deputy) if who])
    away = await absences.away_until(session, desk.office.local_date(now))
    return [
        Row(one, seat(one.head, one.head_name, known, away), seat(one.deputy, "", known, away)) for one in everyone
    ]


async def opened(desk: Desk, actor_id: str, unit_id: int, *, now: datetime) -> tuple[Row, Unit | None]:
    """A unit and its parent, for the department to change. Raises Refused."""
    async with desk.db.read() as session:
        register.only_department(await roles.actor(session, actor_id, now))
        row = next((row for row in await overview(session, desk, now) if row.unit.id == unit_id), None)
        if row is None:
            raise Refused("units.gone")
        parent = await units.get(session, row.unit.parent_id) if row.unit.parent_id else None
        return row, parent


async def listing(desk: Desk, actor_id: str, *, now: datetime) -> list[Row]:
    """Every unit with its seats, for the department. Raises Refused."""
    async with desk.db.read() as session:
        register.only_department(await roles.actor(session, actor_id, now))
        return await overview(session, desk, now)


async def save(desk: Desk, actor_id: str, unit_id: int | None, form: UnitForm, *, now: datetime) -> Saved:
    """Change a unit, or enter a new one without ``unit_id``. Raises Refused, or Invalid at its field.

    Whoever gives the head's decision from now on has the cards of waiting applications at once.
    """
    async with desk.db.write() as session:
        waiting = await _waiting_at(session, unit_id) if unit_id else []
        everyone = await units.all_locked(session)
        register.only_department(await roles.actor(session, actor_id, now))
        unit = next((one for one in everyone if one.id == unit_id), None) if unit_id else Unit(name="")
        if unit is None:
            raise Refused("units.gone")
        known = await _known(session, form, unit)
        found = problems(form, unit_id, everyone, known)
        if found:
            raise Invalid(found)
        changed = _changes(form, unit, known)
        if not changed:
            return Saved(unit)
        await _write(session, unit, changed)
        await _note(session, desk, actor_id, unit, "unit.changed" if unit_id else "unit.created", changed, now)
        for row in waiting:
            await tell.ask_head(session, desk, row, now)
            await outbox.follow(session, cases.topic(row.id or 0))
        return Saved(unit, len(waiting))


async def _waiting_at(session: AsyncSession, unit_id: int) -> list[Application]:
    """Applications that wait for the head's decision at the unit or below it; their rows are held."""
    found = []
    for one in await applications.in_state(session, State.WAITING):
        above = [unit.id for unit in await units.chain(session, one.head_unit_id)]
        row = await applications.locked(session, one.id or 0) if unit_id in above else None
        if row is not None and row.state == State.WAITING and await _head_waits(session, row):
            found.append(row)
    return found


async def _head_waits(session: AsyncSession, row: Application) -> bool:
    given = await decisions.of_version(session, row.id or 0, row.version)
    return any(one.gate == Gate.HEAD and one.outcome == decisions.WAITING for one in given)


async def _known(session: AsyncSession, form: UnitForm, unit: Unit) -> Known:
    named = (form.head, spelling(form.head_email), form.deputy, unit.head, unit.deputy)
    return await people.by_who(session, [who for who in named if who])


def problems(form: UnitForm, unit_id: int | None, everyone: Sequence[Unit], known: Known) -> dict[str, Problem]:
    """What is wrong with a unit as entered, by field; empty when nothing is."""
    email = spelling(form.head_email)
    found = {
        "name": _name_problem(form.name, unit_id, everyone),
        "board": too_long(form.board, NAME),
        "parent": _parent_problem(form.parent, unit_id, everyone),
        "head": person_problem(form.head, known),
        "head_email": _email_problem(form, email, known),
        "head_name": too_long(form.head_name, NAME) or _head_name_problem(form, email, known),
        "head_title": too_long(form.head_title, TITLE),
        "deputy": person_problem(form.deputy, known) or _deputy_problem(form, email, known),
    }
    return {name: problem for name, problem in found.items() if problem is not None}


def too_long(text: str, limit: int) -> Problem | None:
    """A text that the column cannot hold."""
    return Problem("form.long", limit=limit, n=len(text)) if len(text.strip()) > limit else None


def person_problem(slack_id: str | None, known: Known) -> Problem | None:
    """Only active full members of the workspace hold a role."""
    if not slack_id:
        return None
    as_is = standing(known.get(slack_id))
    return None if as_is is Standing.HERE else Problem(f"units.person.{as_is}")


def _name_problem(name: str, unit_id: int | None, everyone: Sequence[Unit]) -> Problem | None:
    if not name.strip():
        return Problem("form.needed")
    others = {_plain(one.name) for one in everyone if one.id != unit_id}
    return Problem("units.name.taken") if _plain(name) in others else too_long(name, NAME)


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _parent_problem(parent: int | None, unit_id: int | None, everyone: Sequence[Unit]) -> Problem | None:
    above = {one.id: one.parent_id for one in everyone}
    if parent is None:
        return None
    if parent not in above:
        return Problem("units.parent.gone")
    at: int | None = parent
    seen: set[int] = set()
    while at is not None and at not in seen:
        if at == unit_id:
            return Problem("units.parent.loop")
        seen.add(at)
        at = above.get(at)
    return None


def _email_problem(form: UnitForm, email: str, known: Known) -> Problem | None:
    if not email:
        return None
    if form.head:
        return Problem("units.head.both")
    if not re.fullmatch(EMAIL, email) or len(email) > ADDRESS:
        return Problem("units.email")
    return person_problem(email, known) if email in known else None


def _head_name_problem(form: UnitForm, email: str, known: Known) -> Problem | None:
    named = form.head_name.strip() or form.head or email in known
    return Problem("units.head.name_needed") if email and not named else None


def _deputy_problem(form: UnitForm, email: str, known: Known) -> Problem | None:
    head = known.get(form.head or email)
    same = head is not None and head.slack_id == form.deputy
    return Problem("units.deputy.same") if same else None


def _changes(form: UnitForm, unit: Unit, known: Known) -> dict[str, Any]:
    """The columns that get another value. The same person by another spelling is no change."""
    head = _kept(unit.head, form.head or spelling(form.head_email) or None, known)
    wanted: dict[str, Any] = {
        "name": " ".join(form.name.split()),
        "board": form.board.strip(),
        "parent_id": form.parent,
        "channel": form.channel or None,
        "head": head,
        "head_name": form.head_name.strip(),
        "head_title": form.head_title.strip(),
        "deputy": _kept(unit.deputy, form.deputy or None, known),
    }
    if head and head == unit.head and head in known:
        wanted.pop("head_name")  # not shown, and not asked for, while the head is in Slack
    return {name: value for name, value in wanted.items() if getattr(unit, name) != value}


def _kept(before: str | None, after: str | None, known: Known) -> str | None:
    old, new = known.get(before or ""), known.get(after or "")
    return before if old is not None and new is not None and old.slack_id == new.slack_id else after


async def _write(session: AsyncSession, unit: Unit, changed: Mapping[str, Any]) -> None:
    for name, value in changed.items():
        setattr(unit, name, value)
    session.add(unit)
    try:
        await session.flush()
    except IntegrityError:  # two new units of one name at the same instant
        raise Invalid({"name": Problem("units.name.taken")}) from None


async def _note(
    session: AsyncSession,
    desk: Desk,
    actor_id: str,
    unit: Unit,
    action: str,
    changed: Mapping[str, Any],
    now: datetime,
) -> None:
    """What was changed to what; the name of a head outside Slack as a hash."""
    detail = dict(changed)
    if detail.get("head_name"):
        detail["head_name"] = desk.fingerprint(detail["head_name"])
    case = f"unit:{unit.id}"
    await log.append(session, case=case, at=now, actor=actor_id, role=Role.COMMS, action=action, changed=detail)
