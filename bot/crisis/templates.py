"""What is said of an incident on each kind of surface: templates filled with the facts.

A template in the catalogue has one line for each part that stands or falls by itself, and an empty line
between paragraphs. A line falls when a value it needs is missing. An event's own texts belong to its
standing advice; where people typed other advice, the texts for any event carry theirs.
"""

import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from urllib.parse import urlsplit

from bot.channels.limits import URL
from bot.crisis.facts import NO_ADVICE_OF_ITS_OWN, Facts, Kind
from bot.texts import Speak

# Left out in this order, as far as it takes to make a text fit. Everything else stays.
OPTIONAL = ("language", "listen", "EVENT", "more", "thanks", "apology", "unknown", "danger", "not_area")
NO_SIGN = frozenset({"trust"})  # nothing a driver can act on


class Form(StrEnum):
    """The shape of a text: what a surface has room for and who reads it."""

    WEB = "web"
    POST = "post"
    SHORT = "short"
    SIGN = "sign"
    UNITS = "units"
    PHONE = "phone"
    PRESS = "press"
    SLACK = "slack"


LINKLESS = frozenset({Form.WEB, Form.SIGN, Form.PHONE})  # where the address itself is no use
INSIDE = frozenset({Form.UNITS, Form.PHONE, Form.PRESS})  # mail: built around the public text afterwards


@dataclass(frozen=True)
class Setting:
    """Who speaks and when: the municipality's name, the moment (aware), its website, the paused posts."""

    municipality: str
    now: datetime
    website: str = ""
    paused: str = ""


@dataclass(frozen=True)
class Part:
    """Some sentences that stand or fall together; ``role`` is one of OPTIONAL, or empty for what stays."""

    text: str
    role: str = ""


Draft = tuple[tuple[Part, ...], ...]  # paragraphs


def event_name(t: Speak, event: str) -> str:
    """What a person chooses among: "Dricksvatten"."""
    return t(f"event.{event}")


def kind_name(t: Speak, kind: Kind) -> str:
    """ "Första beskedet", "Rättelse"."""
    return t(f"kind.{kind}")


def standing_advice(t: Speak, event: str) -> str:
    """The advice that is given at such an event unless somebody types other; empty for `other`."""
    return "" if event == NO_ADVICE_OF_ITS_OWN else t(f"tmpl.{event}.advice")


class Voice:
    """One message of one incident, said in the language of ``t``."""

    def __init__(self, facts: Facts, kind: Kind, t: Speak, setting: Setting) -> None:
        standing = standing_advice(t, facts.event)
        self.standing = bool(standing) and (not facts.advice or _same(facts.advice, standing))
        self.facts = replace(facts, advice=standing if self.standing else facts.advice)
        self.kind, self.t, self.setting = kind, t, setting

    @property
    def advice(self) -> str:
        """The advice as it stands in a text that carries it word by word."""
        return sentence(self.facts.advice)

    def title(self, form: Form) -> str:
        """The headline, or the subject of a mail."""
        title = self._filled(self._headline(), {})
        if form in INSIDE:
            title = self._filled(f"tmpl.{form}.title", {"title": title})
        return self.marked(title)

    def marked(self, text: str) -> str:
        """The text as it may be shown: in a drill, the word for it comes first."""
        if not (self.facts.drill and text):
            return text
        return self.t("tmpl.drill.title", prefix=self.t("drill.prefix"), title=text)

    def draft(self, form: Form) -> Draft:
        """Everything that may be said in a form; empty where nothing is to be shown."""
        if form is Form.SIGN:
            return self._sign()
        draft = begun(self._post() if form is Form.POST else self._text(form))
        if form in (Form.WEB, Form.POST):
            draft += self._languages()
        return self._headed(form, draft) if draft else ()

    def _headed(self, form: Form, draft: Draft) -> Draft:
        """In a drill its words come first: in a paragraph of their own where there are paragraphs."""
        words = self._drill(form)
        if words and form not in (Form.SHORT, Form.SLACK):
            return (words, *draft)
        return ((*words, *draft[0]), *draft[1:])

    def _sign(self) -> Draft:
        """What applies now, whatever was said before; after the end the sign is given back."""
        if self.kind is Kind.END or self.facts.event in NO_SIGN:
            return ()
        key = f"tmpl.{self.facts.event}.sign" if self.standing else "tmpl.first.sign"
        return self._parts(key, Form.SIGN, Kind.FIRST)

    def _post(self) -> Draft:
        """A long post: the headline, the text of the website, and the way there; later the short words."""
        if self.kind is not Kind.FIRST:
            return self._text(Form.SHORT)
        headline, text = self._filled(self._headline(), {}), self._text(Form.WEB)
        if not text or not text[0][0].text.startswith(headline):
            text = ((Part(headline),), *text)
        return text + self._parts("tmpl.latest", Form.POST, Kind.FIRST)

    def _text(self, form: Form) -> Draft:
        if form is Form.SLACK:
            return self._parts(self._announcement(), form, self.kind)
        if self.kind is Kind.FIRST:
            return self._parts(self._first(form), form, Kind.FIRST)
        if form is Form.WEB and self.kind is not Kind.END:
            return self._around(f"tmpl.{self.kind}.web", form, self._parts(self._first(form), form, Kind.FIRST))
        base = self._parts(self._ending() if self.kind is Kind.END else f"tmpl.{self.kind}", form, self.kind)
        return self._around(f"tmpl.again.{form}", form, begun(base)) if form in INSIDE else base

    def _first(self, form: Form) -> str:
        if self.standing and form is not Form.PRESS:
            return f"tmpl.{self.facts.event}.{form}"
        return "tmpl.first" if form is Form.SHORT else f"tmpl.first.{form}"

    def _ending(self) -> str:
        if self.facts.rescue:
            return "tmpl.rescue.end"
        return f"tmpl.{self.facts.event}.end" if self.standing else "tmpl.end"

    def _announcement(self) -> str:
        if self.kind in (Kind.FIRST, Kind.END):
            return "crisis.slack" if self.kind is Kind.FIRST else "crisis.slack.end"
        return f"tmpl.slack.{self.kind}"

    def _headline(self) -> str:
        if self.kind is Kind.FIRST:
            return self._first_title()
        if self.kind is Kind.END and self.facts.rescue:
            return "tmpl.rescue.end.title"
        if self.kind is Kind.END and self.standing:
            return f"tmpl.{self.facts.event}.end.title"
        return f"tmpl.{self.kind}.title"

    def _first_title(self) -> str:
        return f"tmpl.{self.facts.event}.web.title" if self.standing else "tmpl.first.title"

    def _drill(self, form: Form) -> tuple[Part, ...]:
        if not self.facts.drill:
            return ()
        if form is Form.SLACK and self.kind is Kind.FIRST:
            ends = self.facts.ends_at or self.facts.next_at
            values = {"time": self._clock(ends) if ends else ""}
            return tuple(Part(filled) for line in self._lines("drill.slack") if (filled := _fill(line, values)))
        return (Part(self.t("tmpl.drill", prefix=self.t("drill.prefix"))),)

    def _languages(self) -> Draft:
        said = (self.t("tmpl.language", language=name, text=text) for name, text in self.facts.languages)
        return tuple((Part(self.marked(text), "language"),) for text in said)

    def _around(self, key: str, form: Form, inner: Draft) -> Draft:
        """The template with other paragraphs where it says {text}."""
        found: list[tuple[Part, ...]] = []
        for paragraph in self._parts(key, form, self.kind, text="\0"):
            at = next((n for n, part in enumerate(paragraph) if part.text == "\0"), None)
            if at is None:
                found.append(paragraph)
                continue
            first, *rest = inner or ((),)
            *before, last = [(*paragraph[:at], *first), *rest]
            found += [*before, (*last, *paragraph[at + 1 :])]
        return tuple(found)

    def _parts(self, key: str, form: Form, kind: Kind, **more: str) -> Draft:
        values = self._values(form, kind) | more
        paragraphs = (block.split("\n") for block in self._raw(key).split("\n\n"))
        parts = (tuple(_parts_of(lines, values)) for lines in paragraphs)
        return tuple(paragraph for paragraph in parts if paragraph)

    def _lines(self, key: str) -> list[str]:
        return self._raw(key).split("\n")

    def _filled(self, key: str, more: dict[str, str]) -> str:
        values = self._values(Form.WEB, self.kind)
        title = _fill(self._raw(self._first_title()), values)
        return _fill(self._raw(key), values | {"title": title} | more)

    def _raw(self, key: str) -> str:
        """The template, its preposition fitting the place: "i Norra stan", "på Hisingen"."""
        text = self.t.texts[key][0]
        usual, at = self._prepositions[0], self._place[0]
        if self.facts.where and re.search(rf"\b{re.escape(self._place[1])}\b", self.facts.what, re.IGNORECASE):
            text = re.sub(rf"\{{event\}}(?:,| {usual}) \{{area\}}", "{event}", text)
        return text if at == usual else text.replace(f" {usual} {{area}}", f" {at} {{area}}")

    @cached_property
    def _prepositions(self) -> list[str]:
        return self.t("tmpl.prepositions").split()

    @cached_property
    def _place(self) -> tuple[str, str]:
        """The preposition and the place, whether or not people typed one."""
        first, _, rest = self.facts.where.partition(" ")
        if rest and first.lower() in self._prepositions:
            return first.lower(), bare(rest)
        return self._prepositions[0], bare(self.facts.where)

    def _clock(self, t: datetime) -> str:
        """ "16.50"."""
        return self.t.time(t).removeprefix("kl. ")

    def _weekday(self, t: datetime) -> str:
        return self.t.date(t).split()[0]

    def _values(self, form: Form, kind: Kind) -> dict[str, str]:
        """What the braces hold. In a first word {weekday} and {time} are the next word's, later the moment's."""
        weekday, time = self._promised if kind is Kind.FIRST else self._moment
        url = "" if form in LINKLESS else URL
        return {**self._typed, **self._given, "weekday": weekday, "time": time, "url": url}

    @cached_property
    def _moment(self) -> tuple[str, str]:
        return self._weekday(self.setting.now), self._clock(self.setting.now)

    @cached_property
    def _promised(self) -> tuple[str, str]:
        said = self.facts.next_at
        return (self._weekday(said), self._clock(said)) if said else ("", "")

    @cached_property
    def _given(self) -> dict[str, str]:
        facts, setting = self.facts, self.setting
        return {
            "next": f"{self._promised[0]} {self.t.time(facts.next_at)}" if facts.next_at else "",
            "stamp": self.t.moment(setting.now),
            "confirmed": self.t.moment(facts.confirmed_at) if facts.confirmed_at else "",
            "link": setting.paused,
            "municipality": setting.municipality,
            "website": urlsplit(setting.website).netloc or setting.website,
            **{name: self.t(f"tmpl.{name}") for name in ("thanks", "apology", "listen")},
        }

    @cached_property
    def _typed(self) -> dict[str, str]:
        facts, area, event = self.facts, self._place[1], upper_first(bare(self.facts.what))
        return {
            "event": event,
            "area": area,
            "EVENT": event.upper(),
            "AREA": area.upper(),
            "ADVICE": self.advice.upper(),
            "not_area": upper_first(bare(facts.where_not)),
            "unknown": bare(facts.unknown),
            "wrong": bare(facts.wrong),
            "more": facts.more,
            "flush": sentence(facts.now),
            **{name: sentence(getattr(facts, name)) for name in ("danger", "advice", "news", "now", "right")},
        }


def begun(draft: Draft) -> Draft:
    """The same with a capital letter first."""
    if not draft:
        return draft
    first = replace(draft[0][0], text=upper_first(draft[0][0].text))
    return ((first, *draft[0][1:]), *draft[1:])


def sentence(text: str) -> str:
    """Typed sentences with a full stop at the end, if there is anything at all."""
    text = text.strip()
    return text if not text or text[-1] in ".!?…”)" else f"{text}."


def bare(text: str) -> str:
    """Typed words without a full stop, for the middle of a sentence."""
    return text.strip().rstrip(".").rstrip()


def upper_first(text: str) -> str:
    """A capital letter first; the rest as typed."""
    return text[:1].upper() + text[1:]


def _same(one: str, other: str) -> bool:
    return sentence(" ".join(one.split())).casefold() == sentence(" ".join(other.split())).casefold()


def _names(line: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(line) if name]


def _fill(line: str, values: Mapping[str, str]) -> str:
    """The line, or nothing when a value it needs is missing."""
    return line.format_map(values) if all(values.get(name) for name in _names(line)) else ""


def _parts_of(lines: list[str], values: Mapping[str, str]) -> Iterator[Part]:
    for line in lines:
        if text := _fill(line, values):
            yield Part(text, next((name for name in _names(line) if name in OPTIONAL), ""))
