"""The monthly report through signed payloads: the three buttons, who may press them, what management gets."""

import asyncio
from typing import Any

import pytest

from bot.demo import town
from bot.report import drafting, reading
from bot.report.period import Period
from storage import reports
from tests.seam.conftest import Scene

pytestmark = pytest.mark.parametrize("mode", ["http"], indirect=True)
COMMENT, ASKS = "Snöröjningen gav <!channel> många frågor.", "Ett beslut om jour."


async def _drafted(scene: Scene) -> Period:
    """Last month's draft, as the first working day's tick makes it."""
    desk = scene.desk.desk
    period = Period.of(desk.office.local_date(desk.now())).before
    await drafting.begin(desk, await reading.numbers(desk, period, desk.now()), now=desk.now())
    return period


async def _sent(scene: Scene, who: str) -> list[dict[str, Any]]:
    """The reports that somebody has."""
    return [one for one in await scene.person(who).messages() if "Sociala medier i" in one["text"]]


async def test_the_manager_writes_looks_and_sends(scene: Scene) -> None:
    """A text too long is told at its field; an older card sends nothing; two clicks send once."""
    period = await _drafted(scene)
    manager = scene.person(town.MANAGER)
    card = await manager.sees("Utkast. Siffrorna är låsta")
    assert (await manager.click(card, "Skriv kommentar"))["ok"]
    form = await manager.window("Skriv till ledningen")
    refused = await manager.submit(form, {"comment": "a" * 701, "asks": ASKS})
    assert {"comment": "Korta texten. Den har 701 tecken och får ha 700."} == refused["errors"]
    assert "closed" == (await manager.submit(form, {"comment": COMMENT, "asks": ASKS}))["result"]
    fresh = await manager.sees(ASKS)
    await manager.click(card, "Skicka till ledningen", stale=True)
    await manager.sees("Rapporten har ändrats sedan du läste den.")
    assert (await manager.click(fresh, "Förhandsgranska"))["ok"]
    shown = await manager.window("Så ser rapporten ut")
    assert "Snöröjningen gav &lt;!channel&gt; många frågor." in str(shown["blocks"])
    await manager.close()
    await asyncio.gather(*(manager.click(fresh, "Skicka till ledningen", stale=True) for _ in range(2)))
    await manager.sees("Rapporten är på väg till ledningen.")
    await manager.sees("Rapporten är redan skickad av Kommunikationschef")
    await manager.sees("Nådde 2 av 2 mottagare.")
    for who in (town.CULTURE, town.PRINCIPAL):
        await scene.person(who).sees(ASKS)
        [report] = await _sent(scene, who)
        assert "Inga inlägg har mätts." in report["text"]
        assert "Utskrift på en sida" in str(report["blocks"])
    async with scene.desk.db.read() as session:
        row = await reports.of_month(session, str(period))
    assert row is not None
    assert ("sent", [town.CULTURE, town.PRINCIPAL], COMMENT) == (row.state, row.went_to, row.comment)


async def test_the_department_reads_and_cannot_send(scene: Scene) -> None:
    """The command shows the figures without the buttons; whoever presses an old one is told whose it is."""
    period = await _drafted(scene)
    manager, comms, librarian = (scene.person(one) for one in (town.MANAGER, town.SOCIAL, town.LIBRARIAN))
    await comms.command("/komm rapport")
    shown = await comms.sees("Utkast. Siffrorna är låsta")
    assert "Skicka till ledningen" not in str(shown["blocks"])
    await manager.command(f"/komm rapport {period}")
    own = await manager.sees("Skicka till ledningen")
    assert {"month.write", "month.preview", "month.send"} <= {
        element["action_id"]
        for block in own["blocks"]
        for element in block.get("elements", [])
        if "action_id" in element
    }
    await librarian.command("/komm rapport")
    await librarian.sees("Det här kan")
    assert [] == await _sent(scene, town.LIBRARIAN)
    await comms.command("/komm rapport oktober")
    await comms.sees("Skriv månaden som 2026-10.")
    assert [] == await _sent(scene, town.CULTURE)
