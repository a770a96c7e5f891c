"""The catalogues: the same keys and values in both languages, in the desk's tone, all of them used."""

import ast
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import resources
from pathlib import Path

import pytest

from bot.texts import BrokenCatalogue, MissingText, Speak, Texts, language_of, read_catalogues

ROOT = Path(__file__).parent.parent
TEXTS = Texts.load()
SV, EN = TEXTS.language("sv"), TEXTS.language("en")
BOTH = pytest.mark.parametrize("speak", [SV, EN], ids=["sv", "en"])

# Written to residents, who may be thanked with an exclamation mark; all else is the desk itself.
OUTWARD = ("reply.", "tmpl.")
UNWANTED = {
    "sv": r"!|vänligen|användare|eskaler|påbud|\bgrind|\bdu har (missat|glömt)\b|\btoken\b",
    "en": r"!|\bplease\b|\busers?\b|\bescalat|\bgates?\b|\byou (have )?(missed|forgot)",
}


def placeholders(text: str) -> set[str]:
    """The names in a text's braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def every_text(speak: Speak) -> Iterator[tuple[str, str]]:
    """Key and text, each plural form by itself."""
    return ((key, form) for key, forms in speak.texts.items() for form in forms)


def test_both_languages_have_the_same_keys() -> None:
    """A key in one language only would fail for half of the people."""
    assert set(SV.texts) == set(EN.texts)


def test_a_plural_is_a_plural_in_both_languages() -> None:
    """One and many in Swedish are one and many in English."""
    assert {key: len(forms) for key, forms in SV.texts.items()} == {
        key: len(forms) for key, forms in EN.texts.items()
    }


def test_both_languages_fill_in_the_same_values() -> None:
    """The same call must serve both; only the singular may leave out {n}."""
    for key, forms in SV.texts.items():
        assert placeholders(forms[-1]) == placeholders(EN.texts[key][-1]), key
        for form in (forms[0], EN.texts[key][0]):
            assert placeholders(forms[-1]) - placeholders(form) <= {"n"} if len(forms) > 1 else True, key


def test_a_subject_has_the_same_keys_in_both_languages() -> None:
    """A translation stands in the file of the same name."""
    folder = resources.files("bot") / "locale"
    files = {lang: {f.name: keys_in(f.read_text("utf-8")) for f in (folder / lang).iterdir()} for lang in ("sv", "en")}
    assert {name: sorted(keys) for name, keys in files["sv"].items()} == {
        name: sorted(keys) for name, keys in files["en"].items()
    }


def test_no_key_is_defined_twice() -> None:
    """The reader keeps the first of two equal keys in a file and says nothing."""
    folder = resources.files("bot") / "locale" / "sv"
    keys = [key for file in folder.iterdir() for key in keys_in(file.read_text("utf-8"))]
    assert sorted(keys) == sorted(SV.texts)


def keys_in(catalogue: str) -> list[str]:
    """The msgids as written, repeated ones included."""
    return [key for key in re.findall(r'^msgid "(.*)"$', catalogue, re.MULTILINE) if key]


@BOTH
def test_titles_and_buttons_fit_slack(speak: Speak) -> None:
    """Modal titles and buttons: 24 characters, without a full stop."""
    short = {key: text for key, text in every_text(speak) if is_short(key)}
    assert "btn.approve" in short
    assert {key: text for key, text in short.items() if len(text) > 24 or text.endswith(".")} == {}


def is_short(key: str) -> bool:
    """Whether a text stands in a modal's title or on a button."""
    return key.startswith("btn.") or key.endswith(("modal.title", "confirm.ok", "confirm.cancel"))


@BOTH
def test_the_desk_keeps_its_tone(speak: Speak) -> None:
    """No shouting, no officialese, no blame, and the words agreed on."""
    unwanted = re.compile(UNWANTED[speak.language], re.IGNORECASE)
    own = ((key, text) for key, text in every_text(speak) if not key.startswith(OUTWARD))
    assert [(key, text) for key, text in own if unwanted.search(text)] == []


@BOTH
def test_texts_are_tidy(speak: Speak) -> None:
    """No stray spaces, and the quotation marks of the language."""
    quotes = {"sv": r'"|“', "en": r'"|”[^”]*”'}[speak.language]
    untidy = re.compile(rf"^\s|\s$|  |{quotes}")
    assert [(key, text) for key, text in every_text(speak) if untidy.search(text)] == []


# --- the reader
