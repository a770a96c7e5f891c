"""The account room's texts: every key that is put together from a state, an act or a field exists."""

import ast
import itertools
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.accounts import form
from bot.accounts.lookalikes import Known
from bot.accounts.rules import Case, GateView
from bot.accounts.states import DECISIONS, Gate, State
from bot.people import Decider, Role
from bot.texts import Speak
from handlers.cards import account, application, application_form
from handlers.cards.application import TOLD, Application
from tests.test_texts import BOTH, SV, matching, pattern_of, sources

# First words that name nothing but texts: not buttons, log lines or kinds of messages.
FAMILIES = {
    *("ask", "btn", "case", "choice", "err", "form", "gate", "help", "line", "list", "mine", "outcome"),
    *("record", "show", "state", "told", "withdraw", "wrong_head"),
}
TICKS = {"ready", "private", "guidelines"}  # without them nothing is sent, so nobody reads them back
MADE = {
    "state.{}": State,
    "mine.{}": State,
    "outcome.{}": DECISIONS,
    "decision.{}": Gate,
    "decision.line.{}": DECISIONS,
    "decision.recorded.{}": DECISIONS,
    "btn.{}.send": ("reject", "return"),
    "account.step.{}": range(1, form.LAST_STEP + 1),
    "show.{}": form.NAMES - TICKS,
    "choice.children.{}": ("yes", "no"),
    "choice.public.{}": ("yes", "no"),
    "choice.personal_data.{}": ("done", "unclear"),
}
FACEBOOK = {"facebook": "Facebook"}
NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
OUTCOMES = ("waiting", "yes", "no", "return", "void")


def test_every_literal_of_a_text_family_is_a_text() -> None:
    """Also where a key goes through a helper, a table or the words of a command."""
    unknown = [
        f"{module}:{node.lineno}: {pattern}"
        for module, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.expr) and (pattern := pattern_of(node))
        if pattern.partition("\\.")[0] in FAMILIES and not matching(pattern)
    ]
    assert not unknown, "\n".join(unknown)


@pytest.mark.parametrize(("made", "parts"), MADE.items(), ids=MADE)
def test_a_key_made_from_a_value_exists_for_every_value(made: str, parts: Iterable[object]) -> None:
    """A new state or field needs its words in the same change."""
    assert {made.format(part) for part in parts} - set(SV.texts) == set()


def announced(by: str) -> set[str]:
    """What the use cases announce by this function of bot/accounts/tell.py, as literals."""
    calls = [
        node
        for module, tree in sources()
        if module.startswith("bot/accounts")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == by
    ]
    fourth = [call.args[3] for call in calls if len(call.args) > 3]
    return {str(one.value) for one in fourth if isinstance(one, ast.Constant)}


def test_everything_that_happens_has_a_line() -> None:
    """A line in the threads; a decision has its own."""
    happens = announced("happened")
    assert {"edited", "decided", "expired"} <= happens
    assert {f"line.{what}" for what in happens - {"decided"}} - set(SV.texts) == set()


def test_everything_the_requester_is_told_has_words() -> None:
    """Told in a message of its own, after a decision and after expiry."""
    told = announced("told") | {"approved", "rejected", "returned", "half"}
    assert {"expired", "live"} <= told
    assert {TOLD.get(what) or f"told.{what}" for what in told} - set(SV.texts) == set()


def gate(which: Gate, outcome: str) -> GateView:
    """A decision as it may stand."""
    asked = (Decider("H", "Enhetschef biblioteket", Role.HEAD), Decider("D", "Bitr. enhetschef", Role.DEPUTY))
    if outcome in ("waiting", "void"):
        return GateView(which, outcome, deciders=asked)
    return GateView(which, outcome, "H", "Enhetschef biblioteket", NOW, "head", "Vem svarar?", asked)


def case(state: State, head: str, comms: str) -> Case:
    """An application with everything filled in."""
    content = dict.fromkeys(form.NAMES, "något") | {
        "unit": 1,
        "platform": "facebook",
        "hours": 2.5,
        "posts": 2,
        "editors": ["A", "B"],
        "children": "yes",
        "public": "no",
        "personal_data": "unclear",
        "until": None,
    }
    return Case(
        id=7,
        state=state,
        version=2,
        digest="d" * 64,
        requester="R",
        requester_name="Bibliotekarie",
        unit="Biblioteket",
        head_name="Enhetschef biblioteket",
        head=gate(Gate.HEAD, head),
        comms=gate(Gate.COMMS, comms),
        outside=True,
        asked=NOW,
        expires=NOW if state is State.WAITING else None,
        content=content,
    )


@BOTH
def test_every_card_can_be_drawn_in_every_state(speak: Speak) -> None:
    """Whatever the two decisions are: no text and no value is missing."""
    for state, head, comms in itertools.product(State, OUTCOMES, OUTCOMES):
        card = Application(speak, case(state, head, comms), FACEBOOK, "https://kommunen.example")
        drawn = [card.card(), card.ask(("C",)), card.head("H"), card.head("D"), card.mine(), card.older()]
        assert all(one.text for one in drawn)
        assert all(text for _, text in card.full_lines())


@BOTH
def test_every_line_and_notice_can_be_drawn(speak: Speak) -> None:
    """Lines in threads, what the requester is told, reminders."""
    waiting, no = case(State.WAITING, "no", "waiting"), gate(Gate.HEAD, "no")
    for what in announced("happened"):
        assert application.line(speak, waiting, what, "Bibliotekarie", no, speak.moment(NOW)).text
    for what in announced("told") | {"approved", "rejected", "returned", "half"}:
        assert application.told(speak, waiting, what, no, "https://kommunen.example/register", 30).text
    for one in Gate:
        assert application.reminder(speak, waiting, one, ("C",)).text


def test_an_answer_from_outside_is_the_heads_and_says_who_entered_it() -> None:
    """Nobody may read it as a decision of the communicator's."""
    entered = GateView(Gate.HEAD, "yes", "C", "Kommunikatör", NOW, "comms")
    answered = replace(case(State.WAITING, "yes", "waiting"), head=entered)
    said = "Enhetschef biblioteket godkände utanför Slack. Kommunikatör registrerade beskedet"
    assert said in Application(SV, answered, FACEBOOK, "").status()
    assert said in application.line(SV, answered, "decided", "Kommunikatör", entered, "nu").text
    assert "Enhetschef biblioteket har sagt ja" in application.told(SV, answered, "half", entered, "", 30).text


@pytest.mark.parametrize(
    ("role", "requester", "said"),
    [
        (Role.HEAD, "Bibliotekarie", ""),
        (Role.DEPUTY, "Bibliotekarie", "Enhetschef biblioteket har inte kunnat svara."),
        (Role.DEPUTY, "Enhetschef biblioteket", "Enhetschef biblioteket ansöker själv."),
        (Role.PARENT, "Bibliotekarie", "Biblioteket har ingen chef som kan besluta just nu."),
    ],
)
def test_whoever_stands_in_reads_why(role: Role, requester: str, said: str) -> None:
    """The head needs no reason; a deputy and a head above do."""
    asked = GateView(Gate.HEAD, deciders=(Decider("D", "Den som beslutar", role),))
    waiting = replace(case(State.WAITING, "waiting", "waiting"), head=asked, requester_name=requester)
    shown = Application(SV, waiting, FACEBOOK, "").head("D")
    notes = [block["elements"][0]["text"] for block in shown.blocks if block["type"] == "context"]
    assert len(notes) == (2 if said else 1)
    assert notes[0].startswith(said or "Ansökan 7")


@BOTH
def test_every_form_can_be_drawn_and_nothing_of_ours_is_cut(speak: Speak) -> None:
    """Titles, buttons and hints are whole, with and without what was typed before."""
    steps = application_form.ApplicationForm(
        speak,
        website="kommunen.example",
        guidelines="https://kommunen.example/riktlinjer",
        days=5,
        platforms=FACEBOOK,
        relay="@kommunen",
        minimum_posts=2,
    )
    typed, alike = case(State.WAITING, "waiting", "waiting").content, Known("Bibblan", "", "facebook", "Skolan")
    views = [
        *(steps.step(number, {}, {}) for number in (1, 2, 3)),
        *(steps.step(number, typed, {}, "Biblioteket", alike) for number in (1, 2, 3)),
        application_form.reason(speak, "reject", {}, speak("desk.requester")),
        application_form.reason(speak, "return", {}, speak("desk.requester")),
        application_form.record(speak, {}, "2026-11-21"),
        application_form.wrong_head(speak, {}),
        application_form.live(speak, {}, "Bibblan"),
        application_form.full(speak, "Bibblan", [("a", "b")], ["c"]),
        account.register_form(speak, FACEBOOK),
    ]
    assert [view["title"] for view in views if "…" in json.dumps(view, ensure_ascii=False)] == []
