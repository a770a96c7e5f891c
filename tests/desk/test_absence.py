"""Absences: who may set them, who stands in, and that nobody asks why."""

from datetime import date

import pytest

from bot import absence
from bot.absence import StandIn
from bot.errors import Invalid
from storage import absences
from storage.absences import Absence
from tests import town
from tests.desk.conftest import Office

MON, FRI = date(2026, 11, 23), date(2026, 11, 27)


async def test_one_sets_one_s_own_and_hears_who_stands_in(office: Office) -> None:
    """The unit's deputy for its head; logged with dates and right, without a reason."""
    away = await absence.add(office.desk, town.HEAD, town.HEAD, MON, FRI, now=office.clock())
    assert away.name == "Enhetschef biblioteket"
    assert away.stand_ins == (StandIn("Biblioteket", account=False, who="Ställföreträdare biblioteket"),)
    (entry,) = await office.logged(f"absence:{away.absence.id}")
    assert (entry.action, entry.actor, entry.role) == ("absence.set", town.HEAD, "self")
    assert entry.detail == {"person": town.HEAD, "first": "2026-11-23", "last": "2026-11-27"}


def test_there_is_nowhere_to_put_a_reason() -> None:
    """Not in the table, so not in the log, the list or the answer."""
    columns = set(Absence.model_fields)
    assert columns == {"id", "slack_id", "first", "last", "entered_by", "entered"}


async def test_who_stands_in_is_there_all_the_time(office: Office) -> None:
    """A deputy who is away on one of the days does not count; then the unit above decides."""
    await town.away(office.desk.db, town.DEPUTY, FRI, FRI)
    away = await absence.add(office.desk, town.HEAD, town.HEAD, MON, FRI, now=office.clock())
    assert [one.who for one in away.stand_ins] == ["Verksamhetschef kultur"]


async def test_nobody_stands_in_is_said_too(office: Office) -> None:
    """A unit with nobody above, and an account without a substitute."""
    await office.account("Skolan", owner=town.OTHER_HEAD, substitute="", name="Skolan")
    away = await absence.add(office.desk, town.OTHER_HEAD, town.OTHER_HEAD, MON, FRI, now=office.clock())
    assert away.stand_ins == (StandIn("Skolan", account=False), StandIn("Skolan", account=True))


async def test_an_account_s_substitute_stands_in_for_its_owner(office: Office) -> None:
    """Unless the substitute has been deactivated."""
    await office.account()
    first = await absence.add(office.desk, town.REQUESTER, town.REQUESTER, MON, MON, now=office.clock())
    await town.change(office.desk.db, town.EDITOR, deleted=True)
    second = await absence.add(office.desk, town.REQUESTER, town.REQUESTER, FRI, FRI, now=office.clock())
    assert first.stand_ins == (StandIn("Biblioteket", account=True, who="Bibliotekspedagog"),)
    assert second.stand_ins == (StandIn("Biblioteket", account=True),)


async def test_the_same_absence_twice_is_one(office: Office) -> None:
    """A double click on send."""
    first = await absence.add(office.desk, town.HEAD, town.HEAD, MON, FRI, now=office.clock())
    again = await absence.add(office.desk, town.HEAD, town.HEAD, MON, FRI, now=office.clock())
    assert first.absence.id == again.absence.id
    assert len(await office.logged(f"absence:{first.absence.id}")) == 1


async def test_an_absence_is_taken_away_and_logged_once(office: Office) -> None:
    """The second click on the button finds it gone, which is what was wanted."""
    away = await absence.add(office.desk, town.HEAD, town.HEAD, MON, FRI, now=office.clock())
    assert away.absence.id is not None
    for _ in range(2):
        await absence.remove(office.desk, town.HEAD, away.absence.id, now=office.clock())
    async with office.desk.db.read() as session:
        assert await absences.coming(session, town.HEAD, MON) == []
    actions = [one.action for one in await office.logged(f"absence:{away.absence.id}")]
    assert actions == ["absence.set", "absence.removed"]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (None, FRI, {"first": "form.needed"}),
        (MON, None, {"last": "form.needed"}),
        (FRI, MON, {"last": "away.backwards"}),
        (date(2026, 11, 2), date(2026, 11, 20), {"last": "away.over"}),
        (MON, date(2062, 11, 27), {"last": "away.long"}),
        (date(2026, 11, 2), MON, {}),
    ],
)
def test_dates_are_checked_at_their_field(first: date | None, last: date | None, expected: dict[str, str]) -> None:
    """One that has begun may be entered; one that is over, or backwards, may not."""
    found = absence.dates_problems(first, last, MON)
    assert {name: problem.key for name, problem in found.items()} == expected


async def test_somebody_whom_slack_does_not_have_cannot_be_away(office: Office) -> None:
    """At the field, also for the department."""
    for person in ("U0UNKNOWN", town.GONE):
        with pytest.raises(Invalid) as invalid:
            await absence.add(office.desk, town.COMMS, person, MON, FRI, now=office.clock())
        assert invalid.value.problems["person"].key == "away.unknown"


async def test_the_list_holds_one_s_own_and_those_one_answers_for(office: Office) -> None:
    """The department sees everybody's; what is over is not shown."""
    for person in (town.HEAD, town.DEPUTY, town.OTHER_HEAD):
        await town.away(office.desk.db, person, MON, FRI)
    await town.away(office.desk.db, town.HEAD, date(2026, 11, 2), date(2026, 11, 6))

    async def seen_by(person: str) -> tuple[list[str], bool]:
        found = await absence.listed(office.desk, person, now=office.clock())
        return [one.slack_id for one, _ in found.absences], found.for_others

    assert await seen_by(town.COMMS) == ([town.HEAD, town.DEPUTY, town.OTHER_HEAD], True)
    assert await seen_by(town.PARENT) == ([town.HEAD, town.DEPUTY], True)
    assert await seen_by(town.HEAD) == ([town.HEAD, town.DEPUTY], True)
    assert await seen_by(town.DEPUTY) == ([town.DEPUTY], False)
    assert await seen_by(town.REQUESTER) == ([], False)


async def test_a_guest_who_heads_a_unit_sets_nobody_else_s(office: Office) -> None:
    """Not shown, as it would not be allowed."""
    await town.change(office.desk.db, town.HEAD, guest=True)
    await town.away(office.desk.db, town.DEPUTY, MON, FRI)
    assert await absence.listed(office.desk, town.HEAD, now=office.clock()) == absence.Listed((), for_others=False)
