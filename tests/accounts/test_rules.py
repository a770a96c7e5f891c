"""Who may do what, as a table: every state, every act, every role."""

import itertools
from dataclasses import replace

import pytest

from bot.accounts import rules, states
from bot.accounts.rules import Case, GateView
from bot.accounts.states import Act, Gate, State
from bot.errors import Refused
from bot.people import Actor, Decider, Role
from tests import town

HEAD = GateView(Gate.HEAD, deciders=(Decider(town.HEAD, "Chef", Role.HEAD),))
COMMS = GateView(
    Gate.COMMS,
    deciders=(Decider(town.COMMS, "Ett", Role.COMMS), Decider(town.COMMS2, "Två", Role.COMMS)),
)
CASE = Case(
    id=1,
    state=State.WAITING,
    version=1,
    digest="d" * 64,
    requester=town.REQUESTER,
    requester_name="Bibliotekarie",
    unit="Biblioteket",
    head_name="Chef",
    head=HEAD,
    comms=COMMS,
)
ACTORS = {
    "requester": Actor(town.REQUESTER, "Bibliotekarie"),
    "head": Actor(town.HEAD, "Chef"),
    "deputy": Actor(town.DEPUTY, "Ställföreträdare"),
    "comms": Actor(town.COMMS, "Ett", department=True),
    "comms with stale group": Actor(town.COMMS, "Ett", department=True, department_fresh=False),
    "other": Actor(town.OTHER, "Handläggare"),
    "guest": Actor(town.GUEST, "Konsult", guest=True),
    "guest in the department": Actor(town.COMMS, "Ett", guest=True, department=True),
    "requester in the department": Actor(town.REQUESTER, "Bibliotekarie", department=True),
}
MAY_DECIDE = {("head", Gate.HEAD): Role.HEAD, ("comms", Gate.COMMS): Role.COMMS}


@pytest.mark.parametrize("gate", list(Gate))
@pytest.mark.parametrize("who", list(ACTORS))
def test_every_role_against_every_gate(who: str, gate: Gate) -> None:
    """Only the head decides as head, only a fresh full member of the department as department."""
    expected = MAY_DECIDE.get((who, gate))
    if expected is None:
        with pytest.raises(Refused):
            rules.right(CASE, gate, ACTORS[who])
    else:
        assert expected == rules.right(CASE, gate, ACTORS[who])


OTHERS = {
    "edit": (rules.edit, {"requester", "requester in the department"}),
    "withdraw": (rules.withdraw, {"requester", "requester in the department"}),
    "reroute": (rules.reroute, {"head", "comms"}),
}


@pytest.mark.parametrize("act", list(OTHERS))
@pytest.mark.parametrize("who", list(ACTORS))
def test_every_role_against_every_other_act(who: str, act: str) -> None:
    """The requester edits and withdraws; those asked, and the department, re-route."""
    check, allowed = OTHERS[act]
    assert (who in allowed) == rules.may(check, CASE, ACTORS[who])


@pytest.mark.parametrize("who", list(ACTORS))
def test_every_role_against_going_live(who: str) -> None:
    """The requester or the department says that the account is running."""
    approved = replace(CASE, state=State.APPROVED)
    allowed = {"requester", "comms", "requester in the department"}
    assert (who in allowed) == rules.may(rules.go_live, approved, ACTORS[who])


@pytest.mark.parametrize("who", list(ACTORS))
def test_every_role_against_recording_an_answer(who: str) -> None:
    """Only the department records what a head outside Slack answered, and never for its own application."""
    outside = replace(CASE, outside=True)
    assert (who == "comms") == rules.may(rules.record, outside, Act.YES, ACTORS[who], CASE.seen)


def test_a_head_in_slack_answers_in_person() -> None:
    """Nobody records an answer for a head who can press the button."""
    with pytest.raises(Refused, match="decision.head_in_slack"):
        rules.record(CASE, Act.YES, ACTORS["comms"], CASE.seen)


@pytest.mark.parametrize(("state", "act"), list(itertools.product(State, Act)))
def test_every_state_against_every_act(state: State, act: Act) -> None:
    """What the table does not name is refused before anybody's right is looked at."""
    gate = Gate.HEAD if act in states.DECISIONS else None
    case = replace(CASE, state=state)
    assert ((state, act) in states.TABLE) == rules.may(rules.check_open, case, act, gate)


def test_ended_states_lead_nowhere() -> None:
    """Rejected, withdrawn, expired and live cases never move again."""
    assert not [key for key in states.TABLE if key[0] in states.ENDED]


@pytest.mark.parametrize(
    ("other", "act", "expected"),
    [
        ("waiting", Act.YES, State.WAITING),
        ("yes", Act.YES, State.APPROVED),
        ("waiting", Act.NO, State.REJECTED),
        ("yes", Act.NO, State.REJECTED),
        ("waiting", Act.RETURN, State.RETURNED),
        ("yes", Act.RETURN, State.RETURNED),
    ],
)
@pytest.mark.parametrize("gate", list(Gate))
def test_what_a_decision_leads_to(gate: Gate, other: str, act: Act, expected: State) -> None:
    """Both must say yes; one no or one question is enough."""
    who = ACTORS["head" if gate is Gate.HEAD else "comms"]
    given = replace(CASE.other(gate), outcome=other, by="U0SOMEBODY" if other == "yes" else None)
    case = replace(CASE, **{str(given.gate): given})
    assert expected == rules.decide(case, gate, act, who, CASE.seen, "Därför.")[0]


def test_one_person_never_gives_both_decisions() -> None:
    """A head who belongs to the department decides once."""
    both = Actor(town.HEAD, "Chef", department=True)
    given = replace(HEAD, outcome="yes", by=town.HEAD)
    with pytest.raises(Refused, match="decision.both"):
        rules.right(replace(CASE, head=given), Gate.COMMS, both)


def test_an_older_text_is_not_decided_on() -> None:
    """The button carries what was read; another text refuses it."""
    with pytest.raises(Refused, match="decision.changed"):
        rules.decide(CASE, Gate.HEAD, Act.YES, ACTORS["head"], "e" * 16)


@pytest.mark.parametrize("act", [Act.NO, Act.RETURN])
def test_no_and_not_yet_need_a_reason(act: Act) -> None:
    """Spaces are no reason."""
    with pytest.raises(Refused, match="decision.needs_reason"):
        rules.decide(CASE, Gate.HEAD, act, ACTORS["head"], CASE.seen, "  ")


@pytest.mark.parametrize("outcome", ["yes", "no", "return"])
def test_the_second_click_is_told_who_was_first(outcome: str) -> None:
    """Whatever the first decision was, the second click hears of it."""
    given = replace(HEAD, outcome=outcome, by=town.HEAD, by_name="Chef")
    state = {"yes": State.WAITING, "no": State.REJECTED, "return": State.RETURNED}[outcome]
    with pytest.raises(Refused, match="decision.already"):
        rules.decide(replace(CASE, state=state, head=given), Gate.HEAD, Act.YES, ACTORS["head"], CASE.seen)
