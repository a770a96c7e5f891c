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

from bot.texts import BrokenCatalogue, MissingText, Speak, Texts, language_of

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
    """The same call must serve both; the singular may leave out {n}."""
    for key, (one, *others) in SV.texts.items():
        names = placeholders(others[0] if others else one)
        allowed = [names, names - {"n"}] if others else [names]
        english_one, *english_others = EN.texts[key]
        assert [placeholders(text) for text in english_others] == [names for _ in others], key
        assert placeholders(one) in allowed, key
        assert placeholders(english_one) in allowed, key


def test_a_subject_has_the_same_keys_in_both_languages() -> None:
    """A translation stands in the file of the same name."""
    folder = resources.files("bot") / "locale"
    files = {
        lang: {f.name: keys_in(f.read_text("utf-8")) for f in (folder / lang).iterdir()} for lang in ("sv", "en")
    }
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
    ends = ("modal.title", "form.title", "show.title", "desk.notice", "desk.done", "confirm.ok", "confirm.cancel")
    return key.startswith("btn.") or key.endswith(ends)


@BOTH
def test_choices_fit_slack(speak: Speak) -> None:
    """What stands at a box or in a list of options: 75 characters, or Slack's limit cuts it."""
    shown = {key: text for key, text in every_text(speak) if is_option(key)}
    assert {"choice.public.yes", "form.ready.tick"} <= set(shown)
    assert {key: text for key, text in shown.items() if len(text) > 75} == {}


def is_option(key: str) -> bool:
    """Whether a text is one of several to choose, or stands at a box to tick."""
    return key.startswith(("choice.", "outcome.")) or key.endswith(".tick")


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


# What the code asks for. The sandbox is Slack's side and has no catalogue.
KEY = re.compile(r"[a-z][a-z_0-9]*(\.[a-z_0-9]+)+")
VOICES = {"t", "speak", "texts"}
CARRIERS = {"Refused", "Problem", "Text"}
ANY = "[^.]+"  # what an f-string puts in is one word of a key


@dataclass(frozen=True)
class Use:
    """A call that names a text: where, which (a pattern where an f-string builds it), with what."""

    where: str
    pattern: str
    given: frozenset[str] | None  # None: values come by ** or are added later


def sources() -> Iterator[tuple[str, ast.Module]]:
    """Every module that may speak to people."""
    for folder in ("bot", "handlers"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if (ROOT / "bot" / "sandbox") not in path.parents:
                yield str(path.relative_to(ROOT)), ast.parse(path.read_text("utf-8"))


def name_of(node: ast.expr) -> str:
    """The last name of a dotted expression: ``self.t`` is ``t``."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def pattern_of(node: ast.expr) -> str:
    """A regular expression for the keys an expression may mean; empty if it is none of ours."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and KEY.fullmatch(node.value):
        return re.escape(node.value)
    if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        parts = [re.escape(p.value) if isinstance(p, ast.Constant) else ANY for p in node.values]
        return "".join(parts) if re.match(r"[a-z_]+\\\.", parts[0]) else ""
    return ""


def use_of(call: ast.Call, module: str) -> Use | None:
    """The text a call asks for, if it asks for one: t(key), t.n(key), say(t, key), Refused(key)."""
    plural = isinstance(call.func, ast.Attribute) and call.func.attr == "n"
    asked = name_of(call.func.value if plural else call.func)  # type: ignore[attr-defined]
    names = [asked, *(map(name_of, call.args[:1]) if asked == "say" else [])]
    place = next((at for at, name in enumerate(names) if name in VOICES | CARRIERS), len(call.args))
    pattern = pattern_of(call.args[place]) if place < len(call.args) else ""
    if not pattern:
        return None
    whole = names[place] in VOICES and ANY not in pattern and all(keyword.arg for keyword in call.keywords)
    given = {keyword.arg.rstrip("_") for keyword in call.keywords if keyword.arg} | ({"n"} if plural else set())
    return Use(f"{module}:{call.lineno}", pattern, frozenset(given) if whole else None)


def uses_in(module: str, tree: ast.Module) -> list[Use]:
    """Every call in a module that names a text."""
    calls = (use_of(node, module) for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [use for use in calls if use]


def matching(pattern: str) -> set[str]:
    """The keys a pattern may mean."""
    return {key for key in SV.texts if re.fullmatch(pattern, key)}


USES = [use for module, tree in sources() for use in uses_in(module, tree)]


def test_every_text_asked_for_exists() -> None:
    """A misspelt key is found here, not by a person."""
    unknown = [f"{use.where}: {use.pattern}" for use in USES if not matching(use.pattern)]
    assert not unknown, "\n".join(unknown)


def test_every_text_asked_for_gets_the_values_it_needs() -> None:
    """A forgotten value is found here, not by a person."""
    lacking = [
        f"{use.where}: {key} needs {sorted(missing)}"
        for use in USES
        if use.given is not None
        for key in matching(use.pattern)
        if (missing := placeholders(SV.texts[key][-1]) - use.given)
    ]
    assert not lacking, "\n".join(lacking)


def test_every_text_is_used() -> None:
    """A text nobody says is removed, or was forgotten: some literal or f-string must mean it."""
    nodes = (node for _, tree in sources() for node in ast.walk(tree) if isinstance(node, ast.expr))
    patterns = {pattern for pattern in map(pattern_of, nodes) if pattern}
    used = {key for pattern in patterns for key in matching(pattern)}
    unused = sorted(set(SV.texts) - used)
    assert not unused, "\n".join(unused)


def test_the_search_for_keys_sees_every_way_of_asking() -> None:
    """Calls by name, by attribute, plurals, refusals and f-strings; not other people's dotted words."""
    code = """
t("a.b", x=1); self.speak("a.c", from_=2, **more); t.n("a.d", 3, y=4); Refused("a.e"); errors.Refused("a.f")
t(f"a.{kind}"); kit.say(self.t, "a.h", z=5); Text("a.i")
t("word"); client.n("a.g"); t(key); t(f"{kind}.g"); api("chat.post"); say("a.j", t); log("a.k", key=t)
forms.view(t, "a.callback", title)
"""
    uses = uses_in("m", ast.parse(code))
    assert [(use.pattern, use.given) for use in uses] == [
        (r"a\.b", frozenset("x")),
        (r"a\.c", None),
        (r"a\.d", frozenset("ny")),
        (r"a\.e", None),
        (r"a\.f", None),
        (r"a\.[^.]+", None),
        (r"a\.h", frozenset("z")),
        (r"a\.i", None),
    ]


EVENING = datetime(2026, 11, 27, 15, 50, tzinfo=UTC)


@pytest.mark.parametrize(
    ("speak", "day", "time", "moment"),
    [
        (SV, "fredag 27 november", "kl. 16.50", "fredag 27 november kl. 16.50"),
        (EN, "Friday 27 November", "16:50", "Friday 27 November at 16:50"),
    ],
    ids=["sv", "en"],
)
def test_instants_are_written_by_stockholms_clock(speak: Speak, day: str, time: str, moment: str) -> None:
    """UTC in, local wall time out."""
    assert (speak.date(EVENING), speak.time(EVENING), speak.moment(EVENING)) == (day, time, moment)
    assert speak.date(date(2026, 11, 27)) == day


@BOTH
def test_a_day_begins_at_midnight_in_stockholm(speak: Speak) -> None:
    """An hour before midnight UTC it is tomorrow, also in the ISO date."""
    late = datetime(2026, 7, 31, 22, 30, tzinfo=UTC)
    assert speak.iso(late) == "2026-08-01"
    assert speak.iso(date(2026, 7, 31)) == "2026-07-31"
    assert speak.date(late).split()[1] == "1"


@BOTH
def test_naive_instants_are_not_written(speak: Speak) -> None:
    """Nobody can tell which clock they were read from."""
    for write in (speak.time, speak.moment, speak.date, speak.iso):
        with pytest.raises(ValueError, match="time zone"):
            write(datetime(2026, 11, 27, 16, 50))


def test_numbers_are_written_as_the_language_writes_them() -> None:
    """Swedish: a no-break space and a comma."""
    assert [SV.number(n) for n in (7, 1234, 1234567, 5.4, Decimal("5.4"))] == [
        "7",
        "1\xa0234",
        "1\xa0234\xa0567",
        "5,4",
        "5,4",
    ]
    assert [EN.number(n) for n in (7, 1234, 5.4)] == ["7", "1,234", "5.4"]


def test_names_are_listed_with_an_and() -> None:
    """No comma before the last, in either language."""
    assert [SV.names(list(names)) for names in ("", "A", "AB", "ABC")] == ["", "A", "A och B", "A, B och C"]
    assert EN.names(["A", "B", "C"]) == "A, B and C"


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        (None, "sv"),
        ("", "sv"),
        ("sv-SE", "sv"),
        ("en-GB", "en"),
        ("en-US", "en"),
        ("EN_us", "en"),
        ("nb-NO", "sv"),
        ("da-DK", "sv"),
        ("fi-FI", "sv"),
        ("de-DE", "en"),
        ("zh-CN", "en"),
        ("qq-QQ", "sv"),
        ("not a locale", "sv"),
    ],
)
def test_a_person_is_spoken_to_in_the_language_of_their_slack(locale: str | None, language: str) -> None:
    """Swedish by default and for Nordic readers, English for everybody else's known language."""
    assert language_of(locale) == language


def test_values_fill_the_text() -> None:
    """A name that Python keeps to itself takes an underscore; braces in values stay as they are."""
    said = SV("absence.set", name="{name}", from_="1 juli", to="3 juli", substitute="B")
    assert said == "{name} är borta 1 juli–3 juli. B svarar under tiden."


def test_a_missing_text_or_value_is_a_typed_error_that_names_it() -> None:
    """MissingText is a KeyError, and says the key and what lacks."""
    with pytest.raises(MissingText, match=r"account\.nope"):
        SV("account.nope")
    with pytest.raises(MissingText, match=r"account\.live.*url"):
        SV("account.live", account="@bibliotek")
    with pytest.raises(MissingText, match=r"account\.live.*plural"):
        SV.n("account.live", 2, account="@bibliotek", url="x")
    assert issubclass(MissingText, KeyError)


HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
PLURAL = """msgid "box.waiting"
msgid_plural "box.waiting"
msgstr[0] "{n} kommentar på {account}"
msgstr[1] "{n} kommentarer på {account}"
"""


def catalogues(folder: Path, **files: str) -> Path:
    """A folder with these Swedish catalogues and no English ones."""
    (folder / "en").mkdir()
    (folder / "sv").mkdir()
    for name, content in files.items():
        (folder / "sv" / f"{name}.po").write_text(HEAD + content, "utf-8")
    return folder


def test_plurals_choose_the_form_and_write_the_number(tmp_path: Path) -> None:
    """One kommentar, many kommentarer; none are many."""
    speak = Texts.load(catalogues(tmp_path, box=PLURAL)).language("sv")
    assert [speak.n("box.waiting", n, account="@b") for n in (0, 1, 1200)] == [
        "0 kommentarer på @b",
        "1 kommentar på @b",
        "1\xa0200 kommentarer på @b",
    ]


BROKEN = {
    "empty": 'msgid "a.b"\nmsgstr ""',
    "half a brace": 'msgid "a.b"\nmsgstr "{name"',
    "no name": 'msgid "a.b"\nmsgstr "{}"',
    "an attribute": 'msgid "a.b"\nmsgstr "{name.__class__}"',
    "a format": 'msgid "a.b"\nmsgstr "{n:>9}"',
    "half a plural": PLURAL.replace("{n} kommentarer på {account}", ""),
    "not a catalogue": "msgid",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_catalogue_stops_the_start(tmp_path: Path, content: str) -> None:
    """The error names the file."""
    with pytest.raises(BrokenCatalogue, match=r"sv/box\.po"):
        Texts.load(catalogues(tmp_path, box=content))


def test_a_key_in_two_catalogues_stops_the_start(tmp_path: Path) -> None:
    """Which of the two would be said is nobody's guess."""
    with pytest.raises(BrokenCatalogue, match=r"crate\.po: box\.waiting"):
        Texts.load(catalogues(tmp_path, box=PLURAL, crate=PLURAL))
