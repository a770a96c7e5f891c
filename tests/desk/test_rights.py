"""Every role against every act under /komm."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import pytest

from bot import absence, department, start, status
from bot import units as seats
from bot.delivery import outbox
from bot.errors import Refused
from storage import duties, people, posts
from tests import town
from tests.desk.api import Slack
from tests.desk.conftest import Office
from tests.desk.test_department import FORM

MON, FRI = date(2026, 11, 23), date(2026, 11, 27)
Act = Callable[[Office, str], Awaitable[Any]]
EVERYBODY = {
    *(town.REQUESTER, town.HEAD, town.DEPUTY, town.PARENT, town.OTHER_HEAD, town.COMMS, town.MANAGER),
    *(town.GUEST, town.GONE, town.STRANGER, "U0UNKNOWN"),
}
DEPARTMENT = {town.COMMS, town.MANAGER}


async def list_units(office: Office, who: str) -> None:
    await seats.listing(office.desk, who, now=office.clock())


async def open_unit(office: Office, who: str) -> None:
    await seats.opened(office.desk, who, office.units["Kultur"], now=office.clock())


async def save_unit(office: Office, who: str) -> None:
    form = await office.as_is("Kultur", head=town.OTHER)
    await seats.save(office.desk, who, office.units["Kultur"], form, now=office.clock())


async def new_unit(office: Office, who: str) -> None:
    await seats.save(office.desk, who, None, seats.UnitForm(name=f"Ny {who}"), now=office.clock())


async def open_department(office: Office, who: str) -> None:
    await department.open_for(office.desk, who, now=office.clock())


async def save_department(office: Office, who: str) -> None:
    await department.save(office.desk, who, FORM, now=office.clock())


async def own_absence(office: Office, who: str) -> None:
    if who in (town.GONE, "U0UNKNOWN"):  # nobody there to be away
        raise Refused("err.foreign")
    await absence.add(office.desk, who, who, MON, FRI, now=office.clock())


def absence_of(person: str) -> Act:
    async def act(office: Office, who: str) -> None:
        await absence.add(office.desk, who, person, MON, FRI, now=office.clock())

    return act


async def remove_absence(office: Office, who: str) -> None:
    set_ = await absence.add(office.desk, town.DEPUTY, town.DEPUTY, MON, FRI, now=office.clock())
    assert set_.absence.id is not None
    await absence.remove(office.desk, who, set_.absence.id, now=office.clock())


async def answer_for_a_post(office: Office, who: str) -> None:
    async with office.desk.db.write() as session:
        post = await outbox.send(session, kind="k", dest="C1", topic=who, args={}, now=office.clock())
        assert post.id is not None
        for before, after in (("waiting", "sending"), ("sending", "unknown"), ("unknown", "asking")):
            await posts.move(session, post.id, before, after)
    await status.answer(office.desk, who, post.id, there=True, now=office.clock())


async def read_status(office: Office, who: str) -> None:
    if not await status.inside(office.desk, who, office.clock()):
        raise Refused("err.right")


async def first_hour(office: Office, who: str) -> None:
    await start.steps(office.desk, who, Slack(), now=office.clock())  # type: ignore[arg-type]


ACTS: list[tuple[Act, set[str]]] = [
    (list_units, DEPARTMENT),
    (open_unit, DEPARTMENT),
    (save_unit, DEPARTMENT),
    (new_unit, DEPARTMENT),
    (open_department, DEPARTMENT),
    (save_department, DEPARTMENT),
    (answer_for_a_post, DEPARTMENT),
    (read_status, DEPARTMENT),
    (first_hour, DEPARTMENT),
    (own_absence, EVERYBODY - {town.GONE, "U0UNKNOWN"}),
    (absence_of(town.HEAD), {*DEPARTMENT, town.HEAD, town.PARENT}),
    (absence_of(town.DEPUTY), {*DEPARTMENT, town.HEAD, town.DEPUTY, town.PARENT}),
    (absence_of(town.REQUESTER), {*DEPARTMENT, town.HEAD, town.REQUESTER}),
    (absence_of(town.EDITOR), {*DEPARTMENT, town.HEAD}),
    (absence_of(town.OTHER), DEPARTMENT),
    (remove_absence, {*DEPARTMENT, town.HEAD, town.DEPUTY, town.PARENT}),
]
NAMES = [f"{number}-{act.__name__}" for number, (act, _) in enumerate(ACTS)]


@pytest.mark.heavy
@pytest.mark.parametrize(("act", "allowed"), ACTS, ids=NAMES)
async def test_only_those_who_may_get_through(office: Office, act: Act, allowed: set[str]) -> None:
    """The others are refused with a sentence; the account of the library is owned by its requester."""
    await office.account()
    through = set()
    for who in sorted(EVERYBODY - DEPARTMENT) + sorted(DEPARTMENT):
        try:
            await act(office, who)
        except Refused:
            continue
        through.add(who)
    assert through == allowed


GUARDED = [act for act, allowed in ACTS if allowed == DEPARTMENT and act is not read_status]


@pytest.mark.parametrize("act", GUARDED, ids=[act.__name__ for act in GUARDED])
async def test_a_group_that_was_read_long_ago_gives_no_right(office: Office, act: Act) -> None:
    """More than 15 minutes old: refused, with a sentence that says so."""
    async with office.desk.db.write() as session:
        await duties.replace(session, duties.DEPARTMENT, ["S0KOMM"])
        old = office.clock() - timedelta(minutes=16)
        await people.save_group(session, "S0KOMM", [town.COMMS, town.COMMS2], old)
    with pytest.raises(Refused) as refused:
        await act(office, town.COMMS)
    assert refused.value.key == "err.group_stale"


async def test_before_the_department_has_anybody_every_full_member_sees_the_first_hour(office: Office) -> None:
    """Otherwise nobody could find out what is missing; guests still do not."""
    async with office.desk.db.write() as session:
        await duties.replace(session, duties.DEPARTMENT, ["okand@exempel.example"])
    await first_hour(office, town.REQUESTER)
    with pytest.raises(Refused) as refused:
        await first_hour(office, town.GUEST)
    assert refused.value.key == "err.guest"
