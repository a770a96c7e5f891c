"""A colleague's reading: its cards and forms; the book of standard replies; the reply that refers on."""

from collections.abc import Sequence
from typing import Any

from bot.channels.message import Message
from bot.comments.book import LONGEST, TITLE, Standard
from bot.comments.reading import NOTE
from bot.comments.rules import Case
from bot.comments.states import VISIBLE
from bot.texts import Speak
from handlers.cards import comment_guard as guard
from handlers.cards import forms, kit
from handlers.cards.kit import Block
from storage import readings
from storage.readings import Reading

APPROVE, CHANGE, GIVE_BACK, GO_ON = "reading.approve", "reading.change", "reading.give_back", "reading.go_on"
CHANGED, GIVEN_BACK = "reading.changed", "reading.given_back"
BOOK_EDIT, BOOK_NEW, BOOK_SAVED, BOOK_LIST = "book.edit", "book.new", "book.saved", "book.list"
SEEN = 16  # characters of the digest that a button carries


def asked(t: Speak, made: Reading, case: Case) -> Message:
    """The text with its three buttons; what became of it, once that is decided."""
    words = kit.say(t, "reading.asked", name=case.name(made.by), account=case.hands.account)
    state = _state(t, made, case)
    text = _text(made, case)
    rows = [kit.section(f"*{words}*"), *_about(t, case), *([kit.section(text)] if text else [])]
    rows += [kit.context(kit.esc(state))] if state else _buttons(t, made)
    return kit.message(rows, words, text, kit.esc(state))


def _text(made: Reading, case: Case) -> str:
    """The answer. It may quote, so it goes when what it answers is taken out."""
    return "" if case.out else f"```{kit.esc(made.text)}```"


def _about(t: Speak, case: Case) -> list[Block]:
    """The comment it answers; not where its text may not stand in Slack."""
    link = str(kit.link(case.link, t("comment.open"))) if case.link else ""
    if not case.shown:
        small = " · ".join(filter(None, (guard.taken_out(t, case), link)))
        return [kit.context(small)] if small else []
    said = kit.esc(kit.cut(case.text, 600)) or kit.esc(t("comment.textless"))
    quoted = "\n".join(f">{line}" for line in said.splitlines())
    return [kit.section(f"{quoted}\n{link}" if link else quoted)]


def _state(t: Speak, made: Reading, case: Case) -> str:
    by = case.name(made.settled_by)
    if made.state == readings.SENT and made.settled:
        return t("reading.sent", name=by, time=t.moment(made.settled))
    if made.state == readings.RETURNED and made.settled:
        return t("reading.returned", name=by, time=t.moment(made.settled))
    if case.state not in VISIBLE or (case.settled and case.settled > made.created):
        return t("reading.over")
    return ""


def _buttons(t: Speak, made: Reading) -> list[Block]:
    value = {"g": made.id, "d": made.digest[:SEEN]}
    row = [
        kit.button(t("btn.send_out"), APPROVE, value, style="primary"),
        kit.button(t("btn.edit"), CHANGE, value),
        kit.button(t("btn.give_back"), GIVE_BACK, value),
    ]
    return kit.actions(f"reading.{made.id}", row)


def back(t: Speak, made: Reading, case: Case) -> Message:
    """The writer's text comes back, with what the reader said."""
    words = kit.say(t, "reading.back", name=case.name(made.settled_by), account=case.hands.account)
    said, text = "" if case.out else made.note, _text(made, case)
    note = [kit.section("\n".join(f">{line}" for line in kit.esc(said).splitlines()))] if said else []
    button = kit.button(t("btn.go_on"), GO_ON, {"g": made.id, "c": made.comment_id}, style="primary")
    open_still = case.state in VISIBLE and not (case.settled and case.settled > made.created)
    blocks = [
        kit.section(f"*{words}*"),
        *_about(t, case),
        *note,
        *([kit.section(text)] if text else []),
        *kit.actions(f"reading.back.{made.id}", [button if open_still else None]),
    ]
    return kit.message(blocks, words, kit.esc(said), text)


def change(t: Speak, made: Reading) -> Block:
    """The text, to be changed before it is sent."""
    blocks = [forms.field("text", t("comment.form.answer"), forms.text(made.text, lines=True))]
    meta = {"g": made.id, "v": made.version}
    return forms.view(t, CHANGED, t("reading.change.title"), blocks, submit=t("btn.save"), meta=meta)


def give_back(t: Speak, made: Reading) -> Block:
    """What should be otherwise."""
    field = forms.field(
        "note", t("reading.note"), forms.text(lines=True, limit=NOTE), hint=t("reading.note.hint"), optional=True
    )
    title = t("reading.back.title")
    return forms.view(t, GIVEN_BACK, title, [field], submit=t("btn.give_back"), meta={"g": made.id})


def book(t: Speak, replies: Sequence[Standard]) -> Block:
    """Every standard reply with its button."""
    rows: list[Block] = [kit.context(kit.esc(t("book.intro")))]
    for one in replies[:40]:
        button = kit.button(t("btn.edit"), BOOK_EDIT, {"k": one.key})
        rows.append(kit.section(f"*{kit.esc(one.title)}*\n{kit.esc(kit.cut(one.text, 400))}", accessory=button))
        if one.at is not None:
            rows.append(kit.context(kit.say(t, "book.edited", name=one.by, time=t.moment(one.at))))
    rows += kit.actions("book", [kit.button(t("btn.new_reply"), BOOK_NEW, {})])
    return forms.view(t, BOOK_LIST, t("book.title"), rows)


def edit(t: Speak, one: Standard, placeholders: Sequence[str]) -> Block:
    """One standard reply, to be edited; its placeholders as the reader writes them."""
    blocks = [
        forms.field("title", t("book.field.title"), forms.text(one.title, limit=TITLE)),
        forms.field(
            "text",
            t("book.field.text"),
            forms.text(one.text, lines=True, limit=LONGEST),
            hint=t("book.hint.text", known=t.names(placeholders)),
        ),
    ]
    meta: dict[str, Any] = {"k": one.key, "v": one.version}
    return forms.view(t, BOOK_SAVED, t("book.edit.title"), blocks, submit=t("btn.save"), meta=meta)


def refer(t: Speak, text: str) -> Block:
    """The ready reply, for whoever was asked in private, to copy."""
    blocks = [
        kit.section(kit.esc(t("refer.intro"))),
        kit.section(f"```{kit.esc(text)}```"),
        kit.context(kit.esc(t("refer.logged"))),
    ]
    return forms.view(t, "comment.refer", t("refer.title"), blocks)
