"""The states of a bulletin, and the one table of what may become of it."""

from enum import StrEnum

from bot.crisis.facts import Kind as Kind


class State(StrEnum):
    """Where a bulletin stands. How each channel fares is the delivery room's to tell."""

    ASKED = "asked"
    RETURNED = "returned"
    APPROVED = "approved"
    STOPPED = "stopped"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    """What somebody does to a bulletin."""

    APPROVE = "approve"
    EMERGENCY = "emergency"
    RETURN = "return"
    EDIT = "edit"
    WITHDRAW = "withdraw"
    STOP = "stop"


TABLE: dict[tuple[State, Act], State] = {
    (State.ASKED, Act.APPROVE): State.APPROVED,
    (State.ASKED, Act.EMERGENCY): State.APPROVED,
    (State.ASKED, Act.RETURN): State.RETURNED,
    (State.ASKED, Act.EDIT): State.ASKED,
    (State.RETURNED, Act.EDIT): State.ASKED,
    (State.ASKED, Act.WITHDRAW): State.WITHDRAWN,
    (State.RETURNED, Act.WITHDRAW): State.WITHDRAWN,
    (State.APPROVED, Act.STOP): State.STOPPED,
}


def allowed(state: State, act: Act) -> bool:
    """Whether anybody at all may do this in this state."""
    return (state, act) in TABLE
