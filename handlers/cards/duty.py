"""The rota as people see it: the weeks to come, the hand-over with its receipt, and what is missing."""

import json

from bot.channels.message import Message
from bot.crisis.handover import Rota, Week
from bot.texts import Speak
from handlers.cards import forms, kit
from handlers.cards.kit import Block

ASSIGN, RECEIVE, OPEN = "duty.assign", "duty.receive", "duty.open"
MOST = 100  # options in a list


def view(t: Speak, rota: Rota) -> Block:
    """The weeks, each with who has it; whoever may gives a week to somebody."""
    blocks = [kit.section(kit.esc(present(t, rota))), *(_week(t, rota, one) for one in rota.weeks)]
    if not rota.deciders:
        blocks.append(kit.context(t("duty.no_deciders")))
    return forms.view(t, "duty.shown", t("duty.modal.title"), blocks)


def present(t: Speak, rota: Rota) -> str:
    """Who is on duty now, and how to reach them."""
    week = rota.weeks[0]
    if not week.person:
        return t("duty.now.nobody")
    if rota.away:
        return t("duty.now.away", name=week.name)
    return t("duty.now", name=week.name, phone=rota.phone or t("crisis.no_phone"))


def _week(t: Speak, rota: Rota, week: Week) -> Block:
    when = t("duty.week", date=t.date(week.begins), time=t.time(week.begins))
    words = f"*{kit.esc(when)}*\n{kit.esc(_who(t, week))}"
    return kit.section(words, _choice(t, rota, week))


def _who(t: Speak, week: Week) -> str:
    if not week.person:
        return t("duty.week.nobody")
    if week.received is None:
        return week.name
    return t("duty.week.received", name=week.name, time=t.moment(week.received))


def _choice(t: Speak, rota: Rota, week: Week) -> Block | None:
    """A list of those who may have it: nobody else can be chosen."""
    if not rota.may_assign or not rota.deciders:
        return None
    options = {one: forms.option(_value(week, one), name) for one, name in rota.deciders[:MOST]}
    made: Block = {
        "type": "static_select",
        "action_id": ASSIGN,
        "placeholder": kit.plain(t("duty.choose"), 150),
        "options": list(options.values()),
    }
    return {**made, "initial_option": options[week.person]} if week.person in options else made


def _value(week: Week, person: str) -> str:
    return json.dumps({"w": week.monday.isoformat(), "p": person}, separators=(",", ":"))


def handover(t: Speak, week: Week, *, mine: bool) -> Message:
    """To the one who has the week: take it over; then that it is taken."""
    values = {"date": t.date(week.begins), "time": t.time(week.begins)}
    if not mine:
        words = kit.say(t, "duty.handed_on", name=week.name, **values)
        return kit.message([kit.section(words)], words)
    if week.received is not None:
        words = kit.say(t, "duty.received", moment=t.moment(week.received), **values)
        return kit.message([kit.section(words)], words)
    words = kit.say(t, "duty.handover", **values)
    button = kit.button(t("btn.duty.receive"), RECEIVE, {"w": week.monday.isoformat()}, style="primary")
    return kit.message([kit.section(words), *kit.actions("duty", [button])], words)


def unreceived(t: Speak, week: Week) -> Message:
    """To the department: nobody has given the receipt."""
    return _see(t, kit.say(t, "duty.unreceived", name=week.name, date=t.date(week.begins)))


def vacant(t: Speak) -> Message:
    """To the department: nobody can be reached this week."""
    return _see(t, t("duty.vacant"))


def _see(t: Speak, words: str) -> Message:
    button = kit.button(t("btn.duty.open"), OPEN, {})
    return kit.message([kit.section(words), *kit.actions("duty", [button])], words)
