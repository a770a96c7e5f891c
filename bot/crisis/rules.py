"""Who may do what in crisis mode, as pure functions of state, actor and clock.

The validator that refuses an act is the one that decides whether its button shows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.crisis import states
from bot.crisis.states import Act, Kind, State
from bot.errors import Refused, Text
from bot.folding import fold
from bot.people import Actor, Decider, Role

SEEN_LENGTH = 16


@dataclass(frozen=True)
class Bulletin:
    """One message of an incident as the rules and the cards see it."""

    id: int
    incident: int
    number: int
    kind: Kind
    state: State
    version: int
    digest: str
    drill: bool
    event: str
    place: str
    by: str
    asked: datetime
    incident_state: str = "proposed"
    deciders: tuple[Decider, ...] = ()  # in the order in which they are asked; never the submitter
    emergency_deciders: frozenset[str] = frozenset()  # may go alone, the submitter too
    on_duty: str | None = None
    decided_by: str | None = None
    decided: datetime | None = None
    emergency: bool = False
    reason: str = ""
    stopped_by: str | None = None
    stopped: datetime | None = None
    without_site_s: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    skipped: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def seen(self) -> str:
        """What a button carries to name the text it stands under."""
        return self.digest[:SEEN_LENGTH]

    def name(self, person: str | None) -> str:
        """Somebody's name."""
        return self.names.get(person or "", person or "")


def may(rule: Callable[..., object], *given: Any) -> bool:
    """Whether a rule lets it through."""
    try:
        rule(*given)
    except Refused:
        return False
    return True


def belongs(actor: Actor, deciders: frozenset[str]) -> None:
    """The department and the crisis deciders run crisis mode. Raises Refused for others."""
    if actor.guest or not (actor.department or actor.id in deciders):
        raise Refused("err.right", roles=[Text("desk.department")], contact=Text("crisis.deciders"))


def check_open(case: Bulletin, act: Act) -> None:
    """Raise Refused when nobody may do this now; says who was faster."""
    if states.allowed(case.state, act):
        return
    if case.state is State.APPROVED and case.decided is not None:
        raise Refused("crisis.already", name=case.name(case.decided_by), time=case.decided)
    raise Refused("err.stale", summary=Text(f"crisis.state.{case.state}"))


def same_text(case: Bulletin, seen: str) -> None:
    """Raise Refused when the texts have changed since they were read."""
    if not seen or seen != case.seen:
        raise Refused("crisis.changed")


def approve(case: Bulletin, actor: Actor, seen: str) -> Role:
    """A colleague's yes: a crisis decider who did not submit it."""
    check_open(case, Act.APPROVE)
    if actor.id == case.by:
        raise Refused("crisis.own")
    decider(case, actor)
    same_text(case, seen)
    return Role.CRISIS


def decider(case: Bulletin, actor: Actor) -> None:
    """Raise Refused for who is no crisis decider."""
    if actor.guest or actor.id not in case.emergency_deciders:
        raise Refused("crisis.not_yours", names=[one.name for one in case.deciders] or [Text("crisis.deciders")])


def emergency(case: Bulletin, actor: Actor, seen: str, place: str) -> Role:
    """Break-glass: a crisis decider alone, having typed the place."""
    check_open(case, Act.EMERGENCY)
    decider(case, actor)
    same_text(case, seen)
    if fold(place) != fold(case.place):
        raise Refused("crisis.place_differs", place=case.place)
    return Role.CRISIS_ALONE


def hand_back(case: Bulletin, actor: Actor, seen: str, reason: str) -> Role:
    """Not yet: something has to be changed first."""
    check_open(case, Act.RETURN)
    if actor.id == case.by:
        raise Refused("crisis.own")
    decider(case, actor)
    same_text(case, seen)
    if not reason.strip():
        raise Refused("decision.needs_reason")
    return Role.CRISIS


def edit(case: Bulletin, actor: Actor) -> None:
    """Whoever runs crisis mode may better the texts; that voids what was asked."""
    check_open(case, Act.EDIT)
    belongs(actor, case.emergency_deciders)


def withdraw(case: Bulletin, actor: Actor) -> None:
    """The submitter or a decider takes it back before it went out."""
    check_open(case, Act.WITHDRAW)
    if actor.id != case.by:
        decider(case, actor)


def stop(case: Bulletin, actor: Actor) -> None:
    """Stopping must be easy: anybody who runs crisis mode may."""
    check_open(case, Act.STOP)
    belongs(actor, case.emergency_deciders)


def handle(case: Bulletin, actor: Actor) -> None:
    """Retry, skip, take over by hand: while the message is out."""
    belongs(actor, case.emergency_deciders)
    if case.state is not State.APPROVED:
        raise Refused("err.stale", summary=Text(f"crisis.state.{case.state}"))
