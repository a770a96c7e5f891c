"""Once per day and recipient: over fortnights in which the clock turns, restarts, replicas, a Slack away."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channels.errors import NotSent
from bot.comments import acting
from bot.digest import owing
from bot.schedule import Schedule, Slot
from storage import posts, rota
from storage.engine import Database
from tests import town
from tests.digest.conftest import LIBRARY, LIBRARY_SLACK, SCHOOL, YOUTH, Morning

DEPARTMENT = town.CHANNEL


@pytest.fixture
async def other(database_url: str) -> AsyncIterator[Database]:
    """A second engine on the same database, as a second process has."""
    database = Database(database_url)
    yield database
    await database.close()


async def test_with_nothing_to_do_only_the_department_gets_one(morning: Morning) -> None:
    """No noise for units and people."""
    await morning.tick()
    assert [DEPARTMENT] == await morning.recipients()


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        (LIBRARY, [DEPARTMENT, LIBRARY_SLACK, town.REQUESTER]),
        (SCHOOL, [DEPARTMENT, town.OTHER]),  # the school has no channel of its own
        (YOUTH, [DEPARTMENT, town.MANAGER]),
        ("page", [DEPARTMENT]),  # nobody but the department answers there
    ],
)
async def test_who_has_something_to_do_gets_one(morning: Morning, channel: str, expected: list[str]) -> None:
    """The unit's channel, and whoever answers first."""
    await morning.write(channel, hours=1)
    await morning.tick()
    assert expected == await morning.recipients()


async def test_whoever_took_it_gets_one_instead_of_the_owner(morning: Morning) -> None:
    """It is in their hands."""
    row = await morning.write(hours=1)
    await acting.take(morning.desk, town.COMMS, row.id or 0, now=morning.clock())
    await morning.tick()
    assert [DEPARTMENT, LIBRARY_SLACK, town.COMMS] == await morning.recipients()


async def test_a_gap_goes_to_the_unit(morning: Morning) -> None:
    """Even when nothing waits there."""
    for person in (town.REQUESTER, town.EDITOR):
        await town.away(morning.desk.db, person, date(2026, 11, 23), date(2026, 11, 27))
    await morning.tick()
    assert [DEPARTMENT, LIBRARY_SLACK] == await morning.recipients()


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"deleted": True}, [DEPARTMENT, LIBRARY_SLACK, town.EDITOR]),
        ({"guest": True}, [DEPARTMENT, LIBRARY_SLACK, town.EDITOR]),
    ],
)
async def test_who_has_left_gets_none(morning: Morning, changed: dict[str, bool], expected: list[str]) -> None:
    """The next in line does."""
    await morning.write(hours=1)
    await town.change(morning.desk.db, town.REQUESTER, **changed)
    await morning.tick()
    assert expected == await morning.recipients()


async def test_who_is_away_gets_none(morning: Morning) -> None:
    """Not even for the duty in a crisis."""
    await morning.add(rota.Watch(week=date(2026, 11, 23), person=town.COMMS))
    await town.away(morning.desk.db, town.COMMS, date(2026, 11, 23), date(2026, 11, 23))
    await morning.tick()
    assert [DEPARTMENT] == await morning.recipients()


async def test_who_takes_over_the_duty_gets_one(morning: Morning) -> None:
    """On the first day of the week."""
    await morning.add(rota.Watch(week=date(2026, 11, 23), person=town.COMMS))
    await morning.tick()
    assert [DEPARTMENT, town.COMMS] == await morning.recipients()


@pytest.mark.heavy
@pytest.mark.parametrize("sunday", [date(2027, 3, 28), date(2026, 10, 25)])
async def test_a_fortnight_in_which_the_clock_turns(morning: Morning, other: Database, sunday: date) -> None:
    """Two replicas that tick every twenty minutes, each tick after a restart: one each on every working day."""
    begin = datetime.combine(sunday - timedelta(days=7), time(0), UTC)
    morning.clock.now = begin
    await morning.write(hours=1)
    while morning.clock() < begin + timedelta(days=15):
        await asyncio.gather(morning.tick(), morning.tick(other))
        morning.later(minutes=20)
    office, owed = morning.desk.office, await morning.owed()
    days = [sunday + timedelta(days=n) for n in range(-7, 8)]
    working = [day for day in days if office.is_working_day(day)]
    counted = Counter((one.dest, office.local_date(one.created)) for one in owed)
    expected = {(dest, day): 1 for dest in (DEPARTMENT, LIBRARY_SLACK, town.REQUESTER) for day in working}
    assert expected == dict(counted)
    assert all(time(7, 45) <= office.local(one.created).time() < time(8, 5) for one in owed)


@pytest.mark.parametrize("day", [date(2026, 11, 28), date(2027, 1, 6), date(2026, 12, 24), date(2027, 3, 26)])
async def test_a_day_off_has_none(morning: Morning, day: date) -> None:
    """A Saturday, Epiphany, Christmas Eve, Good Friday."""
    morning.clock.now = datetime.combine(day, time(7), UTC)
    await morning.tick()
    assert [] == await morning.recipients()


@pytest.mark.parametrize(("at", "many"), [(time(6, 44), 0), (time(6, 45), 1), (time(10, 59), 1), (time(11, 1), 0)])
async def test_it_is_caught_up_with_until_noon(morning: Morning, at: time, many: int) -> None:
    """From a quarter to eight by the clock in Stockholm; in the afternoon it is no news."""
    morning.clock.now = datetime.combine(date(2026, 11, 23), at, UTC)
    await morning.tick()
    assert many == len(await morning.recipients())


async def test_a_stop_in_the_middle_of_the_work(morning: Morning) -> None:
    """Nothing of a half is kept; the next start does the whole, once."""

    async def cut_off(session: AsyncSession, now: datetime) -> None:
        await owing.owe(morning.desk, session, now)
        raise RuntimeError("stopped")

    await morning.write(hours=1)
    chosen = owing.slot(morning.desk)
    await Schedule(morning.desk, [], [Slot(chosen.job, chosen.opens, chosen.until, cut_off)]).tick()
    assert [] == await morning.recipients()
    for _ in range(2):
        await morning.tick()
    assert [DEPARTMENT, LIBRARY_SLACK, town.REQUESTER] == await morning.recipients()


async def test_what_is_dealt_with_before_it_goes_out_is_not_told(morning: Morning) -> None:
    """The unit's and the personal one are asked again whether there is anything in them."""
    row = await morning.write(hours=1)
    await morning.tick()
    await acting.close(morning.desk, town.COMMS, row.id or 0, now=morning.clock())
    await morning.deliver()
    assert [DEPARTMENT] == [one.place for one in morning.vendor.stored]
    assert ["done", "dropped", "dropped"] == [one.state for one in await morning.owed()]


async def test_a_slack_that_is_away_in_the_morning(morning: Morning) -> None:
    """It goes out later the same day, each once, with what is true then."""
    await morning.write(hours=1)
    await morning.tick()
    morning.vendor.by_place = _away()
    await morning.deliver()
    assert [] == morning.vendor.stored
    morning.later(hours=7)
    morning.vendor.by_place = {}
    for _ in range(3):
        await morning.tick()
        await morning.deliver()
        morning.later(minutes=10)
    stored = sorted(one.place for one in morning.vendor.stored)
    assert sorted([DEPARTMENT, LIBRARY_SLACK, f"D-{town.REQUESTER}"]) == stored


async def test_a_slack_that_is_away_all_day(morning: Morning) -> None:
    """The next day brings that day's, and no other."""
    await morning.tick()
    morning.vendor.by_place = _away()
    await morning.deliver()
    morning.later(days=1)
    morning.vendor.by_place = {}
    await morning.tick()
    await morning.deliver()
    assert [posts.DROPPED, posts.DONE] == [one.state for one in await morning.owed()]
    [sent] = morning.vendor.stored
    assert sent.text.startswith("Dagens läge, tisdag 24 november")


def _away() -> dict[str, NotSent]:
    return {place: NotSent("connection refused") for place in (DEPARTMENT, LIBRARY_SLACK, f"D-{town.REQUESTER}")}


async def test_two_units_in_one_channel_have_one_digest(morning: Morning) -> None:
    """A channel is a recipient."""
    await morning.change(await morning.unit("Skolan"), channel=LIBRARY_SLACK)
    await morning.write(hours=1)
    await morning.tick()
    [found] = [one for one in await morning.owed() if one.dest == LIBRARY_SLACK]
    assert sorted(morning.units[one] for one in ("Biblioteket", "Skolan")) == sorted(found.args["units"])


async def test_a_unit_that_talks_in_the_departments_channel_is_in_its_digest(morning: Morning) -> None:
    """One message there, not two."""
    await morning.change(await morning.unit("Biblioteket"), channel=DEPARTMENT)
    await morning.write(hours=1)
    await morning.tick()
    assert [DEPARTMENT, town.REQUESTER] == await morning.recipients()
