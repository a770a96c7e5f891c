"""The form: what each field must hold, and the hash that approvals are bound to."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.accounts import form
from tests import town

SETTING = form.Setting(date(2026, 11, 23), town.REQUESTER, frozenset({"facebook", "instagram"}))
WITH_MINIMUM = form.Setting(date(2026, 11, 23), town.REQUESTER, frozenset({"facebook"}), minimum_posts=2)


@pytest.mark.parametrize(
    ("field", "value", "key"),
    [
        ("unit", "", "form.needed"),
        ("platform", "myspace", "form.needed"),
        ("name", "x", "form.short"),
        ("name", "x" * 121, "form.long"),
        ("purpose", "Synas mer.", "form.short"),
        ("purpose", " " * 60, "form.needed"),
        ("purpose", None, "form.needed"),
        ("benefit", "  ", "form.needed"),
        ("audience", "", "form.needed"),
        ("existing", "", "form.needed"),
        ("editors", [town.REQUESTER], "form.editors"),
        ("editors", [town.REQUESTER, town.REQUESTER], "form.editors"),
        ("editors", None, "form.editors"),
        ("substitute", None, "form.needed"),
        ("substitute", town.REQUESTER, "form.substitute"),
        ("hours", "många", "form.hours"),
        ("hours", "0", "form.hours"),
        ("hours", "41", "form.hours"),
        ("ready", False, "form.ready"),
        ("children", None, "form.needed"),
        ("goals", "", "form.needed"),
        ("private", False, "form.private"),
        ("personal_data", "maybe", "form.needed"),
        ("start", "i vår", "form.needed"),
        ("until", "2027-01-11", "form.until"),
        ("guidelines", False, "form.guidelines"),
    ],
)
def test_what_is_wrong_stands_at_its_field(field: str, value: Any, key: str) -> None:
    """One wrong field: one problem, there."""
    found = form.problems(town.form(1, **{field: value}), SETTING)
    assert {field: key} == {name: problem.key for name, problem in found.items()}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"children": "yes", "children_routine": " "}, "children_routine"),
        ({"public": "no", "public_reason": ""}, "public_reason"),
    ],
)
def test_an_answer_that_asks_for_more(changed: dict[str, Any], field: str) -> None:
    """Children in pictures need a routine; a closed account needs a reason."""
    assert {field} == set(form.problems(town.form(1, **changed), SETTING))


def test_a_complete_form_is_complete() -> None:
    """Nothing is wrong with it, step by step or whole."""
    assert not form.problems(town.form(1), SETTING)
    assert not [step for step in (1, 2, 3) if form.problems(town.form(1), SETTING, step)]


def test_posts_a_week_only_where_the_department_sets_a_minimum() -> None:
    """Without a minimum nobody is asked."""
    assert not form.problems(town.form(1, posts=None), SETTING)
    assert {"posts"} == set(form.problems(town.form(1, posts="1"), WITH_MINIMUM))
    assert not form.problems(town.form(1, posts="2"), WITH_MINIMUM)


JUNK = st.one_of(st.none(), st.text(), st.integers(), st.booleans(), st.lists(st.text(), max_size=3))


@given(st.dictionaries(st.sampled_from(sorted(form.NAMES - {"editors"})), JUNK, max_size=4))
def test_nothing_that_can_be_sent_breaks_the_form(junk: dict[str, Any]) -> None:
    """Whatever comes in, the form answers with problems and never with an exception."""
    assert set(form.problems({**town.form(1), **junk}, SETTING)) <= form.NAMES


@given(st.sampled_from(sorted(form.NAMES - {"unit", "editors", "hours", "posts"})), st.text(min_size=1))
def test_any_other_text_is_another_hash(field: str, value: str) -> None:
    """An approval is bound to every field; spaces at the ends are not content."""
    one, other = form.clean(town.form(1)), form.clean(town.form(1, **{field: value}))
    assert (one == other) == (form.digest(one) == form.digest(other))


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("2", 2.0),
        ("2,5", 2.5),
        ("2.5", 2.5),
        (" 4 ", 4.0),
        ("1 000", 1000.0),
        ("-1", None),
        ("1e9", None),
        ("", None),
    ],
)
def test_numbers_as_swedes_write_them(typed: str, number: float | None) -> None:
    """A comma is a decimal sign."""
    assert number == form.number(typed)


def test_a_date_has_one_spelling() -> None:
    """A date picker that is to show it again takes no other."""
    content = form.clean(town.form(1, start="20270111", until="2027-W20-1"))
    assert (content["start"], content["until"]) == ("2027-01-11", "2027-05-17")
