"""Every button under a comment, clicked as people click, once and twice; and the card that follows."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from bot.demo import kommentar, town
from bot.sandbox.driver import Person
from bot.sandbox.platforms import mailbox
from tests.seam.conftest import Scene

JSON = dict[str, Any]
pytestmark = [
    pytest.mark.parametrize("outside", [True], ids=["street"]),
    pytest.mark.parametrize("mode", ["socket"], indirect=True),
    pytest.mark.heavy,
]


@dataclass
class Wall:
    """The municipality's post on Facebook, residents who write under it, and the desk's cards about that."""

    scene: Scene
    play: kommentar.Play
    post: str
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def comms(self) -> Person:
        return self.scene.person(town.SOCIAL)

    @property
    def press(self) -> Person:
        return self.scene.person(town.PRESS)

    async def asked(self, text: str = "Vilka tider gäller?", author: str = "Förälder") -> tuple[str, JSON]:
        """A question no other test run has asked; its id on Facebook, and its card."""
        said = f"{text} Fråga {next(self._numbers)}?"
        remark = await self.play.writes(self.post, said, author)
        return str(remark["id"]), await self.card(said)

    async def thread(self) -> str:
        root = await self.comms.sees("kommentar", town.DEPARTMENT_CHANNEL)
        return str(root["ts"])

    async def card(self, text: str, who: Person | None = None) -> JSON:
        return await (who or self.comms).sees(text, town.DEPARTMENT_CHANNEL, thread=await self.thread())

    async def becomes(self, card: JSON, text: str) -> JSON:
        """The same card, once it says so."""

        async def look() -> JSON | None:
            found = await self.comms.messages(town.DEPARTMENT_CHANNEL, await self.thread())
            same = next(one for one in found if one["ts"] == card["ts"])
            return same if text in str(same["blocks"]) else None

        found: JSON = await self.comms.eventually(look, what=f"the card says {text!r}")
        return found

    async def told(self, who: Person, text: str, times: int = 1) -> None:
        """The desk says a sentence to one person, wherever they are, so often."""

        async def look() -> bool:
            said = await who.messages() + await who.messages(town.DEPARTMENT_CHANNEL, await self.thread())
            return sum(text in one["text"] for one in said) >= times

        await who.eventually(look, what=f"{text!r}, {times} times")

    async def told_directly(self, who: Person, text: str) -> None:
        """The desk says it to somebody who is not in the department's channel."""
        await who.sees(text)


@pytest.fixture
async def wall(scene: Scene) -> AsyncIterator[Wall]:
    async with httpx.AsyncClient() as client:
        play = kommentar.Play(
            scene.sandbox.base_url, scene.desk.desk.public_url, lambda who, words: None, _client=client
        )
        yield Wall(scene, play, await play.publish("Badhuset öppnar igen på lördag."))


def actions(card: JSON) -> list[str]:
    """The action ids of a message or window, in order."""
    rows = [block for block in card["blocks"] if block["type"] in ("actions", "section")]
    elements = [one for row in rows for one in [*row.get("elements", []), *filter(None, [row.get("accessory")])]]
    return [one["action_id"] for one in elements if "action_id" in one]


def block(view: JSON, starts: str) -> str:
    return str(next(one["block_id"] for one in view["blocks"] if one["block_id"].startswith(starts)))


def typed(view: JSON) -> str:
    """What stands in the answer's field."""
    inputs = [one for one in view["blocks"] if one["type"] == "input" and one["block_id"].startswith("text")]
    return str(inputs[0]["element"].get("initial_value", ""))


async def choose(who: Person, view: JSON, name: str, option: str | None = None) -> JSON:
    """Act inside a window and wait until it is shown anew."""
    await who.click(view, name, **({"choose": option} if option else {}))

    async def look() -> JSON | None:
        now = await who.view()
        return now if now and now["hash"] != view["hash"] else None

    found: JSON = await who.eventually(look, what="the window is shown anew")
    return found


async def twice(who: Person, card: JSON, name: str, **more: Any) -> None:
    await asyncio.gather(*(who.click(card, name, stale=True, **more) for _ in range(2)))


async def test_taken_twice(wall: Wall) -> None:
    """*Jag tar den*: everybody sees whose it is; the second click hears that it is theirs already."""
    _, card = await wall.asked()
    assert ["comment.reply", "comment.take", "comment.no_reply", "comment.more"] == actions(card)
    await twice(wall.comms, card, "Jag tar den")
    taken = await wall.becomes(card, "Kommunikatör sociala medier tar den här.")
    assert "comment.take" not in actions(taken)
    await wall.told(wall.comms, "Du har redan tagit den.")


async def test_no_answer_needed_and_needed_after_all(wall: Wall) -> None:
    """*Inget svar behövs* twice closes once; *Behöver svar* starts the clock again, once."""
    _, card = await wall.asked()
    await twice(wall.comms, card, "Inget svar behövs")
    closed = await wall.becomes(card, "Inget svar behövs, säger Kommunikatör sociala medier")
    await wall.told(wall.comms, "Kommunikatör sociala medier var före")
    assert ["comment.reply", "comment.need", "comment.more"] == actions(closed)
    await twice(wall.comms, closed, "Behöver svar")
    waits = await wall.becomes(card, "Svara senast")
    assert "comment.no_reply" in actions(waits)


async def test_answered_twice_from_two_windows(wall: Wall) -> None:
    """*Svara*: the second one to send hears of the first, with everything still in the window."""
    remark, card = await wall.asked()
    for who in (wall.comms, wall.press):
        await who.click(card, "Svara")
        await who.window("Svara")
    assert "började skriva ett svar" in str(await wall.press.window("Svara"))
    assert "errors" == (await wall.comms.submit(None, {"Svar": "  "}))["result"]
    assert "closed" == (await wall.comms.submit(None, {"Svar": "Tio till femton."}))["result"]
    late = await wall.press.submit(None, {"Svar": "Tio till sexton."})
    assert "errors" == late["result"]
    await wall.play.stands(remark, "Tio till femton.")
    answered = await wall.becomes(card, "Besvarad av Kommunikatör sociala medier")
    assert ["comment.reply", "comment.need", "comment.more"] == actions(answered)
    await wall.told(wall.comms, "Svaret syns nu")


async def test_later_and_handed_over(wall: Wall) -> None:
    """*Påminn mig senare* makes it yours; *Lämna över* makes it somebody else's, who is told."""
    _, card = await wall.asked()
    await wall.comms.click(card, "comment.more", choose="Påminn mig senare")
    await wall.comms.window("Påminn mig senare")
    assert "closed" == (await wall.comms.submit(None, {}))["result"]
    asked = await wall.becomes(card, "Kommunikatör sociala medier tar den här.")
    assert "Påminns tidigast" in str(asked["blocks"])
    await wall.comms.click(card, "comment.more", choose="Lämna över")
    await wall.comms.window("Lämna över")
    refused = await wall.comms.submit(None, {"Till vem?": "Lärare"})
    assert "kan inte svara på det här kontot" in str(refused["errors"])
    assert "closed" == (await wall.comms.submit(None, {"Till vem?": "Kommunikatör press"}))["result"]
    theirs = await wall.becomes(card, "Kommunikatör press tar den här.")
    assert "Påminns" not in str(theirs["blocks"])
    handed = await wall.press.sees("lämnade över en kommentar")
    assert "comment.reply" in actions(handed)


async def test_hidden_shown_and_removed(wall: Wall) -> None:
    """*Dölj*, *Visa igen*, *Ta bort*: the text leaves the card, comes back, and leaves for good."""
    remark, card = await wall.asked("Jag vet var du bor.")
    await wall.comms.click(card, "comment.more", choose="Dölj")
    await wall.comms.window("Dölj kommentaren")
    assert "closed" == (await wall.comms.submit(None, {"Varför?": "Kan vara brott"}))["result"]
    hidden = await wall.becomes(card, "Kommentaren är dold")
    assert "var du bor" not in str(hidden["blocks"])
    await wall.play.is_hidden(remark)
    await wall.comms.click(card, "comment.more", choose="Dölj", stale=True)
    await wall.told(wall.comms, "Kommunikatör sociala medier var före")
    await wall.comms.click(hidden, "comment.more", choose="Visa igen")
    shown = await wall.becomes(card, "var du bor")
    await wall.comms.click(shown, "comment.more", choose="Ta bort")
    await wall.comms.window("Ta bort kommentaren")
    lacking = await wall.comms.submit(None, {"Varför?": "Kan vara brott"})
    assert ["shot"] == list(lacking["errors"])
    given = {"Varför?": "Kan vara brott", "shot": "Mappen Borttagna"}
    assert "closed" == (await wall.comms.submit(None, given))["result"]
    removed = await wall.becomes(card, "Kommentaren är borttagen")
    assert "var du bor" not in str(removed["blocks"])


async def test_criticism_needs_two(wall: Wall) -> None:
    """*Låt stå* and *Håller med*: never the one who asked, and once."""
    for button, says in (("Låt stå", "Den står kvar."), ("Håller med", "Två personer var överens.")):
        _, card = await wall.asked(f"Ni är usla, {button}.")
        await wall.comms.click(card, "comment.more", choose="Dölj")
        await wall.comms.window("Dölj kommentaren")
        given = {"Varför?": "Kritik", "why": f"Utanför ämnet {button}"}
        assert "closed" == (await wall.comms.submit(None, given))["result"]
        ask = await wall.card(f"Utanför ämnet {button}")
        await wall.comms.click(ask, button)
        await wall.told(wall.comms, "Du bad om det själv", times=1)
        await twice(wall.press, ask, button)
        decided = await wall.becomes(ask, says)
        assert [] == actions(decided)


async def test_the_queue_and_the_whole_post(wall: Wall) -> None:
    """*Öppna kön*, *Nästa kommentar*, *Inget svar behövs* in it; *Klart med hela inlägget* twice."""
    for number in range(3):
        await wall.asked(f"Parkering {number}?")
    root = await wall.comms.sees("3 kommentarer väntar", town.DEPARTMENT_CHANNEL)
    await wall.comms.click(root, "Öppna kön")
    first = await wall.comms.window("Kommentarskön")
    assert "Parkering 0" in str(first)
    second = await choose(wall.comms, first, "Nästa kommentar")
    assert "Parkering 1" in str(second)
    third = await choose(wall.comms, second, "Inget svar behövs")
    assert "Parkering 2" in str(third)
    empty = await choose(wall.comms, third, "Nästa kommentar")
    assert "Kön är tom" in str(empty)
    await wall.comms.close(all=True)
    root = await wall.comms.sees("2 kommentarer väntar", town.DEPARTMENT_CHANNEL)
    await twice(wall.comms, root, "Klart med hela inlägget")
    done = await wall.comms.sees("Inget väntar här", town.DEPARTMENT_CHANNEL)
    assert [] == actions(done)


async def test_standard_replies_fill_the_field(wall: Wall) -> None:
    """Chosen replies come after what was typed, a hole is refused at the field, the case reply is one click."""
    remark, card = await wall.asked("Min handläggare på soc svarar inte, kan ni?")
    await wall.comms.click(card, "Svara")
    view = await wall.comms.window("Svara")
    assert "enskilt ärende" in str(view)
    view = await choose(wall.comms, view, "comment.ready", "Rykte")
    assert "[fyll i: rykte]" in typed(view)
    refused = await wall.comms.submit(view, {})
    assert [block(view, "text")] == list(refused["errors"])
    view = await choose(wall.comms, view, "comment.ready_case")
    said = typed(view)
    assert said.startswith("Hej! Här kan vi inte prata om enskilda ärenden")
    assert "closed" == (await wall.comms.submit(view, {}))["result"]
    await wall.play.stands(remark, said)


async def test_a_holding_reply_keeps_the_comment_waiting(wall: Wall) -> None:
    """*Vi kollar och återkommer* stands on the platform, and the comment waits for the real answer."""
    remark, card = await wall.asked()
    await wall.comms.click(card, "Svara")
    view = await choose(wall.comms, await wall.comms.window("Svara"), "comment.ready", "Vi kollar")
    said = typed(view)
    assert said.startswith("Hej Förälder! Tack för din fråga. Vi kollar med")
    assert "closed" == (await wall.comms.submit(view, {}))["result"]
    await wall.play.stands(remark, said)
    await wall.told(wall.comms, "Svaret syns nu")
    waits = await wall.becomes(card, "Kommunikatör sociala medier tar den här.")
    assert "comment.no_reply" in actions(waits)


async def test_what_was_typed_is_there_again(wall: Wall) -> None:
    """A window that is closed without sending leaves a draft, until the comment is settled."""
    _, card = await wall.asked()
    await wall.comms.click(card, "Svara")
    view = await wall.comms.window("Svara")
    state = await wall.comms.fill(view, {"Svar": "Vi öppnar klockan"})
    await wall.comms._call("POST", "close", {"view_id": view["id"], "state": state})

    async def opened() -> bool:
        await wall.comms.click(card, "Svara")
        found = typed(await wall.comms.window("Svara"))
        await wall.comms.close(all=True)
        return "Vi öppnar klockan" == found

    await wall.comms.eventually(opened, what="the draft is there")


async def test_a_colleague_reads(wall: Wall) -> None:
    """*Ändra* makes an older *Skicka* void; *Skicka* twice sends once, as the writer's."""
    remark, card = await wall.asked()
    await wall.comms.click(card, "Svara")
    view = await wall.comms.window("Svara")
    given = {"Svar": "Tio till femton.", block(view, "reader"): "Kommunikatör press"}
    assert "closed" == (await wall.comms.submit(view, given))["result"]
    old = await wall.press.sees("vill att någon läser svaret")
    await wall.comms.click(await wall.card("vill att någon läser"), "Skicka")
    await wall.told(wall.comms, "Någon annan ska läsa det")
    await wall.press.click(old, "Ändra")
    await wall.press.window("Ändra svaret")
    assert "closed" == (await wall.press.submit(None, {"Svar": "Tio till sexton."}))["result"]
    fresh = await wall.press.sees("Tio till sexton.")
    await wall.press.click(old, "Skicka", stale=True)
    await wall.told(wall.press, "Texten har ändrats")
    await twice(wall.press, fresh, "Skicka")
    await wall.play.stands(remark, "Tio till sexton.")
    await wall.becomes(card, "Besvarad av Kommunikatör sociala medier")
    await wall.told(wall.press, "Svaret är redan läst")


async def test_given_back_to_the_writer(wall: Wall) -> None:
    """*Lämna tillbaka* with a note; *Skriv vidare* opens the form with the text."""
    _, card = await wall.asked()
    await wall.comms.click(card, "Svara")
    view = await wall.comms.window("Svara")
    given = {"Svar": "Tio till femton.", block(view, "reader"): "Kommunikatör press"}
    await wall.comms.submit(view, given)
    ask = await wall.press.sees("vill att någon läser svaret")
    await wall.press.click(ask, "Lämna tillbaka")
    await wall.press.window("Lämna tillbaka")
    assert "closed" == (await wall.press.submit(None, {"note": "Skriv adressen också."}))["result"]
    back = await wall.comms.sees("Skriv adressen också.")
    await wall.comms.click(back, "Skriv vidare")
    assert "Tio till femton." == typed(await wall.comms.window("Svara"))


async def forwarded(wall: Wall, card: JSON, where: str, **given: Any) -> JSON:
    """*Skicka vidare* from the card's menu."""
    await wall.comms.click(card, "comment.more", choose="Skicka vidare")
    view = await wall.comms.window("Skicka vidare")
    if where != "Någon som vet":
        view = await choose(wall.comms, view, "forward.target", where)
    return await wall.comms.submit(view, given)


async def test_an_expert_answers_back(wall: Wall) -> None:
    """*Ta emot* and *Svara tillbaka* twice; *Använd i svaret* opens the form; the resident heard meanwhile."""
    remark, card = await wall.asked()
    given = {"person": "Enhetschef biblioteket", "note": "Vilka tider?", "hold": True}
    sent = await forwarded(wall, card, "Någon som vet", **given)
    assert "closed" == sent["result"]
    line = await wall.card("Skickat till Enhetschef biblioteket. Svaret kommer tillbaka hit.")
    await wall.told(wall.comms, "Svaret syns nu")
    expert = wall.scene.person(town.LIBRARY)
    asked = await expert.sees("behöver din hjälp")
    await twice(expert, asked, "Ta emot")
    await wall.becomes(line, "tog emot")
    await expert.click(asked, "Svara tillbaka")
    await expert.window("Svara tillbaka")
    assert "errors" == (await expert.submit(None, {"Svar": " "}))["result"]
    assert "closed" == (await expert.submit(None, {"Svar": "Tio till femton."}))["result"]
    await expert.click(asked, "Svara tillbaka", stale=True)
    await wall.told_directly(expert, "har redan svarat")
    answer = await wall.card("Svar från Enhetschef biblioteket")
    await wall.comms.click(answer, "Använd i svaret")
    view = await wall.comms.window("Svara")
    assert "Tio till femton." == typed(view)
    assert "closed" == (await wall.comms.submit(view, {}))["result"]
    await wall.play.stands(remark, "Tio till femton.")
    await wall.becomes(card, "Besvarad av")


async def test_the_registrar_by_mail(wall: Wall) -> None:
    """The mail arrives with its number; *Lägg in svaret* brings what came back into the thread."""
    _, card = await wall.asked("Jag vill klaga på kön.")
    assert "closed" == (await forwarded(wall, card, "Registrator"))["result"]
    line = await wall.card("Skickat till Registrator")
    box = next(one for one in wall.scene.sandbox.platforms if isinstance(one, mailbox.Mailbox))

    def arrived() -> bool:
        return "K-2" in str(vars(box)) and "klaga" in str(vars(box))

    await wall.comms.eventually(arrived, what="the mail")
    again = await forwarded(wall, card, "Registrator")
    assert "väntar på svar" in str(again["errors"])
    await wall.comms.close(all=True)
    await wall.comms.click(line, "Lägg in svaret")
    await wall.comms.window("Lägg in svaret")
    assert "closed" == (await wall.comms.submit(None, {"Svar": "Diariefört."}))["result"]
    await wall.card("Diariefört.")


async def test_another_authority_is_a_reply(wall: Wall) -> None:
    """Nothing is sent to them: the resident is told whom to ask."""
    remark, card = await wall.asked()
    sent = await forwarded(wall, card, "Annan myndighet", authority="Skatteverket", contact="0771-567 567")
    assert "update" == sent["result"]
    view = await wall.comms.window("Svara")
    said = typed(view)
    assert "Skatteverket som ansvarar" in said
    assert "0771-567 567" in said
    assert "closed" == (await wall.comms.submit(view, {}))["result"]
    await wall.play.stands(remark, said)


async def test_the_book_and_the_reply_for_private_questions(wall: Wall) -> None:
    """`/kommentar svar` edits, for the department; `/kommentar hänvisa` gives anybody the ready reply."""
    teacher = wall.scene.person(town.TEACHER)
    await teacher.command("/kommentar svar")
    await wall.told_directly(teacher, "kommunikationsavdelningen")
    await teacher.command("/kommentar hänvisa")
    assert "Jag kan inte svara på det här privat" in str(await teacher.window("Hänvisa vidare"))
    await wall.comms.command("/kommentar svar")
    view = await wall.comms.window("Standardsvar")
    await wall.comms.click(view, "Ändra")
    edit = await wall.comms.window("Ändra standardsvaret")
    wrong = await wall.comms.submit(edit, {"Text": "Hej {nman}!"})
    assert "{nman}" in str(wrong["errors"])
    assert "closed" == (await wall.comms.submit(edit, {"Text": "Hej {namn}! Vi kollar nu."}))["result"]

    async def listed() -> bool:
        return "Vi kollar nu." in str(await wall.comms.window("Standardsvar"))

    await wall.comms.eventually(listed, what="the list shows the edit")
