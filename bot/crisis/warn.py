"""What somebody should look at once more before a text goes out. A warning never stops anything."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.channels.limits import URL
from bot.channels.signs import dangerous
from bot.crisis.compose import Fitted, Surface
from bot.crisis.facts import Facts, Kind
from bot.crisis.templates import LINKLESS, Form
from bot.errors import Problem
from bot.texts import Speak

FRESH = timedelta(minutes=60)
SHOUTED, LETTERS = 0.7, 20  # share of capitals among at least so many letters
LINKED = frozenset({Form.POST, Form.SHORT, Form.PRESS, Form.SLACK})
PROMISING = frozenset({Form.WEB, Form.POST, Form.SHORT, Form.PRESS, Form.PHONE})
MULTILINGUAL = frozenset({Form.WEB, Form.POST})
COORDINATION = 60  # added to the day of a samordningsnummer

_NUMBER = re.compile(r"(?<!\d)(?:(18|19|20) ?)?(\d{2})(\d{2})(\d{2}) ?[-–+]? ?(\d{3})(\d)(?!\d)")
_WEB = re.compile(r"\{url\}|https?://\S|www\.\S", re.IGNORECASE)
_DANGER_OVER = re.compile(r"\bfaran\s+(?:är\s+)?över\b", re.IGNORECASE)


@dataclass(frozen=True)
class Warned:
    """Something to look at: in one channel's text, or in all of them (``channel`` empty)."""

    channel: str
    problem: Problem


def warnings(
    facts: Facts, kind: Kind, surfaces: Sequence[Surface], texts: Mapping[str, Fitted], t: Speak, *, now: datetime
) -> list[Warned]:
    """Everything worth a second look, what concerns all channels first.

    ``t`` is the language the texts are written in. Channels without a text are not looked at.
    """
    found = [Warned("", problem) for problem in _of_facts(facts, kind, now)]
    for surface in surfaces:
        fitted = texts.get(surface.key)
        if fitted and fitted.text:
            found += [Warned(surface.key, one) for one in _of_text(facts, kind, surface, fitted, t)]
    return found


def _of_facts(facts: Facts, kind: Kind, now: datetime) -> Iterator[Problem]:
    if facts.next_at is None and kind is not Kind.END:
        yield Problem("warn.no_next")
    age = now - facts.confirmed_at if facts.confirmed_at else timedelta(0)
    if age > FRESH:
        yield Problem("warn.old", n=int(age.total_seconds() // 60))


def _of_text(facts: Facts, kind: Kind, surface: Surface, fitted: Fitted, t: Speak) -> Iterator[Problem]:
    said = "\n".join(filter(None, (fitted.title, fitted.text, fitted.alt)))
    if surface.shape in LINKED and kind is not Kind.END and not _WEB.search(fitted.text):
        yield Problem("warn.no_link", url=URL)
    if surface.shape in LINKLESS - {Form.SIGN} and URL in fitted.text:
        yield Problem("warn.link_here", url=URL)
    if has_personal_number(said):
        yield Problem("warn.personal_number")
    if surface.shape is Form.SIGN and any(map(dangerous, said.splitlines())):
        yield Problem("warn.sign_contact")
    if surface.shape is not Form.SIGN and shouts(fitted.text):
        yield Problem("warn.capitals")
    if surface.shape in PROMISING and _promise_lost(facts, kind, fitted.text, t):
        yield Problem("warn.no_next")
    if not facts.rescue and _DANGER_OVER.search(said):
        yield Problem("warn.danger_over")
    yield from _of_drill(facts, fitted, t("drill.prefix"))
    if surface.shape in MULTILINGUAL and (lost := _languages_lost(facts, fitted.text)):
        yield Problem("warn.language", languages=lost)


def _of_drill(facts: Facts, fitted: Fitted, prefix: str) -> Iterator[Problem]:
    shown = [one for one in (fitted.title, fitted.text, fitted.alt) if one]
    if facts.drill and not all(one.lstrip("*_ ").startswith(prefix) for one in shown):
        yield Problem("warn.drill_missing", prefix=prefix)
    word = re.compile(rf"\b{re.escape(prefix)}\b", re.IGNORECASE)
    if not facts.drill and any(map(word.search, shown)):
        yield Problem("warn.drill_word", prefix=prefix)


def _promise_lost(facts: Facts, kind: Kind, text: str, t: Speak) -> bool:
    """Whether the next word was promised but the text does not say when."""
    if facts.next_at is None or kind in (Kind.CORRECTION, Kind.END):
        return False
    return t.time(facts.next_at).removeprefix("kl. ") not in text


def _languages_lost(facts: Facts, text: str) -> list[str]:
    return [name for name, said in facts.languages if said not in text]


def shouts(text: str) -> bool:
    """Whether nearly all letters are capitals."""
    letters = [sign for sign in text.replace(URL, "") if sign.isalpha()]
    return len(letters) >= LETTERS and sum(map(str.isupper, letters)) > SHOUTED * len(letters)


def has_personal_number(text: str) -> bool:
    """Whether the text holds a Swedish personnummer or samordningsnummer: a date, and the right check digit."""
    return any(_is_person(match) for match in _NUMBER.finditer(text))


def _is_person(match: re.Match[str]) -> bool:
    century, year, month, day, serial, check = match.groups()
    born = int(day) - COORDINATION if int(day) > COORDINATION else int(day)
    try:
        date(int((century or "20") + year), int(month), born)
    except ValueError:
        return False
    return luhn(year + month + day + serial) == int(check)


def luhn(digits: str) -> int:
    """The check digit that belongs after the digits."""
    doubled = (int(digit) * (2 - at % 2) for at, digit in enumerate(reversed(digits)))
    return -sum(n // 10 + n % 10 for n in doubled) % 10
