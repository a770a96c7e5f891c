"""In whose hands an account's comments are: owner, substitute, the unit's heads, the department."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people as roles
from bot.accounts import tell
from bot.accounts.lookalikes import address_key
from bot.clock import DAY
from bot.comments import timing
from bot.comments.ladder import Step
from bot.comments.pace import Live, Shift
from bot.desk import Desk
from bot.people import Actor, Role
from storage import absences, accounts, covers, people, units
from storage.accounts import Account
from storage.people import Person
from storage.publications import Publication
from storage.units import Unit


@dataclass(frozen=True)
class Hands:
    """Everybody who may act on an account's comments, in the order in which they are asked.

    ``slack``: the Slack channel where its cards stand. ``away``: who of them is away today.
    """

    account: str
    platform: str
    slack: str
    owner: str | None
    substitute: str | None
    editors: frozenset[str]
    heads: tuple[str, ...]
    department: tuple[str, ...]
    away: frozenset[str]
    sensitive: bool = False
    unit: str = ""
    platform_name: str = ""
    cover: str | None = None  # who said that they can while both are away
    watcher: str | None = None  # who watches today, a day off
    shift: Shift | None = None  # their hours; None in a crisis, which goes before a watch
    host: str | None = None  # who answers now in the post's question session
    hosts: frozenset[str] = frozenset()  # everybody of its plan

    def first(self) -> tuple[str, ...]:
        """Who answers now: the session's, the day's watcher, the owner, else who stands in."""
        watching = self.shift.person if self.shift else None
        for one in (self.host, watching, self.owner, self.substitute, self.cover):
            if self._here(one):
                return self._here(one)
        return self.next_up()

    def on_call(self, now: datetime) -> tuple[str, ...]:
        """Who is told while everybody else is free, one person or none."""
        watches = self.shift is not None and self.shift.opens <= now < self.shift.closes
        return self._here(self.host) or self._here(self.shift.person if self.shift and watches else None)

    def next_up(self) -> tuple[str, ...]:
        """Who is asked when neither owner nor substitute is there: the nearest head, else the department."""
        return self._here(*self.heads)[:1] or self._here(*self.department)

    def at(self, step: Step) -> tuple[str, ...]:
        """Who is told at a step of the ladder; who is away is passed over."""
        match step:
            case Step.HALF | Step.SOON:
                return self.first()
            case Step.OVERDUE:
                return self._here(self.substitute) or self.first()
            case Step.HEAD:
                return self.next_up()
            case Step.DEPARTMENT:
                return self._here(*self.department)

    def role(self, actor: Actor) -> Role | None:
        """By which right somebody acts here; None: by none. Guests have none."""
        if not actor.full:
            return None
        if actor.id in {self.owner, self.substitute, self.cover} | self.editors:
            return Role.EDITOR
        if actor.id in self.heads:
            return Role.HEAD
        if actor.department and actor.department_fresh:
            return Role.COMMS
        if actor.id == self.watcher:
            return Role.WATCH
        return Role.HOST if actor.id in self.hosts else None

    def _here(self, *whos: str | None) -> tuple[str, ...]:
        return tuple(one for one in dict.fromkeys(whos) if one and one not in self.away)


@dataclass(frozen=True)
class Around:
    """What is the same for every account: people by what the register calls them, the department, who is away.

    ``slack``: the department's channel; ``covers``: who said that they answer today, by account.
    """

    known: Mapping[str, Person]
    department: tuple[str, ...]
    away: frozenset[str]
    slack: str
    covers: Mapping[int, str]
    shift: Shift | None = None  # who watches today, a day off
    crisis: bool = False


async def of(session: AsyncSession, desk: Desk, row: Publication, now: datetime) -> Hands:
    """Those who answer for the account a post stands on."""
    account = await accounts.get(session, row.account_id) if row.account_id else None
    chain = await units.chain(session, account.unit_id) if account else []
    found = held(desk, row.channel, account, chain, await around(session, desk, whos(desk, account, chain), now))
    plan = await timing.live(session, row.id or 0)
    return await _hosted(session, found, plan, now) if plan and now < plan.over + DAY else found


async def _hosted(session: AsyncSession, found: Hands, plan: Live, now: datetime) -> Hands:
    """With the people of the post's question session, who may finish what they began the day after."""
    known = await people.many(session, [person for _, person in plan.hosts])
    usable = frozenset(one for one, person in known.items() if roles.usable(person))
    host = plan.host(now)
    return replace(found, host=host if host in usable else None, hosts=usable)


async def around(session: AsyncSession, desk: Desk, named: Iterable[str], now: datetime) -> Around:
    """What ``held`` needs to know of the people ``named``."""
    staff = await roles.department(session, now)
    shift = await timing.shift_today(session, desk, now)
    if shift is not None and not roles.usable(await people.get(session, shift.person)):
        shift = None
    return Around(
        await people.by_who(session, named),
        tuple(member.slack_id for member in staff.members),
        frozenset(await absences.away(session, desk.office.local_date(now))),
        await tell.department_channel(session, desk),
        await covers.covering(session, desk.office.local_date(now)),
        shift,
        shift is not None and await timing.crisis_since(session) is not None,
    )


def whos(desk: Desk, account: Account | None, chain: list[Unit]) -> list[str]:
    """Everybody named for an account, and for every channel, as the register and the file call them."""
    leads = [one.responsible for one in desk.settings.comments.places]
    leads += [one.responsible for one in desk.outlets]
    own = [account.owner, account.substitute] if account else []
    return [who for who in (*_heads(chain), *own, *leads) if who]


def held(desk: Desk, channel: str, account: Account | None, chain: list[Unit], found: Around) -> Hands:
    """The hands an account's comments are in; who has left Slack counts as away."""
    outlet = next((one for one in desk.outlets if one.key == channel), None)
    place = desk.settings.comments.place(_key(desk, channel, account))
    usable = {who: one.slack_id for who, one in found.known.items() if roles.usable(one)}
    gone = {one.slack_id for one in found.known.values() if not roles.usable(one)}
    platform = outlet.platform if outlet else (account.platform if account else "")
    lead = usable.get(place.responsible or (outlet.responsible if outlet else ""))
    return Hands(
        account=account.name if account else (outlet.name if outlet else channel),
        platform=platform,
        slack=place.channel or _channel(chain) or found.slack,
        owner=account.owner if account else lead,
        substitute=account.substitute if account else None,
        editors=_editors(account),
        heads=tuple(usable[who] for who in _heads(chain) if who in usable),
        department=found.department,
        away=found.away | gone,
        sensitive=place.sensitive,
        unit=chain[0].name if chain else "",
        platform_name=desk.settings.accounts.platforms.get(platform, platform),
        cover=found.covers.get(account.id or 0) if account else None,
        watcher=found.shift.person if found.shift else None,
        shift=None if found.crisis else found.shift,
    )


def _key(desk: Desk, channel: str, account: Account | None) -> str:
    """The channel whose ways count: what was entered by hand is as sensitive as what its channel brings."""
    if account is None or not channel.startswith("account:"):
        return channel
    wanted = address_key(account.address)
    return next((one.key for one in desk.outlets if one.account and address_key(one.account) == wanted), channel)


def _heads(chain: list[Unit]) -> list[str]:
    """Heads and deputies upwards, within the unit's own board (nämnd) first."""
    own = chain[0].board if chain else ""
    ordered = sorted(chain, key=lambda unit: unit.board != own)
    return [who for unit in ordered for who in (unit.head, unit.deputy) if who]


def _channel(chain: list[Unit]) -> str:
    return chain[0].channel or "" if chain else ""


def _editors(account: Account | None) -> frozenset[str]:
    return frozenset(account.editors) if account else frozenset()
