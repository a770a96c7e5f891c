"""The list of what is weeded, and of what would go."""

from bot.channels.message import Message
from bot.records.weeding import Listed, Shelf
from bot.texts import Speak
from handlers.cards import kit
from storage.weeding import Weeding

SHOWN = 40  # boards


def listed(t: Speak, found: Listed, months: int) -> Message:
    """Each board with its decision or without, then the last minutes."""
    title = t("weeding.title")
    shelves = [_shelf(t, one, months) for one in found.shelves[:SHOWN]]
    minutes = [_minutes(t, one) for one in found.minutes]
    blocks = [kit.header(title), *(kit.section(one) for one in shelves)]
    if minutes:
        blocks += [kit.divider(), kit.section("\n".join([f"*{t('weeding.minutes')}*", *minutes]))]
    blocks.append(kit.context(t("weeding.evidence")))
    return kit.message(kit.fit(blocks), title, *shelves, *minutes)


def _shelf(t: Speak, one: Shelf, months: int) -> str:
    if one.rule is None:
        words = kit.say(t, "weeding.none", board=one.board)
        return f"{words}\n{_due(t, one, 'weeding.would', months)}"
    decision = {"date": t.iso(one.rule.decided), "paragraph": one.rule.paragraph}
    words = kit.say(t, "weeding.rule", board=one.board, months=one.rule.months, **decision)
    return f"{words}\n{_due(t, one, 'weeding.goes', one.rule.months)}"


def _due(t: Speak, one: Shelf, key: str, months: int) -> str:
    if one.due.oldest is None:
        return kit.say(t, "weeding.nothing", months=months)
    return kit.esc(t.n(key, one.due.comments, before=t.iso(one.before), oldest=t.iso(one.due.oldest)))


def _minutes(t: Speak, one: Weeding) -> str:
    decision = {"board": one.board, "decided": t.iso(one.decided), "paragraph": one.paragraph}
    return kit.esc(t.n("weeding.minute", one.comments, date=t.iso(one.day), **decision))
