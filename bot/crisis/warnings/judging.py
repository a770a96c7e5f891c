"""What a message from a source means for a warning: pure, from what is known and what was found."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.crisis.warnings import smhi
from bot.crisis.warnings.found import Found
from storage.warnings import ACTIVE, CANCELLED, ELSEWHERE, EXPIRED

SKEW: Final = timedelta(minutes=5)  # between a source's clock and ours
SHOWN: Final = ("event", "headline", "text", "areas", "level", "onset", "expires", "link")


@dataclass(frozen=True)
class Known:
    """A warning as it was last told."""

    state: str
    found: Found


@dataclass(frozen=True)
class Verdict:
    """What becomes of it. ``rings``: people get a new card; otherwise the one they have follows."""

    state: str
    found: Found
    rings: bool


def known_names(found: Found) -> set[str]:
    """Every number the warning goes by."""
    return {found.ident, *found.names}


def belongs(found: Found, known: Found) -> bool:
    """Whether a message is about that warning: by number; by incident where its number leads nowhere."""
    return not known_names(found).isdisjoint(known_names(known))


def same_incident(found: Found, known: Found) -> bool:
    """Whether an update or a cancel, whose references we never saw, shares the warning's incident."""
    return (found.update or found.cancelled) and bool(found.incident) and found.incident == known.incident


def first_word(found: Found, now: datetime) -> Verdict | None:
    """A warning never heard of before; None when there is nothing to keep.

    A cancel of what we never saw is kept, so that the warning is not told if it comes late.
    """
    if found.cancelled:
        return Verdict(CANCELLED, found, rings=False)
    if not found.here or state_of(found, now) != ACTIVE:
        return None
    return Verdict(ACTIVE, found, rings=True)


def further_word(known: Known, found: Found, now: datetime) -> Verdict | None:
    """A message about a warning we know; None when it says nothing new."""
    if _older(known, found):
        return None
    merged = found.after(known.found)
    verdict = Verdict(state_of(merged, now), merged, rings=False)
    if (
        verdict.state == known.state
        and looks(merged) == looks(known.found)
        and merged.version == known.found.version
    ):
        return None
    return Verdict(verdict.state, merged, verdict.state == ACTIVE and _rings(known, merged))


def _older(known: Known, found: Found) -> bool:
    """An earlier message of the same warning, still in the list, or arriving late."""
    last = known.found
    if found.version == last.version:
        return last.cancelled and not found.cancelled
    if found.version in last.names:
        return True  # taken in already, or referred to by a message we have
    if found.sent is None or last.sent is None:
        return False
    return (found.sent, found.cancelled) < (last.sent, last.cancelled)


def _rings(known: Known, found: Found) -> bool:
    told_anew = found.version != known.found.version or known.state == ELSEWHERE
    return told_anew or rank(found) > rank(known.found)


def rank(found: Found) -> int:
    """How serious a level is among SMHI's; 0 for others."""
    return smhi.LEVELS.index(found.level) if found.level in smhi.LEVELS else 0


def looks(found: Found) -> tuple[object, ...]:
    """What people see of it."""
    return tuple(getattr(found, name) for name in SHOWN)


def state_of(found: Found, now: datetime) -> str:
    """Where a warning with this last message stands."""
    if found.cancelled:
        return CANCELLED
    if found.here is False:
        return ELSEWHERE
    if found.expires and found.expires + SKEW <= now:
        return EXPIRED
    return ACTIVE
