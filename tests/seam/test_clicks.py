"""What a click leads to where one stands: the right is asked for first, and every act is answered."""

from typing import Any

import pytest

from bot.accounts import cases
from bot.accounts.states import State
from bot.demo import town
from bot.sandbox.driver import Admin, Person
from storage.applications import Application
from tests.seam.conftest import Scene

ACCOUNT = "Biblioteket berättar"
pytestmark = [pytest.mark.parametrize("mode", ["socket"], indirect=True), pytest.mark.heavy]


async def _state(scene: Scene, row: Application) -> State:
    async with scene.desk.db.read() as session:
        return (await cases.read(session, scene.desk.desk, row.id or 0, scene.desk.desk.now())).state


async def _in_channel(who: Person) -> list[str]:
    return [one["text"] for one in await who.messages(town.DEPARTMENT_CHANNEL) if one["ephemeral"]]


@pytest.mark.parametrize("button", ["Avslå", "Begär komplettering"])
async def test_no_reason_is_asked_of_somebody_who_may_not_decide(scene: Scene, button: str) -> None:
    """They are told who may, in the thread in which they pressed, and no form opens."""
    await scene.apply()
    ask = await scene.ask(ACCOUNT)
    curious = scene.person(town.IT)
    await curious.click(ask, button)
    await curious.sees("decision lies with", ask["channel"], ask["thread_ts"])  # IT reads English
    assert await curious.view() is None
    assert await _in_channel(curious) == []


@pytest.mark.parametrize("button", ["Avslå", "Begär komplettering"])
async def test_no_reason_is_asked_for_what_is_decided_already(scene: Scene, button: str) -> None:
    """The buttons of a page that was open too long."""
    await scene.apply()
    card = await scene.head_card(ACCOUNT)
    head = scene.person(town.LIBRARY)
    await head.click(card, "Godkänn")
    await head.sees("godkände", thread=card["ts"])
    await head.click(card, button, stale=True)
    await head.sees("Redan beslutat av Enhetschef biblioteket")
    assert await head.view() is None


async def test_an_answer_from_outside_is_entered_by_the_department_alone(scene: Scene) -> None:
    """The form for it does not open for others in the channel."""
    await scene.apply(unit="Simhallen")
    comms, curious = scene.person(town.SOCIAL), scene.person(town.IT)
    ask = await scene.ask(ACCOUNT)
    await curious.click(ask, "Registrera besked")
    said = await curious.sees("Ask Kommunikationschef", ask["channel"], ask["thread_ts"])
    assert "can be done by the communications department" in said["text"]
    assert await curious.view() is None
    await comms.click(ask, "Registrera besked")
    await comms.window("Registrera besked")


@pytest.mark.parametrize(
    ("unit", "answer"),
    [
        ("Centralskolan", "ligger nu hos Rektor Centralskolan"),
        ("Simhallen", "ligger nu hos Enhetschef simhallen, som inte finns i Slack"),
        (None, "tar reda på vem som är rätt chef"),
    ],
)
async def test_a_wrong_head_hears_where_the_question_went(scene: Scene, unit: str | None, answer: str) -> None:
    """To another head, to one outside Slack, or to the department that finds out."""
    await scene.apply()
    head = scene.person(town.LIBRARY)
    await head.click(await scene.head_card(ACCOUNT), "Fel chef?")
    form = await head.window("Fel chef?")
    assert "update" == (await head.submit(form, {"unit": unit} if unit else {}))["result"]
    assert answer in str((await head.window("Klart"))["blocks"])


async def test_somebody_else_cannot_send_the_question_on(scene: Scene) -> None:
    """A head whose question has gone to another unit, on a page that was open too long."""
    await scene.apply()
    head, card = scene.person(town.LIBRARY), await scene.head_card(ACCOUNT)
    await head.click(card, "Fel chef?")
    await head.submit(await head.window("Fel chef?"), {"unit": "Centralskolan"})
    await head.close(all=True)
    await head.click(card, "Fel chef?", stale=True)
    await head.sees("Det här kan kommunikationsavdelningen göra. Behöver du kunna det? Fråga Kommunikationschef.")
    assert await head.view() is None


async def _at_home(who: Person) -> dict[str, Any]:
    """The window that a waiting decision on App Home opens."""
    await who.open_home()

    async def waiting() -> dict[str, Any] | None:
        home = await who.home()
        return home if home and "väntar på ditt beslut" in str(home["blocks"]) else None

    home = await who.eventually(waiting, what="a decision on App Home")
    await who.click(home, "Öppna")
    return await who.window("Kanalvakt")


async def test_a_decision_is_given_from_app_home(scene: Scene) -> None:
    """The window has the buttons, and shows the decision once it is given."""
    row = await scene.apply()
    await scene.head_card(ACCOUNT)
    head = scene.person(town.LIBRARY)
    view = await _at_home(head)
    await head.click(view, "Godkänn")

    async def decided() -> bool:
        shown = str(await head.view())
        return "Enhetschef biblioteket godkände" in shown and "application.approve" not in shown

    await head.eventually(decided, what="the decision in the window")
    assert await _state(scene, row) is State.WAITING
    await head.click(view, "Godkänn", stale=True)
    assert "Redan beslutat" in str(await head.eventually(lambda: _notice(head), what="a refusal in a window"))


async def _notice(who: Person) -> dict[str, Any] | None:
    view = await who.view()
    return view if view and "Redan beslutat" in str(view["blocks"]) else None


async def test_a_rejection_is_given_from_app_home(scene: Scene) -> None:
    """The reason is asked for on top of the card, and both close when it is sent."""
    await scene.person(town.LIBRARIAN).command("/konto mina")  # known by name from now on
    row = await scene.apply()
    await scene.head_card(ACCOUNT)
    head = scene.person(town.LIBRARY)
    await head.click(await _at_home(head), "Avslå")
    form = await head.window("Avslå")
    assert "Bibliotekarie läser det du skriver" in str(form["blocks"])
    assert "cleared" == (await head.submit(form, {"reason": "Vi hinner inte."}))["result"]
    assert await head.view() is None
    assert await _state(scene, row) is State.REJECTED


async def test_where_slack_refuses_an_answer_in_the_thread_it_stands_in_the_channel(scene: Scene) -> None:
    """Rather in the second best place than nowhere."""
    await scene.apply()
    ask = await scene.ask(ACCOUNT)
    methods = ["chat.postEphemeral"]
    await Admin(scene.sandbox.base_url).faults(throttle={"probability": 1.0, "methods": methods})
    curious = scene.person(town.IT)
    await curious.click(ask, "Godkänn")
    await curious.sees("decision lies with", town.DEPARTMENT_CHANNEL)


async def test_an_answer_to_a_button_in_the_channel_stands_in_the_channel(scene: Scene) -> None:
    """Also when its message has a thread below it: whoever pressed there looks there."""
    await scene.apply()
    await scene.ask(ACCOUNT)
    curious = scene.person(town.IT)
    card = await curious.sees(f"Ansökan: {ACCOUNT} ", town.DEPARTMENT_CHANNEL)
    await curious.click(card, "Visa hela ansökan")
    said = await curious.sees("someone else", town.DEPARTMENT_CHANNEL)
    assert (True, None) == (said["ephemeral"], said["thread_ts"])


async def test_show_without_a_name_says_how_to_ask(scene: Scene) -> None:
    """An empty register first; then with an account of one's own, and with others' alone."""
    person, other = scene.person(town.LIBRARIAN), scene.person(town.TEACHER)
    await person.command("/konto visa")
    await person.sees("Förteckningen är tom")
    await _register(scene.person(town.SOCIAL))
    await person.command("/konto visa")
    shown = (await person.sees("Vilket konto vill du se?"))["text"]
    assert "`/konto visa Bibblan`" in shown
    assert "Dina konton:\n*Bibblan* (Facebook)" in shown
    await other.command("/konto visa")
    shown = (await other.sees("Vilket konto vill du se?"))["text"]
    assert "`/konto visa Bibblan`" in shown
    assert "Dina konton" not in shown
    await other.command("/konto visa bibblan")
    await other.sees("Bibliotekarie")


async def _register(comms: Person) -> None:
    await comms.command("/konto registrera")
    given = {
        "unit": "Biblioteket",
        "platform": "Facebook",
        "name": "Bibblan",
        "address": "https://www.facebook.com/bibblan",
        "purpose": "Visa vad som händer på biblioteket.",
        "owner": "Bibliotekarie",
    }
    assert "update" == (await comms.submit(await comms.window(), given))["result"]
    await comms.close(all=True)
