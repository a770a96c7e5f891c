"""The roll: in whose hands every account's comments are, read at once instead of account by account."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.accounts.lookalikes import address_key
from bot.comments import hands
from bot.comments.hands import Around, Hands
from bot.desk import Desk
from storage import accounts, units
from storage.accounts import LIVE, Account
from storage.units import Unit


@dataclass(frozen=True)
class Roll:
    """All accounts and units, and what is known of the people named for them."""

    desk: Desk
    accounts: Mapping[int, Account]
    units: Mapping[int, Unit]
    around: Around

    @property
    def live(self) -> list[Account]:
        """The accounts that are in use, by name."""
        return sorted((one for one in self.accounts.values() if one.state == LIVE), key=lambda one: one.name)

    def hands(self, channel: str, account_id: int | None) -> Hands:
        """Those who answer for an account on a channel."""
        account = self.accounts.get(account_id or 0)
        return hands.held(self.desk, channel, account, self.chain(account), self.around)

    def chain(self, account: Account | None) -> list[Unit]:
        """The account's unit, its parent, the parent's parent …"""
        found: list[Unit] = []
        at = self.units.get(account.unit_id) if account else None
        while at is not None and at not in found:
            found.append(at)
            at = self.units.get(at.parent_id or 0)
        return found

    def channel(self, account: Account) -> str:
        """The channel that brings an account's comments; ``account:<id>`` when none does."""
        wanted = address_key(account.address)
        known = (one.key for one in self.desk.outlets if one.account and address_key(one.account) == wanted)
        return next(known, f"account:{account.id}")

    def name(self, slack_id: str) -> str:
        """A person's name; the id of somebody unknown."""
        people = self.around.known.values()
        return next((one.name for one in people if one.slack_id == slack_id and one.name), slack_id)


async def call(session: AsyncSession, desk: Desk, now: datetime) -> Roll:
    """Read it; a handful of queries however many accounts there are."""
    every = {one.id or 0: one for one in await accounts.everyone(session)}
    under = {one.id or 0: one for one in await units.everyone(session)}
    named = {who for one in under.values() for who in (one.head, one.deputy) if who}
    for one in every.values():
        named.update(hands.whos(desk, one, []))
    named.update(hands.whos(desk, None, []))
    return Roll(desk, every, under, await hands.around(session, desk, named, now))
