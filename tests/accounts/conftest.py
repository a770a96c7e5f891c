"""A desk in a small municipality, on both databases."""

from dataclasses import dataclass
from typing import Any

import pytest

from bot.accounts import applying, cases, deciding
from bot.accounts.deciding import Verdict
from bot.accounts.rules import Case
from bot.accounts.states import Act, Gate
from bot.desk import Desk
from storage.applications import Application
from storage.engine import Database
from tests import town


@dataclass
class Office:
    """The desk with shorthands."""

    desk: Desk
    clock: town.Clock
    units: dict[str, int]

    async def apply(self, unit: str = "Biblioteket", by: str = town.REQUESTER, **changed: Any) -> Application:
        return await applying.submit(self.desk, by, town.form(self.units[unit], **changed), now=self.clock())

    async def case(self, number: int | None) -> Case:
        assert number is not None
        async with self.desk.db.read() as session:
            return await cases.read(session, self.desk, number, self.clock())

    async def decide(
        self, row: Application, gate: str, act: str, by: str, *, reason: str = "", seen: str | None = None
    ) -> Case:
        assert row.id is not None
        given = Verdict(row.id, Gate(gate), Act(act), by, row.digest[:16] if seen is None else seen, reason)
        return await deciding.decide(self.desk, given, now=self.clock())


@pytest.fixture
async def office(db: Database) -> Office:
    clock = town.Clock()
    units = await town.settle(db)
    return Office(town.desk(db, clock), clock, units)
