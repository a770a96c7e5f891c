"""What people see of an incident: the live board, the questions to the deciders, the announcements."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta

from bot.channels.message import Message
from bot.channels.protocol import Can
from bot.crisis.board import SETTLED, TO_BE_TOLD, TOLD, Board, Fate, Line, Spread
from bot.crisis.rules import Bulletin
from bot.crisis.states import Kind, State
from bot.texts import Speak
from handlers.cards import crisis_board, crisis_reasons, kit
from handlers.cards.kit import Block
from storage import incidents

REVIEW, EDIT, WITHDRAW, EMERGENCY, RETURN = (
    "crisis.review",
    "crisis.edit",
    "crisis.withdraw",
    "crisis.emergency",
    "crisis.return",
)
STOP, HANDLE, OVERRIDE, HAND_DONE, TEXTS, NOTE, PAUSED = (
    "crisis.stop",
    "crisis.handle",
    "crisis.override",
    "crisis.hand_done",
    "crisis.texts",
    "crisis.note",
    "crisis.paused",
)
START = "crisis.start"
MARKS = {
    Fate.FAILED: "✕",
    Fate.ASKING: "?",
    Fate.UNKNOWN: "?",
    Fate.RETRYING: "↻",
    Fate.BY_HAND: "✎",
    Fate.GATE: "…",
    Fate.SENDING: "→",
    Fate.STOPPED: "■",
    Fate.REPLACED: "–",
    Fate.SKIPPED: "–",
    Fate.ACCEPTED: "✓",
    Fate.DONE_BY_HAND: "✓",
    Fate.REMOVED: "–",
    Fate.CONFIRMED: "✓",
}
BAR = 20  # characters
FOLLOWS = {  # what may come after the first message: its button, and the button's text
    Kind.UPDATE: ("crisis.follow.update", "btn.update"),
    Kind.NOTHING_NEW: ("crisis.follow.nothing_new", "btn.nothing_new"),
    Kind.CORRECTION: ("crisis.follow.correction", "btn.correct"),
    Kind.END: ("crisis.follow.end", "btn.end"),
}


class Incident:
    """Draws one incident's board in one language."""

    def __init__(self, t: Speak, board: Board, website: str | None) -> None:
        self.t, self.board, self.website = t, board, website

    def message(self) -> Message:
        """The live board: how it stands, every channel, and what can be done."""
        lines = [kit.esc(self.title()), self.status(), *self.lines()]
        blocks = [
            kit.header(self.title()),
            kit.section(self.status()),
            *self._lines(),
            *self._spread(),
            *kit.actions("crisis", self._buttons()),
        ]
        return kit.message(blocks, *lines, self._spread_words())

    def title(self) -> str:
        """ "Krisläge: dricksvatten, Centrum", with ÖVNING first in a drill."""
        incident = self.board.incident
        words = self.t("crisis.board.title", event=self.t(f"event.{incident.event}"), place=incident.place)
        return f"{self.t('drill.prefix')} · {words}" if incident.drill else words

    def status(self) -> str:
        """What applies now, in a sentence or two."""
        t, incident = self.t, self.board.incident
        drill = incident.drill and incident.state in (incidents.ON, incidents.OVER)
        said = t(f"crisis.incident.{incident.state}.drill") if drill else t(f"crisis.incident.{incident.state}")
        words = [said]
        if self.board.waiting is not None:
            words.append(self._waits(self.board.waiting))
        if self.board.current is not None:
            words.append(self._out(self.board.current))
        if incident.next_at and incident.state == incidents.ON:
            words.append(t("crisis.promised", time=t.moment(incident.next_at)))
        if self.board.urgent:
            words.append(t("crisis.red"))
        words += crisis_board.status(t, self.board)
        return kit.esc("\n".join(words))

    def _waits(self, case: Bulletin) -> str:
        key = "crisis.waits" if case.state is State.ASKED else "crisis.waits.returned"
        return self.t(key, kind=self.t(f"kind.{case.kind}"), name=case.name(case.by))

    def _out(self, case: Bulletin) -> str:
        t = self.t
        kind = t(f"kind.{case.kind}")
        if case.state is State.STOPPED and case.stopped:
            done = sum(one.fate in TOLD for one in self.board.lines)
            key = "crisis.stopped" if done else "crisis.stopped.none"
            return t(key, kind=kind, done=done, total=len(self.board.lines))
        key = "crisis.out.alone" if case.emergency else "crisis.out"
        assert case.decided is not None
        return t(key, kind=kind, name=case.name(case.decided_by), time=t.moment(case.decided))

    def lines(self) -> list[str]:
        """How each channel fares."""
        return [self._line(one) for one in self.board.lines]

    def _lines(self) -> list[Block]:
        return [self._row(one) for one in self.board.lines]

    def _row(self, line: Line) -> Block:
        """It keeps its name from one showing to the next, so that nobody's open menu goes away."""
        return {**kit.section(self._line(line), self._menu(line)), "block_id": f"line:{line.outlet.key}"}

    def _line(self, line: Line) -> str:
        t = self.t
        words = f"{MARKS[line.fate]} *{kit.esc(line.outlet.name)}* {kit.esc(self._fate(line))}"
        if line.link:
            words += " " + kit.link(line.link, t("crisis.look"))
        return words

    def _fate(self, line: Line) -> str:
        t = self.t
        words = t(f"board.{line.fate}")
        if line.fate is Fate.GATE and line.reason == TO_BE_TOLD:
            words = t("board.gate.drill")
        elif line.fate is Fate.BY_HAND and line.due:
            words = t("board.by_hand.due", name=line.name, time=t.time(line.due))
        elif line.fate is Fate.DONE_BY_HAND:
            words = t("board.done_by_hand.by", name=line.name)
        elif line.fate in (Fate.FAILED, Fate.RETRYING) and line.reason:
            why = crisis_reasons.sentence(t, line.reason, final=line.fate is Fate.FAILED)
            words = t("board.why", fate=words, why=why)
        return words

    def _menu(self, line: Line) -> Block | None:
        """What can be done about a channel right now, as the use cases allow it."""
        case = self.board.current
        acts = acts_on(line, out=case is not None and case.state is State.APPROVED) if case else []
        if case is None or not acts:
            return None
        options = [
            {"text": kit.plain(self.t(f"crisis.act.{act}"), 75), "value": _packed(case.id, line.outlet.key, act)}
            for act in acts
        ]
        return {"type": "overflow", "action_id": HANDLE, "options": options}

    def _spread(self) -> list[Block]:
        words = self._spread_words()
        return [kit.context(words)] if words else []

    def _spread_words(self) -> str:
        spread = self.board.spread
        if spread is None or not (spread.total or spread.left_out):
            return ""
        words = self.t("crisis.spread", bar=bar(spread), done=spread.done, total=spread.total)
        left_out = [self.t.n(f"crisis.left_out.{why}", n) for why, n in sorted(spread.left_out.items())]
        if left_out:
            words += " " + self.t("crisis.left_out", reasons=self.t.names(left_out))
        return kit.esc(words)

    def _buttons(self) -> list[Block | None]:
        case, incident = self.board.current, self.board.incident
        found: list[Block | None] = []
        if case is not None and case.state is State.APPROVED and incident.state != incidents.DROPPED:
            found += [self._stop(case) if self._going() else None, self._override(case)]
        if incident.state == incidents.ON:
            found += [self._follow(kind) for kind in FOLLOWS]
        found.append(kit.button(self.t("btn.note"), NOTE, {"i": incident.id}))
        return [*found, *crisis_board.buttons(self.t, self.board)]

    def _going(self) -> bool:
        """Something may still go out."""
        spread = self.board.spread
        return any(one.fate not in SETTLED for one in self.board.lines) or bool(
            spread and spread.done + spread.failed < spread.total
        )

    def _stop(self, case: Bulletin) -> Block:
        t = self.t
        sure = kit.confirm(t("btn.stop"), t("crisis.stop.sure"), t("btn.stop.yes"), t("btn.no"), style="danger")
        return kit.button(t("btn.stop"), STOP, {"b": case.id}, style="danger", confirm=sure)

    def _override(self, case: Bulletin) -> Block | None:
        if not any(one.fate is Fate.GATE for one in self.board.lines):
            return None
        return kit.button(without(self.t, case), OVERRIDE, {"b": case.id})

    def _follow(self, kind: Kind) -> Block:
        action_id, text = FOLLOWS[kind]
        return kit.button(self.t(text), action_id, {"i": self.board.incident.id, "k": str(kind)})


def without(t: Speak, case: Bulletin) -> str:
    """The words for not waiting any longer: in a drill it may be people who are waited for."""
    return t("btn.without_wait" if case.drill else "btn.without_site")


def _packed(bulletin: int, channel: str, act: str) -> str:
    """What an option brings back."""
    return json.dumps({"b": bulletin, "c": channel, "a": act}, separators=(",", ":"))


def overview(t: Speak, boards: Sequence[Board], *, start: bool = True) -> Message:
    """What is on now, and the way to begin for those who may."""
    said = [Incident(t, one, None) for one in boards]
    words = ["\n".join((f"*{kit.esc(one.title())}*", one.status(), *one.lines())) for one in said]
    words = words or [t("crisis.calm")]
    button = kit.button(t("crisis.title"), START, {}) if start else None
    return kit.message([*map(kit.section, words), *kit.actions("crisis.overview", [button])], *words)


def which(t: Speak, boards: Sequence[Board]) -> Message:
    """Several are on: which one is meant to end?"""
    blocks: list[Block] = []
    titles = [Incident(t, one, None).title() for one in boards]
    for one, title in zip(boards, titles, strict=True):
        action_id, text = FOLLOWS[Kind.END]
        payload = {"i": one.incident.id, "k": str(Kind.END)}
        blocks.append(kit.section(kit.esc(title), kit.button(t(text), action_id, payload)))
    return kit.message([kit.section(t("crisis.which")), *blocks], t("crisis.which"), *map(kit.esc, titles))


def acts_on(line: Line, *, out: bool) -> list[str]:
    """What the board offers for a channel: the same conditions as the use cases check."""
    offered = {
        Fate.FAILED: ["retry", "hand"],
        Fate.RETRYING: ["retry", "skip", "hand"],
        Fate.ASKING: ["there", "not_there"],
        Fate.GATE: ["skip", "hand"],
        Fate.SENDING: ["skip"],
    }.get(line.fate, [])
    acts = offered if out else []
    removable = line.fate in (Fate.CONFIRMED, Fate.ACCEPTED) and Can.REMOVE in line.outlet.can
    return [*acts, *(["remove"] if removable else [])]


def bar(spread: Spread) -> str:
    """▰▰▰▱▱ for how far the announcements have come."""
    full = round(BAR * spread.done / spread.total) if spread.total else 0
    return "▰" * full + "▱" * (BAR - full)


def brief(t: Speak, case: Bulletin) -> str:
    """What a message is about, for those who are asked about it."""
    words = t(
        "crisis.brief",
        kind=t(f"kind.{case.kind}"),
        event=t(f"event.{case.event}"),
        place=case.place,
        name=case.name(case.by),
    )
    return f"{t('drill.prefix')} · {words}" if case.drill else words


def sample(case: Bulletin) -> str:
    """The first channel's text, for a first impression."""
    first = next(iter(case.texts.values()), {})
    return "\n".join(filter(None, (str(first.get("title") or ""), str(first.get("text") or ""))))


def ask(t: Speak, case: Bulletin, person: str, minutes: int) -> Message:
    """The question to one decider, with the way to all texts."""
    if case.state is not State.ASKED:
        words = kit.esc(f"{brief(t, case)}. {decided(t, case)}")
        return kit.message([kit.section(words)], words)
    words = kit.say(t, "crisis.ask", what=brief(t, case), minutes=minutes)
    payload = {"b": case.id, "h": case.seen}
    buttons = [
        kit.button(t("btn.publish"), REVIEW, payload, style="primary"),
        kit.button(t("btn.hand_back"), RETURN, payload),
    ]
    mine = any(one.id == person for one in case.deciders)
    blocks = [
        kit.section(f"*{words}*"),
        kit.section(kit.esc(kit.cut(sample(case), 1500))),
        *kit.actions("crisis.ask", buttons if mine else []),
    ]
    return kit.message(blocks, words, kit.esc(sample(case)))


def newer(t: Speak, case: Bulletin) -> Message:
    """What stands in place of a question, or of a submitter's card, about texts that have been changed."""
    words = kit.say(t, "crisis.newer", what=brief(t, case))
    return kit.message([kit.section(words)], words)


def decided(t: Speak, case: Bulletin) -> str:
    """What became of a message that was asked about."""
    by = case.name(case.stopped_by if case.state is State.STOPPED else case.decided_by)
    at = case.stopped if case.state is State.STOPPED else case.decided
    alone = case.emergency and case.state is State.APPROVED
    return t(
        "crisis.state.alone.by" if alone else f"crisis.state.{case.state}.by",
        name=by,
        time=t.moment(at) if at else "",
    )


def mine(t: Speak, case: Bulletin, phones: Mapping[str, str], step: timedelta) -> Message:
    """The submitter's card: whom it waits for, how to reach them, and what can be done meanwhile."""
    words = kit.esc(brief(t, case))
    if case.state not in (State.ASKED, State.RETURNED):
        said = kit.esc(decided(t, case))
        return kit.message([kit.section(f"*{words}*\n{said}")], words, said)
    said = kit.esc(_waiting(t, case, phones, step))
    payload = {"b": case.id, "h": case.seen}
    alone = case.state is State.ASKED and case.by in case.emergency_deciders
    buttons = [
        kit.button(t("btn.edit_texts"), EDIT, payload),
        kit.button(t("btn.withdraw_message"), WITHDRAW, payload),
        kit.button(t("btn.emergency"), EMERGENCY, payload, style="danger") if alone else None,
    ]
    return kit.message([kit.section(f"*{words}*\n{said}"), *kit.actions("crisis.mine", buttons)], words, said)


def _waiting(t: Speak, case: Bulletin, phones: Mapping[str, str], step: timedelta) -> str:
    if case.state is State.RETURNED:
        return t("crisis.returned", name=case.name(case.decided_by), reason=case.reason)
    if not case.deciders:
        return t("crisis.waiting.nobody")
    first, *others = case.deciders
    phone = phones.get(first.id)
    words = t("crisis.waiting", name=first.name, phone=phone) if phone else t("crisis.waiting.one", name=first.name)
    if others:
        words += " " + t("crisis.waiting.next", next=others[0].name, time=t.time(case.asked + step))
    return words


def line(t: Speak, case: Bulletin, what: str, by: str, when: str, channel: str = "", reason: str = "") -> Message:
    """One line of the incident's thread. ``reason``: why a channel was left out, or the website not waited for."""
    words = kit.say(
        t,
        line_key(what, drill=case.drill),
        name=by,
        time=when,
        kind=t(f"kind.{case.kind}"),
        channel=channel,
        reason=case.reason,
    )
    if reason:
        words += " " + kit.say(t, "crisis.line.why", reason=reason)
    return kit.message([kit.section(words)], words)


def line_key(what: str, *, drill: bool) -> str:
    """The sentence for what somebody did; who does not wait in a drill does not always wait for the website."""
    return "crisis.line.override.drill" if drill and what == "override" else f"crisis.line.{what}"


def alarm(t: Speak, case: Bulletin, by: str, when: str) -> Message:
    """Somebody published alone."""
    words = kit.say(t, "crisis.alarm", name=by, time=when, what=brief(t, case))
    blocks = [kit.section(words), *kit.actions("crisis.alarm", [_texts_button(t, case)])]
    return kit.message(blocks, words)


def _texts_button(t: Speak, case: Bulletin) -> Block:
    return kit.button(t("btn.preview"), TEXTS, {"b": case.id})


def told(t: Speak, case: Bulletin, what: str, by: str) -> Message:
    """The submitter learns what was decided."""
    words = kit.say(t, f"crisis.told.{what}", name=by, reason=case.reason, what=brief(t, case))
    return kit.message([kit.section(words)], words)
