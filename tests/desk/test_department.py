"""The department and its duties, as it changes them itself."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot import department, people
from bot.department import DepartmentForm, Mailbox
from bot.errors import Invalid
from bot.seed import CASE
from storage import duties, facts
from storage import people as stored
from tests import town
from tests.desk.conftest import Office

FORM = DepartmentForm(
    members=(town.COMMS, town.COMMS2),
    manager=town.MANAGER,
    registrar=Mailbox("Registrator", "Registrator@exempel.example"),
    contact_centre=Mailbox("Kontaktcenter", "kontakt@exempel.example"),
    crisis_deciders=(town.MANAGER, town.COMMS),
    channel="C0NY",
)


async def test_the_department_changes_itself(office: Office) -> None:
    """Members, duties and channel, with one line in the log that names what changed."""
    await department.save(office.desk, town.COMMS, FORM, now=office.clock())
    async with office.desk.db.read() as session:
        now = await department.read(session, office.desk)
        channel = await facts.get(session, facts.DEPARTMENT_CHANNEL)
    saved = replace(FORM, registrar=Mailbox("Registrator", "registrator@exempel.example"))
    assert (now.form, now.unresolved, channel) == (saved, (), "C0NY")
    (entry,) = await office.logged(CASE)
    assert (entry.action, entry.role) == ("department.changed", "comms")
    assert entry.detail["changed"]["members"] == [town.COMMS, town.COMMS2]


async def test_sending_it_unchanged_logs_nothing(office: Office) -> None:
    """The second of two equal submits."""
    saved = replace(FORM, registrar=Mailbox("Registrator", "registrator@exempel.example"))
    for _ in range(2):
        await department.save(office.desk, town.COMMS, saved, now=office.clock())
    assert len(await office.logged(CASE)) == 1


async def test_two_changes_at_once_are_made_one_after_the_other(office: Office) -> None:
    """Neither fails, and what stands is whole: one of the two."""
    other = replace(FORM, members=(town.COMMS, town.MANAGER), crisis_deciders=(town.MANAGER,))
    await asyncio.gather(
        department.save(office.desk, town.COMMS, FORM, now=office.clock()),
        department.save(office.desk, town.COMMS, other, now=office.clock()),
    )
    async with office.desk.db.read() as session:
        form = (await department.read(session, office.desk)).form
    assert (form.members, form.crisis_deciders) in [(one.members, one.crisis_deciders) for one in (FORM, other)]
    assert len(await office.logged(CASE)) == 2


async def test_a_group_counts_by_its_members(office: Office) -> None:
    """A department of a user group alone, as last read."""
    async with office.desk.db.write() as session:
        await stored.save_group(session, "S0KOMM", [town.COMMS, town.GUEST], office.clock())
    form = replace(FORM, members=(), group="S0KOMM")
    await department.save(office.desk, town.COMMS, form, now=office.clock())
    async with office.desk.db.read() as session:
        staff = await people.department(session, office.clock())
    assert [member.slack_id for member in staff.members] == [town.COMMS]


async def test_whoever_is_not_in_slack_is_shown_and_left_out_when_it_is_saved(office: Office) -> None:
    """An address of the seed that nobody has, and a member who was deactivated."""
    async with office.desk.db.write() as session:
        session.add(duties.Duty(role=duties.DEPARTMENT, who="okand@exempel.example"))
    await town.change(office.desk.db, town.COMMS2, deleted=True)
    now = await department.open_for(office.desk, town.COMMS, now=office.clock())
    assert now.unresolved == (town.COMMS2, "okand@exempel.example")
    assert now.form.members == (town.COMMS, town.MANAGER)
    await department.save(office.desk, town.COMMS, now.form, now=office.clock())
    async with office.desk.db.read() as session:
        listed = [one.who for one in await duties.of(session, duties.DEPARTMENT)]
    assert listed == [town.COMMS, town.MANAGER]


WRONG: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"members": ()}, {"members": "units.department.empty"}),
    ({"members": (town.COMMS, town.GUEST)}, {"members": "units.person.unfit"}),
    ({"members": (town.GONE,)}, {"members": "units.person.deleted"}),
    ({"members": (), "group": "S0UNREAD"}, {"group": "units.group.unread"}),
    ({"members": (), "group": "S0EMPTY"}, {"members": "units.department.empty"}),
    ({"manager": town.STRANGER}, {"manager": "units.person.unfit"}),
    ({"crisis_deciders": (town.GUEST,)}, {"crisis_deciders": "units.person.unfit"}),
    ({"channel": None}, {"channel": "form.needed"}),
    ({"registrar": Mailbox("Registrator", "")}, {"registrar_email": "units.email"}),
    ({"registrar": Mailbox("", "r@exempel.example")}, {"registrar_name": "form.needed"}),
    ({"contact_centre": Mailbox("Kontakt", "ring oss")}, {"contact_centre_email": "units.email"}),
    ({"contact_centre": Mailbox()}, {}),
]


@pytest.mark.parametrize(("given", "expected"), WRONG, ids=[str(given) for given, _ in WRONG])
async def test_what_is_wrong_is_said_at_its_field(
    office: Office, given: dict[str, Any], expected: dict[str, str]
) -> None:
    """And nothing is kept; a department of nobody could never be changed again."""
    async with office.desk.db.write() as session:
        await stored.save_group(session, "S0EMPTY", [town.GUEST], office.clock())
    found: dict[str, str] = {}
    try:
        await department.save(office.desk, town.COMMS, replace(FORM, **given), now=office.clock())
    except Invalid as invalid:
        found = {name: problem.key for name, problem in invalid.problems.items()}
    assert found == expected
    assert bool(await office.logged(CASE)) == (not expected)
