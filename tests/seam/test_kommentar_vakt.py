"""What is seldom done, through the workspace's own doors: reporting, blocking, and *Jag kan*."""

from datetime import timedelta

import pytest

from bot.comments import covering
from bot.demo import town
from tests import town as desk_town
from tests.seam import test_kommentar, test_kommentar_ny
from tests.seam.conftest import Scene
from tests.seam.test_kommentar import JSON, Wall, actions, twice
from tests.seam.test_kommentar_helg import hurried

pytestmark = [pytest.mark.parametrize("mode", ["socket"], indirect=True), pytest.mark.heavy]
wall = test_kommentar.wall
library = test_kommentar_ny.scene
STREET = pytest.mark.parametrize("outside", [True], ids=["street"])


async def _hidden(wall: Wall) -> JSON:
    """A threat that was hidden, with everything that belongs to its evidence."""
    _, card = await wall.asked("Jag vet var du bor.")
    await wall.comms.click(card, "comment.more", choose="Dölj")
    await wall.comms.window("Dölj kommentaren")
    given = {"Varför?": "Kan vara brott", "why": "Hot mot personal", "shot": "Mappen Borttagna"}
    assert "closed" == (await wall.comms.submit(None, given))["result"]
    return await wall.becomes(card, "Kommentaren är dold")


@STREET
async def test_reported(wall: Wall) -> None:
    """*Anmäl*: what to do, and the numbers they gave; opened again they stand there."""
    card = await _hidden(wall)
    for _ in range(2):
        await wall.comms.click(card, "comment.more", choose="Anmäl")
        view = await wall.comms.window("Anmäl")
        assert "polisen.se" in str(view["blocks"])
        sent = await wall.comms.submit(view, {"Polisens ärendenummer": "5000-K123-26"})
        assert "closed" == sent["result"]
    await wall.comms.click(card, "comment.more", choose="Anmäl")
    assert "5000-K123-26" in str((await wall.comms.window("Anmäl"))["blocks"])


@STREET
async def test_blocked_and_lifted(wall: Wall) -> None:
    """Never without a reason, never by one alone, never for ever; what is done there is said here."""
    card = await _hidden(wall)
    await wall.comms.click(card, "comment.more", choose="Blockera")
    view = await wall.comms.window("Blockera")
    today = wall.scene.desk.desk.office.local_date(wall.scene.desk.desk.now())
    wrong = {"reason": "Hotar personal, regel 2", "until": (today + timedelta(days=900)).isoformat()}
    assert ["until"] == list((await wall.comms.submit(view, wrong))["errors"])
    sent = await wall.comms.submit(view, {**wrong, "until": (today + timedelta(days=30)).isoformat()})
    assert "closed" == sent["result"]
    ask = await wall.card("Hotar personal, regel 2")
    await wall.comms.click(ask, "Håller med")
    await wall.told(wall.comms, "Du bad om det själv")
    await twice(wall.press, ask, "Håller med")
    hand = await wall.comms.sees("En kollega håller med")
    await wall.comms.click(hand, "Klart")
    done = await wall.comms.sees("Blockerad av Kommunikatör sociala medier")
    await wall.comms.click(done, "Hävd")
    assert [] == actions(await wall.comms.sees("Hävd av Kommunikatör sociala medier"))


async def test_somebody_can_while_both_are_away(library: Scene) -> None:
    """The head is asked once for all days, and says yes; pressed twice it says so."""
    desk, head = library.desk.desk, library.person(town.LIBRARY)
    tomorrow = desk.office.local_date(desk.now()) + timedelta(days=1)
    for person in (town.LIBRARIAN, town.EDUCATOR):
        await desk_town.away(desk.db, person, tomorrow, tomorrow + timedelta(days=2))
    await covering.ask_all(desk, desk.now())
    await hurried(library)
    asked = await head.sees("Ingen svarar på Biblioteket på Snapchat")
    await twice(head, asked, "Jag kan")
    answered = await head.sees("Enhetschef biblioteket svarar på Biblioteket på Snapchat")
    assert [] == actions(answered)
