"""The register: accounts that are running, and how they get there."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import log, people
from bot.accounts import applying, cases, form, lookalikes, rules, secrecy, tell
from bot.accounts.states import Act, State
from bot.desk import Desk
from bot.errors import Invalid, Problem
from bot.people import Actor
from storage import accounts, units
from storage.accounts import Account
from storage.applications import Application


@dataclass(frozen=True)
class Line:
    """What the public register shows of an account: no person in it."""

    name: str
    platform: str
    address: str
    purpose: str
    unit: str


@dataclass(frozen=True)
class Existing:
    """An account that was there before the desk, as the department enters it."""

    unit: int | None
    platform: str
    name: str
    address: str
    purpose: str
    owner: str
    substitute: str
    editors: list[str] = field(default_factory=list)
    login_place: str = ""


async def lines(desk: Desk) -> list[Line]:
    """The public register, by unit, platform and name."""
    async with desk.db.read() as session:
        found = await accounts.live(session)
    names = desk.settings.accounts.platforms
    return [
        Line(one.name, names.get(one.platform, one.platform), one.address, one.purpose, unit.name)
        for one, unit in found
    ]


def address_problem(address: str) -> Problem | None:
    """An account's address is a web address that residents can open."""
    text = address.strip()
    key = lookalikes.address_key(text)
    plain = text.startswith(("https://", "http://")) and not any(c.isspace() for c in text)
    host = text.partition("//")[2].partition("/")[0]
    good = plain and "@" not in host and "." in key.partition("/")[0] and len(text) <= 300
    return None if good else Problem("form.address")


def place_problem(place: str) -> Problem | None:
    """Where the login is kept; anything that looks like the login itself is refused and not stored."""
    if not place.strip():
        return Problem("form.needed")
    if len(place) > 300:
        return Problem("form.long", limit=300, n=len(place))
    return Problem("credentials.refused") if secrecy.looks_secret(place) else None


async def go_live(
    desk: Desk, actor_id: str, application_id: int, *, address: str, login_place: str, now: datetime
) -> Account:
    """The account is running: it enters the register. Raises Refused, or Invalid at its field."""
    problems = _problems(address=address_problem(address), login_place=place_problem(login_place))
    async with desk.db.write() as session:
        row = await cases.take(session, application_id)
        case = await cases.view(session, desk, row, now)
        rules.go_live(case, await people.actor(session, actor_id, now))
        taken = None if problems else await _taken(session, address)
        if problems or taken:
            raise Invalid(problems or {"address": taken})  # type: ignore[dict-item]
        account = _from_application(row, actor_id, address, login_place, now)
        session.add(account)
        await session.flush()
        await cases.move(session, row, Act.GO_LIVE, State.LIVE, closed=now)
        entry = await cases.note(session, row, now, actor_id, "account.live", account=account.id)
        await tell.happened(session, row, entry, "live")
        await tell.told(session, row, entry, "live")
        return account


def _problems(**found: Problem | None) -> dict[str, Problem]:
    return {name: problem for name, problem in found.items() if problem is not None}


async def _taken(session: AsyncSession, address: str) -> Problem | None:
    await accounts.alone(session)
    known = await applying.known_accounts(session)
    same = lookalikes.same_address(address, known)
    return Problem("form.address_taken", account=same.name, unit=same.unit) if same else None


def _from_application(row: Application, actor_id: str, address: str, place: str, now: datetime) -> Account:
    content = row.content
    return Account(
        application_id=row.id,
        unit_id=row.unit_id,
        platform=content["platform"],
        name=content["name"],
        address=address.strip(),
        purpose=content["purpose"],
        audience=content["audience"],
        owner=row.requester,
        substitute=content["substitute"],
        editors=content["editors"],
        login_place=place.strip(),
        until=form.day(content.get("until")),
        entered_by=actor_id,
        entered=now,
    )


async def problems_of(session: AsyncSession, desk: Desk, existing: Existing) -> dict[str, Problem]:
    """What is wrong with an existing account as entered, by field."""
    found = _problems(
        unit=None if existing.unit else Problem("form.needed"),
        platform=None if existing.platform in desk.settings.accounts.platforms else Problem("form.needed"),
        name=_name_problem(existing.name.strip()),
        address=address_problem(existing.address),
        purpose=None if existing.purpose.strip() else Problem("form.needed"),
        owner=None if existing.owner else Problem("form.needed"),
        substitute=Problem("form.substitute_owner") if existing.substitute == existing.owner else None,
        login_place=place_problem(existing.login_place) if existing.login_place.strip() else None,
    )
    if existing.unit and await units.get(session, existing.unit) is None:
        found["unit"] = Problem("form.unit_gone")
    if "address" not in found:
        found |= _problems(address=await _taken(session, existing.address))
    return found


def _name_problem(name: str) -> Problem | None:
    if len(name) < 2:
        return Problem("form.needed")
    return Problem("form.long", limit=form.SHORT, n=len(name)) if len(name) > form.SHORT else None


async def register_existing(desk: Desk, actor_id: str, existing: Existing, *, now: datetime) -> Account:
    """Enter an account without decisions; the log says so. Raises Refused or Invalid."""
    async with desk.db.write() as session:
        only_department(await people.actor(session, actor_id, now))
        problems = await problems_of(session, desk, existing)
        if problems:
            raise Invalid(problems)
        return await enter(session, actor_id, existing, now)


async def enter(session: AsyncSession, actor_id: str, existing: Existing, now: datetime) -> Account:
    """Put a checked account into the register."""
    account = _from_existing(existing, actor_id, now)
    session.add(account)
    await session.flush()
    case, action = f"account:{account.id}", "account.registered_without_decision"
    await log.by_department(session, case, actor_id, action, now, platform=account.platform)
    return account


def _from_existing(existing: Existing, actor_id: str, now: datetime) -> Account:
    assert existing.unit is not None
    return Account(
        unit_id=existing.unit,
        platform=existing.platform,
        name=existing.name.strip(),
        address=existing.address.strip(),
        purpose=existing.purpose.strip(),
        owner=existing.owner,
        substitute=existing.substitute or None,
        editors=existing.editors,
        login_place=existing.login_place.strip(),
        entered_by=actor_id,
        entered=now,
    )


def only_department(actor: Actor) -> None:
    """Refuse everybody outside the department; its membership must be fresh."""
    rules.department_only(actor)
