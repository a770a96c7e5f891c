"""The states of a comment, and the one table of what may become of it."""

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where a comment stands. QUIET ones never started the clock."""

    QUIET = "quiet"
    WAITING = "waiting"
    ANSWERED = "answered"
    CLOSED = "closed"  # somebody said that it needs no answer
    HIDDEN = "hidden"
    REMOVED = "removed"
    GONE = "gone"  # taken away on the platform, and not from here


class Act(StrEnum):
    """What happens to a comment."""

    NEED = "need"  # it turned out to need an answer
    ANSWER = "answer"
    CLOSE = "close"
    HIDE = "hide"
    SHOW = "show"
    REMOVE = "remove"
    VANISH = "vanish"
    RETURN = "return"  # it stands on the platform again


VISIBLE: Final = (State.QUIET, State.WAITING, State.ANSWERED, State.CLOSED)

TABLE: Final[dict[tuple[State, Act], State]] = {
    (State.QUIET, Act.NEED): State.WAITING,
    (State.ANSWERED, Act.NEED): State.WAITING,
    (State.CLOSED, Act.NEED): State.WAITING,
    (State.QUIET, Act.CLOSE): State.CLOSED,
    (State.WAITING, Act.CLOSE): State.CLOSED,
    **{(state, Act.ANSWER): State.ANSWERED for state in VISIBLE},
    **{(state, Act.HIDE): State.HIDDEN for state in VISIBLE},
    **{(state, Act.REMOVE): State.REMOVED for state in (*VISIBLE, State.HIDDEN)},
    **{(state, Act.VANISH): State.GONE for state in (*VISIBLE, State.HIDDEN)},
    (State.HIDDEN, Act.SHOW): State.CLOSED,
    (State.GONE, Act.RETURN): State.CLOSED,
}


def allowed(state: State, act: Act) -> bool:
    """Whether anybody at all may do this in this state."""
    return (state, act) in TABLE
