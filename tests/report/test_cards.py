"""What people see in Slack: the buttons that are theirs, words as words, charts only where Slack can fetch them."""

import json
from dataclasses import replace

import pytest

from bot.report.drafting import Report
from bot.report.states import Act, State
from bot.texts import Texts
from handlers.cards import report as cards
from handlers.cards.report import Setting
from tests.report import example

T = Texts.load().language("sv")
PAGE = "https://desk.test/rapport/x"
MINE = Setting(PAGE, 40, frozenset(Act), recipients=2)
OPEN = Setting(PAGE, 40)


def buttons(report: Report, around: Setting) -> list[str]:
    blocks = cards.draft(T, report, around).blocks
    return [one["text"]["text"] for block in blocks if block["type"] == "actions" for one in block["elements"]]


def test_the_manager_has_three_buttons_and_others_none() -> None:
    """Without anybody to send to there is nothing to send."""
    report = example.report()
    assert ["Skriv kommentar", "Förhandsgranska", "Skicka till ledningen"] == buttons(report, MINE)
    assert ["Skriv kommentar", "Förhandsgranska"] == buttons(report, replace(MINE, recipients=0))
    assert [] == buttons(report, OPEN)


def test_the_button_carries_the_hash_of_what_was_read() -> None:
    """So that nothing else is sent."""
    report = example.report("Hej")
    text = json.dumps(cards.draft(T, report, MINE).blocks)
    assert report.digest in text
    assert example.report("Hejdå").digest not in text


@pytest.mark.parametrize(
    ("report", "around", "words"),
    [
        (example.report(), MINE, "Utkast. Siffrorna är låsta måndag 2 november kl. 08.00."),
        (replace(example.report(), manager=""), OPEN, "Ingen kommunikationschef är utsedd"),
        (example.report(), replace(MINE, recipients=0), "Ingen mottagare är inställd."),
        (Report(example.numbers()), OPEN, "Siffrorna som de är nu, till och med 2026-10-31."),
        (
            replace(example.report(state=State.SENT), sent=example.MADE, sent_by="Kommunikationschef"),
            replace(OPEN, reached=(1, 2)),
            "Skickad av Kommunikationschef måndag 2 november kl. 08.00.\nNådde 1 av 2 mottagare.",
        ),
    ],
    ids=["draft", "no manager", "no recipient", "live", "sent"],
)
def test_it_says_where_it_stands(report: Report, around: Setting, words: str) -> None:
    """And what is lacking before it can be sent."""
    assert words in cards.draft(T, report, around).text


def test_management_reads_the_managers_words_first() -> None:
    """Then the figures with last month's beside, charts with alternative text, and the way to the rest."""
    said = cards.sent(T, example.report("Snön gav frågor.", "Ett beslut."), OPEN)
    assert ["header", "section", "section", "section", "section"] == [one["type"] for one in said.blocks[:5]]
    assert 4 == sum(one["type"] == "image" for one in said.blocks)
    assert all(one["alt_text"].startswith("Stapeldiagram") for one in said.blocks if one["type"] == "image")
    order = [said.text.index(one) for one in ("Snön gav frågor.", "Ett beslut.", "Engagemangsgrad 6 % (mål 5–7 %")]
    assert order == sorted(order)
    assert "Siffror saknas för Biblioteket berättar 7–9 oktober och 20 oktober." in said.text
    assert f"Utskrift på en sida: {PAGE}" in said.text


@pytest.mark.parametrize("page", ["http://127.0.0.1:8080/rapport/x", "http://desk.test/rapport/x"])
def test_charts_that_slack_cannot_fetch_are_left_out(page: str) -> None:
    """Slack refuses the whole message for one picture; the page has them anyway."""
    said = cards.sent(T, example.report(), replace(OPEN, page=page))
    assert "image" not in {one["type"] for one in said.blocks}
    assert page in said.text


def test_peoples_words_are_words() -> None:
    """No mention, no link, no markup is made of them."""
    said = cards.sent(T, example.report("<!channel> *&", "<@U0CHEF>"), OPEN)
    text = json.dumps(said.blocks, ensure_ascii=False)
    assert "&lt;!channel&gt; *&amp;" in text
    assert "<!channel>" not in text + said.text
    assert "<@U0CHEF>" not in text + said.text
    assert all(one["text"].get("verbatim") for one in said.blocks if one["type"] == "section")


def test_the_longest_report_fits_slack() -> None:
    """Fifty blocks, and the links are among them."""
    long = example.report("Ö" * 700, "Ö" * 500)
    for said in (cards.sent(T, long, OPEN), cards.draft(T, long, MINE)):
        assert len(said.blocks) <= 50
        assert len(said.text) <= 4000
        assert "Excelfil" in json.dumps(said.blocks)


def test_the_form_shows_what_was_written() -> None:
    """And carries which version that was."""
    view = cards.form(T, example.report("Snön."))
    assert {"m": "2026-10", "v": 1} == json.loads(view["private_metadata"])
    assert ["Snön.", None] == [one["element"].get("initial_value") for one in view["blocks"]]
