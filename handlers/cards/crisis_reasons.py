"""Why a delivery does not come through, as a sentence; the vendor's own word stands after it."""

import re
from typing import Final

from bot.texts import Speak

# The delivery room's own words, and what vendors say of keys and of length; the rest is told by the fate alone.
SAID: Final = (
    (re.compile(r"unreachable"), "reason.unreachable"),
    (re.compile(r"answer lost|sender gone|not there|place unknown|no answer"), "reason.lost"),
    (re.compile(r"ratelimited|opening direct"), "reason.busy"),
    (re.compile(r"too_?long", re.IGNORECASE), "reason.too_long"),
    (re.compile(r"cannot_edit"), "reason.cannot_edit"),
    (re.compile(r"cannot_remove|not_deleted"), "reason.cannot_remove"),
    (re.compile(r"drill"), "reason.drill"),
    (re.compile(r"190\b|40[13]\b|53\d\b|token|password|secret|auth|expired|revoked|not set", re.I), "reason.key"),
)
OWN: Final = frozenset({"reason.unreachable", "reason.lost", "reason.busy"})  # no vendor's word to show


def sentence(t: Speak, reason: str, *, final: bool) -> str:
    """What a person reads of a delivery's reason. ``final``: it was refused and is not tried again."""
    usual = "reason.refused" if final else "reason.later"
    key = next((key for pattern, key in SAID if pattern.search(reason)), usual)
    return t(key) if key in OWN else t("reason.word", words=t(key), word=reason)
