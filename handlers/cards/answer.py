"""Questions and answers as people see them: the list for whoever answers, the form, the colleague's yes."""

from bot.channels.message import Message
from bot.crisis.answering import Book
from bot.texts import Speak
from handlers.cards import forms, kit
from handlers.cards.desk import room_for
from handlers.cards.kit import Block
from storage import answers
from storage.answers import Answer

NEW, APPROVE, WITHDRAW, SAVE = "answer.new", "answer.approve", "answer.withdraw", "answer.save"


def listing(t: Speak, book: Book) -> Message:
    """What everybody answers, as much of it as fits."""
    said = [f"*{kit.esc(one.question)}*\n{kit.esc(one.answer)}" for one in book.answers]
    groups = [[kit.section(words)] for words in said]
    shown = room_for(groups)
    head = t("answer.title") if said else t("answer.empty")
    notes = [t("answer.more")] if len(groups) > shown else []
    notes += [t.n("answer.waiting", book.waiting)] if book.waiting else []
    button = kit.button(t("btn.answer.new"), NEW, {}) if book.may_propose else None
    blocks = [
        kit.section(f"*{kit.esc(head)}*"),
        *(block for group in groups[:shown] for block in group),
        *map(kit.context, notes),
        *kit.actions("answer", [button]),
    ]
    return kit.message(blocks, head, *said[:shown], *notes)


def form(t: Speak) -> Block:
    """A question and its answer."""
    blocks = [
        forms.field("question", t("answer.question"), forms.text(limit=300)),
        forms.field("answer", t("answer.answer"), forms.text(lines=True), hint=t("answer.hint")),
    ]
    return forms.view(t, SAVE, t("answer.modal.title"), blocks, submit=t("btn.ask_colleague"))


def card(t: Speak, row: Answer, by: str, approved_by: str) -> Message:
    """In the thread: the proposal with its buttons, then what became of it."""
    said = f"*{kit.esc(row.question)}*\n{kit.esc(kit.cut(row.answer, 2500))}"
    state = kit.say(t, f"answer.state.{row.state}", name=by, colleague=approved_by)
    return kit.message(
        [kit.section(said), kit.context(state), *kit.actions("answer.card", _buttons(t, row))], said, state
    )


def _buttons(t: Speak, row: Answer) -> list[Block]:
    payload = {"q": row.id}
    yes = kit.button(t("btn.approve"), APPROVE, payload, style="primary")
    off = kit.button(t("btn.withdraw_message"), WITHDRAW, payload)
    return {answers.PROPOSED: [yes, off], answers.APPROVED: [off]}.get(row.state, [])
