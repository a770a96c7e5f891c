"""An incident's life and the rota through real payloads: what people press, and what they see."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.crisis import deciding, drafting, duty, handover, report, submitting
from bot.crisis.deciding import Yes
from bot.crisis.facts import Facts, Kind
from bot.crisis.submitting import Draft
from bot.demo import town
from bot.texts import Texts
from storage import rota
from tests.seam.conftest import Scene

pytestmark = [
    pytest.mark.parametrize("outside", [True], ids=["street"]),
    pytest.mark.parametrize("mode", ["socket"], indirect=True),
    pytest.mark.slow,
]
PLACE = "Centrum"


async def _publish(scene: Scene, kind: Kind = Kind.FIRST, incident: int | None = None, **more: Any) -> int:
    """A message as the forms would leave it, approved by a colleague; the incident's number."""
    desk, now = scene.desk.desk, scene.desk.desk.now()
    facts = Facts(
        "water",
        what="bakterier i dricksvattnet",
        where=PLACE,
        confirmed_by="VA-jouren",
        confirmed_at=now,
        next_at=None if kind is Kind.END else now + timedelta(hours=3),
        **more,
    )
    fitted = drafting.compose_all(desk, Texts.load().language("sv"), kind, facts, now=now)
    texts = {key: one.to_json() for key, one in fitted.items()}
    case = await submitting.submit(desk, town.SOCIAL, Draft(kind, facts, texts, incident=incident), now=now)
    await deciding.approve(desk, Yes(case.id, town.MANAGER, case.seen), now=now)
    return case.incident


async def test_the_rota_is_kept_in_slack(scene: Scene) -> None:
    """A week is given away in the list, taken over in a direct message, and everybody can read it."""
    comms, press = scene.person(town.SOCIAL), scene.person(town.PRESS)
    await comms.command("/komm jour")
    view = await comms.window("Krisjour")
    assert "Ingen har krisjour nu." in str(view["blocks"])
    assert (await comms.click(view, "duty.assign", choose="Kommunikatör press"))["ok"]

    async def given() -> bool:
        return "Kommunikatör press har krisjour nu." in str(await comms.view())

    await comms.eventually(given, what="the week in the list")
    desk, now = scene.desk.desk, scene.desk.desk.now()
    await handover.tick(desk, now)
    asked = await press.sees("Du har krisjour från")
    assert (await press.click(asked, "Jag tar över"))["ok"]
    await press.sees("Du tog över")
    week = duty.week_of(desk, now)
    async with scene.desk.db.read() as session:
        row = await rota.at(session, week)
    assert row is not None
    assert (town.PRESS, True) == (row.person, isinstance(row.received, datetime))
    curious = scene.person(town.LIBRARIAN)
    await curious.command("/kris hjälp")
    await curious.command("/komm duty")
    shown = await curious.window("Krisjour")
    assert "Kommunikatör press, tog över" in str(shown["blocks"])
    assert "static_select" not in str(shown["blocks"])


async def test_somebody_watches(scene: Scene) -> None:
    """The button on the board; the thread tells it."""
    await _publish(scene)
    comms = scene.person(town.WEB)
    board = await comms.sees("Jag vakar", town.DEPARTMENT_CHANNEL)
    assert (await comms.click(board, "Jag vakar"))["ok"]
    await comms.sees("Kommunikatör webb vakar tills kontoret öppnar.", town.DEPARTMENT_CHANNEL)
    await comms.sees("Kommunikatör webb vakar från", town.DEPARTMENT_CHANNEL, thread=board["ts"])


async def test_the_report_comes_into_the_thread_and_opens(scene: Scene) -> None:
    """And /kris rapport shows the same."""
    incident = await _publish(scene)
    await _publish(scene, Kind.END, incident, now="Proverna är bra.")
    await report.tick(scene.desk.desk, scene.desk.desk.now())
    comms = scene.person(town.SOCIAL)
    board = await comms.sees("Krisläget är avslutat.", town.DEPARTMENT_CHANNEL)
    said = await comms.sees("Rapport. Krisläge", town.DEPARTMENT_CHANNEL, thread=board["ts"])
    assert (await comms.click(said, "Visa rapporten"))["ok"]
    opened = await comms.window("Rapport")
    assert "Kommunikationschef godkände Första beskedet" in str(opened["blocks"])
    await comms.close()
    await comms.command("/kris rapport")
    assert "Tidslinje" in str((await comms.window("Rapport"))["blocks"])


async def test_a_drill_turns_real_in_one_step(scene: Scene) -> None:
    """One button: the drill is over, the form of the real thing stands open."""
    ends = scene.desk.desk.now() + timedelta(hours=2)
    await _publish(scene, drill=True, ends_at=ends)
    comms = scene.person(town.WEB)
    board = await comms.sees("Avbryt övningen", town.DEPARTMENT_CHANNEL)
    assert (await comms.click(board, "Avbryt övningen"))["ok"]
    form = await comms.window("Starta krisläge")
    [mode] = [block for block in form["blocks"] if block.get("block_id") == "mode"]
    assert "real" == mode["element"]["initial_option"]["value"]
    await comms.sees("avbröt övningen", town.DEPARTMENT_CHANNEL, thread=board["ts"])
    await comms.close()
    await comms.click(board, "Avbryt övningen", stale=True)
    await comms.sees("Övningen är redan slut.", town.DEPARTMENT_CHANNEL)


async def test_an_answer_is_read_by_a_colleague_before_it_is_given(scene: Scene) -> None:
    """Proposed in a form, approved in the thread, read by the contact centre."""
    await _publish(scene)
    comms, chief, centre = (scene.person(one) for one in (town.SOCIAL, town.MANAGER, town.CONTACT))
    await comms.command("/kris fråga")
    await comms.click(await comms.sees("Inget godkänt svar än."), "Föreslå ett svar")
    form = await comms.window("Föreslå ett svar")
    sent = await comms.submit(form, {"question": "Kan jag duscha?", "answer": "Ja."})
    assert "closed" == sent["result"]
    board = await chief.sees("Jag vakar", town.DEPARTMENT_CHANNEL)
    asked = await chief.sees("Kan jag duscha?", town.DEPARTMENT_CHANNEL, thread=board["ts"])
    assert (await chief.click(asked, "Godkänn"))["ok"]
    await chief.sees("Nu får alla svara så.", town.DEPARTMENT_CHANNEL, thread=board["ts"])
    await centre.command("/kris fraga duscha")
    await centre.sees("Kan jag duscha?")


async def test_a_call_from_the_media_is_answered(scene: Scene) -> None:
    """Written down in a form, asked of somebody, done."""
    await _publish(scene)
    comms, chief = scene.person(town.PRESS), scene.person(town.MANAGER)
    await comms.command("/kris press")
    await comms.click(await comms.sees("Ingen redaktion väntar"), "Nytt samtal")
    form = await comms.window("Samtal från media")
    due = int((scene.desk.desk.now() + timedelta(hours=1)).timestamp())
    given = {"newsroom": "P4", "number": "010-1", "question": "Hur många?", "person": "Kommunikationschef"}
    late = await comms.submit(form, {**given, "due": due - 7200})
    assert ["due"] == list(late["errors"])
    assert "closed" == (await comms.submit(form, {**given, "due": due}))["result"]
    asked = await chief.sees("Kan du svara *P4*")
    assert (await chief.click(asked, "Klart"))["ok"]
    await chief.sees("P4 har fått svar.")
