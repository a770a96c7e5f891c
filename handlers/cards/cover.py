"""Nobody answers on an account: the question to a head, and what became of it."""

from bot.channels.message import Message
from bot.texts import Speak
from handlers.cards import kit
from handlers.cards.comment import QUEUE
from storage.covers import Cover

CAN = "cover.can"


def gap(t: Speak, row: Cover, account: str, covered_by: str) -> Message:
    """The question with its button; answered, or closed by itself, it says so instead."""
    dates = {"account": account, "from_": t.iso(row.first), "to": t.iso(row.last)}
    if covered_by:
        words = kit.say(t, "gap.yes", name=covered_by, **dates)
    elif row.lapsed:
        words = kit.say(t, "gap.lapsed", **dates)
    else:
        words = kit.say(t, "absence.gap", **dates)
    open_ = not (covered_by or row.lapsed)
    button = kit.button(t("btn.cover"), CAN, {"g": row.id}, style="primary")
    small = [kit.context(t("gap.small"))] if open_ else []
    return kit.message([kit.section(words), *small, *(kit.actions("cover", [button]) if open_ else [])], words)


def released(t: Speak, n: int, name: str) -> Message:
    """What somebody who is away now had taken waits for the reader."""
    words = kit.esc(t.n("claim.released", n, name=name))
    return kit.message(
        [kit.section(words), *kit.actions("released", [kit.button(t("btn.queue"), QUEUE, {})])], words
    )
