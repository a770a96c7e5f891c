"""Units: their seats as they are, and what the department may make of them."""

import asyncio
from datetime import date
from typing import Any

import pytest
from sqlmodel import col, select

from bot import units as seats
from bot.accounts import deciding, tell
from bot.accounts.deciding import Verdict
from bot.accounts.states import Act, Gate
from bot.errors import Invalid, Refused
from bot.units import Saved, Seat, Standing, UnitForm
from storage import units
from storage.people import Person
from storage.posts import Post
from storage.units import Unit
from tests import town
from tests.desk.conftest import Office


async def seats_of(office: Office) -> dict[str, tuple[Seat, Seat]]:
    rows = await seats.listing(office.desk, town.COMMS, now=office.clock())
    return {row.unit.name: (row.head, row.deputy) for row in rows}


async def asked(office: Office) -> list[str]:
    """Who has a card of the head's decision."""
    async with office.desk.db.read() as session:
        query = select(Post.dest).where(Post.kind == tell.HEAD).order_by(col(Post.id))
        return list((await session.exec(query)).all())


async def test_every_seat_says_how_it_is_filled(office: Office) -> None:
    """There, away until, not in Slack, deactivated, vacant."""
    await town.away(office.desk.db, town.HEAD, date(2026, 11, 20), date(2026, 11, 24))
    await town.away(office.desk.db, town.HEAD, date(2026, 11, 23), date(2026, 11, 27))
    await town.change(office.desk.db, town.DEPUTY, deleted=True)
    await town.change(office.desk.db, town.OTHER_HEAD, guest=True)
    found = await seats_of(office)
    head = Seat(Standing.AWAY, "Enhetschef biblioteket", town.HEAD, date(2026, 11, 27))
    deputy = Seat(Standing.DELETED, "Ställföreträdare biblioteket", town.DEPUTY)
    assert found["Biblioteket"] == (head, deputy)
    assert found["Kultur"][0] == Seat(Standing.HERE, "Verksamhetschef kultur", town.PARENT)
    assert found["Simhallen"] == (Seat(Standing.OUTSIDE, "Chef simhallen"), Seat(Standing.VACANT))
    assert found["Skolan"][0].standing is Standing.UNFIT
    assert found["Utan chef"][0] == Seat(Standing.VACANT)


async def test_a_new_unit_is_entered_and_logged(office: Office) -> None:
    """Its head outside Slack by address and name; the log keeps the name as a hash only."""
    form = UnitForm(
        name="  Museet ",
        board="Kulturnämnden",
        parent=office.units["Kultur"],
        head_email="Museichef@exempel.example",
        head_name="Museichef",
        head_title="enhetschef",
        deputy=town.OTHER,
    )
    saved = await seats.save(office.desk, town.COMMS, None, form, now=office.clock())
    unit = await office.unit("Museet")
    assert (unit.id, unit.head, unit.parent_id) == (
        saved.unit.id,
        "museichef@exempel.example",
        office.units["Kultur"],
    )
    (entry,) = await office.logged(f"unit:{unit.id}")
    assert (entry.action, entry.actor, entry.role) == ("unit.created", town.COMMS, "comms")
    assert entry.detail["changed"]["deputy"] == town.OTHER
    assert entry.detail["changed"]["head_name"] == office.desk.fingerprint("Museichef")


async def test_sending_a_unit_unchanged_changes_and_logs_nothing(office: Office) -> None:
    """Also when the head was seeded by address and is sent back by Slack id."""
    form = await office.as_is("Biblioteket")
    assert form.head == town.HEAD
    await seats.save(office.desk, town.COMMS, office.units["Biblioteket"], form, now=office.clock())
    assert await office.logged(f"unit:{office.units['Biblioteket']}") == []
    assert (await office.unit("Biblioteket")).head == f"{town.HEAD.lower()}@exempel.example"


async def test_a_new_head_has_the_cards_of_waiting_applications_at_once(office: Office) -> None:
    """Of the unit and of units below it without a head; not of those whose head has decided."""
    await office.apply(name="Väntar")
    decided = await office.apply(name="Redan beslutad")
    verdict = Verdict(decided.id or 0, Gate.HEAD, Act.YES, town.HEAD, decided.digest[:16])
    await deciding.decide(office.desk, verdict, now=office.clock())
    assert await asked(office) == [town.HEAD, town.HEAD]
    form = await office.as_is("Biblioteket", head=town.OTHER)
    saved = await seats.save(office.desk, town.COMMS, office.units["Biblioteket"], form, now=office.clock())
    assert (saved.asked, await asked(office)) == (1, [town.HEAD, town.HEAD, town.OTHER])


async def test_a_new_head_above_has_the_cards_of_vacant_units_below(office: Office) -> None:
    """The walk upwards ends at the unit that was changed."""
    async with office.desk.db.write() as session:
        vacant = await units.locked(session, office.units["Utan chef"])
        assert vacant is not None
        vacant.parent_id = office.units["Kultur"]
    await office.apply(unit="Utan chef")
    await office.apply(unit="Skolan", name="Skolan")
    form = await office.as_is("Kultur", head=town.OTHER)
    saved = await seats.save(office.desk, town.COMMS, office.units["Kultur"], form, now=office.clock())
    assert (saved.asked, await asked(office)) == (1, [town.PARENT, town.OTHER_HEAD, town.OTHER])


async def test_the_cards_follow_a_new_head(office: Office) -> None:
    """Every copy of a waiting case names whoever decides now."""
    await office.apply()
    async with office.desk.db.read() as session:
        before = {one.id: one.want for one in (await session.exec(select(Post).where(Post.card))).all()}
    form = await office.as_is("Biblioteket", head=town.OTHER)
    await seats.save(office.desk, town.COMMS, office.units["Biblioteket"], form, now=office.clock())
    async with office.desk.db.read() as session:
        after = {one.id: one.want for one in (await session.exec(select(Post).where(Post.card))).all()}
    assert len(before) >= 3
    assert all(after[post] == want + 1 for post, want in before.items())


async def test_a_unit_that_is_gone_is_refused(office: Office) -> None:
    """An old button of a unit that is not there."""
    with pytest.raises(Refused) as refused:
        await seats.save(office.desk, town.COMMS, 999, UnitForm(name="X"), now=office.clock())
    assert refused.value.key == "units.gone"


def person(slack_id: str, **more: Any) -> Person:
    return Person(slack_id=slack_id, email=f"{slack_id.lower()}@x.example", name=slack_id, seen=town.MONDAY, **more)


PEOPLE = (
    person("UA"),
    person("UB"),
    person("UGUEST", guest=True),
    person("UGONE", deleted=True),
    person("UBOT", bot=True),
    person("UFAR", foreign=True),
)
KNOWN = {one.slack_id: one for one in PEOPLE} | {one.email: one for one in PEOPLE if one.email}
UNITS = [
    Unit(id=1, name="Topp"),
    Unit(id=2, name="Mitten", parent_id=1),
    Unit(id=3, name="Botten", parent_id=2),
]
WRONG: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"name": " "}, {"name": "form.needed"}),
    ({"name": "N" * 121}, {"name": "form.long"}),
    ({"name": "  mitten"}, {"name": "units.name.taken"}),
    ({"name": "Topp"}, {}),
    ({"board": "N" * 121}, {"board": "form.long"}),
    ({"parent": 9}, {"parent": "units.parent.gone"}),
    ({"parent": 1}, {"parent": "units.parent.loop"}),
    ({"parent": 3}, {"parent": "units.parent.loop"}),
    ({"head": "UA", "deputy": "UB"}, {}),
    ({"head": "UA", "deputy": "UA"}, {"deputy": "units.deputy.same"}),
    ({"head_email": "UA@x.example", "deputy": "UA"}, {"deputy": "units.deputy.same"}),
    ({"head": "UGUEST"}, {"head": "units.person.unfit"}),
    ({"head": "UGONE"}, {"head": "units.person.deleted"}),
    ({"head": "UBOT"}, {"head": "units.person.unfit"}),
    ({"deputy": "UFAR"}, {"deputy": "units.person.unfit"}),
    ({"deputy": "UGONE"}, {"deputy": "units.person.deleted"}),
    ({"head": "UNOBODY"}, {"head": "units.person.outside"}),
    ({"head": "UA", "head_email": "chef@x.example"}, {"head_email": "units.head.both"}),
    ({"head_email": "chef"}, {"head_email": "units.email", "head_name": "units.head.name_needed"}),
    ({"head_email": "chef@x.example"}, {"head_name": "units.head.name_needed"}),
    ({"head_email": "chef@x.example", "head_name": "Chef"}, {}),
    ({"head_email": "UA@x.example"}, {}),
    ({"head_email": "uguest@x.example"}, {"head_email": "units.person.unfit"}),
    ({"head_title": "T" * 61}, {"head_title": "form.long"}),
]


@pytest.mark.parametrize(("given", "expected"), WRONG, ids=[str(given) for given, _ in WRONG])
def test_what_is_wrong_is_said_at_its_field(given: dict[str, Any], expected: dict[str, str]) -> None:
    """The top unit of a chain of three, as somebody might send it."""
    form = UnitForm(**{"name": "Topp", **given})
    found = seats.problems(form, 1, UNITS, KNOWN)
    assert {name: problem.key for name, problem in found.items()} == expected


async def outcomes(*changes: Any) -> list[str]:
    """What became of changes made at the same instant: the fields that were refused, or nothing."""
    answers = await asyncio.gather(*changes, return_exceptions=True)
    assert all(isinstance(one, Saved | Invalid) for one in answers), answers
    return sorted(",".join(one.problems) if isinstance(one, Invalid) else "" for one in answers)


async def test_two_units_of_one_name_at_once_become_one(office: Office) -> None:
    """The second is told at the field, whichever it is."""
    museum = UnitForm(name="Museet")
    changes = [seats.save(office.desk, who, None, museum, now=office.clock()) for who in (town.COMMS, town.COMMS2)]
    assert await outcomes(*changes) == ["", "name"]


async def test_two_units_put_above_each_other_at_once_make_no_loop(office: Office) -> None:
    """One gets through, the other is told."""
    one, two = office.units["Skolan"], office.units["Kultur"]
    changes = [
        seats.save(office.desk, town.COMMS, one, await office.as_is("Skolan", parent=two), now=office.clock()),
        seats.save(office.desk, town.COMMS, two, await office.as_is("Kultur", parent=one), now=office.clock()),
    ]
    assert await outcomes(*changes) == ["", "parent"]


async def test_a_form_with_problems_changes_nothing(office: Office) -> None:
    """Invalid at the field, and the unit as it was."""
    form = await office.as_is("Kultur", parent=office.units["Biblioteket"], head=town.OTHER)
    with pytest.raises(Invalid) as invalid:
        await seats.save(office.desk, town.COMMS, office.units["Kultur"], form, now=office.clock())
    assert list(invalid.value.problems) == ["parent"]
    assert (await office.unit("Kultur")).head == town.PARENT
