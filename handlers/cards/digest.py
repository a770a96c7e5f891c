"""Dagens läge as people read it in twenty seconds: a headline, then short parts; nothing empty is shown."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from bot.channels.message import Message
from bot.clock import ZONE
from bot.digest.answering import Answering, StandIn
from bot.digest.day import DAY, Day
from bot.digest.gathering import Digest, Mine
from bot.digest.pending import Pending
from bot.digest.waiting import Pile
from bot.errors import Problem, Text
from bot.texts import Speak
from handlers.cards import desk, inbox, kit
from handlers.cards.application import OPEN
from handlers.cards.comment import QUEUE
from storage.backlog import Figures

SHOWN = 8  # lines of a part; the others are counted
NAMED = 12  # names in a line
Lines = Sequence[str]


def department(t: Speak, found: Digest) -> Message:
    """The department's, or some units' own."""
    day = found.day
    title = t("digest.title", date=t.date(day.today))
    if found.units:
        title = t("digest.title.units", units=t.names(found.units), date=t.date(day.today))
    crises = [_problem(t, one, day) for one in found.going_on]
    parts = [
        ("", crises),
        ("", [f"*{_headline(t, found)}*"]),
        (t("digest.who"), _who(t, found.answering, day)),
        (t("digest.overdue"), [_late(t, one, day, place=not found.units) for one in found.late]),
        (t("digest.waiting"), [_line(t, one, day, place=not found.units) for one in found.waiting]),
        (t("digest.applications"), [_application(t, one) for one in found.applications]),
        (t("digest.inbox"), inbox.lines(t, found.inboxes, lambda at: _when(t, at, day))),
        (t("digest.no_substitute"), _names(t, found.no_substitute)),
        (t("digest.broken"), [desk.trouble(t, one) for one in found.troubles]),
        (t("digest.ahead"), [_problem(t, one, day) for one in found.ahead]),
        (_since(t, day), _figures(t, found.figures)),
    ]
    small = [kit.say(t, "digest.seal", date=found.seal.day, digest=found.seal.digest)] if found.seal else []
    return _message(t, title, parts, small, queue=bool(found.late or found.waiting))


def mine(t: Speak, found: Mine) -> Message:
    """One person's own; that nothing waits, to whoever asks."""
    day, title = found.day, t("digest.mine")
    if found.empty:
        words = t("digest.mine.nothing")
        return kit.message([kit.section(kit.esc(words))], words)
    parts = [
        (t("digest.overdue"), [_late(t, one, day) for one in found.late]),
        (t("digest.waiting"), [_line(t, one, day) for one in found.free]),
        (t("digest.mine.taken"), [_line(t, one, day) for one in found.taken]),
    ]
    if found.duty is not None:
        key = "digest.mine.duty" if found.received else "digest.mine.duty.receive"
        parts.append(("", [kit.say(t, key, time=_when(t, found.duty, day))]))
    drawn = _message(t, title, parts, [], queue=bool(found.late or found.taken or found.free))
    asked = [(_to_decide(t, one), one.number) for one in found.to_decide[:SHOWN]]
    rows = [kit.section(words, kit.button(t("btn.open"), OPEN, {"a": number})) for words, number in asked]
    return kit.message([*drawn.blocks, *rows], drawn.text, *(words for words, _ in asked))


def _to_decide(t: Speak, one: Pending) -> str:
    date_ = t.date(one.asked) if one.asked else ""
    return kit.say(t, "digest.mine.decide", account=one.account, unit=one.unit, date=date_)


def _message(t: Speak, title: str, parts: Iterable[tuple[str, Lines]], small: Lines, *, queue: bool) -> Message:
    shown = [(heading, _few(t, lines)) for heading, lines in parts if lines]
    said = ["\n".join([*([f"*{kit.esc(heading)}*"] if heading else []), *lines]) for heading, lines in shown]
    blocks = [kit.header(title), *(kit.section(one) for one in said)]
    button = kit.button(t("btn.queue"), QUEUE, {"p": 0}, style="primary") if queue else None
    blocks += kit.actions("digest", [button])
    blocks += [kit.context(*small)] if small else []
    return kit.message(blocks, title, *said, *small)


def _few(t: Speak, lines: Lines) -> Lines:
    left = len(lines) - SHOWN
    return lines if left <= 0 else [*lines[:SHOWN], t.n("digest.more", left)]


def _headline(t: Speak, found: Digest) -> str:
    """How many of what; that nothing waits, where nothing does."""
    late, waiting = (sum(one.count for one in pile) for pile in (found.late, found.waiting))
    gaps, asked = len(found.answering.gaps), len(found.applications)
    said = [
        t.n("digest.sum.late", late) if late else "",
        t.n("digest.sum.waiting", waiting) if waiting else "" if late else t("digest.nothing"),
        t.n("digest.sum.gaps", gaps) if gaps else "",
        t.n("digest.sum.applications", asked) if asked else "",
    ]
    return " ".join(filter(None, said))


def _who(t: Speak, found: Answering, day: Day) -> list[str]:
    lines = [
        kit.say(t, "digest.gap" if one.asked else "digest.gap.department", account=one.account, name=one.asked)
        for one in found.gaps
    ]
    lines += [_stand_in(t, one) for one in found.stand_ins]
    if found.usual:
        lines.append(t.n("digest.usual.rest" if lines else "digest.usual", found.usual))
    told = {one.away for one in found.stand_ins}
    away = [_away(t, name, until, day) for name, until in found.away if name not in told]
    if away:
        lines.append(kit.say(t, "digest.away", names=t.names(away[:NAMED] + _beyond(t, len(away)))))
    return lines


def _away(t: Speak, name: str, until: date, day: Day) -> str:
    return name if until == day.today else t("digest.away.one", name=name, date=t.date(until))


def _stand_in(t: Speak, one: StandIn) -> str:
    values = {"account": one.account, "name": one.who, "away": one.away}
    if one.until is None:
        return kit.say(t, "digest.stand_in", **values)
    return kit.say(t, "digest.stand_in.until", date=t.date(one.until), **values)


def _line(t: Speak, one: Pile, day: Day, *, place: bool = False) -> str:
    times = {"time": _when(t, one.oldest, day), "due": _when(t, one.due, day)}
    return kit.say(t, "digest.line", account=_account(one, place=place), n=one.count, **times)


def _late(t: Speak, one: Pile, day: Day, *, place: bool = False) -> str:
    due = _when(t, one.due, day)
    return t.n("digest.line.late", one.count, account=_account(one, place=place), due=kit.esc(due))


def _account(one: Pile, *, place: bool) -> str:
    """The account's name, and the Slack channel in which its cards stand."""
    name = f"*{kit.esc(one.account)}*"
    return kit.Raw(f"{name} (<#{kit.esc(one.place)}>)" if place and one.place else name)


def _application(t: Speak, one: Pending) -> str:
    names = [*one.names, *([t("digest.department")] if one.department else [])]
    since = t.date(one.asked) if one.asked else ""
    values = {"account": one.account, "unit": one.unit, "names": t.names(names), "date": since}
    return kit.say(t, "digest.application", **values)


def _names(t: Speak, names: Sequence[str]) -> Lines:
    """All in one line."""
    return [kit.esc(t.names([*names[:NAMED], *_beyond(t, len(names))]))] if names else []


def _beyond(t: Speak, many: int) -> list[str]:
    return [t.n("digest.more", many - NAMED)] if many > NAMED else []


def _figures(t: Speak, found: Figures | None) -> Lines:
    return [] if found is None else [kit.say(t, "digest.figures", **vars(found))]


def _since(t: Speak, day: Day) -> str:
    """*Igår*, or since the last working day."""
    whole = day.today - day.since == DAY
    return t("digest.yesterday") if whole else t("digest.since", date=t.date(day.since))


def _problem(t: Speak, one: Problem, day: Day) -> str:
    return kit.say(t, one.key, **{name: _value(t, value, day) for name, value in one.values.items()})


def _value(t: Speak, value: object, day: Day) -> str:
    match value:
        case Text(key):
            return t(key)
        case datetime():
            return _when(t, value, day)
        case date():
            return t.date(value)
        case list():
            return t.names([_value(t, one, day) for one in value])
        case int():
            return t.number(value)
    return str(value)


def _when(t: Speak, at: datetime, day: Day) -> str:
    """Today, yesterday and tomorrow by their names."""
    match (at.astimezone(ZONE).date() - day.today).days:
        case 0:
            return t("digest.when.today", time=t.time(at))
        case -1:
            return t("digest.when.yesterday", time=t.time(at))
        case 1:
            return t("digest.when.tomorrow", time=t.time(at))
    return t.moment(at)
