"""What leaves the crisis room for people: texts to publish by hand, and the announcements."""

from typing import Any, Protocol

from bot.channels.message import Message
from bot.crisis import compose
from bot.crisis.board import Fate, Line
from bot.crisis.rules import Bulletin
from bot.crisis.states import Kind, State
from bot.texts import Speak
from handlers.cards import crisis, kit
from handlers.cards.kit import Block


class Shown(Protocol):
    """As much of a message as an announcement needs."""

    incident_id: int
    kind: str
    drill: bool


def hand(t: Speak, line_: Line, case: Bulletin, text: str) -> Message:
    """What somebody publishes by hand: the text to copy, the deadline, *Klart*."""
    done = line_.fate is Fate.DONE_BY_HAND
    if done or case.state is not State.APPROVED:
        key = "crisis.hand.done" if done else "crisis.hand.off"
        words = kit.say(t, key, channel=line_.outlet.name, name=line_.name)
        return kit.message([kit.section(words)], words)
    due = t.time(line_.due) if line_.due else ""
    words = kit.say(t, "crisis.hand", channel=line_.outlet.name, time=due, what=crisis.brief(t, case))
    shown: Block = {
        "type": "rich_text",
        "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text or " "}]}],
    }
    button = kit.button(t("btn.done"), crisis.HAND_DONE, {"b": case.id, "c": line_.outlet.key}, style="primary")
    return kit.message([kit.section(words), shown, *kit.actions("crisis.hand", [button])], words, kit.esc(text))


def hand_off(t: Speak, channel: str) -> Message:
    """A newer message has taken its place."""
    words = kit.say(t, "crisis.hand.off", channel=channel)
    return kit.message([kit.section(words)], words)


def announcement(t: Speak, row: Shown, text: str, url: str, *, asks: bool) -> Message:
    """What every Slack channel reads; while it is on, those who publish say that they have paused.

    ``url`` goes where the text leaves room for it, as a link.
    """
    words = compose.fill(kit.esc(text), kit.address(url))
    buttons: list[Any] = []
    if asks and not row.drill and row.kind != Kind.END:
        buttons = [kit.button(t("btn.paused"), crisis.PAUSED, {"i": row.incident_id})]
    blocks = [kit.section(words), *kit.actions("crisis.announce", buttons)]
    return kit.message(blocks, words)
