"""The forms of comments: answering one (alone, or in the queue), being reminded later, handing over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.comments.marks import Mark
from bot.comments.moderating import CLASSES, HIDE
from bot.comments.replying import Turn, Writing
from bot.comments.rules import Case
from bot.texts import Speak
from handlers.cards import comment_guard as guard
from handlers.cards import comment_session, forms, kit
from handlers.cards.comment import menu, to_copy
from handlers.cards.kit import Block
from storage.moderations import Moderation
from storage.replies import Reply

MODERATED, COMPLETED = "comment.moderated", "comment.completed"
ANSWERED, LATER_UNTIL, HANDED = "comment.answered", "comment.later_until", "comment.handed_over"
NEXT, SKIP_REPLY, READY = "comment.next", "comment.queue_no_reply", "comment.ready"
READY_CASE, FORWARD, BY_HAND = "comment.ready_case", "comment.forward", "comment.queue_by_hand"
TURNS, LONG = 6, 2000  # earlier turns shown; characters of the comment
LATER_HOURS = (1, 2, 4, 24)
NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Help:
    """What helps with an answer: standard replies (key, title), the signature, and the text to begin with.

    ``holds``: the text says that an answer will come, so the comment may go on waiting.
    """

    ready: Sequence[tuple[str, str]] = ()
    signature: str = ""
    text: str = ""
    holds: bool = False
    topics: Sequence[str] = ()  # of the post's question session
    topic: str | None = None


def answer(t: Speak, writing: Writing, meta: Mapping[str, Any], helping: Help | None = None) -> Block:
    """The comment, what was said before, and room for an answer. ``meta["q"]``: part of the queue.

    ``meta["n"]`` counts how often the desk has changed what stands in the field.
    """
    case, helping = writing.case, helping or Help()
    queue = bool(meta.get("q"))
    blocks = [
        *_warning(t, writing),
        kit.section(_where(t, case)),
        *([kit.context(kit.esc(kit.cut(case.post_words, 300)))] if case.post_words else []),
        *_turns(t, writing.turns),
        *_said(t, writing),
        *_small(t, writing),
        *_individual(t, case),
        *comment_session.topic(t, case.id, helping.topics, helping.topic),
        *_ready(t, case.id, helping.ready),
        forms.field(
            text_id(case.id, meta),
            t("comment.form.answer"),
            forms.text(helping.text, lines=True),
            hint=_hint(t, writing, helping.signature),
        ),
        *_holds(t, case.id, meta, on=helping.holds),
        *_reader(t, case.id),
        *(_queue_row(t, case) if queue else []),
    ]
    title = t("comment.queue.title") if queue else t("btn.reply")
    carried = {**meta, "c": case.id}
    return forms.view(t, ANSWERED, title, blocks, submit=t("btn.send_out"), meta=carried, tell_close=True)


def text_id(comment_id: int, meta: Mapping[str, Any] = NOTHING) -> str:
    """The answer's block: one of its own for each comment, lest one's text stay under the next.

    And for each text that the desk puts there: Slack keeps what is typed as long as the block is the same.
    """
    turn = int(meta.get("n") or 0)
    return f"text-{comment_id}-{turn}" if turn else f"text-{comment_id}"


def reader_id(comment_id: int) -> str:
    """The block with the colleague who is asked to read."""
    return f"reader-{comment_id}"


def hold_id(comment_id: int, meta: Mapping[str, Any]) -> str:
    """The block with the box that lets the comment go on waiting."""
    return f"hold-{text_id(comment_id, meta)}"


def _where(t: Speak, case: Case) -> str:
    """Account and platform, once when they have the same name."""
    account, platform = case.hands.account, case.hands.platform_name
    if account.casefold() == platform.casefold():
        return kit.esc(account)
    return kit.say(t, "comment.form.where", account=account, platform=platform)


def _individual(t: Speak, case: Case) -> list[Block]:
    """It may be about somebody's own case: the reply that refers on is one click away."""
    if Mark.PERSONAL not in case.marks:
        return []
    button = kit.button(t("btn.use_case"), READY_CASE, {"c": case.id})
    return [kit.section(f"⚠️ {kit.esc(t('comment.case'))}", accessory=button)]


def _holds(t: Speak, comment_id: int, meta: Mapping[str, Any], *, on: bool) -> list[Block]:
    if not on:
        return []
    box = forms.tick(t("answer.hold.tick"), on=True)
    return [forms.field(hold_id(comment_id, meta), t("answer.hold"), box, optional=True)]


def _reader(t: Speak, comment_id: int) -> list[Block]:
    return [forms.field(reader_id(comment_id), t("reading.form"), forms.person(), optional=True)]


def _warning(t: Speak, writing: Writing) -> list[Block]:
    found = []
    if writing.other and writing.other_at:
        found.append(kit.say(t, "comment.writing", name=writing.other, time=t.time(writing.other_at)))
    if writing.reading:
        found.append(kit.say(t, "reading.going_on", name=writing.reading))
    if writing.by_hand:
        found.append(t("comment.form.by_hand"))
    return [kit.section(f"⚠️ {one}") for one in found]


def _turns(t: Speak, turns: Sequence[Turn]) -> list[Block]:
    return [kit.context(_turn(t, one)) for one in turns[-TURNS:] if one.text]


def _turn(t: Speak, turn: Turn) -> str:
    who = turn.author or t("comment.us" if turn.own else "comment.somebody")
    return f"*{kit.esc(who)}:* {kit.esc(kit.cut(turn.text, 300))}"


def _said(t: Speak, writing: Writing) -> list[Block]:
    case = writing.case
    if not case.shown:
        return [kit.section(kit.esc(guard.taken_out(t, case) or t("comment.form.sensitive")))]
    who = kit.esc(case.author or t("comment.somebody"))
    said = kit.esc(kit.cut(case.text, LONG)) or kit.esc(t("comment.textless"))
    return [kit.section(f"*{who}:*\n" + "\n".join(f">{line}" for line in said.splitlines()))]


def _small(t: Speak, writing: Writing) -> list[Block]:
    case = writing.case
    words = [t(f"flag.{mark}") for mark in case.marks]
    words += [kit.say(t, "comment.due", time=t.moment(case.due))] if case.due else []
    words += [str(kit.link(case.link, t("comment.open")))] if case.link else []
    if writing.earlier:
        words.append(kit.say(t, "comment.form.earlier", text=kit.cut(writing.earlier[-1], 300)))
    return [kit.context(" · ".join(words))] if words else []


def _hint(t: Speak, writing: Writing, signature: str) -> str:
    room = [t.n("comment.form.room", writing.room)] if writing.room else []
    signed = [t("answer.signed", signature=signature)] if signature else []
    return " ".join([*room, *signed, t("comment.form.hint")])


def _ready(t: Speak, comment_id: int, ready: Sequence[tuple[str, str]]) -> list[Block]:
    """Standard answers: choosing one puts its text into the field."""
    if not ready:
        return []
    menu = {**forms.select(ready), "action_id": READY, "placeholder": kit.plain(t("comment.form.ready"), 150)}
    return [{"type": "actions", "block_id": f"ready-{comment_id}", "elements": [menu]}]


def _queue_row(t: Speak, case: Case) -> list[Block]:
    value = {"c": case.id}
    buttons = [
        kit.button(t("btn.no_reply"), SKIP_REPLY, value),
        kit.button(t("btn.next"), NEXT, value),
        kit.button(t("btn.forward"), FORWARD, value),
        *menu(t, case, forward=False),
    ]
    return kit.actions(f"queue-{case.id}", buttons)


def by_hand(t: Speak, case: Case, reply: Reply, meta: Mapping[str, Any]) -> Block:
    """In the queue, where the platform takes no answer from here: the text to copy, where it goes, and onward."""
    blocks = [
        kit.section(to_copy(t, case)),
        forms.field(f"copy-{reply.id}", t("comment.form.answer"), forms.text(reply.text, lines=True)),
        *kit.actions(f"by-hand-{reply.id}", [kit.button(t("btn.next"), NEXT, {"c": case.id})]),
    ]
    carried = {**meta, "c": case.id, "r": reply.id}
    return forms.view(t, BY_HAND, t("comment.queue.title"), blocks, submit=t("btn.done"), meta=carried)


def empty(t: Speak) -> Block:
    """Nothing waits for this person."""
    return forms.view(t, ANSWERED, t("comment.queue.title"), [kit.section(kit.esc(t("queue.empty")))])


def later(t: Speak, comment_id: int, under: Mapping[str, Any] | None = None) -> Block:
    """When to be reminded. ``under``: what the queue below it carries, there and in the other forms."""
    choices = [(str(hours), t.n("comment.later.hours", hours)) for hours in LATER_HOURS]
    blocks = [forms.field("hours", t("comment.later.label"), forms.select(choices, choices[0][0], radio=True))]
    return forms.view(t, LATER_UNTIL, t("btn.later"), blocks, submit=t("btn.save"), meta=_over(under, c=comment_id))


def _over(under: Mapping[str, Any] | None, **own: Any) -> dict[str, Any]:
    return own | ({"u": dict(under)} if under else {})


def hand_over(t: Speak, comment_id: int, under: Mapping[str, Any] | None = None) -> Block:
    """To whom."""
    blocks = [forms.field("person", t("comment.hand_over.label"), forms.person())]
    meta = _over(under, c=comment_id)
    return forms.view(t, HANDED, t("btn.hand_over"), blocks, submit=t("btn.hand_over"), meta=meta)


def moderate(t: Speak, case: Case, act: str, under: Mapping[str, Any] | None = None) -> Block:
    """Why, and what evidence there is; hiding asks for nothing but the class."""
    options = [(one, t(f"hide.reason.{one}")) for one in CLASSES]
    blocks = [
        kit.context(t("hide.intro")),
        forms.field("klass", t("hide.klass"), forms.select(options, radio=True)),
        guard.secrecy(t, on=False),
        *_evidence(t, optional=True),
        kit.context(t("hide.keep")),
    ]
    title = t("hide.title") if act == HIDE else t("remove.title")
    return forms.view(t, MODERATED, title, blocks, submit=t(f"btn.{act}"), meta=_over(under, c=case.id, a=act))


def complete(t: Speak, made: Moderation) -> Block:
    """What is missing of the evidence."""
    given = {"why": made.why, "shot": made.shot, "no_shot": made.no_shot, "diary": made.diary}
    blocks = [guard.secrecy(t, on=bool(made.secrecy)), *_evidence(t, optional=True, given=given)]
    return forms.view(t, COMPLETED, t("btn.complete"), blocks, submit=t("btn.save"), meta={"m": made.id})


def _evidence(t: Speak, *, optional: bool, given: Mapping[str, str] | None = None) -> list[Block]:
    known = given or {}
    return [
        forms.field(
            name,
            t(f"hide.field.{name}"),
            forms.text(known.get(name), lines=name == "why", limit=1000),
            hint=t(f"hide.hint.{name}"),
            optional=optional,
        )
        for name in ("why", "shot", "no_shot", "diary")
    ]
