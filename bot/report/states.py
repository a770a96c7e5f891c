"""The states of a monthly report, and the one table of what may become of it."""

from enum import StrEnum
from typing import Final

from storage import reports


class State(StrEnum):
    """Where a report stands."""

    DRAFT = reports.DRAFT
    SENT = reports.SENT


class Act(StrEnum):
    """What the communications manager does with it."""

    WRITE = "write"
    SEND = "send"


TABLE: Final[dict[tuple[State, Act], State]] = {
    (State.DRAFT, Act.WRITE): State.DRAFT,
    (State.DRAFT, Act.SEND): State.SENT,
}


def allowed(state: State, act: Act) -> bool:
    """Whether anybody at all may do this in this state."""
    return (state, act) in TABLE
