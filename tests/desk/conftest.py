"""A desk in a small municipality, on both databases, with a delivery room that is told what it says."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bot.accounts import applying, register
from bot.accounts.register import Existing
from bot.delivery.room import Facts
from bot.desk import Desk
from bot.units import UnitForm
from storage import log, units
from storage.accounts import Account
from storage.applications import Application
from storage.engine import Database
from storage.log import Entry
from storage.units import Unit
from tests import town


@dataclass
class Office:
    """The desk with shorthands."""

    desk: Desk
    clock: town.Clock
    units: dict[str, int]
    room: Facts = field(default_factory=lambda: Facts([], [], {}))

    async def room_state(self) -> Facts:
        return self.room

    async def apply(self, unit: str = "Biblioteket", by: str = town.REQUESTER, **changed: Any) -> Application:
        return await applying.submit(self.desk, by, town.form(self.units[unit], **changed), now=self.clock())

    async def account(self, unit: str = "Biblioteket", owner: str = town.REQUESTER, **changed: Any) -> Account:
        name = changed.get("name", "Biblioteket")
        existing = Existing(
            unit=self.units[unit],
            platform="facebook",
            name=name,
            address=f"https://facebook.example/{name.lower()}",
            purpose="Visa vad som händer.",
            owner=owner,
            substitute=town.EDITOR,
        )
        return await register.register_existing(
            self.desk, town.COMMS, replace(existing, **changed), now=self.clock()
        )

    async def unit(self, name: str) -> Unit:
        async with self.desk.db.read() as session:
            found = await units.by_name(session, name)
        assert found is not None
        return found

    async def as_is(self, name: str, **changed: Any) -> UnitForm:
        """The form of a unit whose head is in Slack, as it would be sent unchanged."""
        unit = await self.unit(name)
        people = {f"{one.lower()}@exempel.example": one for one in town.NAMES}
        form = UnitForm(
            name=unit.name,
            board=unit.board,
            parent=unit.parent_id,
            channel=unit.channel,
            head=people.get(unit.head or "", unit.head),
            head_title=unit.head_title,
            deputy=unit.deputy,
        )
        return replace(form, **changed)

    async def logged(self, case: str) -> list[Entry]:
        async with self.desk.db.read() as session:
            return await log.of_case(session, case)


@pytest.fixture
async def office(db: Database) -> Office:
    clock = town.Clock()
    return Office(town.desk(db, clock), clock, await town.settle(db))
