"""The card of a warning: a proposal with a button, and no button once there is nothing to propose."""

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.crisis.warnings.found import Found
from bot.crisis.warnings.keeping import Shown
from bot.sandbox import blocks
from bot.texts import Speak
from handlers.cards import warning
from storage.warnings import ACTIVE, CANCELLED, STATES
from tests import town
from tests.test_texts import BOTH, EN, SV

VMA = Found(
    "vma",
    "A",
    "A",
    event="Viktigt meddelande",
    headline="Gå inomhus",
    text="Gå inomhus.\n\nStäng fönster.",
    areas=("Göteborgs kommun",),
    sent=town.MONDAY,
    link="https://sverigesradio.se/vma",
)
SMHI = replace(VMA, source="smhi", level="ORANGE", headline="Vind")
COPY = replace(VMA, source="krisinformation", level="VMA")
NEWS = replace(COPY, level="")
EVIL = "<!channel> <https://x.example|klicka> *fet* & 'slut' " + "å" * 6000


def shown(found: Found = VMA, state: str = ACTIVE, **more: Any) -> Shown:
    return Shown(7, state, found, town.MONDAY, **more)


def drawn(speak: Speak, one: Shown) -> str:
    """Everything a card says, and Slack takes it."""
    made = warning.card(speak, one)
    assert 0 < len(made.text) < 4000
    assert [] == list(blocks.check_message({"blocks": made.blocks}))
    return json.dumps(made.blocks, ensure_ascii=False) + made.text


@BOTH
@pytest.mark.parametrize("found", [VMA, SMHI, COPY, NEWS], ids=["vma", "smhi", "copy", "news"])
def test_a_proposal_has_the_button_and_nothing_is_started(speak: Speak, found: Found) -> None:
    """The button names the warning; what it opens is others' business."""
    made = warning.card(speak, shown(found))
    (row,) = [one for one in made.blocks if one["type"] == "actions"]
    (button,) = row["elements"]
    assert ("crisis.from_warning", {"w": 7}) == (button["action_id"], json.loads(button["value"]))
    assert found.headline in drawn(speak, shown(found))


def test_the_proposal_says_that_nothing_is_published() -> None:
    """In the words agreed on."""
    said = warning.card(SV, shown()).text
    assert "Sveriges Radio sänder VMA för Göteborgs kommun: ”Gå inomhus”" in said
    assert "Inget publiceras förrän du bestämmer." in said


@BOTH
@pytest.mark.parametrize("state", [one for one in STATES if one != ACTIVE])
@pytest.mark.parametrize("found", [VMA, SMHI, COPY], ids=["vma", "smhi", "copy"])
def test_what_has_ended_says_so_and_proposes_nothing(speak: Speak, state: str, found: Found) -> None:
    """And that no crisis of ours ends by that."""
    said = drawn(speak, shown(found, state))
    assert speak("warning.unaffected") in said
    assert warning.FROM_WARNING not in said


@BOTH
def test_an_older_card_points_to_the_newer(speak: Speak) -> None:
    """Two buttons for one warning would be one too many."""
    said = drawn(speak, shown(newest=False))
    assert speak("warning.older") in said
    assert warning.FROM_WARNING not in said


@BOTH
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("source", ["vma", "krisinformation", "smhi"])
def test_text_from_outside_is_text(speak: Speak, state: str, source: str) -> None:
    """Nobody is called, nothing is linked, and it fits."""
    found = replace(SMHI, source=source, headline=EVIL, text=EVIL, event=EVIL, areas=(EVIL, EVIL))
    said = drawn(speak, shown(found, state))
    assert "<!channel>" not in said
    assert "<https://x" not in said
    assert "&lt;!channel&gt;" in said


@BOTH
def test_a_cancel_whose_warning_is_unknown_can_be_drawn(speak: Speak) -> None:
    """With no words of its own."""
    empty = Found("vma", "A", "A", cancelled=True)
    assert speak("warning.nameless") in drawn(speak, shown(empty, CANCELLED))


def test_quoted_lines_are_all_quoted() -> None:
    """Also the empty ones, or the quote breaks."""
    made = warning.card(EN, shown())
    assert ["> Gå inomhus.\n> \n> Stäng fönster."] == [
        one["text"]["text"]
        for one in made.blocks
        if one["type"] == "section" and one["text"]["text"].startswith(">")
    ]
