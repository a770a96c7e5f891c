"""From a warning to the facts of a crisis, for people to check and complete."""

from typing import Final

from bot.crisis.facts import SENTENCES, SHORT, Facts, one_line
from bot.crisis.warnings import smhi
from bot.crisis.warnings.found import Found
from bot.texts import Speak

FIRES: Final = frozenset({"FOREST_FIRE", "GRASS_FIRE"})


def facts(found: Found, t: Speak) -> Facts:
    """What the warning says, within the lengths of the form. Nobody has decided anything by it."""
    return Facts(
        event=event(found),
        what=_short(found.headline or found.event),
        where=_short(", ".join(found.areas)),
        danger=one_line(found.text)[:SENTENCES].rstrip(),
        confirmed_by=t(f"warning.source.{found.source}"),
        confirmed_at=found.sent,
        more=found.link,
    )


def event(found: Found) -> str:
    """The kind of event; a VMA may be about anything."""
    if found.source != smhi.SOURCE:
        return "other"
    return "fire" if found.code in FIRES else "weather"


def _short(text: str) -> str:
    return one_line(text)[:SHORT].rstrip()
