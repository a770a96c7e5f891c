"""What is one person's own: drafts, applications, accounts, and decisions that wait for them."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.accounts import states
from bot.desk import Desk
from storage import own
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
    """One question to the database, no lock."""
    found = await own.of(desk.db, slack_id, now)

    def of_kind(kind: str) -> list[Own]:
        return [one for one in found if one.kind == kind]

    return Mine(of_kind(own.DRAFT), of_kind(own.APPLICATION), of_kind(own.ACCOUNT), of_kind(own.TO_DECIDE))
