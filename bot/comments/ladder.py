"""The ladder: who is told of a comment that waits, and when.

Owner at half the time and shortly before it is out; then the substitute, the unit's head, the department.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.clock import OfficeClock
from bot.comment_settings import Comments
from bot.comments.pace import Count


class Step(StrEnum):
    """A rung. The order is the ladder's."""

    HALF = "half"
    SOON = "soon"
    OVERDUE = "overdue"  # the owner's time is out: the substitute
    HEAD = "head"
    DEPARTMENT = "department"


STEPS = tuple(Step)


@dataclass(frozen=True)
class Rung:
    """A step, and the instant (UTC) from which it is due. The delivery room waits for office hours."""

    step: Step
    at: datetime


def rungs(office: OfficeClock, count: Count, chosen: Comments) -> Iterator[Rung]:
    """All steps for a comment whose time is counted so."""
    for step, percent in zip((Step.HALF, Step.SOON), chosen.warn_at, strict=True):
        yield Rung(step, count.share(office, percent))
    at = count.due
    yield Rung(Step.OVERDUE, at)
    for step in (Step.HEAD, Step.DEPARTMENT):
        at = office.add(at, timedelta(hours=chosen.next_after_hours))
        yield Rung(step, at)


def height(step: Step | str | None) -> int:
    """How far up it is; -1 for none."""
    return STEPS.index(Step(step)) if step else -1


def next_rung(office: OfficeClock, count: Count, chosen: Comments, told: Step | None) -> Rung | None:
    """The rung after ``told``; None at the top."""
    return next((one for one in rungs(office, count, chosen) if height(one.step) > height(told)), None)


def reached(
    office: OfficeClock, count: Count, chosen: Comments, now: datetime, above: int = -1, below: int = len(STEPS)
) -> Step | None:
    """The highest step between two heights whose time has come."""
    due = [one.step for one in rungs(office, count, chosen) if one.at <= now]
    return max((one for one in due if above < height(one) < below), key=height, default=None)
