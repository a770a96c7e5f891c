"""The facts: what is asked for, how they are read from a form, and that none gets lost on the way."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.crisis.facts import EVENTS, Facts, Kind, check, from_form, instant
from bot.crisis.templates import standing_advice
from bot.errors import Invalid, Problem
from tests.crisis.crises import NOW, SV, crisis, facts

NEEDED = Problem("form.needed")
FORM = {
    "event": "water",
    "what": " Bakterier i\n dricksvattnet ",
    "where": "Norra stan",
    "confirmed_by": "VA-jouren",
    "confirmed_at": int(NOW.timestamp()),
    "next_at": "2026-11-27 kl. 16.50",
    "mode": "real",
}


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("event", EVENTS)
def test_whole_facts_have_no_problem(event: str, kind: Kind) -> None:
    """Every event, every kind of message."""
    assert {} == check(crisis(event), kind=kind, now=NOW)


@pytest.mark.parametrize(
    ("kind", "changed", "problems"),
    [
        (Kind.FIRST, {"what": ""}, {"what": NEEDED}),
        (Kind.FIRST, {"where": ""}, {"where": NEEDED}),
        (Kind.FIRST, {"confirmed_by": "", "confirmed_at": None}, {"confirmed_by": NEEDED, "confirmed_at": NEEDED}),
        (Kind.FIRST, {"event": "flood"}, {"event": NEEDED}),
        (Kind.FIRST, {"where_not": "", "danger": "", "unknown": "", "next_at": None}, {}),
        (Kind.FIRST, {"what": "a" * 81}, {"what": Problem("form.long", limit=80, n=81)}),
        (Kind.FIRST, {"advice": "a" * 601}, {"advice": Problem("form.long", limit=600, n=601)}),
        (Kind.FIRST, {"confirmed_at": NOW + timedelta(minutes=5)}, {}),
        (Kind.FIRST, {"confirmed_at": NOW + timedelta(minutes=6)}, {"confirmed_at": Problem("facts.future")}),
        (Kind.FIRST, {"next_at": NOW}, {"next_at": Problem("facts.past")}),
        (Kind.FIRST, {"next_at": NOW + timedelta(days=7)}, {"next_at": Problem("facts.far", n=6)}),
        (Kind.END, {"next_at": NOW - timedelta(hours=1)}, {}),
        (Kind.FIRST, {"more": "kommunen.example"}, {"more": Problem("facts.web")}),
        (Kind.FIRST, {"more": "https://kommunen.example/kris?id=7"}, {}),
        (Kind.FIRST, {"drill": True, "next_at": None}, {"ends_at": NEEDED}),
        (Kind.FIRST, {"drill": True, "ends_at": NOW}, {"ends_at": Problem("facts.past")}),
        (Kind.UPDATE, {"news": ""}, {"news": NEEDED}),
        (Kind.NOTHING_NEW, {"news": ""}, {}),
        (Kind.CORRECTION, {"wrong": "", "right": ""}, {"wrong": NEEDED, "right": NEEDED}),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    kind: Kind, changed: dict[str, Any], problems: dict[str, Problem]
) -> None:
    """One problem a field, and none where nothing is wrong."""
    assert problems == check(crisis(**changed), kind=kind, now=NOW)


@pytest.mark.parametrize("event", EVENTS)
def test_advice_must_be_typed_where_there_is_none_of_the_events_own(event: str) -> None:
    """An event without standing advice is the one for which it is asked."""
    problems = check(crisis(event, advice=""), kind=Kind.FIRST, now=NOW)
    assert bool(standing_advice(SV, event)) == ("advice" not in problems)


@settings(deadline=None)
@given(facts())
def test_facts_survive_the_database(known: Facts) -> None:
    """To JSON and back, nothing is lost."""
    assert known == Facts.from_json(known.to_json())


def test_instants_are_stored_in_utc_and_unknown_names_are_left_out() -> None:
    """An older or newer desk may have written other names."""
    data = crisis(next_at=datetime.fromisoformat("2026-11-27T16:50+01:00")).to_json()
    assert "2026-11-27T15:50:00+00:00" == data["next_at"]
    assert crisis().what == Facts.from_json(data | {"severity": "high"}).what


def test_a_form_becomes_facts() -> None:
    """Spaces are tidied, instants read in both spellings, and the mode is what was chosen."""
    read = from_form(FORM | {"languages": "English: Boil the water.\n\nSuomi: Keitä vesi."})
    assert ("Bakterier i dricksvattnet", NOW, False) == (read.what, read.confirmed_at, read.drill)
    assert datetime(2026, 11, 27, 15, 50, tzinfo=UTC) == read.next_at
    assert (("English", "Boil the water."), ("Suomi", "Keitä vesi.")) == read.languages
    assert from_form(FORM | {"mode": "drill"}) == replace(from_form(FORM), drill=True)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"mode": None}, {"mode": NEEDED}),
        ({"mode": "Övning?"}, {"mode": NEEDED}),
        ({"next_at": "i eftermiddag"}, {"next_at": Problem("facts.time")}),
        ({"next_at": "2026-11-27 25.00"}, {"next_at": Problem("facts.time")}),
        ({"confirmed_at": 10**18}, {"confirmed_at": Problem("facts.time")}),
        ({"languages": "Boil the water."}, {"languages": Problem("facts.languages")}),
        ({"languages": [("English", "")]}, {"languages": Problem("facts.languages")}),
    ],
)
def test_what_cannot_be_read_is_never_guessed(changed: dict[str, Any], problem: dict[str, Problem]) -> None:
    """Above all not whether it is a drill."""
    with pytest.raises(Invalid) as refused:
        from_form(FORM | changed)
    assert problem == refused.value.problems


@settings(deadline=None)
@given(st.one_of(st.text(), st.integers(), st.floats(allow_nan=False)))
def test_no_instant_is_without_a_zone(value: object) -> None:
    """Whatever is typed: an aware instant, nothing, or an error the form can show."""
    try:
        read = instant(value)
    except (ValueError, OverflowError, OSError):
        return
    assert read is None or read.tzinfo is UTC
