"""Press calls as people see them: the list, the form, the question to the one who answers."""

from bot.channels.message import Message
from bot.crisis.press import Listed
from bot.texts import Speak
from handlers.cards import forms, kit
from handlers.cards.kit import Block
from storage.presscalls import PressCall

NEW, DONE, SAVE = "press.new", "press.done", "press.save"
SHOWN = 15


def listing(t: Speak, listed: Listed) -> Message:
    """What waits, the most urgent first, each with *Klart*; and the way to add one."""
    rows = [(_row(t, call, name), call) for call, name in listed.calls[:SHOWN]]
    left = len(listed.calls) - SHOWN
    more = [t.n("press.more", left)] if left > 0 else []
    head = t("press.title") if rows else t("press.empty")
    blocks = [
        kit.section(f"*{kit.esc(head)}*"),
        *(kit.section(words, _done(t, call)) for words, call in rows),
        *map(kit.context, [*more, *([t.n("press.done_so_far", listed.done)] if listed.done else [])]),
        *kit.actions("press", [kit.button(t("btn.press.new"), NEW, {})]),
    ]
    return kit.message(blocks, head, *(words for words, _ in rows), *more)


def _row(t: Speak, call: PressCall, name: str) -> str:
    return kit.say(
        t,
        "press.row",
        newsroom=call.newsroom,
        number=call.number,
        question=kit.cut(call.question, 500),
        time=t.moment(call.due),
        name=name,
    )


def _done(t: Speak, call: PressCall) -> Block:
    return kit.button(t("btn.done"), DONE, {"p": call.id})


def form(t: Speak) -> Block:
    """Newsroom, number, question, due, who answers: nothing else."""
    blocks = [
        kit.section(kit.esc(t("press.intro"))),
        forms.field("newsroom", t("press.newsroom"), forms.text(limit=120)),
        forms.field("number", t("press.number"), forms.text(limit=120)),
        forms.field("question", t("press.question"), forms.text(lines=True)),
        forms.field("due", t("press.due"), {"type": "datetimepicker"}),
        forms.field("person", t("press.person.label"), forms.person()),
    ]
    return forms.view(t, SAVE, t("press.modal.title"), blocks, submit=t("btn.save"))


def asked(t: Speak, call: PressCall) -> Message:
    """To the one who answers; then that it is done."""
    values = {"newsroom": call.newsroom, "number": call.number, "question": kit.cut(call.question, 1500)}
    if call.done is not None:
        words = kit.say(t, "press.is_done", newsroom=call.newsroom)
        return kit.message([kit.section(words)], words)
    words = kit.say(t, "press.ask", time=t.moment(call.due), **values)
    return kit.message([kit.section(words), *kit.actions("press.ask", [_done(t, call)])], words)


def late(t: Speak, call: PressCall) -> Message:
    """It is due."""
    words = kit.say(t, "press.late", newsroom=call.newsroom, number=call.number)
    return kit.message([kit.section(words), *kit.actions("press.ask", [_done(t, call)])], words)
