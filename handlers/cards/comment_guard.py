"""Moderating as people see it: what was taken out, what lacks, what to report; the evidence and the alarm."""

from typing import Any, Final

from bot.channels.message import Message
from bot.comments.rules import Case
from bot.comments.states import State
from bot.texts import Speak
from handlers.cards import forms, kit
from handlers.cards.kit import Block
from storage import moderations
from storage.moderations import Moderation

REPORT, BLOCK = "report", "block"  # choices of the comment's menu
PROOF, COMPLETE, TO_REGISTRAR = "guard.proof", "comment.complete", "guard.registrar"
REPORTED = "guard.reported"
POLICE: Final = "https://polisen.se"


def taken_out(t: Speak, case: Case) -> str:
    """What stands where the text stood; "" for what was not taken out."""
    return t("guard.taken_out", ref=case.moderation.ref) if case.out and case.moderation else ""


def buttons(t: Speak, case: Case) -> list[Block]:
    """The evidence, and the registrar while secrecy lacks a number."""
    if not case.out or case.moderation is None:
        return []
    value = {"m": case.moderation.id}
    registrar = [kit.button(t("btn.registrar"), TO_REGISTRAR, value)] if "diary" in case.lacks else []
    return [*registrar, kit.button(t("btn.proof"), PROOF, value)]


def choices(t: Speak, case: Case) -> list[tuple[str, dict[str, Any]]]:
    """What the menu offers of a comment that was hidden or removed."""
    if case.state not in (State.HIDDEN, State.REMOVED):
        return []
    return [(t("btn.report_on"), {"c": case.id, "a": REPORT}), (t("btn.block"), {"c": case.id, "a": BLOCK})]


def secrecy(t: Speak, *, on: bool) -> Block:
    """Is it secret, and not only somebody's personal data?"""
    box = forms.tick(t("guard.secrecy.tick"), on=on)
    return forms.field("secrecy", t("guard.secrecy"), box, hint=t("guard.secrecy.hint"), optional=True)


def alarm(t: Speak, case: Case, others: list[str]) -> Message:
    """Suspected child abuse: link, time, platform, what to do. Nothing else is known here any more.

    ``others``: whose mailboxes the text had gone to before.
    """
    head = t("guard.alarm.title")
    words = kit.say(
        t,
        "guard.alarm",
        platform=case.hands.platform_name,
        time=t.moment(case.written),
        link=kit.address(case.link) or t("guard.no_link"),
    )
    todo = kit.say(t, "guard.alarm.todo", platform=case.hands.platform_name)
    mailed = [kit.say(t, "guard.alarm.mailed", names=t.names(others))] if others else []
    blocks = [kit.section(f"*{kit.esc(head)}*\n{words}"), kit.section("\n".join([todo, *mailed]))]
    return kit.message(blocks, head, words, todo, *mailed)


def lacking(t: Speak, case: Case, made: Moderation, *, lacks: bool) -> Message:
    """A reminder: what is secret is to be registered."""
    if not lacks:
        words = kit.say(t, "guard.lacking.done", ref=made.ref)
        return kit.message([kit.section(words)], words)
    words = kit.say(t, "guard.lacking", ref=made.ref, account=case.hands.account)
    value = {"m": made.id}
    row = [
        kit.button(t("btn.registrar"), TO_REGISTRAR, value, style="primary"),
        kit.button(t("btn.complete"), COMPLETE, value),
    ]
    return kit.message([kit.section(words), *kit.actions(f"guard.lacking.{made.id}", row)], words)


def registrar(t: Speak, case: Case, made: Moderation) -> Message:
    """For the registrar in Slack: what it is, and a button for the evidence."""
    words = kit.say(t, "guard.registrar.card", **_about(t, case, made))
    button = kit.button(t("btn.proof"), PROOF, {"m": made.id}, style="primary")
    return kit.message([kit.section(words), *kit.actions(f"guard.registrar.{made.id}", [button])], words)


def letter(t: Speak, case: Case, made: Moderation, address: str, days: int) -> Message:
    """The same as a mail, with an address in place of the button."""
    subject = t("guard.registrar.subject", ref=made.ref, account=case.hands.account)
    parts = [
        t("guard.registrar.card", **_about(t, case, made)),
        t("guard.registrar.address", address=address, days=days),
    ]
    return Message("\n\n".join(parts), title=subject)


def to_mail(t: Speak, mail: Message, email: str) -> Message:
    """Nobody carries mail from here: whoever asked for it sends it."""
    words = kit.say(t, "guard.registrar.by_hand", email=email)
    said = f"```{kit.esc(mail.title)}\n\n{kit.esc(mail.text)}```"
    return kit.message([kit.section(words), kit.section(said)], words, said)


def returned(t: Speak, made: Moderation) -> Message:
    """The registrar could not be reached."""
    words = kit.say(t, "guard.registrar.returned", ref=made.ref)
    return kit.message([kit.section(words)], words)


def _about(t: Speak, case: Case, made: Moderation) -> dict[str, Any]:
    return {
        "ref": made.ref,
        "account": case.hands.account,
        "platform": case.hands.platform_name,
        "time": t.moment(made.at),
        "klass": t(f"hide.reason.{made.klass}"),
    }


def proof(t: Speak, made: Moderation, address: str) -> Message:
    """The way to the page, for the one who asked."""
    words = kit.say(t, "guard.proof", ref=made.ref, link=kit.link(address, t("guard.proof.open")))
    return kit.message([kit.section(words)], words)


def report(t: Speak, case: Case, made: Moderation) -> Block:
    """What to do with the platform and the police, by class; then the numbers they gave."""
    there = kit.link(case.link, t("comment.open")) if case.link else t("guard.no_link")
    platform = case.hands.platform_name
    klass = made.klass if made.klass in moderations.GRAVE else "c"
    police = kit.link(POLICE, "polisen.se")
    blocks = [
        kit.section(kit.say(t, f"guard.report.{klass}", platform=platform, police=police)),
        kit.section(kit.say(t, "guard.report.platform", platform=platform, link=there)),
        _number("platform_report", t("guard.report.platform_no", platform=platform), made.platform_report),
        _number("police_report", t("guard.report.police_no"), made.police_report),
    ]
    meta = {"m": made.id}
    return forms.view(t, REPORTED, t("guard.report.title"), blocks, submit=t("btn.save"), meta=meta)


def _number(name: str, label: str, known: str | None) -> Block:
    return forms.field(name, label, forms.text(known, limit=120), optional=True)
