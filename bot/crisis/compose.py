"""Every channel's text from one set of facts, within what the channel takes.

The advice is never cut. What cannot fit says how much it is too long, and which words are too many.
"""

import dataclasses
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from bot.channels.limits import LIMITS, SIGN_CHARACTERS, SIGN_ROWS, URL, Limit
from bot.channels.signs import contacts
from bot.crisis.facts import Facts, Kind
from bot.crisis.templates import OPTIONAL, Draft, Form, Setting, Voice
from bot.errors import Problem
from bot.texts import Speak

FORMS: Mapping[str, Form] = {
    "facebook": Form.POST,
    "instagram": Form.POST,
    "linkedin": Form.POST,
    "by_hand": Form.POST,
    "x": Form.SHORT,
    "mastodon": Form.SHORT,
    "bluesky": Form.SHORT,
    "mail": Form.POST,
    "slack": Form.SLACK,
    "sign": Form.SIGN,
}
# The kinds of mailing lists (``bot.channels.mail``) that are not told as the public is.
AUDIENCES: Mapping[str, Form] = {
    "press": Form.PRESS,
    "contact_centre": Form.PHONE,
    "switchboard": Form.PHONE,
    "kitchens": Form.UNITS,
    "care_homes": Form.UNITS,
}

FIELD = 3000  # a form's field holds no more
EXAMPLE = 60  # characters of each end of what is too much
_GLUED = re.compile(r"(?<=[^\s(])\{url\}")
_GLUED_AFTER = re.compile(r"\{url\}(?=[^\s.,;:!?)])")


@dataclass(frozen=True)
class Surface:
    """A channel as the composer sees it: ``platform`` is a key of LIMITS.

    ``form`` says who reads it where the platform does not (see AUDIENCES). A sign has ``rows`` of
    ``characters``; elsewhere ``characters`` replaces the platform's own limit.
    """

    key: str
    name: str
    platform: str
    form: Form | None = None
    rows: int | None = None
    characters: int | None = None

    @property
    def shape(self) -> Form:
        """The form of its text."""
        return self.form or FORMS.get(self.platform, Form.WEB)

    @property
    def limit(self) -> Limit:
        """The room it has. KeyError for a platform nobody knows."""
        limit = LIMITS[self.platform]
        if limit.rows is None:
            return replace(limit, characters=min(self.characters or limit.characters, FIELD))
        rows, characters = self.rows or SIGN_ROWS, self.characters or SIGN_CHARACTERS
        return replace(limit, rows=rows, row_characters=characters, characters=rows * (characters + 1))


@dataclass(frozen=True)
class Fitted:
    """What a channel will show; ``{url}`` stands where the address will be.

    ``over``: characters too many, as the vendor counts; it may be published when there are none. ``marked``:
    the words to look at first, as positions in the text. ``rows`` are a sign's; no rows: it is left as it is,
    or given back at the end.
    """

    title: str = ""
    text: str = ""
    alt: str = ""
    rows: tuple[str, ...] = ()
    over: int = 0
    marked: tuple[int, int] | None = None

    def to_json(self) -> dict[str, Any]:
        """As JSON holds it."""
        return dataclasses.asdict(self) | {"rows": list(self.rows), "marked": list(self.marked or ()) or None}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """What `to_json` gave."""
        marked = data.get("marked")
        return cls(
            **dict(data) | {"rows": tuple(data["rows"]), "marked": (marked[0], marked[1]) if marked else None}
        )


def compose(
    facts: Facts,
    kind: Kind,
    channels: Sequence[Surface],
    t: Speak,
    *,
    municipality: str,
    now: datetime,
    link: str,
    paused: str = "",
) -> dict[str, Fitted]:
    """The text of every channel, by its key.

    ``t`` is the language of those who read, not of who writes. ``link`` is the municipality's website, as it
    is said on the telephone; the message's own address stays ``{url}`` (see `fill`). ``paused`` is where
    posts that were held back are listed, for the announcement of the end.
    """
    voice = Voice(facts, kind, t, Setting(municipality, now, link, paused))
    return {surface.key: _composed(voice, surface) for surface in channels}


def refit(surface: Surface, text: str, title: str = "", alt: str = "") -> Fitted:
    """What people made of a text, measured: nothing is changed but spaces round the address, and a sign's case."""
    return _measured(surface, Fitted(title.strip(), spaced(text.strip()), alt.strip()))


def too_long(surface: Surface, fitted: Fitted) -> dict[str, Problem]:
    """What does not fit, by part of the text ("title", "text", "alt"), with the words to look at first."""
    limit, found = surface.limit, {}
    parts = {"title": (fitted.title, limit.title), "alt": (fitted.alt, limit.alt)}
    for part, (said, room) in parts.items():
        if said and len(said) > (room or 0):
            found[part] = Problem(f"crisis.too_long.{part}", n=len(said) - (room or 0))
    rest = fitted.over - sum(one.values["n"] for one in found.values())
    if rest > 0:
        found["text"] = Problem("crisis.too_long", n=rest, words=_example(fitted))
    return found


def _example(fitted: Fitted) -> str:
    """The marked words on one line; of many, where they begin and where they end."""
    start, end = fitted.marked or (0, len(fitted.text))
    words = " ".join(fitted.text[start:end].split())
    return words if len(words) <= 2 * EXAMPLE + 3 else f"{words[:EXAMPLE].rstrip()} … {words[-EXAMPLE:].lstrip()}"


def fill(text: str, url: str) -> str:
    """The text with the address in its place. No address: the words round it stand without."""
    if url:
        return text.replace(URL, url)
    return re.sub(r"[ \t]*\{url\}", "", text).strip()


def spaced(text: str) -> str:
    """The text with a space on both sides of the address, or nobody makes a link of it."""
    return _GLUED_AFTER.sub(URL + " ", _GLUED.sub(" " + URL, text))


def _composed(voice: Voice, surface: Surface) -> Fitted:
    if surface.shape is Form.SIGN:
        return _sign(voice, surface)
    limit, form = surface.limit, surface.shape
    title = voice.title(form) if limit.title else ""
    alt = _alt(voice, limit.alt) if limit.alt else ""
    text = ""
    for text in _shorter(voice.draft(form)):
        if limit.length(text) <= limit.characters:
            break
    return _measured(surface, Fitted(title, text, alt), voice.advice)


def _shorter(draft: Draft) -> Iterator[str]:
    """The whole text, then with ever more of what may be left out left out."""
    for n in range(len(OPTIONAL) + 1):
        yield _joined(draft, frozenset(OPTIONAL[:n]))


def _joined(draft: Draft, without: frozenset[str]) -> str:
    kept = (" ".join(part.text for part in paragraph if part.role not in without) for paragraph in draft)
    return spaced("\n\n".join(paragraph for paragraph in kept if paragraph))


def _alt(voice: Voice, room: int) -> str:
    """What the picture of an Instagram post says."""
    said = ""
    for text in _shorter(_without_links(voice.draft(Form.SHORT))):
        said = voice.t("tmpl.alt", text=text)
        if len(voice.marked(said)) <= room:
            break
    return voice.marked(said)


def _without_links(draft: Draft) -> Draft:
    """The draft without the parts that only lead somewhere."""
    kept = (tuple(part for part in paragraph if URL not in part.text) for paragraph in draft)
    return tuple(paragraph for paragraph in kept if paragraph)


def _measured(surface: Surface, fitted: Fitted, advice: str = "") -> Fitted:
    if surface.shape is Form.SIGN:
        return _sign_measured(surface, fitted.text)
    limit, text = surface.limit, fitted.text
    over = max(0, limit.length(text) - limit.characters)
    marked = _too_many(text, limit, advice) if over else None
    for said, room in ((fitted.title, limit.title), (fitted.alt, limit.alt)):
        over += max(0, len(said) - (room or 0))
    return replace(fitted, over=over, marked=marked)


def _too_many(text: str, limit: Limit, advice: str) -> tuple[int, int]:
    """Whole words whose going would make the text fit: the last of the advice, or of all before the address."""
    begins = text.rfind(advice) if advice else -1
    ends = begins + len(advice) if begins >= 0 else len(text)
    if begins < 0 and text.endswith(URL):
        ends = len(text[: -len(URL)].rstrip())
    starts = [match.start() for match in re.finditer(r"\S+", text[:ends])]
    fits = (at for at in reversed(starts) if limit.length(text[:at] + text[ends:].lstrip()) <= limit.characters)
    return next(fits, 0), ends


def _sign(voice: Voice, surface: Surface) -> Fitted:
    """Rows in capitals; in a drill the word for it has a row of its own where there is one to spare."""
    fitted, width = Fitted(), min(surface.limit.row_characters or SIGN_CHARACTERS, SIGN_CHARACTERS)
    prefix = voice.t("drill.prefix").upper() if voice.facts.drill else ""
    draft = voice.draft(Form.SIGN)
    for n in range(len(OPTIONAL) + 1) if draft else ():
        lines = [part.text for part in draft[0] if part.role not in OPTIONAL[:n]]
        choices = [[prefix, *lines], [f"{prefix} {lines[0]}", *lines[1:]]] if prefix else [lines]
        for choice in choices:
            fitted = _sign_measured(surface, "\n".join(row for line in choice for row in wrapped(line, width)))
            if not fitted.over:
                return fitted
    return fitted


def wrapped(line: str, width: int) -> list[str]:
    """A line in as many rows as it needs; a word longer than a row keeps its length."""
    return textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False)


def _sign_measured(surface: Surface, text: str) -> Fitted:
    """Rows as typed, in capitals. A number or an address counts as too many characters: it may not be shown."""
    limit = surface.limit
    rows = tuple(row.strip().upper() for row in text.strip().split("\n") if row.strip())
    shown, width, most = "\n".join(rows), limit.row_characters or SIGN_CHARACTERS, limit.rows or SIGN_ROWS
    outside, contact = list(_outside(rows, width, most)), list(_contacts(rows))
    over = len({at for start, end in outside + contact for at in range(start, end)})
    marked = (outside[0][0], outside[-1][1]) if outside else next(iter(contact), None)
    return Fitted(text=shown, rows=rows, over=over, marked=marked)


def _outside(rows: Sequence[str], width: int, most: int) -> Iterator[tuple[int, int]]:
    """Where in the joined rows something stands beyond a row's width or beyond the last row."""
    at = 0
    for n, row in enumerate(rows):
        if n >= most or len(row) > width:
            yield at + (width if n < most else 0), at + len(row)
        at += len(row) + 1


def _contacts(rows: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where in the joined rows something stands that a sign may not show."""
    at = 0
    for row in rows:
        yield from ((at + start, at + end) for start, end in contacts(row))
        at += len(row) + 1
