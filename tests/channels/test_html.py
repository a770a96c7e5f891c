"""Text as HTML: whatever people wrote stays text."""

import html as entities
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import html
from bot.channels.message import Message

ALLOWED = {"p", "br", "ul", "li", "a", "div"}


class Reader(HTMLParser):
    """Notes every tag, every link and all text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name == "href"]

    def handle_data(self, data):
        self.text += data


def read(source: str) -> Reader:
    reader = Reader()
    reader.feed(source)
    reader.close()
    return reader


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (" \n\n ", ""),
        ("Ett", "<p>Ett</p>"),
        ("Ett\nTvå", "<p>Ett<br>Två</p>"),
        ("Ett\r\n\r\nTvå", "<p>Ett</p>\n<p>Två</p>"),
        ("Ett\n\n\n\n Två ", "<p>Ett</p>\n<p>Två</p>"),
        (
            "Gör så här:\n- Koka\n• Hämta\nTack",
            "<p>Gör så här:</p>\n<ul><li>Koka</li><li>Hämta</li></ul>\n<p>Tack</p>",
        ),
        ("– Vi arbetar med det", "<p>– Vi arbetar med det</p>"),  # a quotation, not a list
        ("-5 grader", "<p>-5 grader</p>"),
        ("a < b & \"c\" 'd'", "<p>a &lt; b &amp; &quot;c&quot; &#x27;d&#x27;</p>"),
        ("nu\x00l och \x1b[31mrött", "<p>nul och [31mrött</p>"),
    ],
)
def test_paragraphs_lines_and_lists(text, expected):
    """Blank lines part, single ones break, dashes and dots make a list."""
    assert expected == html.paragraphs(text)


@pytest.mark.parametrize(
    ("text", "link", "shown"),
    [
        ("Mer: https://varberg.se/kris.", "https://varberg.se/kris", "https://varberg.se/kris"),
        ("(se https://varberg.se/a_(b))", "https://varberg.se/a_(b)", "https://varberg.se/a_(b)"),
        ("(se https://varberg.se)", "https://varberg.se", "https://varberg.se"),
        ("www.varberg.se!", "https://www.varberg.se", "www.varberg.se"),
        ("HTTPS://VARBERG.SE/?a=1&b=2", "HTTPS://VARBERG.SE/?a=1&b=2", "HTTPS://VARBERG.SE/?a=1&b=2"),
        ("”https://varberg.se/å”", "https://varberg.se/å", "https://varberg.se/å"),
        ("https://varberg.se,", "https://varberg.se", "https://varberg.se"),
    ],
)
def test_a_web_address_becomes_a_link_without_the_end_of_the_sentence(text, link, shown):
    """And the sentence keeps its end."""
    reader = read(html.linked(text))
    assert [link] == reader.links
    assert text == reader.text
    assert f">{entities.escape(shown)}</a>" in html.linked(text)


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "mejl@www.varberg.se",
        "ftp://varberg.se",
        "xhttps://varberg.se",
        "https:// varberg",
        "https://...",
        "www.",
    ],
)
def test_everything_else_stays_text(text):
    """No other scheme, no part of a word."""
    reader = read(html.linked(text))
    assert [] == reader.links
    assert text == reader.text


@pytest.mark.parametrize("address", ["javascript:alert(1)", "//varberg.se", "varberg.se", "https://"])
def test_a_link_that_is_none_is_shown_as_text(address):
    """The settings or a template may hold nonsense; it is never an active link."""
    assert [] == read(html.anchor(address)).links


def test_the_link_is_added_once():
    """Not again where the text has it."""
    with_it = Message("Se https://varberg.se/v", link="https://varberg.se/v")
    without = Message("Koka", link="https://varberg.se/v/")
    assert ["https://varberg.se/v"] == read(html.body(with_it)).links
    assert html.body(without) == '<p>Koka</p>\n<p><a href="https://varberg.se/v/">varberg.se/v</a></p>'


@pytest.mark.parametrize(("language", "marked"), [("sv", False), ("sv-SE", False), ("en", True), ("ar", True)])
def test_another_language_is_marked_for_screen_readers(language, marked):
    """Swedish is the page's own."""
    assert marked == html.body(Message("Boil", language=language)).startswith(f'<div lang="{language}">')


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (Message("Text", title=" Koka\nvattnet "), "Koka vattnet"),
        (Message("\n- Koka vattnet\nnu"), "Koka vattnet"),
        (Message("ord " * 50), "ord " * 24 + "…"),
        (Message(""), ""),
    ],
)
def test_the_headline_is_one_line(message, expected):
    """The title, or the beginning of the text."""
    assert expected == html.headline(message)


@given(st.text(alphabet=st.sampled_from("ab <>&\"'/:.-•*()[]\n\r\twhtps=;#å😀\x00") | st.characters(codec="utf-8")))
def test_no_text_escapes(text):
    """Whatever is typed: only our tags, only web links, and not a visible character lost."""
    reader = read(html.body(Message(text, link="https://varberg.se")))
    assert reader.tags <= ALLOWED
    assert all(re.match(r"https?://", link, re.IGNORECASE) for link in reader.links)
    plain = "".join(re.findall(r"\w", reader.text, re.UNICODE))
    assert plain.startswith("".join(re.findall(r"\w", text, re.UNICODE)))
