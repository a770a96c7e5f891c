"""Posts in platforms' timers as people see them: the card in the crisis thread, the choice for each, the form."""

from collections.abc import Sequence
from datetime import datetime

from bot.channels.message import Message
from bot.crisis.timers import Timers
from bot.texts import Speak
from handlers.cards import forms, kit
from handlers.cards.kit import Block
from storage import held, incidents
from storage.held import Held

PUBLISH, MOVE, DROP, MOVED = "held.publish", "held.move", "held.drop", "held.moved"
SHOWN = 15  # posts with blocks of their own; the others are counted
WORDS = 80
MARKS = {held.STUCK: "⚠", held.HELD: "❚❚", held.PUBLISHED: "✓", held.MOVED: "✓", held.DROPPED: "–", held.WENT: "⚠"}


def card(t: Speak, found: Timers) -> Message:
    """Every post with what becomes of it, and the accounts that cannot be read here."""
    rows, left = found.rows[:SHOWN], len(found.rows) - SHOWN
    head, notes = _head(t, found), [*_more(t, left), *_accounts(t, found)]
    blocks: list[Block] = [kit.section(f"*{kit.esc(t('held.title'))}*\n{head}")]
    for row in rows:
        blocks += [kit.section(line(t, found, row)), *_choices(t, found, row)]
    blocks += [kit.context(note) for note in notes]
    return kit.message(blocks, kit.esc(t("held.title")), head, *(line(t, found, row) for row in rows), *notes)


def listing(t: Speak, every: Sequence[Timers]) -> list[str]:
    """The same without buttons, for an answer to a command."""
    found = []
    for one in every:
        found += [f"*{kit.esc(t('held.title'))}*", _head(t, one)]
        found += [line(t, one, row) for row in one.rows[:SHOWN]]
        found += [*_more(t, len(one.rows) - SHOWN), *_accounts(t, one)]
    return found


def _head(t: Speak, found: Timers) -> str:
    if not found.rows:
        return t("held.none")
    if any(row.state in (held.HELD, *held.WISHES) for row in found.rows):
        return t("held.later" if found.on else "held.now")
    return t("held.count_over" if found.incident.state == incidents.OVER else "held.listed_only")


def _more(t: Speak, left: int) -> list[str]:
    return [t.n("held.more", left)] if left > 0 else []


def _accounts(t: Speak, found: Timers) -> list[str]:
    said = [kit.say(t, "held.unread", account=name, reason=why) for name, why in found.unread.items()]
    if found.blind:
        said.append(kit.say(t, "held.blind", accounts=t.names([one.name for one in found.blind])))
    return said


def line(t: Speak, found: Timers, row: Held) -> str:
    """Account, first words, when it was to go out, and how it stands."""
    words = kit.say(
        t,
        "held.row",
        account=found.names.get(row.channel, row.channel),
        words=kit.cut(row.words, WORDS) or t("held.no_words"),
        time=t.moment(row.at),
    )
    mark = MARKS.get(row.state, "·")
    look = f" {kit.link(row.link, t('crisis.look'))}" if row.link else ""
    return f"{mark} {words}{look}\n{_state(t, found, row)}"


def _state(t: Speak, found: Timers, row: Held) -> str:
    key = f"held.state.{row.state}"
    if row.state in held.WISHES and row.reason:
        key = f"held.unsure.{row.state}"
    values = {
        "name": found.by.get(row.by or "", ""),
        "time": t.moment(row.until),
        "settled": t.moment(row.settled) if row.settled else "",
    }
    said = kit.say(t, key, **values)
    if row.state == held.HELD and row.reason:
        key = "held.back.late" if row.reason == "late" else "held.back"
        return said + " " + kit.say(t, key, reason=row.reason)
    return f"{said} ({kit.esc(row.reason)})" if row.reason and row.state not in held.WISHES else said


def _choices(t: Speak, found: Timers, row: Held) -> list[Block]:
    """The three choices, once the crisis is over: as the use case allows them."""
    if row.state != held.HELD or found.on:
        return []
    payload = {"h": row.id}
    words = kit.cut(row.words, WORDS)
    publish = kit.confirm(t("btn.held.publish"), t("held.publish.sure", words=words), t("btn.yes"), t("btn.no"))
    drop = kit.confirm(t("btn.held.drop"), t("held.drop.sure", words=words), t("btn.yes"), t("btn.no"))
    buttons = [
        kit.button(t("btn.held.publish"), PUBLISH, payload, confirm=publish),
        kit.button(t("btn.held.move"), MOVE, payload),
        kit.button(t("btn.held.drop"), DROP, payload, style="danger", confirm=drop),
    ]
    return kit.actions(f"held.{row.id}", buttons)


def waiting(t: Speak, n: int) -> Message:
    """A day later somebody still has to choose."""
    words = t.n("held.waiting", n)
    return kit.message([kit.section(words)], words)


def form(t: Speak, row: Held, now: datetime) -> Block:
    """A new time for one post; its old one where that still lies ahead."""
    picker: Block = {"type": "datetimepicker"}
    if row.at > now:
        picker["initial_date_time"] = int(row.at.timestamp())
    blocks = [
        kit.section(kit.esc(kit.cut(row.words, WORDS) or t("held.no_words"))),
        forms.field("at", t("held.at"), picker, hint=t("held.at.hint")),
    ]
    return forms.view(t, MOVED, t("held.modal.title"), blocks, submit=t("btn.save"), meta={"h": row.id})


def stray(t: Speak, account: str, words: str, link: str, at: datetime) -> Message:
    """One of our own accounts has published something that crisis mode has not."""
    said = kit.say(t, "held.stray", account=account, time=t.moment(at), words=kit.cut(words, WORDS))
    look = f" {kit.link(link, t('crisis.look'))}" if link else ""
    return kit.message([kit.section(f"⚠ {said}{look}")], f"{said} {link}".strip())
