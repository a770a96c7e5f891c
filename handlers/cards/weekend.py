"""The weekend watch as people see it: the form, the question for the receipt, what is urgent."""

from bot.channels.message import Message
from bot.comments.rules import Case
from bot.comments.weekend import CLOSES, OPENS, Coming
from bot.texts import Speak
from handlers.cards import comment, forms, kit
from handlers.cards.kit import Block
from storage.watches import WeekendWatch

OPEN, SET, REMOVE, RECEIVE = "watch.open", "watch.set", "watch.remove", "watch.receive"
HOURS = range(25)
MOST = 20  # watches shown


def form(t: Speak, coming: Coming) -> Block:
    """The watches to come, each with a button, and who takes the next days off."""
    listed = [_line(t, row, name) for row, name in coming.watches[:MOST]] or [kit.context(t("watch.none"))]
    blocks = [
        kit.context(kit.esc(t("watch.intro"))),
        *listed,
        kit.divider(),
        forms.field("person", t("watch.person"), forms.person()),
        forms.field("first", t("watch.first"), forms.date(coming.first.isoformat())),
        forms.field("last", t("watch.last"), forms.date(coming.last.isoformat()), hint=t("watch.last.hint")),
        forms.field("opens", t("watch.opens"), _hour(range(24), OPENS)),
        forms.field("closes", t("watch.closes"), _hour(range(1, 25), CLOSES)),
    ]
    return forms.view(t, SET, t("watch.title"), blocks, submit=t("btn.save"))


def _hour(hours: range, chosen: int) -> Block:
    return forms.select([(str(one * 60), _clock(one * 60)) for one in hours], str(chosen))


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}.{minutes % 60:02}"


def _line(t: Speak, row: WeekendWatch, name: str) -> Block:
    state = t("watch.received" if row.received else "watch.unreceived") if row.asked else ""
    words = "\n".join(filter(None, (f"*{kit.esc(name)}*", kit.esc(when(t, row)), kit.esc(state))))
    sure = kit.confirm(t("watch.remove"), t("watch.remove.sure", name=name), t("btn.watch.remove"), t("btn.cancel"))
    return kit.section(words, kit.button(t("btn.watch.remove"), REMOVE, {"w": row.id}, confirm=sure))


def when(t: Speak, row: WeekendWatch) -> str:
    """Days and hours of a watch."""
    hours = {"opens": _clock(row.opens), "closes": _clock(row.closes)}
    if row.first == row.last:
        return t("watch.when.day", day=t.date(row.first), **hours)
    return t("watch.when", first=t.date(row.first), last=t.date(row.last), **hours)


def done(t: Speak, row: WeekendWatch, name: str) -> Block:
    """It is set."""
    words = kit.esc(t("watch.done", name=name, when=when(t, row)))
    return {**forms.view(t, "desk.done", t("desk.done"), [kit.section(words)]), "clear_on_close": True}


def given(t: Speak, row: WeekendWatch, by: str) -> Message:
    """Somebody gave it to the reader, some time ahead."""
    key = "watch.gone.told" if row.removed else "watch.given"
    words = kit.say(t, key, name=by, when=when(t, row)) if not row.removed else kit.say(t, key, when=when(t, row))
    return kit.message([kit.section(words)], words)


def ask(t: Speak, row: WeekendWatch) -> Message:
    """The last working day before: take it on; then that it is taken."""
    if row.removed:
        return taken_away(t, row)
    if row.received:
        words = kit.say(t, "watch.thanks", when=when(t, row))
        return kit.message([kit.section(words)], words)
    words, small = kit.say(t, "watch.ask", when=when(t, row)), kit.esc(t("watch.ask.small"))
    button = kit.button(t("btn.watch.receive"), RECEIVE, {"w": row.id}, style="primary")
    return kit.message([kit.section(words), kit.context(small), *kit.actions("watch", [button])], words, small)


def late(t: Speak, row: WeekendWatch, name: str) -> Message:
    """To the department: the receipt has not come; or that it has, after all."""
    if row.removed or row.received:
        key = "watch.gone.told" if row.removed else "watch.received.told"
        words = kit.say(t, key, when=when(t, row), **({} if row.removed else {"name": name}))
        return kit.message([kit.section(words)], words)
    words = kit.say(t, "watch.late", name=name, when=when(t, row))
    button = kit.button(t("btn.watch.open"), OPEN, {})
    return kit.message([kit.section(words), *kit.actions("watch.late", [button])], words)


def taken_away(t: Speak, row: WeekendWatch) -> Message:
    """The watch is not wanted any more."""
    words = kit.say(t, "watch.gone.told", when=when(t, row))
    return kit.message([kit.section(words)], words)


def urgent(t: Speak, case: Case) -> Message:
    """A comment that cannot wait for the ladder, to whoever watches."""
    words = kit.say(t, "watch.urgent", account=case.hands.account)
    shown = comment.one(t, case, named=False)
    return kit.message([kit.section(f"*{words}*"), *shown.blocks], words, shown.text)
