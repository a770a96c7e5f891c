"""Who may do what to an application, as pure functions of state, actor and clock.

The validator that refuses an act is the one that decides whether its button shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.accounts import states
from bot.accounts.states import Act, Gate, State
from bot.errors import Refused, Text
from bot.people import Actor, Decider, Role

SEEN_LENGTH = 16
DEPARTMENT = Text("desk.department")
NOBODY = Text("desk.nobody")


@dataclass(frozen=True)
class GateView:
    """One decision, and who may give it now."""

    gate: Gate
    outcome: str = "waiting"
    by: str | None = None
    by_name: str = ""
    at: datetime | None = None
    role: str = ""
    reason: str = ""
    deciders: tuple[Decider, ...] = ()

    @property
    def waiting(self) -> bool:
        """Nobody has decided."""
        return self.outcome == "waiting"


@dataclass(frozen=True)
class Case:
    """An application as the rules and the cards see it."""

    id: int
    state: State
    version: int
    digest: str
    requester: str
    requester_name: str
    unit: str
    head_name: str
    head: GateView
    comms: GateView
    outside: bool = False
    asked: datetime | None = None
    expires: datetime | None = None
    answer_by: datetime | None = None
    content: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def seen(self) -> str:
        """What a button carries: enough of the digest to bind the click to what was read."""
        return self.digest[:SEEN_LENGTH]

    @property
    def name(self) -> str:
        """The account that is asked for."""
        return str(self.content.get("name", ""))

    def gate(self, gate: Gate) -> GateView:
        """The decision at a gate."""
        return self.head if gate is Gate.HEAD else self.comms

    def other(self, gate: Gate) -> GateView:
        """The decision at the other gate."""
        return self.comms if gate is Gate.HEAD else self.head

    @property
    def ended_by(self) -> GateView | None:
        """The decision that stopped the case, if one did."""
        return next((one for one in (self.head, self.comms) if one.outcome in ("no", "return")), None)


def check_open(case: Case, act: Act, gate: Gate | None = None) -> None:
    """Refuse what the table does not allow, or what somebody has already decided."""
    decided = case.gate(gate) if gate else None
    if decided is not None and not decided.waiting:
        raise _already(decided)
    if states.allowed(case.state, act):
        return
    if gate and case.ended_by:
        raise _already(case.ended_by)
    raise Refused("err.stale", summary=_summary(case))


def _already(one: GateView) -> Refused:
    return Refused("decision.already", name=one.by_name, time=one.at, outcome=Text(f"outcome.{one.outcome}"))


def _summary(case: Case) -> Text:
    return Text(f"state.{case.state}")


def check_seen(case: Case, seen: str) -> None:
    """An approval is bound to what was read."""
    if seen != case.seen:
        raise Refused("decision.changed")


def right(case: Case, gate: Gate, actor: Actor) -> Role:
    """The right by which the actor may give this decision; Refused with who may otherwise."""
    mine = case.gate(gate)
    others = [one.name for one in mine.deciders if one.id not in (actor.id, case.requester)]
    if actor.id == case.requester:
        raise Refused("decision.self", deputy=others or NOBODY)
    if not actor.full:
        raise Refused("err.guest", names=others or NOBODY)
    if case.other(gate).by == actor.id:
        raise Refused("decision.both", names=others or NOBODY)
    if gate is Gate.COMMS:
        return _comms_right(actor, others)
    found = next((one.role for one in mine.deciders if one.id == actor.id), None)
    if found is None:
        raise Refused("decision.not_yours", names=others or [case.head_name])
    return found


def _comms_right(actor: Actor, others: list[str]) -> Role:
    if not actor.department_fresh:
        raise Refused("err.group_stale")
    if not actor.department:
        raise Refused("decision.not_yours", names=others or DEPARTMENT)
    return Role.COMMS


def decide(case: Case, gate: Gate, act: Act, actor: Actor, seen: str, reason: str = "") -> tuple[State, Role]:
    """The state a decision leads to and the right it was given by.

    Raises Refused when it is closed, stale, not the actor's, or lacks its reason.
    """
    role = may_decide(case, gate, act, actor, seen)
    _needs_reason(act, reason)
    return _outcome(case, gate, act), role


def may_decide(case: Case, gate: Gate, act: Act, actor: Actor, seen: str) -> Role:
    """The right to give this decision on this text; Refused when there is none. The reason comes later."""
    check_open(case, act, gate)
    check_seen(case, seen)
    return right(case, gate, actor)


def _needs_reason(act: Act, reason: str) -> None:
    if act in (Act.NO, Act.RETURN) and not reason.strip():
        raise Refused("decision.needs_reason")


def _outcome(case: Case, gate: Gate, act: Act) -> State:
    if act is Act.NO:
        return State.REJECTED
    if act is Act.RETURN:
        return State.RETURNED
    return State.APPROVED if case.other(gate).outcome == "yes" else State.WAITING


def record(case: Case, act: Act, actor: Actor, seen: str, reason: str = "") -> State:
    """The state after the department enters a head's answer given outside Slack.

    Raises Refused as `may_record` does, or when it lacks its reason.
    """
    may_record(case, act, actor, seen)
    _needs_reason(act, reason)
    return _outcome(case, Gate.HEAD, act)


def may_record(case: Case, act: Act, actor: Actor, seen: str) -> None:
    """Refuse whoever may not enter a head's answer on this text.

    The one who enters it stands for the head's gate and so cannot give the department's own decision.
    """
    check_open(case, act, Gate.HEAD)
    check_seen(case, seen)
    if not case.outside:
        raise Refused("decision.head_in_slack", head=case.head_name)
    if actor.id == case.requester:
        raise Refused("decision.self", deputy=DEPARTMENT)
    if case.comms.by == actor.id:
        raise Refused("decision.both", names=DEPARTMENT)
    department_only(actor)


def department_only(actor: Actor) -> None:
    """Refuse everybody outside the department; its membership must be fresh."""
    if not actor.department_fresh:
        raise Refused("err.group_stale")
    if not (actor.full and actor.department):
        raise Refused("err.right", roles=DEPARTMENT, contact=DEPARTMENT)


def edit(case: Case, actor: Actor) -> None:
    """Only the requester edits, and only what is still open."""
    check_open(case, Act.EDIT)
    _requester_only(case, actor)


def withdraw(case: Case, actor: Actor) -> None:
    """Only the requester withdraws."""
    check_open(case, Act.WITHDRAW)
    _requester_only(case, actor)


def _requester_only(case: Case, actor: Actor) -> None:
    if actor.id != case.requester:
        raise Refused("err.right", roles=[case.requester_name], contact=[case.requester_name])


def reroute(case: Case, actor: Actor) -> None:
    """Those who are asked for the head's decision, or the department, may say that it is not theirs."""
    check_open(case, Act.REROUTE, Gate.HEAD)
    if actor.id == case.requester:  # nobody chooses who decides on their own application
        raise Refused("decision.self", deputy=DEPARTMENT)
    asked = any(one.id == actor.id for one in case.head.deciders)
    if not asked:
        department_only(actor)


def go_live(case: Case, actor: Actor) -> None:
    """The requester or the department says that the account is running."""
    check_open(case, Act.GO_LIVE)
    if actor.id != case.requester:
        department_only(actor)


def may(check: Any, *args: Any) -> bool:
    """Whether a check would let it through: for showing a button."""
    try:
        check(*args)
    except Refused:
        return False
    return True
