"""Blocking as people see it: the form, the question to a colleague, what to do by hand, the review."""

from datetime import date

from bot.channels.message import Message
from bot.comments.blocking import REASON
from bot.comments.rules import Case
from bot.texts import Speak
from handlers.cards import forms, kit
from handlers.cards.kit import Block as Piece
from storage import blocks
from storage.blocks import Block

PROPOSED = "block.proposed"
AGREE, DECLINE, DONE, LIFT = "block.agree", "block.decline", "block.done", "block.lift"


def form(t: Speak, case: Case, until: date) -> Piece:
    """Why, and until when; it is never for ever."""
    rows = [
        kit.context(kit.esc(t("block.intro", platform=case.hands.platform_name))),
        forms.field("reason", t("block.reason"), forms.text(lines=True, limit=REASON), hint=t("block.reason.hint")),
        forms.field("until", t("block.until"), forms.date(until.isoformat()), hint=t("block.until.hint")),
    ]
    return forms.view(t, PROPOSED, t("block.title"), rows, submit=t("btn.ask_colleague"), meta={"c": case.id})


def ask(t: Speak, made: Block, case: Case) -> Message:
    """Does somebody else agree? Then what was said."""
    words = _about(t, "block.ask", made, case)
    if made.state != blocks.PROPOSED:
        return _decided(t, words, made, case)
    value, keep = {"b": made.id}, kit.esc(t("block.keep"))
    row = [kit.button(t("btn.agree"), AGREE, value, style="danger"), kit.button(t("btn.no_block"), DECLINE, value)]
    shown = [kit.section(words), kit.context(keep), *kit.actions(f"block.ask.{made.id}", row)]
    return kit.message(shown, words, keep)


def hand(t: Speak, made: Block, case: Case) -> Message:
    """It is done on the platform by whoever asked."""
    words = _about(t, "block.hand", made, case)
    if made.state != blocks.ORDERED:
        return _decided(t, words, made, case)
    value = {"b": made.id}
    row = [
        kit.button(t("btn.done"), DONE, value, style="primary"),
        kit.button(t("btn.no_block"), LIFT, value),
    ]
    return kit.message([kit.section(words), *kit.actions(f"block.hand.{made.id}", row)], words)


def review(t: Speak, made: Block, case: Case) -> Message:
    """It ends, or has ended: somebody is to undo it there."""
    words = _about(t, "block.review", made, case)
    if made.state not in (blocks.ORDERED, blocks.ON):
        return _decided(t, words, made, case)
    button = kit.button(t("btn.done"), LIFT, {"b": made.id}, style="primary")
    return kit.message([kit.section(words), *kit.actions(f"block.review.{made.id}", [button])], words)


def _about(t: Speak, key: str, made: Block, case: Case) -> str:
    return kit.say(
        t,
        key,
        name=case.name(made.by),
        account=case.hands.account,
        platform=case.hands.platform_name,
        date=t.iso(made.until),
        reason=made.reason,
        ref=case.moderation.ref if case.moderation else "",
        link=kit.address(case.link) or t("guard.no_link"),
    )


def _decided(t: Speak, words: str, made: Block, case: Case) -> Message:
    """What became of it, and while it stands the button that ends it."""
    by, at = {
        blocks.ORDERED: (made.second, made.seconded),
        blocks.DECLINED: (made.second, made.seconded),
        blocks.ON: (made.on_by, made.on_at),
        blocks.LIFTED: (made.lifted_by, made.lifted),
    }[made.state]
    assert at is not None
    said = kit.say(t, f"block.is.{made.state}", name=case.name(by), time=t.moment(at), date=t.iso(made.until))
    button = kit.button(t("btn.lifted"), LIFT, {"b": made.id}) if made.state == blocks.ON else None
    row = kit.actions(f"block.decided.{made.id}", [button])
    return kit.message([kit.section(words), kit.context(said), *row], words, said)
