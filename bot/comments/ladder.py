"""The ladder: who is told of a comment that waits, and when.

Owner at half the time and shortly before it is out; then the substitute, the unit's head, the department.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.clock import OfficeClock
from bot.comment_settings import Comments


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


def due(office: OfficeClock, since: datetime, hours: float, *, crisis: bool = False) -> datetime:
    """When an answer is due (UTC): ``hours`` counted on working days, or round the clock in a crisis."""
    span = timedelta(hours=hours)
    return since + span if crisis else office.add_on_working_days(_begins(office, since), span)


def _begins(office: OfficeClock, since: datetime) -> datetime:
    """What is written on a day off begins to wait when the office opens."""
    return since if office.is_working_day(office.local_date(since)) else office.next_opening(since)


def rungs(office: OfficeClock, since: datetime, until: datetime, chosen: Comments) -> Iterator[Rung]:
    """All steps for a comment that waits since then and is due ``until``."""
    for step, percent in zip((Step.HALF, Step.SOON), chosen.warn_at, strict=True):
        yield Rung(step, _share(office, since, until, percent))
    at = until
    yield Rung(Step.OVERDUE, at)
    for step in (Step.HEAD, Step.DEPARTMENT):
        at = office.add(at, timedelta(hours=chosen.next_after_hours))
        yield Rung(step, at)


def _share(office: OfficeClock, since: datetime, until: datetime, percent: int) -> datetime:
    """When that much of the time has passed, counted as the time itself is."""
    since = min(_begins(office, since), until)
    whole = office.elapsed_on_working_days(since, until)
    if not whole:  # due outside every working day: in a crisis, at a weekend
        return since + (until - since) * percent / 100
    return office.add_on_working_days(since, whole * percent / 100)


def next_rung(
    office: OfficeClock, since: datetime, until: datetime, chosen: Comments, told: Step | None
) -> Rung | None:
    """The rung after ``told``; None at the top."""
    after = STEPS.index(told) + 1 if told else 0
    return next((one for n, one in enumerate(rungs(office, since, until, chosen)) if n >= after), None)
