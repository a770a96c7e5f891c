"""What the one responsible for a channel is told when it does not work."""

from collections.abc import Sequence

from bot.channels.message import Message
from bot.crisis.pings import Fault, Heard
from bot.texts import Speak
from handlers.cards import kit


def broken(t: Speak, channel: str, heard: Heard, where: Sequence[str]) -> Message:
    """What is wrong, what it means, and what to mend; ``where`` names what holds the channel's secrets."""
    wrong = kit.say(
        t, f"status.ping.{heard.fault}", channel=channel, time=t.moment(heard.since), reason=heard.reason
    )
    mend = kit.say(t, f"ping.mend.{heard.fault}", channel=channel)
    if heard.fault is Fault.TOKEN and where:
        mend += " " + kit.say(t, "ping.where", where=t.names(where))
    lines = [wrong, mend, t("ping.meanwhile")]
    return kit.message([kit.section("\n".join(lines))], *lines)


def works(t: Speak, channel: str) -> Message:
    """The outage is over."""
    words = kit.say(t, "ping.works", channel=channel)
    return kit.message([kit.section(words)], words)
