"""Dagens läge through real payloads: what people type, and what they alone are shown."""

from datetime import UTC, datetime

import pytest

from bot.channels.heard import Heard
from bot.comments import taking
from bot.demo import town
from storage import units
from storage.accounts import Account
from storage.units import Unit
from tests.seam.conftest import Scene


@pytest.fixture
async def asked(scene: Scene) -> Scene:
    """The library has an account that no platform brings comments of; somebody has asked there."""
    desk = scene.desk.desk
    async with desk.db.write() as session:
        library = await units.by_name(session, "Biblioteket")
        assert isinstance(library, Unit)
        account = Account(
            unit_id=library.id or 0,
            platform="tiktok",
            name="Bibblan",
            address="https://tiktok.com/@bibblan",
            purpose="Boktips.",
            owner=town.LIBRARIAN,
            substitute=town.EDUCATOR,
            entered_by=town.SOCIAL,
            entered=desk.now(),
        )
        session.add(account)
        await session.flush()
        number = account.id
    await taking.take_in(desk, f"account:{number}", [_question(desk.now())], now=desk.now())
    return scene


def _question(now: datetime) -> Heard:
    return Heard("1", "9", author="Invånare", text="När öppnar ni?", written=now.astimezone(UTC))


async def test_the_department_sees_the_whole(asked: Scene) -> None:
    """`/komm idag`: what waits where, and the queue a click away."""
    comms = asked.person(town.SOCIAL)
    await comms.command("/komm idag", town.DEPARTMENT_CHANNEL)
    found = await comms.sees("Dagens läge, ", town.DEPARTMENT_CHANNEL)
    assert "1 väntar på svar." in found["text"]
    assert "*Bibblan* (<#C0BIBLIO01>): 1 väntar" in found["text"]
    assert "När öppnar ni?" not in str(found)
    await comms.click(found, "Öppna kön")
    await comms.eventually(comms.view, what="the queue")


async def test_a_unit_sees_its_own(asked: Scene) -> None:
    """Who answers on an account of the library is told of the library."""
    person = asked.person(town.EDUCATOR)
    await person.command("/komm idag", "C0BIBLIO01")
    found = await person.sees("Dagens läge för Biblioteket, ", "C0BIBLIO01")
    assert "*Bibblan*: 1 väntar" in found["text"]


@pytest.mark.parametrize("mode", ["socket"], indirect=True)
async def test_who_answers_for_nothing_sees_that_nothing_waits(asked: Scene) -> None:
    """In English for whoever reads English."""
    person = asked.person(town.IT)
    await person.command("/komm today", town.DEPARTMENT_CHANNEL)
    await person.sees("Nothing waits for you right now.", town.DEPARTMENT_CHANNEL)


async def test_what_waits_for_me(asked: Scene) -> None:
    """`/komm mina`, at any time, and only to whoever asks."""
    owner, other = asked.person(town.LIBRARIAN), asked.person(town.LIBRARY)
    await owner.command("/komm mina", "C0BIBLIO01")
    found = await owner.sees("Det här väntar på dig", "C0BIBLIO01")
    assert "*Bibblan*: 1 väntar" in found["text"]
    assert [] == [one for one in await other.messages("C0BIBLIO01") if "Det här väntar på dig" in one["text"]]
    await other.command("/komm mina", "C0BIBLIO01")
    await other.sees("Inget väntar på dig just nu.", "C0BIBLIO01")


@pytest.mark.parametrize("mode", ["socket"], indirect=True)
async def test_the_help_tells_of_both(scene: Scene) -> None:
    """Beside everything else one can do."""
    person = scene.person(town.LIBRARIAN)
    await person.command("/komm hjälp", "C0BIBLIO01")
    found = await person.sees("`/komm idag`", "C0BIBLIO01")
    assert "`/komm mina`" in found["text"]
