"""The forms of crisis mode: facts, all texts side by side, the colleague's reading, reasons."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.crisis.compose import Fitted, Surface
from bot.crisis.facts import EVENTS, Facts, Kind
from bot.crisis.rules import Bulletin
from bot.crisis.warn import Warned
from bot.texts import Speak
from handlers import sentences
from handlers.cards import forms, kit
from handlers.cards.kit import Block

FACTS, TEXTS, REVIEWED, ALONE, RETURNED, REASON, LOGGED = (
    "crisis.facts",
    "crisis.texts_read",
    "crisis.reviewed",
    "crisis.alone",
    "crisis.returned",
    "crisis.reason",
    "crisis.logged",
)
MODES = ("real", "drill")
PATIENCE_S = (60, 120, 300, 900)
WARNINGS = 12


def facts(t: Speak, kind: Kind, known: Facts, meta: Mapping[str, Any], *, mode: str = "") -> Block:
    """What happened, once; later what is new."""
    blocks = _first(t, known, mode) if kind is Kind.FIRST else _later(t, kind, known)
    title = t("crisis.title") if kind is Kind.FIRST else t(f"kind.{kind}")
    return forms.view(t, FACTS, title, blocks, submit=t("btn.preview"), meta={**meta, "k": str(kind)})


def _first(t: Speak, known: Facts, mode: str) -> list[Block]:
    events = [(one, t(f"event.{one}")) for one in EVENTS]
    modes = [(one, t(f"crisis.mode.{one}")) for one in MODES]
    return [
        kit.context(t("crisis.intro")),
        forms.field("mode", t("crisis.mode"), forms.select(modes, mode or None, radio=True)),
        forms.field("event", t("crisis.event"), forms.select(events, known.event or None)),
        _short(t, "what", known, "crisis.what"),
        _short(t, "where", known, "crisis.where"),
        _short(t, "where_not", known, "crisis.where_not", optional=True),
        _long(t, "danger", known, "crisis.danger", optional=True),
        _long(t, "advice", known, "crisis.advice", optional=True, hint="crisis.advice.hint"),
        _long(t, "unknown", known, "crisis.unknown_yet", optional=True),
        *_confirmed(t, known),
        *_promise(t, known),
        _short(t, "more", known, "crisis.more", optional=True),
        _long(t, "languages", known, "crisis.languages", optional=True, hint="crisis.languages.hint"),
    ]


def _later(t: Speak, kind: Kind, known: Facts) -> list[Block]:
    own = {
        Kind.UPDATE: [_long(t, "news", known, "crisis.news")],
        Kind.NOTHING_NEW: [],
        Kind.CORRECTION: [_long(t, "wrong", known, "crisis.wrong"), _long(t, "right", known, "crisis.right")],
        Kind.END: [_long(t, "now", known, "crisis.now", optional=True), _rescue(t, known)],
        Kind.FIRST: [],
    }[kind]
    advice = [] if kind is Kind.END else [_long(t, "advice", known, "crisis.advice", optional=True)]
    promise = [] if kind is Kind.END else _promise(t, known)
    return [*own, *advice, *_confirmed(t, known), *promise]


def _rescue(t: Speak, known: Facts) -> Block:
    box = forms.tick(t("crisis.rescue.tick"), known.rescue)
    return forms.field("rescue", t("crisis.rescue"), box, optional=True)


def _confirmed(t: Speak, known: Facts) -> list[Block]:
    return [
        _short(t, "confirmed_by", known, "crisis.confirmed"),
        forms.field("confirmed_at", t("crisis.confirmed_at"), _instant(known.confirmed_at)),
    ]


def _promise(t: Speak, known: Facts) -> list[Block]:
    promised = forms.field("next_at", t("crisis.next"), _instant(known.next_at), optional=True)
    if not known.drill and known.event:
        return [promised]
    ends = forms.field("ends_at", t("crisis.drill_ends"), _instant(known.ends_at), optional=True)
    return [promised, ends]


def _instant(chosen: datetime | None) -> Block:
    made: Block = {"type": "datetimepicker"}
    return {**made, "initial_date_time": int(chosen.timestamp())} if chosen else made


def _short(t: Speak, name: str, known: Facts, key: str, *, optional: bool = False) -> Block:
    return forms.field(name, t(key), forms.text(getattr(known, name), limit=300), optional=optional)


def _long(t: Speak, name: str, known: Facts, key: str, *, optional: bool = False, hint: str = "") -> Block:
    value = getattr(known, name)
    shown = "\n\n".join(f"{one}: {text}" for one, text in value) if isinstance(value, tuple) else value
    made = forms.text(shown, lines=True)
    return forms.field(name, t(key), made, optional=optional, hint=t(hint) if hint else "")


def texts(
    t: Speak,
    surfaces: Sequence[Surface],
    fitted: Mapping[str, Fitted],
    warned: Sequence[Warned],
    meta: Mapping[str, Any],
) -> Block:
    """All channels side by side, each text to be bettered."""
    blocks = [kit.context(t("crisis.texts.intro")), *_warnings(t, surfaces, warned)]
    for surface in surfaces:
        blocks += _surface(t, surface, fitted[surface.key])
    title = t("btn.preview")
    return forms.view(t, TEXTS, title, blocks, submit=t("btn.ask_colleague"), meta=meta)


def _surface(t: Speak, surface: Surface, fitted: Fitted) -> list[Block]:
    limit, key = surface.limit, surface.key
    used = limit.length(fitted.text)
    hint = t("crisis.rows", rows=surface.rows or 0, n=surface.characters or 0) if surface.rows else ""
    if fitted.over:
        hint = t("crisis.too_long", channel=surface.name, n=fitted.over) + _marked(t, fitted)
    label = t("crisis.text_of", channel=surface.name, n=used, most=limit.characters)
    optional = bool(surface.rows)
    found = [forms.field(f"text:{key}", label, forms.text(fitted.text, lines=True), hint=hint, optional=optional)]
    if limit.title and surface.rows is None:
        title = forms.text(fitted.title, limit=limit.title)
        found.insert(0, forms.field(f"title:{key}", t("crisis.title_of", channel=surface.name), title))
    if limit.alt:
        alt = forms.text(fitted.alt, lines=True, limit=limit.alt)
        found.append(forms.field(f"alt:{key}", t("crisis.alt_of", channel=surface.name), alt))
    return found


def _marked(t: Speak, fitted: Fitted) -> str:
    if fitted.marked is None:
        return ""
    start, end = fitted.marked
    return " " + t("crisis.marked", words=kit.cut(fitted.text[start:end], 200))


def _warnings(t: Speak, surfaces: Sequence[Surface], warned: Sequence[Warned]) -> list[Block]:
    names = {one.key: one.name for one in surfaces}
    said = []
    for one in warned[:WARNINGS]:
        words = sentences.problem(t, one.problem)
        said.append(f"⚠ {names[one.channel]}: {words}" if one.channel else f"⚠ {words}")
    return [kit.section(kit.esc("\n".join(said)))] if said else []


def review(t: Speak, case: Bulletin, names: Mapping[str, str], channels: int, slack: int) -> Block:
    """A colleague reads every text, ticks, and lets it go."""
    options = [("no", t("crisis.patience.no"))]
    options += [(str(n), t("crisis.patience", n=n // 60)) for n in PATIENCE_S]
    blocks = [
        *_read(t, case, names),
        forms.field(
            "without", t("crisis.without_site"), forms.select(options, "no"), hint=t("crisis.without_site.hint")
        ),
        forms.field("read", t("crisis.read"), forms.tick(t("crisis.read.tick"))),
        kit.context(t("crisis.tick", n=channels, m=slack)),
    ]
    meta = {"b": case.id, "h": case.seen}
    return forms.view(t, REVIEWED, t("crisis.review.title"), blocks, submit=t("btn.publish_now"), meta=meta)


def read(t: Speak, case: Bulletin, names: Mapping[str, str]) -> Block:
    """Every text, only to read."""
    return forms.view(t, "crisis.shown", t("btn.preview"), _read(t, case, names))


def _read(t: Speak, case: Bulletin, names: Mapping[str, str]) -> list[Block]:
    found: list[Block] = []
    if case.drill:
        found.append(kit.section(f"*{t('drill.prefix')}*"))
    for key, text in case.texts.items():
        said = "\n".join(filter(None, (str(text.get("title") or ""), str(text.get("text") or ""))))
        shown = kit.esc(said) if said else kit.esc(t("crisis.empty_sign"))
        found.append(kit.section(f"*{kit.esc(names.get(key, key))}*\n{shown}"))
    return found


def alone(t: Speak, case: Bulletin) -> Block:
    """Break-glass: type the place."""
    blocks = [
        kit.section(kit.esc(t("crisis.emergency"))),
        forms.field("place", t("crisis.place"), forms.text(limit=200), hint=case.place),
    ]
    meta = {"b": case.id, "h": case.seen}
    return forms.view(t, ALONE, t("btn.emergency"), blocks, submit=t("btn.publish_now"), meta=meta)


def reason(t: Speak, callback: str, title: str, meta: Mapping[str, Any], hint: str = "") -> Block:
    """Why."""
    box = forms.field("reason", t("decision.reason.label"), forms.text(lines=True), hint=hint)
    return forms.view(t, callback, title, [box], submit=t("btn.save"), meta=meta)


def note(t: Speak, meta: Mapping[str, Any], text: str = "") -> Block:
    """A line for the crisis log."""
    box = forms.field("note", t("crisis.note"), forms.text(text, lines=True), hint=t("crisis.note.hint"))
    return forms.view(t, LOGGED, t("btn.note"), [box], submit=t("btn.save"), meta=meta)
