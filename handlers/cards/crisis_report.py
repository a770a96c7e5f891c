"""The report of an incident: a summary for its thread, everything in a window; both are plain words."""

from collections.abc import Iterable

from bot.channels.message import Message
from bot.crisis.board import Fate
from bot.crisis.report import Delivery, Event, Report, Told
from bot.crisis.states import State
from bot.texts import Speak
from handlers.cards import forms, kit
from handlers.cards.crisis import line_key
from handlers.cards.crisis_board import REPORT
from handlers.cards.crisis_life import name
from handlers.cards.kit import Block

PARAGRAPH, BLOCKS = 2900, 98


def summary(t: Speak, report: Report) -> Message:
    """For the thread: from when to when, how much went out, what needs explaining."""
    lines = [*_heading(t, report), t("report.more")]
    button = kit.button(t("btn.report"), REPORT, {"i": report.incident.id})
    blocks = [kit.section(kit.esc("\n".join(lines))), *kit.actions("crisis.report", [button])]
    return kit.message(blocks, *map(kit.esc, lines))


def view(t: Speak, report: Report) -> Block:
    """Everything, in a window."""
    blocks = [kit.section(kit.esc(one)) for one in packed(plain(t, report))]
    return forms.view(t, "crisis.report_shown", t("report.modal.title"), blocks[:BLOCKS])


def plain(t: Speak, report: Report) -> list[str]:
    """Every line of the report, in order."""
    found = [*_heading(t, report), "", t("report.timeline")]
    found += [_event(t, one, drill=report.incident.drill) for one in report.events]
    for one in report.told:
        found += ["", *_told(t, one)]
    if report.paused:
        found += ["", t("report.paused")]
        found += [t("report.paused.by", name=who, time=t.moment(at)) for who, at in report.paused]
    return found


def packed(lines: Iterable[str]) -> list[str]:
    """The lines in paragraphs that Slack takes whole."""
    found = [""]
    for line in lines:
        shown = kit.cut(line, PARAGRAPH)
        if len(found[-1]) + len(shown) + 1 > PARAGRAPH:
            found.append("")
        found[-1] = f"{found[-1]}\n{shown}".lstrip("\n") if found[-1] else shown
    return [one for one in found if one.strip()]


def _heading(t: Speak, report: Report) -> list[str]:
    incident = report.incident
    title = t("report.title", what=name(t, incident))
    began = t("report.began", time=t.moment(incident.began or incident.opened))
    ended = t("report.ended", time=t.moment(incident.ended)) if incident.ended else t("report.going_on")
    counted = [t.n("report.messages", _out(report)), t.n("report.reached", report.reached)]
    if report.failed:
        counted.append(t.n("report.failed", report.failed))
    counted += [t.n("report.notes", report.notes), t.n("report.people", len(report.paused))]
    return [title, f"{began} {ended}", " ".join(counted)]


def _out(report: Report) -> int:
    return sum(one.state in (State.APPROVED, State.STOPPED) for one in report.told)


def _event(t: Speak, event: Event, *, drill: bool) -> str:
    noun, _, what = event.what.partition(".")
    when = t.moment(event.at)
    if noun == "incident" and f"life.line.{what}" in t.texts:
        return t(f"life.line.{what}", name=event.by, time=when, channel=event.channel)
    key = line_key(what, drill=drill)
    if key not in t.texts:
        return t("report.other", what=event.what, name=event.by, time=when)
    kind = t(f"kind.{event.kind}") if event.kind else ""
    return t(key, name=event.by, time=when, kind=kind, channel=event.channel, reason=event.reason)


def _told(t: Speak, told: Told) -> list[str]:
    head = t("report.message", n=told.number, kind=t(f"kind.{told.kind}"), name=told.by, time=t.moment(told.asked))
    return [head, *_decided(t, told), *(_delivery(t, one) for one in told.deliveries), *_slack(t, told)]


def _decided(t: Speak, told: Told) -> list[str]:
    if told.decided is None or told.state not in (State.APPROVED, State.STOPPED):
        return [t(f"crisis.state.{told.state}.by", name=told.decided_by, time="")]
    key = "report.alone" if told.emergency else "report.approved"
    found = [t(key, name=told.decided_by, time=t.moment(told.decided))]
    if told.stopped is not None:
        found.append(t("report.stopped", name=told.stopped_by, time=t.moment(told.stopped)))
    return found


def _delivery(t: Speak, one: Delivery) -> str:
    words = t(f"board.{one.fate}")
    if one.fate is Fate.DONE_BY_HAND:
        words = t("board.done_by_hand.by", name=one.person)
    times = [t("report.sent", time=t.moment(one.sent))] if one.sent else []
    times += [t("report.seen", time=t.moment(one.seen))] if one.seen else []
    reason = f" ({one.reason})" if one.reason else ""
    return t("report.channel", channel=one.channel, fate=words) + reason + "".join(f", {said}" for said in times)


def _slack(t: Speak, told: Told) -> list[str]:
    return [t("report.slack", done=told.slack, total=told.slack_of)] if told.slack_of else []
