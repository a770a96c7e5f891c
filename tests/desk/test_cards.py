"""What people see under /komm: within Slack's limits in both languages, and with people's words escaped."""

import json
from datetime import date
from typing import Any

import pytest

from bot.absence import Away, Listed, StandIn
from bot.accounts.mine import Mine
from bot.channels.message import Message
from bot.department import DepartmentForm, Mailbox, Now
from bot.errors import Text
from bot.sandbox import blocks
from bot.start import ChannelState, Mend, Step
from bot.status import DEPARTMENT, OPERATOR, REASONS, Place, Trouble
from bot.texts import Speak
from bot.units import Row, Seat, Standing
from handlers.cards import absence as absence_cards
from handlers.cards import desk as cards
from handlers.cards import units as unit_cards
from handlers.words import Word
from storage import duties
from storage.absences import Absence
from storage.own import Own
from storage.units import Unit
from tests import town
from tests.test_texts import BOTH, SV

LONG = "<!here> & " + "Å" * 110  # 120 characters, as much as a name's column holds
DAY = date(2026, 11, 27)


def refused(shown: Message | dict[str, Any]) -> list[Any]:
    """What Slack would not take."""
    if isinstance(shown, Message):
        assert 0 < len(shown.text) < 4000
        return list(blocks.check_message({"blocks": shown.blocks}))
    return list(blocks.check_view(shown))


def row(number: int, name: str = LONG, standing: Standing = Standing.AWAY, **more: Any) -> Row:
    unit = Unit(id=number, name=f"{number} {name}"[:120], board=LONG, head_title=LONG[:60], **more)
    return Row(unit, Seat(standing, LONG, "U1", DAY), Seat(Standing.DELETED, LONG, "U2"))


def texts(shown: Message | dict[str, Any]) -> str:
    """Everything that is readable on it."""
    found = shown.blocks if isinstance(shown, Message) else shown["blocks"]
    parts = [part for block in found for part in (block, block.get("accessory"), *block.get("elements", []))]
    said = [part.get("text") for part in parts if part]
    return "\n".join(text["text"] if isinstance(text, dict) else str(text) for text in said if text)


def action_ids(shown: Message | dict[str, Any]) -> list[str]:
    found = shown.blocks if isinstance(shown, Message) else shown["blocks"]
    parts = [part for block in found for part in (block.get("accessory"), *block.get("elements", []))]
    return [part["action_id"] for part in parts if part and "action_id" in part]


def values_of(shown: Message, action_id: str) -> list[dict[str, Any]]:
    """What the buttons with this action carry."""
    parts = [part for block in shown.blocks for part in (block.get("accessory"), *block.get("elements", []))]
    return [json.loads(part["value"]) for part in parts if part and part.get("action_id") == action_id]


@BOTH
def test_three_hundred_units_with_long_names_fit_page_by_page(speak: Speak) -> None:
    """Every unit is on one of the pages, with its button, and the last page has no next."""
    rows = [row(number) for number in range(300)]
    seen: list[int] = []
    following: int | None = 0
    while following is not None:
        shown = unit_cards.listing(speak, rows, start=following)
        assert refused(shown) == []
        seen += [value["u"] for value in values_of(shown, unit_cards.EDIT)]
        following = next((value["p"] for value in values_of(shown, unit_cards.PAGE)), None)
    assert sorted(seen) == list(range(300))


def test_a_list_can_be_searched_with_or_without_dots() -> None:
    """By name and by nämnd; what is not there is said."""
    rows = [
        Row(
            Unit(id=1, name="Förskolan Björken", board="Skolnämnden"), Seat(Standing.VACANT), Seat(Standing.VACANT)
        ),
        Row(Unit(id=2, name="Biblioteket", board="Kulturnämnden"), Seat(Standing.VACANT), Seat(Standing.VACANT)),
    ]
    assert "Björken" in texts(unit_cards.listing(SV, rows, "bjorken"))
    assert "Biblioteket" not in texts(unit_cards.listing(SV, rows, "skolnamnden"))
    assert "passar ”simhall”" in texts(unit_cards.listing(SV, rows, "simhall"))
    assert "inga enheter än" in texts(unit_cards.listing(SV, []))


@pytest.mark.parametrize(
    ("seat", "expected"),
    [
        (Seat(Standing.HERE, "Rektor", "U1"), "Rektor"),
        (Seat(Standing.AWAY, "Rektor", "U1", DAY), "Rektor *(borta till 2026-11-27)*"),
        (Seat(Standing.VACANT), "*saknas*"),
        (Seat(Standing.OUTSIDE, "Rektor"), "Rektor *(inte i Slack)*"),
        (Seat(Standing.DELETED, "Rektor", "U1"), "Rektor *(avaktiverad i Slack)*"),
        (Seat(Standing.UNFIT, "<!here>", "U1"), "&lt;!here&gt; *(gäst, kan inte besluta)*"),
    ],
)
def test_a_vacancy_is_visible(seat: Seat, expected: str) -> None:
    """In bold, behind the name; and a name is only a name."""
    assert unit_cards.seat(SV, seat) == expected


@BOTH
@pytest.mark.parametrize("standing", Standing)
def test_the_unit_s_form_fits_however_its_head_is(speak: Speak, standing: Standing) -> None:
    """Somebody who cannot be head any more is said first and not chosen from the start."""
    unit = row(1, standing=standing, channel="C1", head="chef@x.example", head_name=LONG)
    shown = unit_cards.unit_form(speak, unit, Unit(id=2, name=LONG))
    assert refused(shown) == []
    head = next(block["element"] for block in shown["blocks"] if block.get("block_id") == "head")
    assert ("initial_user" in head) == (standing in (Standing.HERE, Standing.AWAY))
    assert (shown["blocks"][3]["type"] == "section") == (standing in (Standing.DELETED, Standing.UNFIT))


@BOTH
def test_a_new_unit_s_form_is_empty(speak: Speak) -> None:
    """And carries no number."""
    shown = unit_cards.unit_form(speak)
    assert refused(shown) == []
    assert shown["private_metadata"] == "{}"


@BOTH
def test_the_department_s_form_fits(speak: Speak) -> None:
    """Full, empty, and with people whom Slack does not have."""
    full = DepartmentForm(
        ("U1",), "S1", "U1", Mailbox(LONG, "r@x.example"), Mailbox(LONG, "k@x.example"), ("U1",), "C1"
    )
    assert refused(unit_cards.department_form(speak, Now(DepartmentForm()))) == []
    assert refused(unit_cards.department_form(speak, Now(full, tuple(f"{n}@{LONG}" for n in range(50))))) == []


def test_suggestions_can_be_undone() -> None:
    """The first choice is none; a unit is not offered itself; at most a hundred."""
    units = [Unit(id=number, name=f"Enhet {number}") for number in range(200)]
    found = unit_cards.parent_options(SV, units, "", 5)
    assert (len(found), found[0]["value"]) == (100, unit_cards.NOTHING)
    assert "5" not in [one["value"] for one in found]
    assert [one["value"] for one in unit_cards.group_options(SV, [("S1", "komm"), ("S2", "it")], "@KO")] == [
        "0",
        "S1",
    ]
    assert blocks.check_options({"options": found}) == []


@BOTH
def test_the_absence_form_fits_with_many_absences(speak: Speak) -> None:
    """As many as are looked over at once, each with its button; the field for others only for those who may."""
    coming = tuple(
        (Absence(id=n, slack_id="U1", first=DAY, last=DAY, entered_by="U1", entered=town.MONDAY), LONG)
        for n in range(200)
    )
    shown = absence_cards.form(speak, Listed(coming, for_others=True), "U1", DAY.isoformat())
    assert refused(shown) == []
    assert action_ids(shown).count(absence_cards.REMOVE) == absence_cards.SHOWN
    alone = absence_cards.form(speak, Listed((), for_others=False), "U1", DAY.isoformat())
    assert [block["block_id"] for block in alone["blocks"] if block["type"] == "input"] == ["first", "last"]


def test_an_absence_is_answered_with_who_stands_in() -> None:
    """The agreed sentence; whatever nobody stands in for has a line of its own."""
    set_ = Absence(slack_id="U1", first=date(2026, 11, 23), last=DAY, entered_by="U1", entered=town.MONDAY)
    found = (
        StandIn("Biblioteket", account=False, who="Ställföreträdaren"),
        StandIn("Biblioteket berättar", account=True, who="Ställföreträdaren"),
        StandIn("Biblioteket på X", account=True),
    )
    assert absence_cards.answer(SV, Away(set_, "Enhetschef", found)).split("\n") == [
        "Enhetschef är borta 2026-11-23–2026-11-27. Ställföreträdaren svarar under tiden.",
        "Ingen är utsedd att svara på Biblioteket på X under tiden. "
        "Be kommunikationsavdelningen utse en ersättare.",
    ]
    alone = absence_cards.answer(SV, Away(set_, "Enhetschef", (StandIn("Simhallen", account=False),)))
    assert alone.startswith("Enhetschef är borta 2026-11-23–2026-11-27.\nIngen kan besluta för Simhallen")


async def nothing(click: Any) -> None:
    """A word's act that is never done here."""


@BOTH
def test_help_shows_every_word_by_what_one_wants(speak: Speak) -> None:
    """With å, ä and ö; a command without a heading of its own shows its name."""
    words = [
        Word("ansök", "apply", nothing, "help.account.apply"),
        Word("hjälp", "help", nothing, "help.komm.help"),
    ]
    shown = cards.help_(speak, [("/konto", words), ("/nytt", words[:1])])
    assert refused(shown) == []
    assert shown.text.startswith(speak("help.title"))
    assert f"`/konto ansök` {speak('help.account.apply')}" in texts(shown)
    assert speak("help.group.konto") in texts(shown)
    assert "*/nytt*" in texts(shown)


TROUBLES = [
    *(Trouble(f"status.{which}", {"unit": LONG, "name": LONG, "state": Text(f"standing.{one}")}, DEPARTMENT)
      for which in ("head", "deputy") for one in ("outside", "deleted", "unfit")),
    *(Trouble("status.duty", {"duty": Text(f"duty.{one}"), "name": LONG, "state": Text("standing.unfit")}, OPERATOR)
      for one in (duties.DEPARTMENT, duties.MANAGER, duties.CRISIS_DECIDER)),
    *(Trouble("status.refused", {"dest": Place("U1", LONG), "time": town.MONDAY, "code": LONG,
                                 "reason": Text(f"status.reason.{one}")}, OPERATOR)
      for one in sorted({*REASONS, "other"})),
    Trouble("status.asking", {"dest": Place("C1"), "time": town.MONDAY, "text": LONG}, post=7),
    Trouble("absence.gap", {"account": LONG, "from": DAY, "to": DAY}, DEPARTMENT),
]  # fmt: skip


@BOTH
def test_every_trouble_is_said_within_the_limits(speak: Speak) -> None:
    """As many as a message holds; the rest are counted."""
    for at in range(0, len(TROUBLES), 5):
        assert refused(cards.status(speak, TROUBLES[at : at + 5])) == []
    many = cards.status(speak, TROUBLES * 5)
    assert refused(many) == []
    shown = sum(block["type"] == "section" for block in many.blocks)
    assert 5 < shown <= cards.SHOWN
    assert speak.n("status.more", len(TROUBLES) * 5 - shown) in texts(many)


def test_a_trouble_says_what_is_wrong_and_who_can_mend_it() -> None:
    """A channel by its link, a name escaped; a message to look for has two buttons."""
    values = {"channel": Place("C1"), "reason": Text("status.reason.not_in_channel"), "code": "not_in_channel"}
    said = cards.trouble(SV, Trouble("status.channel.refused", values, DEPARTMENT))
    assert said == (
        "Vi kan inte skriva i avdelningens kanal <#C1>: Kanalvakt är inte med i kanalen (not_in_channel). "
        "Meddelandena går till medlemmarna i stället. Det kan kommunikationsavdelningen ordna."
    )
    assert "&lt;!channel&gt;" in cards.trouble(SV, Trouble("status.unit.nobody", {"unit": "<!channel>"}))
    asking = cards.status(SV, [one for one in TROUBLES if one.post])
    assert action_ids(asking) == [cards.THERE, cards.NOT_THERE]


@BOTH
def test_people_outside_the_department_hear_one_sentence(speak: Speak) -> None:
    """Without a name in it."""
    assert cards.status_short(speak, True).text == speak("status.ok") == cards.status(speak, []).text
    assert refused(cards.status_short(speak, False)) == []


EVERY_STEP = [
    *(Step("channel", False, {"channel": Place("C1")}, Mend.DEPARTMENT, DEPARTMENT, variant=str(one))
      for one in ChannelState if one is not ChannelState.READY),
    *(Step(name, done, {"n": 2, "names": [LONG] * 6, "channel": Place("C1"), "scopes": [LONG], "url": LONG,
                        "hours": ["08.00–16.30"]}, mend, OPERATOR)
      for done in (False, True)
      for name, mend in (("department", Mend.DEPARTMENT), ("manager", None), ("registrar", None),
                         ("contact_centre", None), ("crisis", Mend.DEPARTMENT), ("units", Mend.UNITS),
                         ("heads", Mend.UNITS), ("deputies", Mend.UNITS), ("accounts", Mend.ACCOUNT),
                         ("guidelines", None), ("url", None), ("scopes", None))),
    Step("unresolved", False, {"names": [LONG] * 40}, Mend.DEPARTMENT, DEPARTMENT),
    Step("channel", True, {"channel": Place("C1")}),
    Step("hours", True, {"hours": [Text("start.hours.closed")]}),
]  # fmt: skip


@BOTH
def test_the_first_hour_fits_with_everything_left_and_everything_done(speak: Speak) -> None:
    """What is left has a button or names who can mend it; what is done is ticked."""
    shown = cards.start(speak, EVERY_STEP)
    assert refused(shown) == []
    left = [block for block in shown.blocks if block["type"] == "section" and block["text"]["text"].startswith("○")]
    assert len(left) == len([one for one in EVERY_STEP if not one.done])
    assert all("accessory" in block or speak("mender.operator") in block["text"]["text"] for block in left)
    ready = cards.start(speak, [one for one in EVERY_STEP if one.done])
    assert refused(ready) == []
    assert speak("start.ready") in ready.text


def own(kind: str, state: str = "waiting") -> Own:
    return Own(kind, "1", LONG, state, "", "", town.MONDAY)


@BOTH
def test_app_home_shows_what_waits_and_fits(speak: Speak) -> None:
    """The three buttons first; decisions before drafts before one's own; what is closed is not shown."""
    found = Mine([own("draft")] * 20, [own("application")] * 20, [], [own("to_decide")] * 3)
    shown = cards.home(speak, found)
    assert refused(shown) == []
    assert action_ids(shown)[:3] == list(cards.HOME_WORDS)
    assert action_ids(shown)[3:7] == ["application.open"] * 3 + ["draft.resume"]
    nothing_left = cards.home(speak, Mine(applications=[own("application", "live")]))
    assert refused(nothing_left) == []
    assert speak("home.nothing") in texts(nothing_left)
