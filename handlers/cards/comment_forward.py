"""Sending a comment on: the form, the line in the thread, the receiver's card and mail, and what came back."""

from collections.abc import Mapping
from typing import Any

from bot.channels.message import Message
from bot.comments import forwarding, targets
from bot.comments.forwarding import Offer, Sight
from bot.comments.rules import Case
from bot.comments.states import VISIBLE
from bot.comments.targets import Target
from bot.texts import Speak
from handlers.cards import comment_guard as guard
from handlers.cards import forms, kit
from handlers.cards.kit import Block
from storage import forwardings, posts

FORWARDED, TARGET, REPLIED = "forward.forwarded", "forward.target", "forward.replied"
RECEIVE, REPLY, USE = "forward.receive", "forward.reply", "forward.use"


def form(t: Speak, offer: Offer, chosen: str, holding: str, meta: Mapping[str, Any]) -> Block:
    """Where to; then only what that target needs to know."""
    choices = [(one.key, name(t, one)) for one in offer.targets]
    target = next((one for one in offer.targets if one.key == chosen), offer.targets[0])
    where = forms.select(choices, target.key)
    blocks = [
        kit.section(_quoted(t, offer.case)),
        forms.field(TARGET, t("forward.where"), where, dispatch=True),
        *_asked(t, target),
        *_meanwhile(t, offer, target, holding),
    ]
    submit = t("btn.go_on") if target.kind == targets.AUTHORITY else t("btn.send_out")
    carried = {**meta, "c": offer.case.id, "to": target.key}
    return forms.view(t, FORWARDED, t("btn.forward"), blocks, submit=submit, meta=carried)


def name(t: Speak, target: Target) -> str:
    """What a target is called."""
    return target.name or t(f"forward.kind.{target.kind}")


def _asked(t: Speak, target: Target) -> list[Block]:
    if target.kind == targets.AUTHORITY:
        return [
            kit.context(kit.esc(t("forward.authority"))),
            forms.field("authority", t("forward.authority.name"), forms.text(limit=120)),
            forms.field("contact", t("forward.authority.contact"), forms.text(limit=200)),
        ]
    person = [forms.field("person", t("forward.person"), forms.person())] if _chosen(target) else []
    note = forms.text(lines=True, limit=forwarding.LONG)
    return [
        *person,
        *([kit.context(kit.esc(_by_hand(t, target)))] if _unreached(target) else []),
        forms.field("note", t("forward.note"), note, hint=t("forward.note.hint"), optional=True),
    ]


def _chosen(target: Target) -> bool:
    return not (target.receiver or target.email)


def _unreached(target: Target) -> bool:
    return bool(target.email and not target.mailed and not target.receiver)


def _by_hand(t: Speak, target: Target) -> str:
    return t("forward.by_hand.hint", target=name(t, target))


def _meanwhile(t: Speak, offer: Offer, target: Target, holding: str) -> list[Block]:
    """The resident hears at once that somebody is looking into it."""
    if target.kind == targets.AUTHORITY:
        return []
    return [
        forms.field("hold", t("forward.hold"), forms.tick(t("forward.hold.tick")), optional=True),
        forms.field(
            "holding",
            t("forward.holding"),
            forms.text(holding, lines=True),
            hint=t("forward.hold.hint"),
            optional=True,
        ),
    ]


def line(t: Speak, seen: Sight) -> Message:
    """The receipt in the thread, which follows what becomes of it."""
    row, target = seen.row, _target(t, seen)
    state = _state(t, seen)
    words = kit.say(t, "forward.sent", target=target)
    if row.due > row.created and not row.received and not row.answer and not _gone_out(seen):
        words = kit.say(t, "forward.closed", target=target, time=t.moment(row.due))
    small = [seen.ref, *([kit.esc(state)] if state else [])]
    blocks = [kit.section(words), *_about(seen.case), kit.context(" · ".join(small)), *_to_mail(t, seen)]
    enter = row.state != forwardings.ANSWERED and row.receiver is None
    button = kit.button(t("btn.enter_answer"), REPLY, {"f": row.id}) if enter else None
    blocks += kit.actions(f"forward.line.{row.id}", [button])
    return kit.message(blocks, words, " · ".join(small))


def _about(case: Case) -> list[Block]:
    """Which of a thread's comments it is about, in a few words."""
    if not case.shown or not case.text:
        return []
    return [kit.context(f"”{kit.esc(kit.cut(' '.join(case.text.split()), 100))}”")]


def _target(t: Speak, seen: Sight) -> str:
    return seen.row.name or t("forward.receiver")


def _gone_out(seen: Sight) -> bool:
    return seen.carried is not None and seen.carried.state == posts.DONE


def _state(t: Speak, seen: Sight) -> str:
    row, carried = seen.row, seen.carried
    if row.state == forwardings.ANSWERED and row.answered:
        return t("forward.is.answered", name=seen.answered_by, time=t.moment(row.answered))
    if row.state == forwardings.RECEIVED and row.received:
        return t("forward.is.received", target=_target(t, seen), time=t.moment(row.received))
    if carried is not None and carried.state == posts.REFUSED:
        return t("forward.is.failed", target=_target(t, seen))
    if carried is not None and carried.state == posts.DROPPED:
        return t("forward.is.dropped")
    if carried is not None and carried.state in (posts.UNKNOWN, posts.ASKING):
        return t("forward.is.unsure", target=_target(t, seen))
    return ""


def _to_mail(t: Speak, seen: Sight) -> list[Block]:
    """Nobody carries it: the text to mail by hand."""
    row = seen.row
    if row.receiver or row.mail or row.state == forwardings.ANSWERED:
        return []
    letter = mail(t, seen)
    words = kit.say(t, "forward.by_hand", email=row.email or "")
    return [kit.section(words), kit.section(f"```{kit.esc(letter.title)}\n\n{kit.esc(letter.text)}```")]


def card(t: Speak, seen: Sight, person: str) -> Message:
    """For whoever is to answer: what is asked, by when, and two buttons."""
    row, case = seen.row, seen.case
    words = kit.say(t, "forward.card", name=seen.by, account=case.hands.account)
    due = kit.say(t, "forward.due", time=t.moment(case.due)) if case.due and not row.answer else ""
    small = " · ".join(filter(None, (seen.ref, due, _state(t, seen))))
    note = "" if case.out else row.note
    blocks = [
        kit.section(f"*{words}*"),
        kit.section(_quoted(t, seen.case)),
        *([kit.section(kit.pair(t("forward.note.said"), note))] if note else []),
        kit.context(small),
        *kit.actions(f"forward.card.{row.id}", _buttons(t, seen)),
    ]
    return kit.message(blocks, words, _quoted(t, seen.case), kit.esc(note), small)


def _buttons(t: Speak, seen: Sight) -> list[Block]:
    row, value = seen.row, {"f": seen.row.id}
    found = []
    if row.state == forwardings.SENT:
        found.append(kit.button(t("btn.receive"), RECEIVE, value))
    if row.state != forwardings.ANSWERED:
        found.append(kit.button(t("btn.reply_back"), REPLY, value, style="primary"))
    return found


def _gone(case: Case) -> bool:
    return case.state not in VISIBLE or case.out


def _quoted(t: Speak, case: Case) -> str:
    link = str(kit.link(case.link, t("comment.open"))) if case.link else ""
    if _gone(case):
        return kit.esc(guard.taken_out(t, case) or t("forward.gone"))
    if case.hands.sensitive:
        return f"{kit.esc(t('comment.form.sensitive'))} {link}".strip()
    said = kit.esc(kit.cut(case.text, 1500)) or kit.esc(t("comment.textless"))
    quoted = "\n".join(f">{row}" for row in said.splitlines())
    return f"{quoted}\n{link}" if link else quoted


def mail(t: Speak, seen: Sight) -> Message:
    """The same as a letter; its number stands in the subject, and comes back in the answer."""
    case, row = seen.case, seen.row
    subject = t("forward.mail.subject", ref=seen.ref, account=case.hands.account)
    said = t("comment.form.sensitive") if case.hands.sensitive else case.text or t("comment.textless")
    parts = [
        t("forward.mail.intro", account=case.hands.account, platform=case.hands.platform_name, name=seen.by),
        guard.taken_out(t, case) or t("forward.gone") if _gone(case) else said,
        case.link,
        f"{t('forward.note.said')}: {row.note}" if row.note and not case.out else "",
        t("forward.due", time=t.moment(case.due)) if case.due else "",
        t("forward.mail.end", ref=seen.ref),
    ]
    return Message("\n\n".join(part for part in parts if part), title=subject)


def answer(t: Speak, seen: Sight) -> Message:
    """What came back, to be used in the answer."""
    row = seen.row
    words = kit.say(t, "forward.answer", target=_target(t, seen), account=seen.case.hands.account)
    open_still = seen.case.state in VISIBLE
    said = kit.esc(guard.taken_out(t, seen.case) or kit.cut(row.answer, 2500))
    button = kit.button(t("btn.use_answer"), USE, {"f": row.id, "c": row.comment_id}, style="primary")
    blocks = [
        kit.section(f"*{words}*"),
        *_about(seen.case),
        kit.section("\n".join(f">{one}" for one in said.splitlines())),
        kit.context(seen.ref),
        *kit.actions(f"forward.answer.{row.id}", [button if open_still else None]),
    ]
    return kit.message(blocks, words, said, seen.ref)


def reply(t: Speak, seen: Sight, *, receiver: bool) -> Block:
    """Room for what the receiver has to say."""
    blocks = [
        kit.section(_quoted(t, seen.case)),
        forms.field("text", t("forward.reply"), forms.text(lines=True), hint=t("forward.reply.hint")),
    ]
    title = t("btn.reply_back") if receiver else t("btn.enter_answer")
    return forms.view(t, REPLIED, title, blocks, submit=t("btn.send_out"), meta={"f": seen.row.id})
