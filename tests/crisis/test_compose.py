"""Composing: the advice whole, the limits kept, the address at its length, the drill marked."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.limits import ADDRESS, LIMITS, URL, graphemes
from bot.channels.weighted import weigh
from bot.crisis.compose import Fitted, Surface, compose, fill, refit, spaced
from bot.crisis.facts import Facts, Kind
from bot.crisis.templates import Form, sentence, standing_advice
from tests.crisis.crises import NOW, ON, SITE, SURFACES, SV, crisis, facts, told

MANY = settings(deadline=None, max_examples=60)  # a busy machine proves nothing
CALLING = (Kind.FIRST, Kind.UPDATE, Kind.NOTHING_NEW)  # a correction and an end carry no advice of their own
LONG = "Håll dig borta från området och åk inte dit för att titta på, för räddningstjänsten behöver vägarna. " * 2
ADDRESSES = st.builds(
    lambda host, path: f"https://{host}.se/{path}",
    st.from_regex(r"[a-z]{1,20}", fullmatch=True),
    st.from_regex(r"[a-z0-9/-]{0,200}[a-z0-9]", fullmatch=True),
)


def squeezed(text: str) -> str:
    """Without regard to where rows and paragraphs break, or to capitals."""
    return re.sub(r"\s+", "", text).upper()


@MANY
@given(facts().filter(lambda known: known.advice), st.sampled_from(CALLING))
def test_the_advice_people_typed_stands_whole_in_every_text(known: Facts, kind: Kind) -> None:
    """In those that fit, and in those that do not: nothing of it is ever cut."""
    for key, fitted in told(known, kind).items():
        if fitted.text or key != "sign":
            assert squeezed(sentence(known.advice)) in squeezed(fitted.text), key


@pytest.mark.parametrize("kind", CALLING)
@pytest.mark.parametrize(
    ("event", "core"),
    [
        ("water", "kok"),
        ("power", "Stäng av"),
        ("fire", "åk inte dit"),
        ("weather", "Ge dig inte ut"),
        ("it", "Är det bråttom"),
        ("trust", "behöver du stöd"),
    ],
)
def test_the_standing_advice_is_in_every_public_text(event: str, core: str, kind: Kind) -> None:
    """In the words that fit the surface."""
    public = [one for one in SURFACES if one.shape in (Form.WEB, Form.POST, Form.SHORT, Form.PRESS, Form.SLACK)]
    known = crisis(event, danger="Läget är allvarligt.", unknown="hur länge det varar " * 8, more=SITE)
    said = told(known, kind)
    assert [] == [one.key for one in public if core.lower() not in said[one.key].text.lower()]
    assert [] == [one.key for one in public if said[one.key].over]


@MANY
@given(facts(), st.sampled_from(Kind))
def test_nothing_that_fits_is_longer_than_the_channel_takes(known: Facts, kind: Kind) -> None:
    """Counted as the vendor counts, with the reserved length of the address."""
    for key, fitted in told(known, kind).items():
        limit = ON[key].limit
        if fitted.over == 0:
            assert limit.length(fitted.text) <= limit.characters, key
            assert len(fitted.title) <= (limit.title or 0), key
            assert len(fitted.alt) <= (limit.alt or 0), key
            assert fitted.marked is None, key


@MANY
@given(facts(), st.sampled_from(Kind), ADDRESSES)
def test_the_address_never_makes_a_text_too_long(known: Facts, kind: Kind, url: str) -> None:
    """However long it is where it is counted at one length; up to what was reserved where it is not."""
    for key, fitted in told(known, kind).items():
        limit = ON[key].limit
        if fitted.over == 0 and (limit.link is not None or len(url) <= ADDRESS):
            assert limit.weigh(fill(fitted.text, url)) <= limit.characters, key


@MANY
@given(facts(), st.sampled_from(Kind))
def test_a_drill_is_marked_first_on_everything(known: Facts, kind: Kind) -> None:
    """Title, text, alternative text, every sign."""
    for key, fitted in told(replace(known, drill=True), kind).items():
        for shown in filter(None, (fitted.title, fitted.text, fitted.alt)):
            assert shown.lstrip("*").startswith("ÖVNING"), key
    for key, fitted in told(replace(known, drill=False), kind).items():
        assert "ÖVNING" not in fitted.text + fitted.title + fitted.alt, key


@MANY
@given(facts(), st.sampled_from(Kind))
def test_what_is_composed_measures_the_same_when_nobody_changed_it(known: Facts, kind: Kind) -> None:
    """Opening a text for editing and closing it does nothing."""
    for key, fitted in told(known, kind).items():
        again = refit(ON[key], fitted.text, fitted.title, fitted.alt)
        assert replace(fitted, marked=None) == replace(again, marked=None), key


@MANY
@given(facts(), st.sampled_from(CALLING))
def test_too_much_says_how_much_and_which_words(known: Facts, kind: Kind) -> None:
    """Without the marked words a text fits."""
    for key, fitted in told(known, kind).items():
        assert (fitted.over > 0) or fitted.marked is None, key
        surface = ON[key]
        if fitted.marked and surface.shape is not Form.SIGN:
            start, end = fitted.marked
            assert (
                surface.limit.length(fitted.text[:start] + fitted.text[end:].lstrip()) <= surface.limit.characters
            )
            assert fitted.text[start:end].strip(), key


def test_advice_that_cannot_fit_is_kept_and_its_last_words_marked() -> None:
    """Everything else that may go has gone; the promise and the address have not."""
    said = told(crisis("other", advice=LONG.strip(), danger="Röken är farlig.", unknown="vad som brinner"))["x"]
    start, end = said.marked or (0, 0)
    assert LONG.strip() in said.text
    assert weigh(said.text.replace(URL, "")) + 23 - 280 == said.over
    assert said.text[:end].endswith("räddningstjänsten behöver vägarna.")
    assert said.over <= end - start <= said.over + len("räddningstjänsten")
    assert "Röken" not in said.text
    assert said.text.endswith("Nästa besked senast fredag kl. 16.50. Senaste nytt: {url}")


@pytest.mark.parametrize(
    ("length", "kept"),
    [
        (60, ["Röken är farlig.", "Centrum berörs inte.", "Vi vet ännu inte vad"]),
        (135, ["Röken är farlig.", "Centrum berörs inte."]),
        (150, ["Centrum berörs inte."]),
        (170, []),
    ],
)
def test_what_may_go_goes_in_a_fixed_order(length: int, kept: list[str]) -> None:
    """What is unknown, then the danger, and where it does not apply last."""
    advice = ("Gå inomhus nu. " * 20)[: length - 1].strip() + "."
    said = told(crisis("other", what="Gasläcka", advice=advice, danger="Röken är farlig.", unknown="vad"))["x"]
    parts = ["Röken är farlig.", "Centrum berörs inte.", "Vi vet ännu inte vad"]
    assert (kept, 0) == ([part for part in parts if part in said.text], said.over)


def test_thanks_and_apologies_go_before_facts() -> None:
    """An end that is nearly too long loses the thanks."""
    said = told(crisis("power", now="Skyll inte på oss. " * 6), Kind.END)
    assert "Tack" in said["mastodon"].text
    assert ("Tack" in said["x"].text, said["x"].over) == (False, 0)


def test_every_surface_has_its_own_place_for_things() -> None:
    """Headlines where there are headlines, alternative text where there is a picture."""
    said = told(crisis())
    assert {"web", "intranet", "feed", "instagram", "press", "kitchens", "contact_centre", "county", "youtube"} == {
        key for key, one in said.items() if one.title
    }
    assert {"instagram"} == {key for key, one in said.items() if one.alt}
    assert {"sign"} == {key for key, one in said.items() if one.rows}


def test_the_caption_repeats_what_the_picture_says() -> None:
    """A picture of text must not be the only place for it; its alternative text says it all but the address."""
    said = told(crisis())["instagram"]
    assert said.alt == f"Bild med text: {told(crisis())['x'].text.removesuffix(' {url}')}"
    assert standing_advice(SV, "water")[-20:] in said.text


@pytest.mark.parametrize("url", ["https://kommunen.se/kris-1a2b3c4d", "https://kommunen.se/" + "a" * 400])
def test_short_posts_lead_somewhere(url: str) -> None:
    """The address is last, with a space before it."""
    for key in ("x", "mastodon", "bluesky"):
        assert fill(told(crisis())[key].text, url).endswith(f" {url}")


def test_a_text_without_an_address_closes_round_the_gap() -> None:
    """The website was skipped and there is none: no braces reach the public."""
    assert "Läs mer. Nu" == fill("Läs mer {url}. Nu", "")
    assert "Koka vattnet." == fill("Koka vattnet. {url}", "")


@pytest.mark.parametrize(
    ("typed", "spread"),
    [
        ("mer:{url}", "mer: {url}"),
        ("{url}tack", "{url} tack"),
        ("({url}).", "({url})."),
        ("på {url}, tack", "på {url}, tack"),
        ("{url}{url}", "{url} {url}"),
    ],
)
def test_an_address_is_never_glued_to_a_word(typed: str, spread: str) -> None:
    """Nobody makes a link of it otherwise, and X would count it letter by letter."""
    assert spread == spaced(typed)
    assert spread == refit(ON["x"], typed).text


# Signs


@MANY
@given(facts(), st.sampled_from(Kind))
def test_a_sign_shows_few_short_rows_in_capitals_and_nothing_to_write_down(known: Facts, kind: Kind) -> None:
    """At most three of 24; no telephone number, no address."""
    sign = told(known, kind)["sign"]
    assert sign.text == "\n".join(sign.rows)
    assert [row.upper() for row in sign.rows] == list(sign.rows)
    if sign.over == 0:
        assert len(sign.rows) <= 3
        assert [] == [row for row in sign.rows if len(row) > 24]
        assert not re.search(r"https?:|\d{3}-\d{3}|@", sign.text)


def test_a_long_place_takes_two_rows_and_the_radio_goes() -> None:
    """What must stand stands."""
    sign = told(crisis(where="Brunnsbo, Backa och Norra hamnen"))["sign"]
    assert ("KOKA VATTNET", "BRUNNSBO, BACKA OCH", "NORRA HAMNEN") == sign.rows


@pytest.mark.parametrize(
    ("rows", "shown"),
    [
        (4, ("ÖVNING", "KOKA VATTNET", "NORRA STAN", "LYSSNA PÅ P4")),
        (3, ("ÖVNING KOKA VATTNET", "NORRA STAN", "LYSSNA PÅ P4")),
        (2, ("ÖVNING KOKA VATTNET", "NORRA STAN")),
    ],
)
def test_a_sign_in_a_drill_says_so_in_the_first_row(rows: int, shown: tuple[str, ...]) -> None:
    """A row of its own where there is one to spare."""
    sign = Surface("sign", "Infarten", "sign", rows=rows, characters=24)
    assert shown == told_on(sign, crisis(drill=True)).rows


def told_on(surface: Surface, known: Facts) -> Fitted:
    """The first word on a surface that is not among the usual ones."""
    return compose(known, Kind.FIRST, [surface], SV, municipality="Exempel", now=NOW, link=SITE)[surface.key]


@pytest.mark.parametrize(
    ("typed", "over", "marked"),
    [
        ("koka vattnet\nnorra stan", 0, None),
        ("KOKA VATTNET\n" + "A" * 30, 6, "A" * 6),
        ("A\nB\nC\nDETTA FÅR INTE PLATS", 20, "DETTA FÅR INTE PLATS"),
        ("RING 0500-12 34 56", 13, "0500-12 34 56"),
        ("RING 1177", 4, "1177"),
        ("SE KOMMUNEN.SE", 11, "KOMMUNEN.SE"),
        ("SE {url}", 5, "{URL}"),
        ("VATTEN KL. 16.50", 0, None),
        ("VÄG 26 AVSTÄNGD", 0, None),
    ],
)
def test_a_sign_that_was_edited_is_measured(typed: str, over: int, marked: str | None) -> None:
    """What does not fit and what may not be shown are both too many."""
    fitted = refit(ON["sign"], typed)
    span = fitted.marked
    assert (over, marked) == (fitted.over, fitted.text[slice(*span)] if span else None)


# Edited texts


@MANY
@given(st.sampled_from([one for one in SURFACES if one.shape is not Form.SIGN]), st.text(max_size=400))
def test_an_edited_text_is_measured_and_left_alone(surface: Surface, text: str) -> None:
    """Nothing but the spaces at its ends."""
    fitted = refit(surface, text)
    assert spaced(text.strip()) == fitted.text
    assert (surface.limit.length(fitted.text) > surface.limit.characters) == (fitted.over > 0)


def test_an_edited_title_can_be_too_long_as_well() -> None:
    """It counts together with the text."""
    assert 3 == refit(ON["web"], "Kort.", "a" * 203).over
    assert 0 == refit(ON["web"], "Kort.", "a" * 200).over


@MANY
@given(facts())
def test_a_fitted_text_survives_the_database(known: Facts) -> None:
    """To JSON and back."""
    for fitted in told(known).values():
        assert fitted == Fitted.from_json(fitted.to_json())


# Counting


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("åäö", 3),
        ("a\u030a", 1),
        ("\r\n\n", 2),
        ("👩‍👩‍👧‍👦", 1),
        ("👍🏽", 1),
        ("🇸🇪🇳🇴", 2),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 1),
        ("1\ufe0f\u20e3", 1),
        ("a\u200db", 2),
        ("字", 1),
    ],
)
def test_graphemes_are_counted_as_people_see_them(text: str, count: int) -> None:
    """Cases of UAX 29 that turn up in posts."""
    assert count == graphemes(text)


def test_bluesky_takes_three_hundred_signs_but_no_more_than_three_thousand_bytes() -> None:
    """A family of four is one sign and 25 bytes."""
    limit = LIMITS["bluesky"]
    assert 300 == limit.length("å" * 300)
    assert limit.length("👩‍👩‍👧‍👦" * 120) == limit.characters
    assert limit.length("👩‍👩‍👧‍👦" * 121) > limit.characters


@pytest.mark.parametrize(("platform", "length"), [("x", 27), ("mastodon", 27), ("bluesky", 4 + ADDRESS)])
def test_an_address_counts_at_its_reserved_length(platform: str, length: int) -> None:
    """Also before anybody knows it."""
    assert length == LIMITS[platform].length("mer {url}")


def test_a_typed_address_counts_on_mastodon_as_it_does_there() -> None:
    """23, whatever its length; the full stop after it is no part of it."""
    assert 28 == LIMITS["mastodon"].length("Mer https://kommunen.se/" + "a" * 80 + ".")


def test_every_platform_of_the_composer_has_a_limit() -> None:
    """And a surface of its own in these tests."""
    assert set(LIMITS) == {surface.platform for surface in SURFACES}
