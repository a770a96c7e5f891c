"""The states of an application, and the one table of what may become of them."""

from enum import StrEnum


class State(StrEnum):
    """Where an application stands."""

    WAITING = "waiting"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    LIVE = "live"


class Act(StrEnum):
    """What somebody (or the clock) does to an application."""

    YES = "yes"
    NO = "no"
    RETURN = "return"
    EDIT = "edit"
    WITHDRAW = "withdraw"
    REROUTE = "reroute"
    EXPIRE = "expire"
    GO_LIVE = "go_live"


class Gate(StrEnum):
    """The two decisions that are needed, in parallel."""

    HEAD = "head"
    COMMS = "comms"


TABLE: dict[tuple[State, Act], frozenset[State]] = {
    (State.WAITING, Act.YES): frozenset({State.WAITING, State.APPROVED}),
    (State.WAITING, Act.NO): frozenset({State.REJECTED}),
    (State.WAITING, Act.RETURN): frozenset({State.RETURNED}),
    (State.WAITING, Act.EDIT): frozenset({State.WAITING}),
    (State.RETURNED, Act.EDIT): frozenset({State.WAITING}),
    (State.WAITING, Act.WITHDRAW): frozenset({State.WITHDRAWN}),
    (State.RETURNED, Act.WITHDRAW): frozenset({State.WITHDRAWN}),
    (State.APPROVED, Act.WITHDRAW): frozenset({State.WITHDRAWN}),
    (State.WAITING, Act.REROUTE): frozenset({State.WAITING}),
    (State.WAITING, Act.EXPIRE): frozenset({State.EXPIRED}),
    (State.APPROVED, Act.GO_LIVE): frozenset({State.LIVE}),
}
DECISIONS = frozenset({Act.YES, Act.NO, Act.RETURN})
ENDED = frozenset({State.REJECTED, State.WITHDRAWN, State.EXPIRED, State.LIVE})


def allowed(state: State, act: Act) -> bool:
    """Whether anybody at all may do this in this state."""
    return (state, act) in TABLE
