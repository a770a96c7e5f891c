"""The pause: who has said *Jag har pausat*, for which accounts nobody has, and what is held by itself."""

from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from storage import accounts, held, incidents, receipts
from storage.accounts import Account
from storage.incidents import Incident


@dataclass(frozen=True)
class Silent:
    """An account for which nobody has answered, and whom to ask."""

    account: str
    platform: str
    owner: str


@dataclass(frozen=True)
class Pauses:
    """How many people have paused, the register's accounts that are silent, and posts in platforms' timers."""

    answered: int
    silent: tuple[Silent, ...]
    held: int = 0  # scheduled posts that wait until it is over
    stuck: int = 0  # scheduled posts that will go out, for their platform does not let us hold them


async def read(session: AsyncSession, incident: Incident) -> Pauses | None:
    """Who has paused during an incident that is on; None for drills, which ask nobody to."""
    if incident.drill or incident.state != incidents.ON:
        return None
    answered = {one.person for one in await receipts.of_incident(session, incident.id or 0)}
    silent = [one for one, _ in await accounts.live(session) if not answered & responsible(one)]
    names = await people.names(session, [one.owner for one in silent])
    posts = [one.state for one in await held.of_incident(session, incident.id or 0)]
    return Pauses(
        len(answered),
        tuple(Silent(one.name, one.platform, names[one.owner]) for one in silent),
        held=posts.count(held.HELD),
        stuck=posts.count(held.STUCK),
    )


def responsible(account: Account) -> set[str]:
    """Those any one of whom may answer for the account."""
    return {account.owner, *account.editors, *filter(None, (account.substitute,))}
