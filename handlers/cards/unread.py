"""What the one responsible for a channel is told when its comments cannot be read."""

from collections.abc import Sequence

from bot.channels.message import Message
from bot.crisis.pings import Fault
from bot.texts import Speak
from handlers.cards import kit
from storage.polls import Poll


def unread(t: Speak, channel: str, row: Poll, where: Sequence[str]) -> Message:
    """What is wrong, what to mend, and what to do until then; ``where`` names what holds the secrets."""
    kind, since = Fault(row.fault or Fault.AWAY), t.moment(row.since) if row.since else ""
    wrong = kit.say(t, f"status.unread.{kind}", channel=channel, time=since, reason=row.trouble)
    mend = kit.say(t, f"ping.mend.{kind}", channel=channel)
    if kind is Fault.TOKEN and where:
        mend += " " + kit.say(t, "ping.where", where=t.names(where))
    lines = [wrong, mend, kit.esc(t("unread.meanwhile"))]
    return kit.message([kit.section("\n".join(lines))], *lines)


def read_again(t: Speak, channel: str) -> Message:
    """The outage is over, and what came meanwhile was caught up with."""
    words = kit.say(t, "unread.works", channel=channel)
    return kit.message([kit.section(words)], words)
