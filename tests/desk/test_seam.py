"""Everything under /komm as people meet it: the sandbox workspace, real listeners, a real database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slackapi import SlackApi
from bot.delivery import outbox
from bot.delivery.room import Facts, LaneFacts
from bot.desk import Desk
from bot.directory import Directory
from bot.sandbox.driver import Person
from bot.sandbox.seed import ChannelSeed, GroupSeed, PersonSeed, Seed, TeamSeed
from bot.sandbox.server import Sandbox
from bot.status import RoomState
from bot.texts import Texts
from handlers.account import Accounts
from handlers.application import Applications
from handlers.boundary import Boundary
from handlers.desk import Desks
from handlers.words import Words
from storage import absences, duties, people, posts, units
from storage.engine import Database
from tests import town

SEED = Seed(
    team=TeamSeed(id=town.TEAM),
    people=[
        PersonSeed(
            id=slack_id,
            name=name,
            email=f"{slack_id.lower()}@exempel.example",
            guest=slack_id == town.GUEST,
            deleted=slack_id == town.GONE,
        )
        for slack_id, name in town.NAMES.items()
        if slack_id != town.STRANGER
    ],
    groups=[GroupSeed("S0KOMM", "komm", (town.COMMS, town.COMMS2))],
    channels=[ChannelSeed(town.CHANNEL, "kommunikation", members=(town.COMMS,), bot_is_member=True)],
)


QUIET = Facts([], [], {})  # a delivery room in which all is well


@asynccontextmanager
async def open_desk(sandbox: Sandbox, desk: Desk, room_state: RoomState) -> AsyncIterator[Boundary]:
    """The listeners, connected to the workspace."""
    api = SlackApi("xoxb-sandbox", base_url=sandbox.api_url)
    directory, words = Directory(desk, api), Words()
    client = AsyncWebClient("xoxb-sandbox", base_url=sandbox.api_url, timeout=10, retry_handlers=[])
    bolt = AsyncApp(client=client, signing_secret="sandbox")
    boundary = Boundary(bolt, desk, api, directory, Texts.load())
    accounts = Accounts(desk, directory)
    accounts.register(boundary, words)
    Applications(desk, directory, accounts).register(boundary)
    Desks(desk, directory, room_state).register(boundary, words)
    boundary.close_gate()
    await directory.start()
    socket = AsyncSocketModeHandler(bolt, "xapp-sandbox")
    await socket.connect_async()
    try:
        yield boundary
    finally:
        await socket.close_async()
        await boundary.drain()
        await api.close()


class World:
    """People at their screens, and the rows behind."""

    def __init__(self, sandbox: Sandbox, db: Database, units: dict[str, int]) -> None:
        self.sandbox, self.db, self.units = sandbox, db, units
        self.room = QUIET

    async def room_state(self) -> Facts:
        return self.room

    def person(self, slack_id: str) -> Person:
        return Person(self.sandbox.base_url, slack_id)


@pytest.fixture
async def world(db: Database) -> AsyncIterator[World]:
    sandbox = Sandbox(SEED)
    await sandbox.start()
    try:
        world = World(sandbox, db, await town.settle(db))
        async with open_desk(sandbox, town.desk(db), world.room_state):
            yield world
    finally:
        await sandbox.stop()


async def test_bare_komm_is_help_and_help_works_for_every_command(world: World) -> None:
    """By both spellings; under /konto only its own words."""
    anybody = world.person(town.REQUESTER)
    await anybody.command("/komm")
    shown = await anybody.sees("`/komm frånvaro`")
    assert "`/konto ansök`" in shown["text"]
    await anybody.command("/konto hjalp")
    konto = await anybody.sees("`/konto hjälp`")
    assert "/komm frånvaro" not in konto["text"]


async def test_a_unit_is_changed_from_the_list(world: World) -> None:
    """Search, change, a problem at its field, saved."""
    comms = world.person(town.COMMS)
    await comms.command("/komm enheter utan")
    listed = await comms.sees("Utan chef")
    assert "*saknas*" in listed["text"]
    await comms.click(listed, "Ändra")
    form = await comms.window("Ändra enhet")
    wrong = await comms.submit(form, {"head": town.GUEST, "parent": "Kultur", "deputy": town.DEPUTY})
    assert list(wrong["errors"]) == ["head"]
    assert "gäst" in wrong["errors"]["head"]
    sent = await comms.submit(form, {"head": town.OTHER, "parent": "Kultur", "deputy": town.DEPUTY})
    assert sent["result"] == "update"
    async with world.db.read() as session:
        unit = await units.get(session, world.units["Utan chef"])
    assert unit is not None
    assert (unit.head, unit.deputy, unit.parent_id) == (town.OTHER, town.DEPUTY, world.units["Kultur"])


async def test_a_new_unit_with_a_head_outside_slack_is_entered(world: World) -> None:
    """By address and name; whoever Slack has by that address is resolved."""
    comms = world.person(town.COMMS)
    await comms.command("/komm units")
    await comms.click(await comms.sees("Biblioteket"), "Ny enhet")
    form = await comms.window("Ny enhet")
    given = {"name": "Museet", "head_email": "Museichef@exempel.example", "head_name": "Museichef"}
    assert (await comms.submit(form, given))["result"] == "update"
    async with world.db.read() as session:
        unit = await units.by_name(session, "Museet")
    assert unit is not None
    assert (unit.head, unit.head_name) == ("museichef@exempel.example", "Museichef")


async def test_the_department_becomes_a_group(world: World) -> None:
    """Its members are read from Slack before it is saved."""
    comms = world.person(town.COMMS)
    await comms.command("/komm enheter")
    await comms.click(await comms.sees("Biblioteket"), "Avdelningen")
    form = await comms.window("Avdelningen")
    sent = await comms.submit(form, {"members": [], "group": "@komm", "manager": town.MANAGER})
    assert sent["result"] == "update"
    async with world.db.read() as session:
        assert [one.who for one in await duties.of(session, duties.DEPARTMENT)] == ["S0KOMM"]
        assert (await people.group(session, "S0KOMM"))[1] == [town.COMMS, town.COMMS2]


async def test_others_are_told_whom_to_ask(world: World) -> None:
    """In a sentence, and no form opens."""
    head = world.person(town.HEAD)
    await head.command("/komm enheter")
    await head.sees("Det här kan kommunikationsavdelningen göra.")
    assert await head.view() is None


async def test_whom_to_ask_is_the_manager_when_there_is_one(world: World) -> None:
    """Not the department itself; the manager who is outside it is not sent to themselves."""
    async with world.db.write() as session:
        await duties.replace(session, duties.MANAGER, [town.PARENT])
    head, manager = world.person(town.HEAD), world.person(town.PARENT)
    await head.command("/komm enheter")
    await head.sees("Behöver du kunna det? Fråga Verksamhetschef kultur.")
    await manager.command("/komm enheter")
    await manager.sees("Behöver du kunna det? Fråga kommunikationsavdelningen.")


async def test_a_form_that_comes_too_late_says_whom_to_ask_too(world: World) -> None:
    """Somebody left the department while the form was open: nothing is changed, the manager is named."""
    comms = world.person(town.COMMS2)
    await comms.command("/komm enheter utan")
    await comms.click(await comms.sees("Utan chef"), "Ändra")
    form = await comms.window("Ändra enhet")
    async with world.db.write() as session:
        await duties.replace(session, duties.DEPARTMENT, [town.COMMS])
        await duties.replace(session, duties.MANAGER, [town.MANAGER])
    (said,) = (await comms.submit(form, {"head": town.OTHER}))["errors"].values()
    assert "Fråga Kommunikationschef." in said


async def test_an_absence_is_set_shown_and_taken_away(world: World) -> None:
    """One's own; the answer says who stands in; the open form shows what is left."""
    head = world.person(town.HEAD)
    await head.command("/komm fra\u030anvaro")
    form = await head.window("Frånvaro")
    early = await head.submit(form, {"first": "2026-12-04", "last": "2026-12-01"})
    assert list(early["errors"]) == ["last"]
    await head.submit(form, {"first": "2026-12-01", "last": "2026-12-04"})
    done = await head.window("Klart")
    assert "Ställföreträdare biblioteket svarar under tiden." in str(done["blocks"])
    await head.close(all=True)
    await head.command("/komm absence")
    form = await head.window("Frånvaro")
    await head.click(form, "Ta bort")

    async def emptied() -> bool:
        view = await head.view()
        return view is not None and "Ta bort" not in str(view["blocks"])

    await head.eventually(emptied)
    async with world.db.read() as session:
        assert await absences.not_over(session, town.MONDAY.date()) == []


async def test_status_is_detailed_for_the_department_only(world: World) -> None:
    """Names of people and units stay inside."""
    comms, anybody = world.person(town.COMMS), world.person(town.REQUESTER)
    await comms.command("/komm status")
    await comms.sees("Simhallen: chefen Chef simhallen finns inte i Slack.")
    world.room = Facts([LaneFacts("slack", None, True, 0, 0, 0, 0, None, {"all": "unreachable"})], [], {})
    await anybody.command("/komm status")
    said = await anybody.sees("Något fungerar inte som det ska.")
    assert "Simhallen" not in said["text"]


async def test_a_vacancy_is_no_fault_for_people_outside_the_department(world: World) -> None:
    """A head outside Slack and a unit where nobody decides: the department's work, and all is well."""
    comms, anybody = world.person(town.COMMS), world.person(town.REQUESTER)
    await comms.command("/komm status")
    await comms.sees("Ingen kan besluta för Utan chef just nu")
    await anybody.command("/komm status")
    await anybody.sees("Allt fungerar.")


async def test_a_message_nobody_can_find_is_looked_for_by_a_person(world: World) -> None:
    """Two buttons under the question; the second answer hears that it is settled."""
    comms = world.person(town.COMMS)
    async with world.db.write() as session:
        post = await outbox.send(session, kind="k", dest=town.HEAD, topic="t", args={}, now=town.MONDAY)
        for before, after in pairwise((posts.WAITING, posts.SENDING, posts.UNKNOWN, posts.ASKING)):
            await posts.move(session, post.id or 0, before, after)
    world.room = Facts([], [post], {})
    await comms.command("/komm status")
    shown = await comms.sees("Vi vet inte om det här kom fram till Enhetschef biblioteket")
    await comms.click(shown, "Finns inte")
    await comms.sees("Då skickar vi det igen.")
    await comms.click(shown, "Finns")
    await comms.sees("Någon har redan svarat på det.")


async def test_the_first_hour_leads_on(world: World) -> None:
    """Asks Slack about the channel, and its buttons open what mends."""
    comms = world.person(town.COMMS)
    await comms.command("/komm kom-igång")
    shown = await comms.sees("Kanalvakt kan skriva i avdelningens kanal")
    await comms.click(shown, "Registrera konto")
    await comms.window()
    await comms.close()
    await comms.click(shown, "Avdelningen")
    await comms.window("Avdelningen")


async def test_app_home_opens_what_people_come_for(world: World) -> None:
    """Published when somebody looks; help in a small window, the forms by themselves."""
    head = world.person(town.HEAD)

    async def published() -> dict[str, Any] | None:
        return await head.home()

    await head.open_home()
    home = await head.eventually(published)
    assert home is not None
    assert "Inget väntar på dig just nu." in str(home["blocks"])
    for button, title in (("Hjälp", "Kanalvakt"), ("Frånvaro", "Frånvaro"), ("Ansök om konto", "Ansök om konto")):
        await head.click(home, button)
        await head.window(title)
        await head.close()


async def test_slack_tells_of_people_and_groups_that_change(world: World) -> None:
    """A deactivated head is known at once; a group that is not ours is not read."""
    await _door(world, f"people/{town.HEAD}", {"deleted": True})

    async def gone() -> bool:
        async with world.db.read() as session:
            person = await people.get(session, town.HEAD)
        return person is not None and person.deleted

    await world.person(town.COMMS).eventually(gone)
    async with world.db.write() as session:
        await duties.replace(session, duties.DEPARTMENT, ["S0KOMM"])
    await _door(world, "groups/S0KOMM", {"members": [town.COMMS, town.MANAGER]})

    async def reread() -> bool:
        async with world.db.read() as session:
            return (await people.group(session, "S0KOMM"))[1] == [town.MANAGER, town.COMMS]

    await world.person(town.COMMS).eventually(reread)


async def _door(world: World, path: str, given: dict[str, Any]) -> None:
    answer = await world.person(town.COMMS)._call("POST", path, given)
    assert answer.get("ok", True)
