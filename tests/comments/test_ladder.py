"""The ladder's instants, for any hour of the year."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import OfficeClock
from bot.comment_settings import Comments
from bot.comments import ladder, pace
from bot.comments.ladder import STEPS, Step
from bot.comments.pace import Count, Pace, Shift

OFFICE, USUAL = OfficeClock(), Comments()
HERE = ZoneInfo("Europe/Stockholm")
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
SPANS = st.timedeltas(timedelta(minutes=1), timedelta(days=5))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HERE)


def counted(since: datetime, hours: float = 24, found: Pace = Pace()) -> Count:
    chosen = USUAL.model_copy(update={"answer_hours": hours})
    return pace.count(OFFICE, chosen, "facebook", since, found)


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        ("2026-11-17 10:00", "2026-11-18 10:00"),  # a Tuesday
        ("2026-11-20 15:00", "2026-11-23 15:00"),  # Friday to Monday
        ("2026-11-21 12:00", "2026-11-24 08:00"),  # Saturday: from Monday's opening
        ("2026-12-23 10:00", "2026-12-28 10:00"),  # Christmas Eve to Sunday are no working days
        ("2026-03-27 10:00", "2026-03-30 10:00"),  # over the night that loses an hour
        ("2026-10-23 10:00", "2026-10-26 10:00"),  # over the night that gains one
    ],
)
def test_due(since: str, expected: str) -> None:
    """Twenty-four hours, counted on working days."""
    assert at(expected) == counted(at(since)).due


def test_in_a_crisis_the_clock_never_stops() -> None:
    """Two hours are two hours, at night and on a Sunday."""
    assert at("2026-11-22 04:00") == counted(at("2026-11-22 02:00"), 24, Pace(at("2026-11-20 10:00"))).due


@given(INSTANTS, SPANS)
def test_time_on_working_days_adds_up(since: datetime, span: timedelta) -> None:
    """What was added has passed, and it ends on a working day or at its end."""
    until = OFFICE.add_on_working_days(since, span)
    assert span == OFFICE.elapsed_on_working_days(since, until)
    assert since < until
    assert OFFICE.is_working_day(OFFICE.local_date(until - timedelta(microseconds=1)))


@given(INSTANTS, st.floats(0.5, 240))
def test_the_rungs_climb(since: datetime, hours: float) -> None:
    """Every step once, each later than the one before; the third is when the answer was due."""
    count = counted(since, hours)
    until, rungs = count.due, list(ladder.rungs(OFFICE, count, USUAL))
    assert list(STEPS) == [one.step for one in rungs]
    assert sorted(one.at for one in rungs) == [one.at for one in rungs]
    assert until == rungs[2].at
    assert since < rungs[0].at < rungs[1].at < until < rungs[3].at < rungs[4].at


def test_one_rung_at_a_time() -> None:
    """After each step comes the next one, and nothing after the last."""
    count = counted(at("2026-11-17 10:00"))
    climbed, told = [], None
    while rung := ladder.next_rung(OFFICE, count, USUAL, told):
        told = rung.step
        climbed.append((told, rung.at.astimezone(HERE).strftime("%d %H:%M")))
    expected = [("half", "17 22:00"), ("soon", "18 05:12"), ("overdue", "18 10:00")]
    assert [*expected, ("head", "18 14:00"), ("department", "19 09:30")] == climbed
    assert Step.DEPARTMENT == told


@given(INSTANTS, st.lists(st.dates(date(2026, 1, 1), date(2028, 1, 31)), max_size=60), st.floats(0.5, 240))
def test_a_watch_never_makes_an_answer_later(since: datetime, days: list[date], hours: float) -> None:
    """Time on watched days counts as well: due no later, never before so much time has passed, rungs in order."""
    off = [day for day in days if not OFFICE.is_working_day(day)]
    shifts = {day: Shift("U1", pace.wall(OFFICE, day, 480), pace.wall(OFFICE, day, 1200)) for day in off}
    count = counted(since, hours, Pace(None, shifts))
    assert since + timedelta(hours=hours) <= count.due <= counted(since, hours).due
    rungs = [one.at for one in ladder.rungs(OFFICE, count, USUAL)]
    assert sorted(rungs) == rungs
    for at in (count.share(OFFICE, 50), count.due - timedelta(microseconds=1)):
        day = OFFICE.local_date(at)
        assert day in shifts or OFFICE.is_working_day(day)


@given(INSTANTS, st.integers(1, 99))
def test_shares_with_and_without_watches_agree(since: datetime, percent: int) -> None:
    """Where the watched days lie elsewhere they change nothing."""
    far = date(2030, 1, 5)
    shift = Shift("U1", pace.wall(OFFICE, far, 480), pace.wall(OFFICE, far, 1200))
    with_, without = counted(since, 24, Pace(None, {far: shift})), counted(since, 24)
    assert (without.due, without.share(OFFICE, percent)) == (with_.due, with_.share(OFFICE, percent))
