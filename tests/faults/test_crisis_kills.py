"""One crisis in which every desk is killed at work, again and again: never two, and none lost."""

import asyncio
import json
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.crisis import handling, rules
from bot.crisis.facts import Kind
from bot.crisis.handling import Touch
from bot.desk import Desk
from bot.texts import Texts
from storage.engine import Database
from tests import town
from tests.faults import crisis_count, crisis_stage, crisis_work
from tests.faults.crisis_count import Found
from tests.faults.crisis_stage import Glance, Town
from tests.faults.nursery import Children

KILLS = int(os.environ.get("KANALVAKT_KILLS", "40")) // 2  # on each of the two databases
ENOUGH_S = 90.0
CHANNELS = crisis_work.CHANNELS
TAKEN_AWAY = ("x", "mastodon")
ENOUGH_TO_DOUBLE = 100  # one in eight of so many answers is lost
pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(240 + 6 * KILLS)]


@pytest.fixture
async def watch(database_url: str) -> AsyncIterator[Database]:
    """The test's own eye on the desks' database, in which people have moved in."""
    database = Database(database_url)
    await crisis_work.settle(database)
    yield database
    await database.close()


@dataclass
class Crisis:
    """The deciders at their desk; only delivery rooms are killed."""

    desk: Desk
    first: rules.Bulletin
    said: dict[int, str] = field(default_factory=dict)

    async def say(self, kind: Kind) -> rules.Bulletin:
        """One more message of the same incident."""
        case = await crisis_work.publish(self.desk, Texts.load(), kind, self.first.incident)
        self.said[case.id] = crisis_work.SAID[kind]
        return case

    async def take_away(self, case: rules.Bulletin) -> None:
        """What two channels show of this message."""
        for channel in TAKEN_AWAY:
            await handling.remove(self.desk, Touch(case.id, channel, town.COMMS), now=self.desk.now())


async def _crisis(watch: Database, where: Town) -> Crisis:
    """Approved and owed; from now on things go wrong outside."""
    desk = crisis_work.desk(watch, crisis_work.settings(where.told["channels"]), where.told["public_url"])
    first = await crisis_work.publish(desk, Texts.load())
    where.trouble(random.Random(7))
    return Crisis(desk, first)


def _desks(database_url: str, where: Town, folder: Path, *, blind: bool = False) -> Children:
    told, log = json.dumps(where.told), folder / "desks.log"
    return Children("tests.faults.crisis_worker", database_url, told, log=log, blind=blind)


async def _kill_at_work(desks: Children, watch: Database, chance: random.Random, kills_left: int) -> None:
    """Kill a desk in the middle of a request, or after some progress: so little that work is left for all kills."""
    began = await crisis_stage.glance(watch)
    wanted = began.ended + chance.randint(0, max(1, min(12, began.left // (kills_left + 2))))
    until, in_the_middle = time.monotonic() + ENOUGH_S, chance.random() < 0.5
    while True:
        seen = await crisis_stage.glance(watch)
        victims = set(filter(desks.has, seen.posting if in_the_middle else ()))
        if victims or (seen.ended >= wanted and (victims := set(filter(desks.has, seen.at_work)))):
            break
        assert time.monotonic() < until, f"no progress, {seen.left} left; see desks.log"
        await asyncio.sleep(0.04)
    desks.kill(chance.choice(sorted(victims)))
    assert (await crisis_stage.glance(watch)).left, "a kill after the work is done proves nothing"


async def _until(watch: Database, done: Callable[[Glance], bool]) -> None:
    until = time.monotonic() + ENOUGH_S
    while not done(await crisis_stage.glance(watch)):
        assert time.monotonic() < until, await _states(watch)
        await asyncio.sleep(0.1)


async def _states(watch: Database) -> str:
    return str(Counter((one.via, one.kind, one.state, one.reason) for one in await crisis_stage.rows(watch)))


async def _found(
    watch: Database, where: Town, walls: dict[str, list[dict[str, object]]], said: dict[int, str]
) -> list[str]:
    """What is wrong once the town has closed."""
    found = Found(await crisis_stage.rows(watch), walls, where.messages(), said, CHANNELS)
    return crisis_count.wrong(found, crisis_work.settings(where.told["channels"]).channels)


async def _kills(desks: Children, watch: Database, chance: random.Random, many: int) -> None:
    for number in range(many):
        await _kill_at_work(desks, watch, chance, many - number)
        desks.start()


async def test_never_two_and_one_wherever_anyone_can_look(
    watch: Database, database_url: str, tmp_path: Path
) -> None:
    """Every kill while work is left: of the start, of an update, of what is taken away, and of the all-clear."""
    chance = random.Random(5)
    with crisis_stage.town(tmp_path, CHANNELS) as where:
        crisis = await _crisis(watch, where)
        desks = _desks(database_url, where, tmp_path)
        try:
            for _ in range(1 if watch.is_sqlite else 2):  # on PostgreSQL a second desk stands by
                desks.start()
            await _kills(desks, watch, chance, KILLS // 4)
            update = await crisis.say(Kind.UPDATE)
            await _kills(desks, watch, chance, KILLS // 4)
            await crisis.take_away(update)
            await _kills(desks, watch, chance, KILLS // 4)
            await crisis.say(Kind.END)
            await _kills(desks, watch, chance, KILLS - 3 * (KILLS // 4))
            await _until(watch, lambda seen: seen.left == 0)
        finally:
            desks.close()
        walls = where.walls()
    assert KILLS == desks.kills
    faults = await _found(watch, where, walls, crisis.said)
    assert [] == faults, faults


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_who_sends_again_without_looking_sends_twice(
    watch: Database, database_url: str, tmp_path: Path
) -> None:
    """The same count finds the doubles of desks that do not look: so it can fail."""
    chance = random.Random(5)
    with crisis_stage.town(tmp_path, CHANNELS) as where:
        await _crisis(watch, where)
        desks = _desks(database_url, where, tmp_path, blind=True)
        try:
            desks.start()
            await _kills(desks, watch, chance, 3)
            await _until(watch, lambda seen: seen.ended >= ENOUGH_TO_DOUBLE)
        finally:
            desks.close()
        walls = where.walls()
    assert any(": 2, and the ledger says" in fault for fault in await _found(watch, where, walls, {}))
