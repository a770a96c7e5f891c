"""The forms of crisis mode: facts, all texts side by side, the colleague's reading, reasons."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.crisis.compose import Fitted, Surface, fill, too_long
from bot.crisis.facts import EVENTS, Facts, Kind
from bot.crisis.rules import Bulletin
from bot.crisis.warn import Warned
from bot.errors import Problem
from bot.texts import Speak
from handlers import sentences
from handlers.cards import forms, kit
from handlers.cards.kit import Block

FACTS, TEXTS, REVIEWED, ALONE, RETURNED, REASON, LOGGED, REMOVED = (
    "crisis.facts",
    "crisis.texts_read",
    "crisis.reviewed",
    "crisis.alone",
    "crisis.returned",
    "crisis.reason",
    "crisis.logged",
    "crisis.removed",
)
MODES = ("real", "drill")
PATIENCE_S = (60, 120, 300, 900)
WARNINGS, NAMED = 12, 4  # warnings shown; channels named in each


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
    if kind is Kind.END:
        return [*own, *_confirmed(t, known)]
    advice = _long(t, "advice", known, "crisis.advice", optional=True)
    return [*own, *_where(t, kind, known), advice, *_confirmed(t, known), *_promise(t, known)]


def _where(t: Speak, kind: Kind, known: Facts) -> list[Block]:
    """What was said of the place may have been the very thing that was wrong: every text says it again."""
    if kind is Kind.NOTHING_NEW:
        return []
    return [
        _short(t, "where", known, "crisis.where"),
        _short(t, "where_not", known, "crisis.where_not", optional=True),
    ]


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
    problems = too_long(surface, fitted)
    hints = {part: t("crisis.proposal", problem=sentences.problem(t, one)) for part, one in problems.items()}
    rows = t("crisis.rows", rows=surface.rows or 0, n=surface.characters or 0) if surface.rows else ""
    hint = " ".join(filter(None, (rows, hints.get("text"))))
    label = t("crisis.text_of", channel=surface.name, n=t.number(used), most=t.number(limit.characters))
    optional = bool(surface.rows)
    found = [forms.field(f"text:{key}", label, forms.text(fitted.text, lines=True), hint=hint, optional=optional)]
    if limit.title and surface.rows is None:
        label = t("crisis.title_of", channel=surface.name)
        found.insert(0, forms.field(f"title:{key}", label, forms.text(fitted.title), hint=hints.get("title", "")))
    if limit.alt:
        label, alt = t("crisis.alt_of", channel=surface.name), forms.text(fitted.alt, lines=True)
        found.append(forms.field(f"alt:{key}", label, alt, hint=hints.get("alt", "")))
    return found


def _warnings(t: Speak, surfaces: Sequence[Surface], warned: Sequence[Warned]) -> list[Block]:
    """Each warning once, with the channels it is about."""
    names, found = {one.key: one.name for one in surfaces}, dict[Problem, list[str]]()
    for one in warned:
        found.setdefault(one.problem, []).extend([names[one.channel]] if one.channel else [])
    said = [_warning(t, problem, channels) for problem, channels in list(found.items())[:WARNINGS]]
    return [kit.section(kit.esc("\n".join(said)))] if said else []


def _warning(t: Speak, problem: Problem, channels: Sequence[str]) -> str:
    words, named = sentences.problem(t, problem), list(channels[:NAMED])
    if left := len(channels) - len(named):
        named.append(t.n("crisis.channels_more", left))
    return f"⚠ {t.names(named)}: {words}" if named else f"⚠ {words}"


def review(
    t: Speak, case: Bulletin, names: Mapping[str, str], channels: int, slack: int | None, *, anew: bool = False
) -> Block:
    """A colleague reads every text, ticks, and lets it go.

    ``slack``: how many Slack channels, None before they were ever counted. ``anew``: other texts were read
    before; the tick belongs to a text, so it is set anew.
    """
    options = [("no", t("crisis.patience.no"))]
    options += [(str(n), t("crisis.patience", n=n // 60)) for n in PATIENCE_S]
    tick = {**forms.tick(t("crisis.read.tick")), "action_id": "read"}
    reach = t("crisis.tick.uncounted", n=channels) if slack is None else t("crisis.tick", n=channels, m=slack)
    blocks = [
        *([kit.section(f"*{t('crisis.anew')}*")] if anew else []),
        *_read(t, case, names),
        forms.field(
            "without", t("crisis.without_site"), forms.select(options, "no"), hint=t("crisis.without_site.hint")
        ),
        forms.field(ticked(case.seen), t("crisis.read"), tick),
        kit.context(reach),
    ]
    meta = {"b": case.id, "h": case.seen}
    return forms.view(t, REVIEWED, t("crisis.review.title"), blocks, submit=t("btn.publish_now"), meta=meta)


def ticked(seen: str) -> str:
    """The name of the tick under a text."""
    return f"read:{seen}"


def read(t: Speak, case: Bulletin, names: Mapping[str, str]) -> Block:
    """Every text, only to read."""
    return forms.view(t, "crisis.shown", t("btn.preview"), _read(t, case, names))


def _read(t: Speak, case: Bulletin, names: Mapping[str, str]) -> list[Block]:
    found: list[Block] = []
    if case.drill:
        found.append(kit.section(f"*{t('drill.prefix')}*"))
    for key, text in case.texts.items():
        alt = t("crisis.read.alt", text=text["alt"]) if text.get("alt") else ""
        said = "\n".join(filter(None, (str(text.get("title") or ""), str(text.get("text") or ""), alt)))
        shown = fill(said, t("crisis.url")) if said else t("crisis.empty_sign")
        found.append(_verbatim(names.get(key, key), shown))
    return found


def _verbatim(name: str, text: str) -> Block:
    """A channel's text exactly as it will stand there: no sign in it is taken for markup, nothing is cut."""
    said: list[Block] = [
        {"type": "text", "text": name, "style": {"bold": True}},
        {"type": "text", "text": f"\n{text}"},
    ]
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": said}]}


def alone(t: Speak, case: Bulletin) -> Block:
    """Break-glass: type the place."""
    blocks = [
        kit.section(kit.esc(t("crisis.emergency"))),
        forms.field("place", t("crisis.place"), forms.text(limit=200), hint=case.place),
    ]
    meta = {"b": case.id, "h": case.seen}
    return forms.view(t, ALONE, t("btn.emergency"), blocks, submit=t("btn.publish_now"), meta=meta)


def remove(t: Speak, channel: str, meta: Mapping[str, Any]) -> Block:
    """Taking away what the public reads is asked about once."""
    words = kit.section(kit.say(t, "crisis.remove.sure", channel=channel))
    return forms.view(t, REMOVED, t("crisis.act.remove"), [words], submit=t("crisis.act.remove"), meta=meta)


def reason(t: Speak, callback: str, title: str, meta: Mapping[str, Any], hint: str = "") -> Block:
    """Why."""
    box = forms.field("reason", t("decision.reason.label"), forms.text(lines=True), hint=hint)
    return forms.view(t, callback, title, [box], submit=t("btn.save"), meta=meta)


def note(t: Speak, meta: Mapping[str, Any], text: str = "") -> Block:
    """A line for the crisis log."""
    box = forms.field("note", t("crisis.note"), forms.text(text, lines=True), hint=t("crisis.note.hint"))
    return forms.view(t, LOGGED, t("btn.note"), [box], submit=t("btn.save"), meta=meta)
