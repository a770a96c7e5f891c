"""X's count: what its published rules give for known texts, and laws that hold for every text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.weighted import LIMIT, URL_WEIGHT, weigh

SWEDISH = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyzåäöÅÄÖ0123456789 ,!\n"), max_size=60)
ANYTHING = st.text(max_size=60)
NAMES = st.from_regex(r"[a-z][a-z0-9]{0,20}", fullmatch=True)
PATHS = st.from_regex(r"(/[a-zåäö0-9_-]{1,12}){0,3}", fullmatch=True)
EMOJI = st.sampled_from(["👍", "👍🏽", "👩‍🚒", "👨‍👩‍👧‍👦", "🇸🇪", "1️⃣", "⚠️", "❤️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🚰", "🏳️‍🌈", "™️"])


@pytest.mark.parametrize(
    ("weight", "text"),
    [
        (0, ""),
        (25, "Koka vattnet i Storstaden"),
        (6, "åäöÅÄÖ"),
        (4, "–—“”"),  # the dashes and quotes of running text are light
        (2, "…"),  # the ellipsis is not
        (2, "→"),
        (6, "⁂⁊→"),
        (4, "日本"),
        (1, "e\u0301"),
        (1, "©"),
        (2, "©\ufe0f"),
        (4, "🇽🇽"),  # no country, so two signs
        (23, "https://kommun.se"),
        (23, "https://www.kommun.se/vatten/aktuellt?sida=1&ort=norr#karta"),
        (23, "HTTPS://KOMMUN.SE/A"),
        (23, "kommun.se"),  # X makes a link of it without being asked
        (23, "https://räddningstjänst.se/å"),
        (33, "Läs mer: https://kommun.se/koka."),
        (25, "https://kommun.se/a(b)c)."),
        (48, "kommun.se, https://kommun.se"),
        (23, "http://kommun.se:8080/a"),
        (31, "kommun.se?a=b&c=d"),
        (16, "anna.b@kommun.se"),
        (20, "http://localhost/abc"),
        (10, "#kommun.se"),
        (12, "Stanna inne."),
        (13, "t.ex. kl. 8.0"),
        (17, "inne.Koka vattnet"),
        (43, "Läs på kommun.se.Koka vattnet"),
    ],
)
def test_known_texts_weigh_what_x_says(weight: int, text: str) -> None:
    """Values taken from X's own counting library."""
    assert weight == weigh(text)


def test_a_name_that_may_be_a_domain_counts_as_the_longer_of_two_readings() -> None:
    """X knows endings that we do not list; a post must not be refused for that."""
    assert max(URL_WEIGHT, len("stad.stockholm")) == weigh("stad.stockholm")
    long = "https://en.mycket.lang.adress.okandandelse/sida"
    assert len(long) == weigh(long)


@given(ANYTHING)
def test_composed_and_decomposed_writing_weigh_the_same(text: str) -> None:
    """X counts after NFC."""
    assert weigh(unicodedata.normalize("NFC", text)) == weigh(unicodedata.normalize("NFD", text))


@given(SWEDISH)
def test_swedish_running_text_weighs_a_character_each(text: str) -> None:
    """Without links and pictures the count is what an editor shows."""
    assert len(text) == weigh(text)


@given(SWEDISH, EMOJI, SWEDISH)
def test_an_emoji_weighs_two_whatever_it_is_made_of(before: str, emoji: str, after: str) -> None:
    """Skin, sex, family and flags are several code points and one picture."""
    assert len(before) + 1 + 2 + 1 + len(after) == weigh(f"{before} {emoji} {after}")


@given(SWEDISH, NAMES, PATHS, SWEDISH)
def test_a_link_weighs_23_whatever_its_length(before: str, name: str, path: str, after: str) -> None:
    """X puts its own link in place of ours."""
    assert len(before) + 1 + URL_WEIGHT + 1 + len(after) == weigh(f"{before} https://{name}.se{path} {after}")


@given(ANYTHING, ANYTHING)
def test_paragraphs_add_up(first: str, second: str) -> None:
    """Nothing reaches over an empty line."""
    assert weigh(first) + 2 + weigh(second) == weigh(f"{first}\n\n{second}")


@given(st.text(max_size=400))
def test_nothing_weighs_more_than_it_could(text: str) -> None:
    """Two for each code point, but a link of few letters may grow to 23."""
    dots = text.count(".") + text.count("。")
    assert 0 <= weigh(text) <= 2 * len(text) + (URL_WEIGHT + 1) * dots


@pytest.mark.parametrize("text", ["a." * 5000, "å-" * 5000, "https://a.se/" + "(a" * 4000, "👍\u200d" * 3000])
@pytest.mark.timeout(5)
def test_odd_texts_are_counted_quickly(text: str) -> None:
    """Nobody stops the desk by pasting nonsense."""
    assert LIMIT < weigh(text)
