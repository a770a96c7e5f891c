"""Crisis mode as people press it: what stands in the forms and on the cards, and what a second click does."""

from datetime import timedelta
from typing import Any

import pytest

from bot.demo import town
from bot.sandbox.driver import Person
from storage import posts
from storage.posts import Post
from tests.seam.conftest import Scene

pytestmark = [
    pytest.mark.parametrize("outside", [True], ids=["street"]),
    pytest.mark.parametrize("mode", ["socket"], indirect=True),
    pytest.mark.slow,
]
JSON = dict[str, Any]
SLOW = "Det tog för lång tid"
WATER: JSON = {
    "mode": "Skarpt",
    "event": "Dricksvatten",
    "what": "bakterier i dricksvattnet",
    "where": "Centrum",
    "where_not": "Norrby",
    "confirmed_by": "VA-jouren",
}


async def _sent(person: Person, values: JSON) -> JSON:
    """Submit the visible window; whom a busy desk tells to try again, tries again."""
    answer = await person.submit(None, values)
    while SLOW in str(answer.get("errors")):
        answer = await person.submit(None, values)
    return answer


def _given(scene: Scene, **more: Any) -> JSON:
    now = scene.desk.desk.now()
    times = {"confirmed_at": now - timedelta(minutes=10), "next_at": now + timedelta(hours=4)}
    return {**WATER, **{name: int(at.timestamp()) for name, at in times.items()}, **more}


async def _texts(scene: Scene, writer: Person, **more: Any) -> JSON:
    """The facts were sent: the window with all texts."""
    assert (await writer.command("/kris start"))["ok"]
    await writer.window("Starta krisläge")
    assert "push" == (await _sent(writer, _given(scene, **more)))["result"]
    return await writer.window("Visa alla texter")


async def _ask(scene: Scene, writer: Person, **more: Any) -> None:
    await _texts(scene, writer, **more)
    assert "cleared" == (await _sent(writer, {}))["result"]


async def _approve(reader: Person, kind: str = "Första beskedet") -> None:
    assert (await reader.click(await reader.sees(f"Kan du granska? {kind}"), "Granska och publicera"))["ok"]
    await reader.window("Granska")
    assert "cleared" == (await _sent(reader, {"read": True}))["result"]


async def _board(reader: Person, *words: str) -> JSON:
    async def look() -> JSON | None:
        found = [
            one
            for one in await reader.messages(town.DEPARTMENT_CHANNEL)
            if "Krisläge:" in one["text"] and all(word in str(one) for word in words)
        ]
        return found[-1] if found else None

    shown: JSON = await reader.eventually(look, 20, f"a board that says {words!r}")
    return shown


async def _follow(scene: Scene, writer: Person, button: str, **values: Any) -> JSON:
    """A button on the board, its form, and the window with all texts."""
    assert (await writer.click(await _board(writer, button), button))["ok"]
    await writer.window()
    times = {name: at for name, at in _given(scene).items() if name in ("confirmed_at", "next_at")}
    assert "push" == (await _sent(writer, {**values, "confirmed_by": "VA-jouren", **times}))["result"]
    return await writer.window("Visa alla texter")


def _field(view: JSON, name: str) -> JSON:
    found: JSON = next(block for block in view["blocks"] if block.get("block_id") == name)
    return found


def _row(board: JSON, channel: str) -> JSON:
    """The board, only its row of one channel."""
    return {**board, "blocks": [one for one in board["blocks"] if one.get("block_id") == f"line:{channel}"]}


async def _removals(scene: Scene, channel: str) -> list[Post]:
    async with scene.desk.db.read() as session:
        rows = await posts.under(session, "incident:1/out")
    return [one for one in rows if one.via == channel and one.verb == posts.REMOVE]


async def test_one_warning_for_all_channels_and_words_for_what_is_too_long(scene: Scene) -> None:
    """A warning stands once with its channels; what does not fit says at its own field which words to look at."""
    view = await _texts(
        scene,
        scene.person(town.SOCIAL),
        event="Annat",
        what="Ring 19121212-1212 om bakterierna i dricksvattnet",
        where="hela Centrum och alla hus vid den östra infarten till staden",
        advice="Koka allt vatten du dricker. " * 14,
    )
    [said] = [block["text"]["text"] for block in view["blocks"] if "⚠" in str(block)]
    assert 1 == said.count("personnummer")
    assert "Webbplatsen, Intranätet, Facebook, Instagram och" in said
    assert "Rubriken är" in _field(view, "title:instagram")["hint"]["text"]
    assert "hint" not in _field(view, "text:instagram")
    assert _field(view, "title:instagram")["element"]["initial_value"].endswith("till staden")
    refused = await _sent(scene.person(town.SOCIAL), {})
    assert "Rubriken är" in refused["errors"]["title:instagram"]
    assert "Stryk till exempel ”" in refused["errors"]["text:x"]
    assert "text:instagram" not in refused["errors"]


async def test_who_read_an_older_text_is_shown_the_new_one(scene: Scene) -> None:
    """The open window turns to the new texts, its tick unset; the older question has no buttons left."""
    writer, reader = scene.person(town.SOCIAL), scene.person(town.MANAGER)
    await _ask(scene, writer)
    old = await reader.sees("Kan du granska?")
    await reader.click(old, "Granska och publicera")
    await reader.window("Granska")
    await writer.click(await writer.sees("Väntar på"), "Ändra texten")
    await writer.window("Starta krisläge")
    assert "push" == (await _sent(writer, {}))["result"]
    await writer.window("Visa alla texter")
    assert "cleared" == (await _sent(writer, {"text:facebook": "Koka *allt* vatten: {url}"}))["result"]
    assert "update" == (await _sent(reader, {"read": True}))["result"]
    shown = str((await reader.window("Granska"))["blocks"])
    assert "Texten har ändrats sedan du öppnade den." in shown
    assert "Koka *allt* vatten: [länken till webbplatsen]" in shown
    await reader.close()
    await reader.sees("så det här gäller inte längre")
    await writer.sees("så det här gäller inte längre")
    await reader.click(old, "Granska och publicera", stale=True)
    assert "Koka *allt* vatten" in str((await reader.window("Granska"))["blocks"])
    assert "cleared" == (await _sent(reader, {"read": True}))["result"]


async def test_a_removal_is_asked_about_and_takes_only_the_newest_message(scene: Scene) -> None:
    """A second click, also on an old board, never removes the message before it."""
    writer, reader = scene.person(town.SOCIAL), scene.person(town.MANAGER)
    await _ask(scene, writer)
    await _approve(reader)
    await _board(writer, "*X* Syns")
    await _follow(scene, writer, "Uppdatera", news="Tankbil på torget.")
    await _sent(writer, {})
    await _approve(reader, "Uppdatering")
    board = await _board(writer, "Uppdatering: godkänt", "*X* Syns")
    for result in ("closed", "update"):
        await writer.click(_row(board, "x"), "crisis.handle", choose="Ta bort", stale=True)
        await writer.window("Ta bort")
        assert result == (await _sent(writer, {}))["result"]
    assert "Det är redan borttaget." in str((await writer.window())["blocks"])
    assert 1 == len(await _removals(scene, "x"))
    await _board(writer, "*X* Borttagen")


async def test_a_correction_can_correct_what_every_text_says_again(scene: Scene) -> None:
    """The place that was said not to be concerned is in the form, and what was wrong is not said again."""
    writer, reader = scene.person(town.SOCIAL), scene.person(town.MANAGER)
    await _ask(scene, writer)
    await _approve(reader)
    view = await _follow(scene, writer, "Rätta", wrong="Norrby inte berörs", right="Alla berörs.", where_not="")
    web = _field(view, "text:webb")["element"]["initial_value"]
    assert "Rätt är: Alla berörs." in web
    assert "Norrby berörs inte" not in web


async def test_the_end_by_a_word_and_no_form_for_what_could_not_be_sent(scene: Scene) -> None:
    """/kris avsluta opens the last message's form; while a message waits, nobody types a second one in vain."""
    writer, reader = scene.person(town.SOCIAL), scene.person(town.MANAGER)
    await writer.command("/kris avsluta")
    await writer.sees("det finns inget att avsluta", timeout=20)
    await _ask(scene, writer)
    await _approve(reader)
    await _board(writer, "Avsluta krisläget")
    await writer.command("/kris avsluta")
    await writer.window("Avslut")
    given = {"confirmed_by": "VA-jouren", "confirmed_at": _given(scene)["confirmed_at"], "now": "Proverna är bra."}
    assert "push" == (await _sent(writer, given))["result"]
    await writer.window("Visa alla texter")
    assert "cleared" == (await _sent(writer, {}))["result"]
    await writer.command("/kris avsluta")
    await writer.sees("väntar redan på granskning")


async def test_an_announcement_carries_a_link_and_nobodys_markup(scene: Scene) -> None:
    """The website's address can be clicked; what people typed calls nobody, in the text for screen readers too."""
    writer, reader = scene.person(town.SOCIAL), scene.person(town.MANAGER)
    await _ask(scene, writer, where="Centrum <!channel>")
    await _approve(reader)
    told = await scene.person(town.LIBRARIAN).sees("Krisläge:", "C0BIBLIO01")
    assert "<http://127.0.0.1" in told["text"]
    assert "&lt;!channel&gt;" in told["text"]
    board = await _board(writer, "Stoppa utskicket")
    assert "<!channel>" not in board["text"]


async def test_a_reason_is_read_in_the_thread_and_a_refusal_is_a_sentence(scene: Scene) -> None:
    """Why a channel was left out stands in the thread; a dead key is said in words, the vendor's after it."""
    writer, reader = scene.person(town.SOCIAL), scene.person(town.MANAGER)
    facebook = next(one for one in scene.sandbox.platforms if one.name == "facebook")
    facebook.faults.revoked = True
    await _ask(scene, writer)
    await _approve(reader)
    board = await _board(writer, "nyckeln godtas inte (190/")
    await writer.click(_row(board, "facebook"), "crisis.handle", choose="Hoppa över", stale=True)
    await writer.window("Hoppa över")
    assert "closed" == (await _sent(writer, {"reason": "Nyckeln är död"}))["result"]
    await writer.sees("Skäl: ”Nyckeln är död”", town.DEPARTMENT_CHANNEL, thread=board["ts"])


async def test_alone_by_typing_the_place_however_sloppily(scene: Scene) -> None:
    """Another place is refused at its field; case, spaces and accents do not matter. All deciders see it."""
    writer = scene.person(town.PRESS)
    await _ask(scene, writer, where="Västra hamnen")
    await writer.click(await writer.sees("Nödpublicera"), "Nödpublicera")
    await writer.window("Nödpublicera")
    assert ["place"] == list((await _sent(writer, {"place": "Östra hamnen"}))["errors"])
    assert "cleared" == (await _sent(writer, {"place": "  vastra  HAMNEN "}))["result"]
    await scene.person(town.MANAGER).sees("Kommunikatör press nödpublicerade")


async def test_a_message_goes_into_the_log_as_it_was_typed(scene: Scene) -> None:
    """*Lägg i krisloggen*: the form shows people's own signs, not Slack's."""
    writer = scene.person(town.SOCIAL)
    await _ask(scene, writer)
    await _board(writer, "väntar på att en kollega granskar")
    said = await writer.say("Nu ringer <!here> & alla", town.DEPARTMENT_CHANNEL)
    message = await writer.sees("Nu ringer", town.DEPARTMENT_CHANNEL)
    assert said
    await writer.shortcut("message.crisis_log", message)
    view = await writer.window("Skriv i krisloggen")
    assert "Nu ringer <!here> & alla" == _field(view, "note")["element"]["initial_value"]
