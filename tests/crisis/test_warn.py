"""Warnings: what is worth a second look, and what is not."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.crisis.compose import refit
from bot.crisis.facts import EVENTS, Facts, Kind
from bot.crisis.warn import Warned, has_personal_number, luhn, shouts, warnings
from bot.errors import Problem
from tests.crisis.crises import NOW, ON, SURFACES, SV, crisis, told


def found(known: Facts, kind: Kind = Kind.FIRST, **texts: Any) -> list[tuple[str, str]]:
    """Channel and key of every warning, with the texts people changed."""
    fitted = told(known, kind) | {key: refit(ON[key], text) for key, text in texts.items()}
    return [(one.channel, one.problem.key) for one in warnings(known, kind, SURFACES, fitted, SV, now=NOW)]


@pytest.mark.parametrize("drill", [False, True])
@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("event", EVENTS)
def test_what_the_composer_writes_of_whole_facts_needs_no_warning(event: str, kind: Kind, drill: bool) -> None:
    """Else nobody would read the warnings any more."""
    assert [] == found(crisis(event, drill=drill), kind)


@pytest.mark.parametrize(
    ("changed", "warned"),
    [
        ({"x": "Koka vattnet. Nästa besked kl. 16.50."}, ("x", "warn.no_link")),
        ({"x": "Koka vattnet. 16.50 kommunen.se"}, ("x", "warn.no_link")),
        ({"x": "Koka vattnet. {url}"}, ("x", "warn.no_next")),
        ({"web": "Koka vattnet. 16.50 {url}"}, ("web", "warn.link_here")),
        ({"web": "Ring Per, 811228-9874. 16.50"}, ("web", "warn.personal_number")),
        ({"sign": "RING 0500-123456"}, ("sign", "warn.sign_contact")),
        ({"x": "KOKA ALLT VATTEN I HELA STADEN. 16.50 {url}"}, ("x", "warn.capitals")),
        ({"x": "Det här är ingen övning. 16.50 {url}"}, ("x", "warn.drill_word")),
        ({"x": "Faran är över. 16.50 {url}"}, ("x", "warn.danger_over")),
    ],
)
def test_what_people_changed_is_looked_at(changed: dict[str, Any], warned: tuple[str, str]) -> None:
    """One warning, in the channel where it is."""
    assert [warned] == found(crisis(), **changed)


@pytest.mark.parametrize(
    "text", ["Koka. 16.50 https://kommunen.se/a", "Koka. 16.50 www.kommunen.se", "Koka. 16.50 {url}"]
)
def test_an_address_of_ones_own_is_a_link_too(text: str) -> None:
    """Typed or to be filled in."""
    assert [] == found(crisis(), x=text)


def test_a_drill_whose_text_lost_its_word_is_pointed_out() -> None:
    """The text is refused elsewhere; here the sender learns why."""
    assert [("x", "warn.drill_missing")] == found(crisis(drill=True), x="Koka vattnet. 16.50 {url}")


@pytest.mark.parametrize(
    ("changed", "key"),
    [({"next_at": None}, "warn.no_next"), ({"confirmed_at": NOW - timedelta(minutes=61)}, "warn.old")],
)
def test_facts_that_lack_something_are_pointed_out_once(changed: dict[str, Any], key: str) -> None:
    """Not once for every channel."""
    assert [("", key)] == found(crisis(**changed))


def test_an_hour_old_is_fresh_enough_and_the_age_is_told() -> None:
    """In minutes."""
    known = crisis(confirmed_at=NOW - timedelta(minutes=95))
    assert [] == found(crisis(confirmed_at=NOW - timedelta(minutes=60)))
    assert [Warned("", Problem("warn.old", n=95))] == warnings(known, Kind.FIRST, (), {}, SV, now=NOW)


def test_the_end_promises_nothing() -> None:
    """No next word, and the address may go."""
    assert [] == found(crisis(next_at=None), Kind.END, x="Över.")


def test_the_rescue_services_words_may_be_used_when_it_has_said_them() -> None:
    """Ticked in the form."""
    assert [] == found(crisis("fire", rescue=True), Kind.END, x="Faran är över. {url}")


def test_a_language_that_was_left_out_is_named() -> None:
    """By whoever shortened the text."""
    known = crisis(languages=(("English", "Boil the water."), ("Suomi", "Keitä vesi.")))
    texts = told(known) | {"facebook": refit(ON["facebook"], "Koka. 16.50 {url}\n\nEnglish: Boil the water.")}
    problem = Problem("warn.language", languages=["Suomi"])
    assert [Warned("facebook", problem)] == warnings(known, Kind.FIRST, SURFACES, texts, SV, now=NOW)


# Numbers from the tax agency's and others' published examples, and near misses.
@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("811228-9874", True),
        ("8112289874", True),
        ("19811228-9874", True),
        ("19811228 9874", True),
        ("811228+9874", True),
        ("670919-9530", True),
        ("701063-2391", True),  # a samordningsnummer: the day and sixty
        ("811288-9871", True),
        ("811228-9875", False),
        ("811328-9874", False),
        ("556036-0793", False),  # an organisation
        ("0500-123456", False),
        ("tel 070-123 45 67", False),
        ("2026-11-27 16.50", False),
        ("1118112289874", False),
    ],
)
def test_personal_numbers_are_known_by_date_and_check_digit(text: str, person: bool) -> None:
    """A number that cannot be one is not cried about."""
    assert person == has_personal_number(f"Ring {text}, tack")


@settings(deadline=None)
@given(st.dates(), st.integers(0, 999), st.sampled_from([0, 60]), st.sampled_from(["", "-", " ", "+"]))
def test_every_number_with_the_right_digit_is_found_and_no_other(
    day: Any, serial: int, more: int, dash: str
) -> None:
    """Of ten possible last digits, one is right."""
    born = f"{day:%y%m}{day.day + more:02}"
    right = luhn(f"{born}{serial:03}")
    hits = [n for n in range(10) if has_personal_number(f"a {born}{dash}{serial:03}{n} b")]
    if (day.month, day.day) != (2, 29):  # two digits of a year do not tell whether it had a leap day
        assert [right] == hits
    else:
        assert set(hits) <= {right}


@pytest.mark.parametrize(
    ("text", "loud"),
    [
        ("KOKA ALLT VATTEN I HELA STADEN", True),
        ("ÖVNING. Koka vattnet i hela staden", False),
        ("SMHI, MSB", False),
        ("", False),
    ],
)
def test_shouting_is_nearly_all_capitals(text: str, loud: bool) -> None:
    """A few abbreviations are not."""
    assert loud == shouts(text)


@pytest.mark.parametrize("kind", Kind)
def test_every_warning_can_be_said(kind: Kind) -> None:
    """Its values fill its text, in both languages."""
    known = crisis(next_at=None, confirmed_at=NOW - timedelta(hours=3), languages=(("English", "Boil."),))
    texts = {one.key: refit(one, "FARAN ÄR ÖVER ÖVNING 811228-9874 RING 0500-123456 NU GENAST") for one in SURFACES}
    for one in warnings(known, kind, SURFACES, texts, SV, now=NOW):
        values = one.problem.values | {"languages": SV.names(one.problem.values.get("languages", []))}
        assert SV(one.problem.key, **values)
