"""The seed: an empty desk is filled once."""

import asyncio
from dataclasses import replace
from typing import Any

from bot import seed
from bot.desk import Desk
from bot.settings import Settings
from storage import duties, facts, log, units
from storage.engine import Database
from tests import town

UNITS = [
    {"key": "bibliotek", "name": "Biblioteket", "parent": "kultur", "head": "Chef.Bibliotek@exempel.example"},
    {"key": "kultur", "name": "Kultur", "board": "Kulturnämnden", "head_title": "verksamhetschef"},
]


def a_desk(db: Database, **department: Any) -> Desk:
    file = town.settings().model_dump(exclude_unset=True)
    file["department"] = {"people": ["Kommunikator@exempel.example"], **department}
    desk = town.desk(db)
    return replace(desk, settings=Settings.model_validate({**file, "units": UNITS}))


async def names(desk: Desk) -> list[str]:
    async with desk.db.read() as session:
        return [unit.name for unit in await units.everyone(session)]


async def test_an_empty_desk_is_filled_from_the_file(db: Database) -> None:
    """Units with parents, whatever their order; addresses in lower case; duties; the channel; a log line."""
    contact = {"name": "Registrator", "email": "Registrator@exempel.example"}
    desk = a_desk(db, group="S0KOMM", manager="U0CHEF", registrar=contact, crisis_deciders=["U0CHEF", "U0B"])
    assert await seed.seed(desk, now=town.MONDAY)
    async with db.read() as session:
        library = await units.by_name(session, "Biblioteket")
        culture = await units.by_name(session, "Kultur")
        given = [(one.role, one.who, one.name) for one in await duties.everything(session)]
        channel = await facts.get(session, facts.DEPARTMENT_CHANNEL)
        logged = [(one.action, one.actor, one.detail) for one in await log.of_case(session, seed.CASE)]
    assert library is not None
    assert culture is not None
    assert (library.parent_id, library.head) == (culture.id, "chef.bibliotek@exempel.example")
    assert sorted(given) == [
        ("crisis_decider", "U0B", ""),
        ("crisis_decider", "U0CHEF", ""),
        ("department", "S0KOMM", ""),
        ("department", "kommunikator@exempel.example", ""),
        ("manager", "U0CHEF", ""),
        ("registrar", "registrator@exempel.example", "Registrator"),
    ]
    assert (channel, logged) == (town.CHANNEL, [("desk.seeded", "desk", {"units": 2})])


async def test_the_file_never_overwrites_an_edit(db: Database) -> None:
    """What was renamed or emptied in Slack stays so over a restart."""
    desk = a_desk(db)
    await seed.seed(desk, now=town.MONDAY)
    async with db.write() as session:
        library = await units.by_name(session, "Biblioteket")
        assert library is not None
        library.name = "Stadsbiblioteket"
        await duties.replace(session, duties.DEPARTMENT, [town.COMMS])
    assert not await seed.seed(desk, now=town.MONDAY)
    assert await names(desk) == ["Kultur", "Stadsbiblioteket"]
    async with db.read() as session:
        assert [one.who for one in await duties.of(session, duties.DEPARTMENT)] == [town.COMMS]


async def test_two_processes_that_start_at_once_fill_it_once(db: Database) -> None:
    """One of them seeds, the others find it done; one line in the log."""
    desk = a_desk(db)
    done = await asyncio.gather(*(seed.seed(desk, now=town.MONDAY) for _ in range(4)))
    assert sorted(done) == [False, False, False, True]
    assert await names(desk) == ["Biblioteket", "Kultur"]
    async with db.read() as session:
        assert len(await log.of_case(session, seed.CASE)) == 1
