"""What clumsy, stale, foreign and forged input meets: a friendly sentence, nothing changed, nothing lost."""

import json
from copy import deepcopy
from typing import Any

import pytest

from bot.demo import konto, town
from bot.sandbox.driver import Admin, Person
from storage import applications, log
from tests.seam.conftest import Scene

NAME = "<!channel> *fet* <@U0KOMM001> & co"
pytestmark = [pytest.mark.parametrize("mode", ["socket"], indirect=True), pytest.mark.heavy]


async def _entries(scene: Scene, number: int | None) -> int:
    async with scene.desk.db.read() as session:
        return len(await log.of_case(session, f"application:{number}"))


async def test_people_without_the_right_are_told_who_has_it(scene: Scene) -> None:
    """Someone from IT sits in the channel, sees the buttons and presses."""
    row = await scene.apply()
    ask = await scene.ask("Biblioteket berättar")
    curious = scene.person(town.IT)
    await curious.click(ask, "Godkänn")
    said = await curious.sees("decision lies with", ask["channel"], ask["thread_ts"])  # IT reads English
    assert "Kommunikationschef" in said["text"]
    assert 1 == await _entries(scene, row.id)


async def test_a_button_of_an_older_text_gets_the_new_one(scene: Scene) -> None:
    """The page was open while the application was withdrawn."""
    row = await scene.apply()
    card = await scene.head_card("Biblioteket berättar")
    requester = scene.person(town.LIBRARIAN)
    await requester.click(await requester.sees("Dra tillbaka"), "Dra tillbaka ansökan")
    await requester.sees("tillbaka")
    head = scene.person(town.LIBRARY)
    await head.eventually(lambda: _count(scene, row.id, 2), what="the withdrawal")
    await head.click(card, "Godkänn", stale=True)
    await head.sees("gäller inte längre")
    assert 2 == await _entries(scene, row.id)


async def _count(scene: Scene, number: int | None, many: int) -> bool:
    return await _entries(scene, number) == many


async def test_an_unknown_button_is_answered(scene: Scene) -> None:
    """A card of an older version of the program."""
    await scene.apply()
    card = deepcopy(await scene.head_card("Biblioteket berättar"))
    for block in card["blocks"]:
        for element in block.get("elements", []):
            if element.get("action_id") == "application.approve":
                element["action_id"] = "application.of_yesterday"
    head = scene.person(town.LIBRARY)
    assert (await head.click(card, "application.of_yesterday", stale=True))["ok"]
    assert (await head.sees("Knappen finns inte"))["ephemeral"]


@pytest.mark.parametrize(
    "value", ["", "{", "[]", '{"a":"x"}', '{"a":999999,"g":"head","h":"0"}', '{"a":1,"g":"?"}']
)
async def test_a_button_with_anothers_value_changes_nothing(scene: Scene, value: str) -> None:
    """Whatever the value says, it is a sentence and no change."""
    row = await scene.apply()
    card = deepcopy(await scene.head_card("Biblioteket berättar"))
    for block in card["blocks"]:
        for element in block.get("elements", []):
            if element.get("action_id") == "application.approve":
                element["value"] = value
    head = scene.person(town.LIBRARY)
    before = len(await head.messages())
    await head.click(card, "application.approve", stale=True)
    await head.eventually(lambda: _more(head, before), what="a sentence")
    assert 1 == await _entries(scene, row.id)


async def _more(who: Person, before: int) -> bool:
    return len(await who.messages()) > before


async def test_markup_and_mentions_stay_text(scene: Scene) -> None:
    """Nobody is pinged by the name of an account."""
    await scene.apply(NAME)
    card = await scene.person(town.SOCIAL).sees("co på Facebook", town.DEPARTMENT_CHANNEL)
    shown = json.dumps(card, ensure_ascii=False)
    assert "<!channel>" not in card["text"]
    assert "&lt;!channel&gt;" in card["text"]
    sections = [one["text"] for one in card["blocks"] if one["type"] == "section"]
    assert not [
        one for one in sections if one["type"] == "mrkdwn" and ("<!channel>" in one["text"] or not one["verbatim"])
    ]
    assert "<@U0KOMM001>" not in shown.replace("&lt;@U0KOMM001&gt;", "").replace(NAME, "")


async def test_an_unknown_word_is_answered_with_what_is_possible(scene: Scene) -> None:
    """Also in decomposed letters and in English."""
    teacher = scene.person(town.TEACHER)
    await teacher.command("/konto flyga")
    assert "/konto ansök" in (await teacher.sees("flyga"))["text"]
    await teacher.command("/konto anso\u0308k")
    await teacher.window("Ansök om konto")
    await teacher.close(all=True)
    await teacher.command("/komm apply")
    await teacher.window("Ansök om konto")


async def test_a_guest_may_apply(scene: Scene) -> None:
    """But decides nothing: the rules' table has every case."""
    guest = scene.person(town.CONSULTANT)
    await guest.command("/konto ansök")
    await guest.window("Ansök om konto")
    assert "push" == (await guest.submit(None, konto.FIRST))["result"]


async def test_what_was_typed_survives_the_database_being_away(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The form stays open with a code; the second try goes through and is one application."""
    requester = scene.person(town.LIBRARIAN)
    await requester.command("/konto ansök")
    await requester.window()
    await requester.submit(None, konto.FIRST)
    await requester.submit(None, konto.SECOND)

    def away() -> Any:
        raise OSError("the database is away")

    with monkeypatch.context() as broken:
        broken.setattr(scene.desk.db, "write", away)
        first = await requester.submit(None, konto.THIRD)
    assert "errors" == first["result"]
    assert "cleared" == (await requester.submit(None, konto.THIRD))["result"]
    async with scene.desk.db.read() as session:
        assert 1 == len(await applications.of_person(session, town.LIBRARIAN))


async def test_a_channel_that_refuses_is_replaced_by_direct_messages(scene: Scene) -> None:
    """The department's members get card and buttons one by one, and status says so."""
    await Admin(scene.sandbox.base_url).channel(town.DEPARTMENT_CHANNEL, archived=True)
    await scene.apply()
    for member in (town.SOCIAL, town.MANAGER):
        await scene.person(member).sees("Kommunikationsavdelningens beslut")
    card = await scene.person(town.SOCIAL).sees("Kommunikationsavdelningens beslut")
    ask = await scene.person(town.SOCIAL).sees("Godkänn", thread=card["ts"])
    assert (await scene.person(town.SOCIAL).click(ask, "Godkänn"))["ok"]
    boss = scene.person(town.MANAGER)
    await boss.command("/komm status")
    await boss.sees("kommunikation")
