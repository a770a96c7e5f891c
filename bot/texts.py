"""Everything the desk says, in Swedish and English: gettext catalogues, read once at start.

``bot/locale/<language>/<subject>.po``: msgid is a dotted key, msgstr a text with
``str.format`` braces. Plurals repeat the key as msgid_plural. There is nothing to compile.
"""

import datetime as dt
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Literal, Self

from babel import Locale, UnknownLocaleError, dates, lists, numbers
from babel.messages.pofile import PoFileError, read_po

from bot.clock import ZONE

Language = Literal["sv", "en"]
Forms = tuple[str, ...]

# Britain's English, for its dates ("Friday 27 November") and because it lists without a last comma.
LOCALES: Mapping[Language, str] = {"sv": "sv_SE", "en": "en_GB"}
PATTERNS: Mapping[Language, tuple[str, str]] = {
    "sv": ("'kl.' HH.mm", "{date} {time}"),
    "en": ("HH:mm", "{date} at {time}"),
}

# Whoever works in a Swedish municipality with Slack in a Nordic language reads Swedish at work;
# any other language was chosen by someone whom English helps more.
READS_SWEDISH = frozenset({"sv", "da", "nb", "nn", "no", "fi", "is", "fo"})


class MissingText(KeyError):
    """A text, or a value it needs, is missing: a mistake of ours that must not reach a person."""

    def __str__(self) -> str:
        return ": ".join(str(part) for part in self.args)


class BrokenCatalogue(Exception):
    """A catalogue cannot be read, or two of them define the same key."""


def language_of(slack_locale: str | None) -> Language:
    """The language to speak with a person whose Slack is set to this locale ("en-GB").

    Swedish unless the locale is a known language outside the Nordic countries.
    """
    if not slack_locale:
        return "sv"
    language = slack_locale.replace("_", "-").partition("-")[0].lower()
    if language in READS_SWEDISH or not _known(language):
        return "sv"
    return "en"


@dataclass(frozen=True)
class Speak:
    """One language's voice: texts by key, and dates, times, numbers and lists as it writes them."""

    language: Language
    texts: Mapping[str, Forms] = field(repr=False)
    locale: Locale

    def __call__(self, key: str, /, **values: object) -> str:
        """The text with its values; raises `MissingText`.

        A placeholder named by a Python word is given with an underscore after it: ``from_``.
        """
        return _filled(key, self._forms(key)[0], values)

    def n(self, key: str, n: int, /, **values: object) -> str:
        """The form of the text for n things; ``{n}`` is written as a number. Raises `MissingText`."""
        one, *others = self._forms(key)
        if not others:
            raise MissingText(key, "has no plural")
        form = one if self.locale.plural_form(n) == "one" else others[0]
        return _filled(key, form, {"n": self.number(n), **values})

    def date(self, d: dt.date) -> str:
        """ "fredag 27 november"; an instant is taken by the clock in Stockholm."""
        return dates.format_date(_local_date(d), "EEEE d MMMM", locale=self.locale)

    def time(self, t: dt.datetime) -> str:
        """ "kl. 16.50" in Stockholm; ValueError for a naive instant."""
        return dates.format_time(_local(t), PATTERNS[self.language][0], tzinfo=ZONE, locale=self.locale)

    def moment(self, t: dt.datetime) -> str:
        """ "fredag 27 november kl. 16.50" in Stockholm; ValueError for a naive instant."""
        return PATTERNS[self.language][1].format(date=self.date(t), time=self.time(t))

    def iso(self, d: dt.date) -> str:
        """ "2026-11-27"; an instant is taken by the clock in Stockholm."""
        return _local_date(d).isoformat()

    def number(self, value: int | float | Decimal) -> str:
        """ "1 234" with a no-break space, "5,4"; English "1,234" and "5.4"."""
        return numbers.format_decimal(value, locale=self.locale)

    def names(self, names: Sequence[str]) -> str:
        """ "A, B och C"; nothing for nobody."""
        return lists.format_list(names, locale=self.locale)

    def _forms(self, key: str) -> Forms:
        try:
            return self.texts[key]
        except KeyError:
            raise MissingText(key, f"no such text in {self.language}") from None


@dataclass(frozen=True)
class Texts:
    """All catalogues of all languages."""

    voices: Mapping[Language, Speak]

    @classmethod
    def load(cls, folder: Traversable | None = None) -> Self:
        """Read the catalogues of a folder, by default the package's; raises `BrokenCatalogue`."""
        found = folder or resources.files("bot").joinpath("locale")
        return cls({language: _voice(found.joinpath(language), language) for language in LOCALES})

    def language(self, language: Language) -> Speak:
        """The voice of one language."""
        return self.voices[language]


def _voice(folder: Traversable, language: Language) -> Speak:
    texts: dict[str, Forms] = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".po"):
            continue
        for key, forms in _entries(file, language):
            if key in texts:
                raise BrokenCatalogue(f"{language}/{file.name}: {key} is already defined")
            if not all(map(_plain, forms)):
                raise BrokenCatalogue(f"{language}/{file.name}: {key} is empty or has braces that are not {{name}}")
            texts[key] = forms
    return Speak(language, texts, Locale.parse(LOCALES[language]))


def _entries(file: Traversable, language: Language) -> Iterator[tuple[str, Forms]]:
    try:
        with file.open("rb") as stream:
            catalogue = read_po(stream, locale=language, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError) as error:
        raise BrokenCatalogue(f"{language}/{file.name}: {error}") from error
    for message in catalogue:
        key = message.id if isinstance(message.id, str) else message.id[0]
        forms = (message.string,) if isinstance(message.string, str) else message.string or ()
        if key:
            yield key, tuple(form or "" for form in forms)


def _plain(text: str) -> bool:
    """Whether the text says something and its braces hold nothing but names."""
    try:
        fields = [(name, spec, how) for _, name, spec, how in string.Formatter().parse(text) if name is not None]
    except ValueError:
        return False
    return bool(text.strip()) and all(name.isidentifier() and not (spec or how) for name, spec, how in fields)


def _filled(key: str, text: str, values: Mapping[str, object]) -> str:
    try:
        return text.format_map({name.rstrip("_"): value for name, value in values.items()})
    except KeyError as missing:
        raise MissingText(key, f"needs {missing}") from None


def _local(t: dt.datetime) -> dt.datetime:
    if t.utcoffset() is None:
        raise ValueError("an instant needs a time zone")
    return t.astimezone(ZONE)


def _local_date(d: dt.date) -> dt.date:
    return _local(d).date() if isinstance(d, dt.datetime) else d


def _known(language: str) -> bool:
    try:
        Locale.parse(language)
    except (ValueError, UnknownLocaleError):
        return False
    return True
