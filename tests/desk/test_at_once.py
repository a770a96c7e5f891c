"""The same thing learnt or entered twice in one instant is there once, on both databases."""

import asyncio
from datetime import date
from typing import Any

from bot import absence
from bot.directory import Directory
from storage import absences, people
from tests import town
from tests.desk.api import Slack
from tests.desk.conftest import Office

DAY, LATER = date(2026, 12, 1), date(2026, 12, 4)


def user(slack_id: str) -> dict[str, Any]:
    return {"id": slack_id, "team_id": town.TEAM, "real_name": "Nyanställd", "locale": "sv-SE"}


async def test_somebody_new_who_clicks_twice_is_met_once(office: Office) -> None:
    """Two listeners read the same stranger; neither may fail."""
    directory = Directory(office.desk, Slack({"users.info": {"user": user("U0NEW")}}))  # type: ignore[arg-type]
    met = await asyncio.gather(*(directory.read("U0NEW") for _ in range(8)))
    assert {one.name for one in met if one} == {"Nyanställd"}
    assert len([one for one in met if one]) == 8


async def test_what_slack_says_anew_keeps_the_stored_place(office: Office) -> None:
    """The direct-message channel is ours, not Slack's to forget."""
    async with office.desk.db.write() as session:
        await people.remember_place(session, town.HEAD, "D0HEAD")
    directory = Directory(office.desk, Slack({"users.info": {"user": user(town.HEAD)}}))  # type: ignore[arg-type]
    await directory.read(town.HEAD)
    async with office.desk.db.read() as session:
        person = await people.get(session, town.HEAD)
    assert person is not None
    assert (person.name, person.place) == ("Nyanställd", "D0HEAD")


async def test_a_group_read_twice_at_once_has_its_members_once(office: Office) -> None:
    """The tick and Slack's own event ask at the same moment."""
    answer = {"usergroups.users.list": {"users": [town.COMMS, town.COMMS2]}}
    directory = Directory(office.desk, Slack(answer))  # type: ignore[arg-type]
    async with office.desk.db.read() as session:
        known = await people.everyone(session)
    directory._people = {one.slack_id: one for one in known}
    await asyncio.gather(*(directory.forget_group("S1") for _ in range(8)))
    async with office.desk.db.read() as session:
        assert (await people.group(session, "S1"))[1] == [town.COMMS, town.COMMS2]


async def test_the_same_absence_sent_twice_at_once_is_one(office: Office) -> None:
    """A form that is sent again because its answer was lost."""
    await asyncio.gather(
        *(absence.add(office.desk, town.HEAD, town.HEAD, DAY, LATER, now=office.clock()) for _ in range(6))
    )
    async with office.desk.db.read() as session:
        assert len(await absences.coming(session, town.HEAD, DAY)) == 1
