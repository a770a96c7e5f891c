"""Reading the sources: pure functions, from whatever they may send to what we keep."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.crisis.warnings import fetching, found, judging, keeping, krisinformation, polling, proposal, smhi, vma
from bot.crisis.warnings.found import Found, Places, Reading, Unreadable
from bot.crisis.warnings.judging import Known
from bot.sandbox.platforms.alerts import Alerts, border, info
from bot.warning_settings import Warnings
from storage.warnings import ACTIVE, CANCELLED
from tests import town
from tests.crisis.outside import chosen
from tests.test_texts import SV

PLACES = Places("1480", "14", ("Göteborg",))
NOW = town.MONDAY


def sources() -> Alerts:
    return Alerts(clock=NOW.timestamp)


def read(source: Any, body: Any, **changed: Any) -> Reading:
    reading: Reading = source.read(body, PLACES, chosen(**changed))
    return reading


def vma_of(*alerts: dict[str, Any]) -> Reading:
    return read(vma, {"timestamp": "x", "alerts": list(alerts)})


def shout(value: Any) -> Any:
    """The same with keys in capitals, all the way down."""
    if isinstance(value, dict):
        return {key.upper(): shout(one) for key, one in value.items()}
    return [shout(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("spelling", [str.upper, str.lower, str.title], ids=["upper", "lower", "title"])
def test_keys_are_read_in_any_case(spelling: Any) -> None:
    """At every level, in all three sources."""

    def spelt(value: Any) -> Any:
        if isinstance(value, dict):
            return {spelling(key): spelt(one) for key, one in value.items()}
        return [spelt(one) for one in value] if isinstance(value, list) else value

    them = sources()
    them.alert("Gå inomhus.")
    them.entry("Gå inomhus")
    them.event("Vind")
    for source, body in ((vma, {"alerts": them.alerts}), (krisinformation, them.entries), (smhi, them.events)):
        assert read(source, body) == read(source, spelt(body))
        assert 1 == len(read(source, spelt(body)).found)


def test_the_swedish_text_is_taken_from_several_languages() -> None:
    """English where there is no Swedish, and the first where there is neither."""
    made = sources().alert("")
    languages = [
        info("Sisällä.", "1480", "fi-FI"),
        info("Go inside.", "1480", "en-GB"),
        info("Gå in.", "1480", "sv"),
    ]
    said = []
    for count in (3, 2, 1):
        made["info"] = languages[:count]
        said.append(vma_of(made).found[0].headline)
    assert ["Gå in.", "Go inside.", "Sisällä."] == said


def test_the_instruction_stands_under_the_description() -> None:
    """And a headline, where there is one, above."""
    made = sources().alert("Det brinner.")
    made["info"][0] |= {"instruction": "Gå inomhus.", "headline": "Brand i Centrum"}
    (one,) = vma_of(made).found
    assert ("Brand i Centrum", "Det brinner.\n\nGå inomhus.") == (one.headline, one.text)


def test_references_are_read_by_number() -> None:
    """Several, with blanks between; the time in them is not used."""
    said = "https://x/v3,SRCAP1I,2022-05-24T09:13:01+02:00 https://x/v3,SRCAP2I,2022-05-24T09:14:01+02:00"
    assert ["SRCAP1I", "SRCAP2I"] == vma.references(said)
    assert [] == vma.references(None)


@pytest.mark.parametrize("value", ["1480", 1480, "14", 14, "00", "SE", "se"])
def test_codes_of_ours_and_of_the_country(value: Any) -> None:
    """As text and as numbers."""
    made = sources().alert("Rök.")
    made["info"][0]["area"][0]["geocode"] = [{"valueName": "Kommun", "value": value}]
    assert vma_of(made).found[0].here is True


def test_a_code_that_lost_its_zero_is_known() -> None:
    """0180 and 01 as numbers are 180 and 1."""
    assert ["0180", "01"] == vma.codes({"geocode": [{"value": 180}, {"value": 1}]})


@pytest.mark.parametrize("area", [None, [], [{"areaDesc": "Någonstans"}], [{"areaDesc": "X", "geocode": []}]])
def test_an_alert_without_code_does_not_say_where(area: Any) -> None:
    """It is counted, not guessed."""
    made = sources().alert("Rök.")
    made["info"][0]["area"] = area
    reading = vma_of(made)
    assert (None, 1) == (reading.found[0].here, reading.odd)


def test_alerts_come_oldest_first_and_the_end_last() -> None:
    """Whatever the order of the list and the zones of its times."""
    them = sources()
    made = them.alert("Gå inomhus.", sent="2026-11-23T11:00:00+01:00")
    ended = them.cancel(made, sent="2026-11-23T10:00:00+00:00")
    assert [False, True] == [one.cancelled for one in vma_of(ended, made).found]


@pytest.mark.parametrize(
    "wrong", [None, 1, "alert", {}, {"identifier": "x"}, {"status": "Actual", "msgType": "Alert"}]
)
def test_an_entry_that_cannot_be_read_is_counted(wrong: Any) -> None:
    """The others are read."""
    reading = vma_of(wrong, sources().alert("Rök."))
    assert (1, 1) == (len(reading.found), reading.odd)


@pytest.mark.parametrize("body", [None, [], {}, {"alerts": None}, {"alerts": {}}, "alerts", 3])
def test_no_list_of_alerts_is_no_empty_list(body: Any) -> None:
    """An error page must not look like peace."""
    with pytest.raises(Unreadable):
        read(vma, body)


@pytest.mark.parametrize("source", [krisinformation, smhi])
@pytest.mark.parametrize("body", [None, {}, {"error": "x"}, "[]", 3])
def test_the_others_are_lists_at_the_top(source: Any, body: Any) -> None:
    """Anything else is no answer."""
    with pytest.raises(Unreadable):
        read(source, body)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def mutated(template: Any) -> st.SearchStrategy[Any]:
    """The template with anything in place of any part."""
    if isinstance(template, dict):
        whole = st.fixed_dictionaries({key: mutated(value) for key, value in template.items()})
    elif isinstance(template, list):
        whole = st.tuples(*map(mutated, template)).map(list)
    else:
        whole = st.just(template)
    return st.integers(0, 7).flatmap(lambda n: whole if n else JUNK)


def _templates() -> list[tuple[Any, Any]]:
    them = sources()
    them.cancel(them.alert("Gå inomhus."))
    them.entry("Gå inomhus")
    them.event("Vind")
    return [(vma, {"alerts": them.alerts}), (krisinformation, them.entries), (smhi, them.events)]


@pytest.mark.parametrize(("source", "template"), _templates(), ids=["vma", "krisinformation", "smhi"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_comes_is_read_or_refused(source: Any, template: Any, data: st.DataObject) -> None:
    """No answer brings the desk down, and what is kept can be kept: short, and as JSON again the same."""
    try:
        reading = read(source, data.draw(mutated(template)))
    except Unreadable:
        return
    for one in reading.found:
        assert one == Found.from_json(json.loads(json.dumps(one.to_json())))
        assert 0 < len(one.ident) <= found.IDENT
        assert "\x00" not in json.dumps(one.to_json(), ensure_ascii=False).encode().decode()
        judging.first_word(one, NOW)


def test_krisinformation_is_html_and_read_as_text() -> None:
    """Markup goes, paragraphs and signs stay."""
    entry = sources().entry("Rök", bodyText="<p>Gå in &amp; stäng.</p><p>Vid <b>&lt;5</b> grader<br/>vänta.</p>")
    assert "Gå in & stäng.\nVid <5 grader\nvänta." == read(krisinformation, [entry]).found[0].text


@pytest.mark.parametrize(
    ("kind", "name", "here"),
    [
        ("Municipality", "Göteborgs kommun", True),
        ("Municipality", "GÖTEBORG", True),
        ("Municipality", "Göteborgs kommun (Västra Götalands län)", True),
        ("municipality", "1480", True),
        ("County", "Västra Götalands län", True),
        ("County", "Västra Götaland", True),
        ("Country", "Sverige", True),
        ("County", "Hallands län", False),
        ("Municipality", "Mölndals stad", False),
        ("Municipality", "", None),
        ("Coordinate", "Göteborg", None),
    ],
)
def test_places_by_name(kind: str, name: str, here: bool | None) -> None:
    """Ours as it is written in ordinary life; what is named nowhere stays unknown."""
    entry = sources().entry("Rök", area=name)
    entry["area"][0]["type"] = kind
    assert here is read(krisinformation, [entry]).found[0].here


def test_entries_in_other_languages_are_left_to_them() -> None:
    """The same entry comes in Swedish, too."""
    entry = sources().entry("Stay inside", language="en")
    assert Reading(()) == read(krisinformation, [entry])


ORIGINAL = Found(
    "vma", "SRCAP20261123A", "SRCAP20261123A", text="Brandrök sprids från hamnen mot Centrum. " * 3, sent=NOW
)
COPY = Found("krisinformation", "77", "77", level="VMA", text="Annat", sent=NOW + timedelta(hours=6))


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ({}, False),
        ({"names": ("77", "SRCAP20261123A")}, True),
        ({"incident": "sr:SRCAP20261123A"}, True),
        ({"incident": "0"}, False),
        ({"text": "VMA: " + "Brandrök sprids från hamnen, mot Centrum! " * 4}, True),
        ({"sent": NOW + timedelta(minutes=20)}, True),
        ({"sent": NOW + timedelta(minutes=20), "level": ""}, False),
        ({"sent": None}, False),
    ],
)
def test_a_copy_is_known_by_number_by_words_or_by_time(changed: dict[str, Any], same: bool) -> None:
    """An ordinary news item is never a copy."""
    original = replace(ORIGINAL, names=(ORIGINAL.ident,))
    assert same == krisinformation.same(original, replace(COPY, **changed))


def test_a_cancelled_original_claims_only_copies_that_name_it() -> None:
    """What comes just after may be the next VMA."""
    ended = replace(ORIGINAL, names=(ORIGINAL.ident,), cancelled=True)
    assert not krisinformation.same(ended, replace(COPY, sent=NOW, text=ORIGINAL.text))
    assert krisinformation.same(ended, replace(COPY, incident=ORIGINAL.ident))


@pytest.mark.parametrize("collection", [False, True])
def test_smhi_draws_as_a_feature_or_as_a_collection(collection: bool) -> None:
    """The border is not needed, the county's number is."""
    them = sources()
    made = them.event("Vind")
    made["warningAreas"][0]["area"] = border(collection=collection)
    assert ["Vind"] == [one.headline for one in read(smhi, them.events).found]


def test_the_parts_of_one_event_are_one_warning() -> None:
    """The highest level and its words; every area; no end unless all have one."""
    them = sources()
    made, other = them.event("Vind"), them.event("Kraftig vind", level="RED")
    part = other["warningAreas"][0] | {"areaName": {"sv": "Bohuslän"}}
    made["warningAreas"].append(part)
    (one,) = read(smhi, [made]).found
    assert ("RED", "Kraftig vind", ("Västra Götalands län", "Bohuslän")) == (one.level, one.headline, one.areas)
    assert one.text == "Vad händer?\nKraftig vind"
    assert (NOW, NOW + timedelta(hours=12)) == (one.onset, one.expires)
    del part["approximateEnd"]
    assert read(smhi, [made]).found[0].expires is None


def test_a_level_nobody_knows_is_counted_where_it_is_ours() -> None:
    """A new colour must not be a silent one; elsewhere it is others' business."""
    them = sources()
    them.event("Vind")["warningAreas"][0]["warningLevel"] = {"code": "PURPLE"}
    them.event("Vind", counties=(5,))["warningAreas"][0]["warningLevel"] = {"code": "PURPLE"}
    assert Reading((), odd=1) == read(smhi, them.events)


KNOWN = Known(ACTIVE, replace(ORIGINAL, names=("A",), version="A", headline="Rök"))


def test_the_same_words_again_say_nothing_new() -> None:
    """However often they are read."""
    assert judging.further_word(KNOWN, KNOWN.found, NOW) is None


def test_an_older_message_changes_nothing() -> None:
    """The list still holds the alert that was updated."""
    older = replace(KNOWN.found, version="0", names=("0", "A"), sent=NOW - timedelta(minutes=1), headline="Annat")
    assert judging.further_word(KNOWN, older, NOW) is None


def test_an_update_without_area_keeps_the_area() -> None:
    """It is still about us."""
    newer = replace(KNOWN.found, version="B", sent=NOW + timedelta(minutes=1), here=None, areas=())
    verdict = judging.further_word(Known(ACTIVE, replace(KNOWN.found, areas=("Centrum",))), newer, NOW)
    assert verdict is not None
    assert (("Centrum",), True, True) == (verdict.found.areas, verdict.found.here, verdict.rings)


def test_a_cancelled_warning_stays_cancelled_until_a_newer_message() -> None:
    """The alert itself, read again, does not wake it."""
    ended = Known(CANCELLED, replace(KNOWN.found, cancelled=True, version="C", sent=NOW + timedelta(hours=1)))
    assert judging.further_word(ended, KNOWN.found, NOW) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": "999999"}, 3600),
        ({"Retry-After": "-5"}, 0),
        ({"Retry-After": "soon"}, 0),
        ({"Retry-After": "Mon, 23 Nov 2026 09:02:00 GMT", "Date": "Mon, 23 Nov 2026 09:00:00 GMT"}, 120),
        ({"Retry-After": "Mon, 23 Nov 2026 08:00:00 GMT", "Date": "Mon, 23 Nov 2026 09:00:00 GMT"}, 0),
    ],
)
def test_the_wait_asked_for(headers: dict[str, str], seconds: float) -> None:
    """As seconds, or as a date by the source's own clock; at most an hour."""
    assert seconds == fetching.retry_after(httpx.Response(429, headers=headers))


@pytest.mark.parametrize(
    ("value", "read_as"),
    [
        ("2026-11-23T10:00:00+01:00", NOW),
        ("2026-11-23T09:00:00.000Z", NOW),
        ("2026-11-23T10:00:00", NOW),
        ("0001-01-01T00:00:00+14:00", None),
        ("i morgon", None),
        (None, None),
        (20261123, datetime(2026, 11, 22, 23, tzinfo=UTC)),
    ],
)
def test_instants(value: Any, read_as: datetime | None) -> None:
    """Stockholm's where no zone is given; None for what no calendar has."""
    assert read_as == found.instant(value)


def test_settings_are_off_and_say_what_they_need() -> None:
    """Codes that belong together, or one sentence that says so."""
    assert Warnings().enabled is False
    for wrong in ({}, {"municipality": "1480"}, {"municipality": "1480", "county": "05"}):
        with pytest.raises(ValidationError, match="municipality"):
            Warnings.model_validate({"enabled": True, **wrong})
    for name, value in (("municipality", "148"), ("county", "014"), ("poll_s", 30), ("sources", [])):
        with pytest.raises(ValidationError):
            Warnings.model_validate({name: value})


def test_every_source_of_the_settings_has_a_reader() -> None:
    """In the order of trust."""
    assert Warnings().sources == tuple(polling.SOURCES) == keeping.ORDER


def test_the_facts_are_filled_in_within_the_lengths_of_the_form() -> None:
    """What is known; the advice and who confirmed it here stay people's business."""
    one = replace(
        ORIGINAL, headline="R" * 300, areas=("Göteborgs kommun", "x" * 90), link="https://sr.se/vma", sent=NOW
    )
    facts = proposal.facts(one, SV)
    assert ("other", 80, 80) == (facts.event, len(facts.what), len(facts.where))
    assert len(facts.danger) <= 300
    assert (NOW, "https://sr.se/vma", "") == (facts.confirmed_at, facts.more, facts.advice)
    assert ["weather", "fire"] == [
        proposal.event(replace(one, source="smhi", code=c)) for c in ("WIND", "GRASS_FIRE")
    ]
