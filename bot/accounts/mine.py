"""What is one person's own: drafts, applications, accounts, and decisions that wait for them."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.accounts import cases, states
from bot.desk import Desk
from storage import applications, own
from storage.own import Own


@dataclass(frozen=True)
class Mine:
    """Everything of a person's own, newest first."""

    drafts: list[Own] = field(default_factory=list)
    applications: list[Own] = field(default_factory=list)
    accounts: list[Own] = field(default_factory=list)
    to_decide: list[Own] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """There is nothing at all."""
        return not (self.drafts or self.applications or self.accounts or self.to_decide)

    @property
    def still_open(self) -> list[Own]:
        """Applications that have not ended."""
        return [one for one in self.applications if states.State(one.state) not in states.ENDED]


async def mine(desk: Desk, slack_id: str, now: datetime) -> Mine:
    """One question to the database, no lock; who was asked for a decision costs a look at each."""
    found = await own.of(desk.db, slack_id, now)

    def of_kind(kind: str) -> list[Own]:
        return [one for one in found if one.kind == kind]

    to_decide = await _still_asked(desk, slack_id, of_kind(own.TO_DECIDE), now)
    return Mine(of_kind(own.DRAFT), of_kind(own.APPLICATION), of_kind(own.ACCOUNT), to_decide)


async def _still_asked(desk: Desk, slack_id: str, asked: list[Own], now: datetime) -> list[Own]:
    """Without those that have gone to another unit, or back to a head who is here again."""
    if not asked:
        return []
    async with desk.db.read() as session:
        return [one for one in asked if await _decides(session, desk, slack_id, int(one.key), now)]


async def _decides(session: AsyncSession, desk: Desk, slack_id: str, number: int, now: datetime) -> bool:
    row = await applications.get(session, number)
    if row is None:
        return False
    return any(one.id == slack_id for one in (await cases.routing_of(session, desk, row, now)).deciders)
