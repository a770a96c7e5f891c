"""In whose hands an account's comments are: owner, substitute, the unit's heads, the department."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people as roles
from bot.accounts import tell
from bot.comments.ladder import Step
from bot.desk import Desk
from bot.people import Actor, Role
from storage import absences, accounts, people, units
from storage.accounts import Account
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

    def first(self) -> tuple[str, ...]:
        """Who answers now: the owner, else who stands in."""
        return self._here(self.owner) or self._here(self.substitute) or self.next_up()

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
        if actor.id in {self.owner, self.substitute} | self.editors:
            return Role.EDITOR
        if actor.id in self.heads:
            return Role.HEAD
        return Role.COMMS if actor.department and actor.department_fresh else None

    def _here(self, *whos: str | None) -> tuple[str, ...]:
        return tuple(one for one in dict.fromkeys(whos) if one and one not in self.away)


async def of(session: AsyncSession, desk: Desk, row: Publication, now: datetime) -> Hands:
    """Those who answer for the account a post stands on."""
    account = await accounts.get(session, row.account_id) if row.account_id else None
    place = desk.settings.comments.place(row.channel)
    outlet = next((one for one in desk.outlets if one.key == row.channel), None)
    chain = await units.chain(session, account.unit_id) if account else []
    responsible = place.responsible or (outlet.responsible if outlet else "")
    whos = [*_heads(chain), *filter(None, [responsible])]
    known = {who: person for who, person in (await people.by_who(session, whos)).items() if roles.usable(person)}
    staff = await roles.department(session, now)
    lead = known.get(responsible)
    platform = outlet.platform if outlet else (account.platform if account else "")
    return Hands(
        account=account.name if account else (outlet.name if outlet else row.channel),
        platform=platform,
        slack=place.channel or _channel(chain) or await tell.department_channel(session, desk),
        owner=account.owner if account else (lead.slack_id if lead else None),
        substitute=account.substitute if account else None,
        editors=_editors(account),
        heads=tuple(known[who].slack_id for who in _heads(chain) if who in known),
        department=tuple(member.slack_id for member in staff.members),
        away=frozenset(await absences.away(session, desk.office.local_date(now))),
        sensitive=place.sensitive,
        unit=chain[0].name if chain else "",
        platform_name=desk.settings.accounts.platforms.get(platform, platform),
    )


def _heads(chain: list[Unit]) -> list[str]:
    """Heads and deputies upwards, within the unit's own board (nämnd) first."""
    own = chain[0].board if chain else ""
    ordered = sorted(chain, key=lambda unit: unit.board != own)
    return [who for unit in ordered for who in (unit.head, unit.deputy) if who]


def _channel(chain: list[Unit]) -> str:
    return chain[0].channel or "" if chain else ""


def _editors(account: Account | None) -> frozenset[str]:
    return frozenset(account.editors) if account else frozenset()
