"""The office clock: properties for any hours, and the Swedish calendar as printed."""

import time as stopwatch
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.clock import ZONE, Eves, NoOpenTime, OfficeClock, OfficeHours, SummerHours

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SPLIT = ["08:00-12:00", "13:00-16:30"]
SPLIT_WEEK = OfficeHours.model_validate(dict.fromkeys(WEEKDAYS[:5], SPLIT))
NIGHTS = OfficeHours.model_validate({day: ["01:00-04:00", "08:00-12:00"] for day in WEEKDAYS})
CLOSED = OfficeHours.model_validate({day: [] for day in WEEKDAYS})
HOUR = timedelta(hours=1)
# The properties are about truth; how fast it comes has its own test.
timeless = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def at(text: str, fold: int = 0) -> datetime:
    """An instant by Stockholm's wall clock."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE, fold=fold).astimezone(UTC)


def wall(t: datetime) -> str:
    """An instant as Stockholm's wall clock shows it."""
    return t.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")


def hhmm(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def spans(cuts: set[int]) -> list[str]:
    """Opening hours between every second pair of cuts."""
    ordered = sorted(cuts)
    return [f"{hhmm(a)}-{hhmm(b)}" for a, b in zip(ordered[::2], ordered[1::2], strict=False)]


days = st.sets(st.integers(0, 24 * 60), max_size=6).map(spans)
closing = st.sampled_from(["open", "closed", "02:30", "12:00"])
eves = st.fixed_dictionaries({}, optional=dict.fromkeys(Eves.model_fields, closing))
weeks = st.fixed_dictionaries(dict.fromkeys(WEEKDAYS, days) | {"eves": eves})
hours = weeks.filter(lambda week: any(week[day] for day in WEEKDAYS)).map(OfficeHours.model_validate)
clocks = hours.map(OfficeClock)
# Around both DST days and everywhere else.
near_dst = st.one_of(
    st.datetimes(datetime(2026, 3, 27), datetime(2026, 3, 31), timezones=st.just(UTC)),
    st.datetimes(datetime(2026, 10, 23), datetime(2026, 10, 27), timezones=st.just(UTC)),
)
instants = near_dst | st.datetimes(datetime(2025, 12, 1), datetime(2028, 2, 1), timezones=st.just(UTC))
amounts = st.timedeltas(timedelta(0), timedelta(hours=200))


@timeless
@given(clocks, instants, amounts)
def test_adding_office_time_lets_exactly_that_much_pass(clock: OfficeClock, t: datetime, amount: timedelta) -> None:
    """elapsed(t, add(t, d)) == d, to the microsecond, for any hours and any instant."""
    assert clock.elapsed(t, clock.add(t, amount)) == amount


@timeless
@given(clocks, instants, amounts.filter(bool))
def test_a_sum_ends_inside_office_hours(clock: OfficeClock, t: datetime, amount: timedelta) -> None:
    """The result is within an opening, its closing instant included."""
    end = clock.add(t, amount)
    assert clock.open_at(end - timedelta(microseconds=1))


@timeless
@given(clocks, instants, amounts, amounts)
def test_adding_twice_is_adding_the_sum(clock: OfficeClock, t: datetime, one: timedelta, other: timedelta) -> None:
    """add(add(t, a), b) == add(t, a + b)."""
    assert clock.add(clock.add(t, one), other) == clock.add(t, one + other)


@timeless
@given(clocks, instants, instants, amounts)
def test_a_later_start_never_ends_earlier(clock: OfficeClock, a: datetime, b: datetime, amount: timedelta) -> None:
    """Adding is monotonic in the start."""
    first, second = sorted((a, b))
    assert not amount or clock.add(first, amount) <= clock.add(second, amount)


@timeless
@given(clocks, instants, instants, instants)
def test_elapsed_time_adds_up(clock: OfficeClock, a: datetime, b: datetime, c: datetime) -> None:
    """elapsed(a, c) == elapsed(a, b) + elapsed(b, c), in whatever order they lie."""
    assert clock.elapsed(a, c) == clock.elapsed(a, b) + clock.elapsed(b, c)


@timeless
@given(clocks, instants, instants)
def test_elapsed_time_is_never_more_than_real_time(clock: OfficeClock, a: datetime, b: datetime) -> None:
    """Office time lies between nothing and what the stopwatch shows."""
    first, second = sorted((a, b))
    assert timedelta(0) <= clock.elapsed(first, second) <= second - first


@timeless
@given(clocks, instants)
def test_the_next_opening_is_open_and_nothing_passes_before_it(clock: OfficeClock, t: datetime) -> None:
    """Open there, no office time from t to there; t itself when open."""
    opening = clock.next_opening(t)
    assert opening >= t
    assert clock.open_at(opening)
    assert clock.elapsed(t, opening) == timedelta(0)
    assert (opening == t) == clock.open_at(t)


@timeless
@given(clocks, instants, st.integers(0, 40))
def test_working_days_count_back_to_what_was_added(clock: OfficeClock, t: datetime, n: int) -> None:
    """The result is a working day within its hours, n working days away."""
    later = clock.add_working_days(t, n)
    assert clock.is_working_day(clock.local_date(later))
    assert clock.open_at(later) or clock.open_at(later - timedelta(microseconds=1))
    assert clock.working_days_between(t, later) == n
    assert clock.add_working_days(t, n + 1) > later


@timeless
@given(clocks, instants, amounts)
def test_every_result_is_in_utc(clock: OfficeClock, t: datetime, amount: timedelta) -> None:
    """Instants come back aware and in UTC, whatever zone they came in."""
    local = t.astimezone(ZONE)
    results = (clock.add(local, amount), clock.next_opening(local), clock.add_working_days(local, 2))
    assert all(result.tzinfo is UTC for result in results)
    assert results == (clock.add(t, amount), clock.next_opening(t), clock.add_working_days(t, 2))


CALENDAR = {
    "2026-01-01": False,  # nyårsdagen
    "2026-01-05": True,  # trettondagsafton, open unless the municipality says otherwise
    "2026-01-06": False,  # trettondedag jul
    "2026-04-02": True,  # skärtorsdag
    "2026-04-03": False,  # långfredagen
    "2026-04-04": False,  # a Saturday
    "2026-04-06": False,  # annandag påsk
    "2026-04-07": True,
    "2026-04-30": True,  # valborg
    "2026-05-01": False,
    "2026-05-13": True,
    "2026-05-14": False,  # Kristi himmelsfärdsdag
    "2026-05-15": True,  # klämdag
    "2026-06-05": True,
    "2026-06-18": True,
    "2026-06-19": False,  # midsommarafton
    "2026-10-30": True,  # alla helgons afton
    "2026-11-20": True,
    "2026-11-21": False,  # a Saturday
    "2026-11-22": False,  # a Sunday
    "2026-12-23": True,
    "2026-12-24": False,  # julafton
    "2026-12-25": False,
    "2026-12-28": True,
    "2026-12-31": False,  # nyårsafton
    "2027-01-06": False,
    "2027-03-26": False,  # långfredagen
    "2027-03-29": False,  # annandag påsk
    "2027-05-06": False,  # Kristi himmelsfärdsdag
    "2027-06-07": True,  # the National Day was the Sunday before
    "2027-06-25": False,  # midsommarafton
    "2027-12-24": False,
    "2027-12-27": True,
    "2027-12-31": False,
}


@pytest.mark.parametrize(("day", "works"), CALENDAR.items())
def test_the_swedish_calendar_is_as_printed(day: str, works: bool) -> None:
    """Public holidays and the three eves are closed, other weekdays open."""
    assert OfficeClock().is_working_day(date.fromisoformat(day)) == works


EVE_DATES = {
    "epiphany_eve": ("2026-01-05", "2027-01-05"),
    "maundy_thursday": ("2026-04-02", "2027-03-25"),
    "holy_saturday": ("2026-04-04", "2027-03-27"),
    "walpurgis_night": ("2026-04-30", "2027-04-30"),
    "ascension_eve": ("2026-05-13", "2027-05-05"),
    "whitsun_eve": ("2026-05-23", "2027-05-15"),
    "national_day_eve": ("2026-06-05", "2027-06-05"),
    "midsummer_eve": ("2026-06-19", "2027-06-25"),
    "all_saints_eve": ("2026-10-30", "2027-11-05"),
    "christmas_eve": ("2026-12-24", "2027-12-24"),
    "new_years_eve": ("2026-12-31", "2027-12-31"),
}
EVERY_DAY = {day: ["08:00-17:00"] for day in WEEKDAYS}
ALL_OPEN = dict.fromkeys(Eves.model_fields, "open")


def clock_with(**eves: str) -> OfficeClock:
    """Open every day but holidays, on every eve unless told otherwise."""
    return OfficeClock(OfficeHours.model_validate(EVERY_DAY | {"eves": ALL_OPEN | eves}))


def differing(one: OfficeClock, other: OfficeClock, hour: int) -> tuple[str, ...]:
    """The dates of 2026 and 2027 on which only one of two clocks is open at an hour."""
    every = (at(f"2026-01-01 {hour:02}:00") + timedelta(days=n) for n in range(730))
    local = (t.astimezone(ZONE).replace(hour=hour) for t in every)
    return tuple(f"{t.date()}" for t in local if one.open_at(t) != other.open_at(t))


@pytest.mark.parametrize(("eve", "dates"), EVE_DATES.items())
def test_each_eve_closes_when_its_key_says(eve: str, dates: tuple[str, ...]) -> None:
    """Closed, or closing at a time: by its own key, on its own dates and on no others."""
    usual, closed, noon = clock_with(), clock_with(**{eve: "closed"}), clock_with(**{eve: "12:00"})
    assert differing(usual, closed, 9) == dates
    assert differing(usual, noon, 12) == dates
    assert differing(usual, noon, 11) == ()


def test_every_eve_has_its_dates_in_the_table() -> None:
    """A new eve needs a line above."""
    assert set(EVE_DATES) == set(Eves.model_fields)


def test_two_eves_on_one_day_close_at_the_earlier_time() -> None:
    """In 2008 Ascension Day fell on the first of May."""
    clock = clock_with(walpurgis_night="14:00", ascension_eve="12:00")
    assert clock.open_at(at("2008-04-30 11:59"))
    assert not clock.open_at(at("2008-04-30 12:00"))


def test_an_eve_that_closes_before_opening_is_no_working_day() -> None:
    """A closing time of 08:00 leaves nothing of the day."""
    clock = OfficeClock(OfficeHours(eves=Eves.model_validate({"walpurgis_night": "08:00"})))
    assert not clock.is_working_day(date(2026, 4, 30))


def test_extra_closed_dates_are_closed() -> None:
    """A bridge day the municipality takes off."""
    clock = OfficeClock(OfficeHours(closed_dates=(date(2026, 5, 15),)))
    assert wall(clock.next_opening(at("2026-05-13 17:00"))) == "2026-05-18 08:00"


def test_it_is_open_from_the_opening_minute_until_just_before_closing() -> None:
    """Spans are half open, and the lunch break is closed."""
    clock = OfficeClock(SPLIT_WEEK)
    table = {"07:59": False, "08:00": True, "11:59": True, "12:00": False, "13:00": True, "16:30": False}
    assert {time: clock.open_at(at(f"2026-11-20 {time}")) for time in table} == table


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-20 09:00", 2, "2026-11-20 11:00"),
        ("2026-11-20 11:00", 2, "2026-11-20 14:00"),  # over lunch
        ("2026-11-20 16:00", 1, "2026-11-23 08:30"),  # over the weekend
        ("2026-11-20 15:30", 1, "2026-11-20 16:30"),  # closing time, not Monday
        ("2026-11-21 10:00", 1, "2026-11-23 09:00"),  # from a Saturday
        ("2026-06-18 16:00", 1, "2026-06-22 08:30"),  # over midsummer
        ("2026-12-23 15:30", 2, "2026-12-28 09:00"),  # over Christmas
        ("2026-12-30 12:30", 4, "2027-01-04 08:30"),  # over New Year
        ("2026-03-27 16:00", 1, "2026-03-30 08:30"),  # over the spring change
        ("2026-10-23 16:00", 1, "2026-10-26 08:30"),  # over the autumn change
    ],
)
def test_office_time_skips_what_is_closed(start: str, hours: int, end: str) -> None:
    """Lunch, evenings, weekends and holidays take no office time."""
    clock = OfficeClock(SPLIT_WEEK)
    assert wall(clock.add(at(start), hours * HOUR)) == end
    assert clock.elapsed(at(start), at(end)) == hours * HOUR


def test_the_spring_night_is_an_hour_shorter() -> None:
    """2026-03-29 jumps from 02:00 to 03:00: hours from 01:00 to 04:00 last two real hours."""
    clock = OfficeClock(NIGHTS)
    opening = at("2026-03-29 01:00")
    assert clock.elapsed(at("2026-03-29 00:00"), at("2026-03-29 06:00")) == 2 * HOUR
    assert wall(clock.add(opening, 1.5 * HOUR)) == "2026-03-29 03:30"
    assert wall(clock.add(opening, 3 * HOUR)) == "2026-03-29 09:00"
    assert not clock.open_at(at("2026-03-29 04:00"))


def test_the_autumn_night_is_an_hour_longer() -> None:
    """2026-10-25 passes 02:00-03:00 twice: hours from 01:00 to 04:00 last four real hours."""
    clock = OfficeClock(NIGHTS)
    opening = at("2026-10-25 01:00")
    assert clock.elapsed(at("2026-10-25 00:00"), at("2026-10-25 06:00")) == 4 * HOUR
    assert clock.open_at(at("2026-10-25 02:30", fold=0))
    assert clock.open_at(at("2026-10-25 02:30", fold=1))
    assert clock.add(opening, 2.5 * HOUR) == at("2026-10-25 02:30", fold=1)
    assert wall(clock.add(opening, 4 * HOUR)) == "2026-10-25 04:00"


def test_no_working_days_later_is_the_same_pass_of_the_repeated_hour() -> None:
    """The second 02:30 stays the second."""
    second = at("2026-10-25 02:30", fold=1)
    assert OfficeClock(NIGHTS).add_working_days(second, 0) == second


@pytest.mark.parametrize(
    ("day", "hours", "length"),
    [
        ("2026-03-29", ["02:15-02:45"], 0),  # a time that does not exist
        ("2026-03-29", ["01:00-02:30", "02:30-04:00"], 2),
        ("2026-03-29", ["00:00-24:00"], 23),
        ("2026-10-25", ["01:00-02:30", "02:30-04:00"], 4),
        ("2026-10-25", ["00:00-24:00"], 25),
    ],
)
def test_hours_that_touch_stay_touching_when_the_clocks_change(day: str, hours: list[str], length: int) -> None:
    """No gap and no overlap where a change falls on an opening or closing time."""
    clock = OfficeClock(OfficeHours.model_validate({"sunday": hours}))
    midnight = at(f"{day} 00:00")
    assert clock.elapsed(midnight, midnight + 26 * HOUR) == length * HOUR


def test_a_day_that_never_closes_runs_into_the_next() -> None:
    """24:00 is the next day's 00:00."""
    clock = OfficeClock(OfficeHours.model_validate({day: ["00:00-24:00"] for day in WEEKDAYS}))
    assert clock.open_at(at("2026-11-21 00:00"))
    assert wall(clock.add(at("2026-11-20 20:00"), 10 * HOUR)) == "2026-11-21 06:00"


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        ("2026-11-20 10:15", 1, "2026-11-23 10:15"),
        ("2026-11-20 10:15", 0, "2026-11-20 10:15"),
        ("2026-11-20 20:00", 0, "2026-11-20 16:30"),  # after closing: closing
        ("2026-11-20 06:00", 2, "2026-11-24 08:00"),  # before opening: opening
        ("2026-11-20 12:00", 1, "2026-11-23 12:00"),  # the break has not begun
        ("2026-11-20 12:30", 1, "2026-11-23 13:00"),  # in the break: the end of the break
        ("2026-11-21 14:00", 1, "2026-11-24 14:00"),  # Saturday counts as Monday
        ("2026-11-21 14:00", 0, "2026-11-23 14:00"),
        ("2026-06-18 09:00", 1, "2026-06-22 09:00"),  # over midsummer
        ("2026-12-22 09:00", 5, "2027-01-04 09:00"),  # over Christmas and New Year
        ("2026-03-27 09:00", 1, "2026-03-30 09:00"),  # the same wall time in summer time
        ("2026-10-23 09:00", 1, "2026-10-26 09:00"),
    ],
)
def test_working_days_keep_the_wall_time(start: str, n: int, end: str) -> None:
    """The same local time n working days later, within that day's hours."""
    assert wall(OfficeClock(SPLIT_WEEK).add_working_days(at(start), n)) == end


@pytest.mark.parametrize(
    ("a", "b", "n"),
    [
        ("2026-11-20 09:00", "2026-11-20 16:00", 0),
        ("2026-11-20 16:00", "2026-11-23 08:00", 1),
        ("2026-11-20 09:00", "2026-11-22 09:00", 0),
        ("2026-11-21 09:00", "2026-11-24 09:00", 1),
        ("2026-11-21 09:00", "2026-11-22 09:00", 0),
        ("2026-12-22 09:00", "2027-01-04 09:00", 5),
        ("2026-11-24 09:00", "2026-11-20 09:00", -2),
    ],
)
def test_working_days_between_are_counted_as_they_are_added(a: str, b: str, n: int) -> None:
    """A closed first day counts as the working day after it."""
    assert OfficeClock().working_days_between(at(a), at(b)) == n


def test_summer_has_its_own_hours_from_first_to_last_day() -> None:
    """Both ends included; a weekday left out is as usual."""
    summer = SummerHours.model_validate({"first": "06-22", "last": "08-14", "friday": ["08:00-12:00"]})
    clock = OfficeClock(OfficeHours(summer=summer))
    noon = {"2026-06-17": True, "2026-06-26": False, "2026-08-14": False, "2026-08-21": True}
    noon |= {"2026-06-22": True}
    assert {day: clock.open_at(at(f"{day} 12:00")) for day in noon} == noon


def test_local_time_is_stockholms() -> None:
    """Late in the evening UTC it is the next day in Stockholm."""
    clock = OfficeClock()
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    assert clock.local(late).isoformat() == "2026-11-21T00:30:00+01:00"
    assert clock.local_date(late) == date(2026, 11, 21)


NAIVE = datetime(2026, 11, 20, 9)
CALLS = {
    "open_at": lambda clock: clock.open_at(NAIVE),
    "next_opening": lambda clock: clock.next_opening(NAIVE),
    "add": lambda clock: clock.add(NAIVE, HOUR),
    "add nothing": lambda clock: clock.add(NAIVE, timedelta(0)),
    "elapsed from": lambda clock: clock.elapsed(NAIVE, at("2026-11-20 10:00")),
    "elapsed to": lambda clock: clock.elapsed(at("2026-11-20 10:00"), NAIVE),
    "add_working_days": lambda clock: clock.add_working_days(NAIVE, 1),
    "working_days_between": lambda clock: clock.working_days_between(NAIVE, NAIVE),
    "local": lambda clock: clock.local(NAIVE),
    "local_date": lambda clock: clock.local_date(NAIVE),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_naive_instants_are_refused(call) -> None:
    """Whoever has no time zone is guessing."""
    with pytest.raises(ValueError, match="time zone"):
        call(OfficeClock())


def test_time_is_only_counted_forwards() -> None:
    """A negative amount is a mistake of the caller."""
    with pytest.raises(ValueError, match="forwards"):
        OfficeClock().add(at("2026-11-20 09:00"), -HOUR)
    with pytest.raises(ValueError, match="forwards"):
        OfficeClock().add_working_days(at("2026-11-20 09:00"), -1)


def test_an_office_that_never_opens_says_so_instead_of_searching_for_ever() -> None:
    """Every method that looks ahead raises the typed error; the others answer."""
    clock, t = OfficeClock(CLOSED), at("2026-11-20 09:00")
    for ahead in (
        lambda: clock.next_opening(t),
        lambda: clock.add(t, HOUR),
        lambda: clock.add_working_days(t, 0),
    ):
        with pytest.raises(NoOpenTime):
            ahead()
    assert not clock.open_at(t)
    assert clock.elapsed(t, t + timedelta(days=9)) == timedelta(0)


def test_an_office_open_one_day_a_year_is_found() -> None:
    """The year's search reaches the same date next year."""
    one = OfficeHours.model_validate({day: [] for day in WEEKDAYS} | {
        "summer": {"first": "07-07", "last": "07-07"} | EVERY_DAY
    })  # fmt: skip
    assert wall(OfficeClock(one).next_opening(at("2026-07-07 18:00"))) == "2027-07-07 08:00"


BAD_HOURS = [
    ({"monday": ["8-17"]}, "08:00"),
    ({"monday": ["08:00"]}, "08:00-16:30"),
    ({"monday": "08:00-16:30"}, "a list"),
    ({"monday": [8]}, "opening hours"),
    ({"monday": ["16:30-08:00"]}, "closes before it opens"),
    ({"monday": ["08:00-08:00"]}, "closes before it opens"),
    ({"monday": ["08:00-12:00", "11:00-16:00"]}, "overlap"),
    ({"monday": ["08:00-24:01"]}, "24:00"),
    ({"monday": ["08:61-12:00"]}, "08:00"),
    ({"summer": {"first": "12-01", "last": "01-31"}}, "end before they begin"),
    ({"summer": {"first": "06-31", "last": "08-14"}}, "06-15"),
    ({"summer": {"first": 622, "last": "08-14"}}, "06-15"),
    ({"eves": {"christmas_eve": "stängt"}}, "closed"),
    ({"eves": {"christmas_eve": 12}}, "closed"),
    ({"eves": {"lillejulafton": "closed"}}, "not permitted"),
]


@pytest.mark.parametrize(("content", "says"), BAD_HOURS)
def test_malformed_hours_are_refused_with_what_was_expected(content: dict, says: str) -> None:
    """The error names the form that is wanted."""
    with pytest.raises(ValidationError, match=says):
        OfficeHours.model_validate(content)


def test_hours_in_any_order_are_sorted() -> None:
    """Afternoon may be written before morning."""
    assert OfficeHours.model_validate({"monday": SPLIT[::-1]}).monday == SPLIT_WEEK.monday


def test_equal_hours_make_equal_clocks() -> None:
    """What a clock has cached does not tell it apart."""
    used, fresh = OfficeClock(SPLIT_WEEK), OfficeClock(SPLIT_WEEK)
    used.add(at("2026-11-20 09:00"), 40 * HOUR)
    assert used == fresh
    assert hash(used) == hash(fresh)


def test_a_year_of_office_time_is_added_in_about_a_millisecond() -> None:
    """Dates are worked out once. The bound is ten times what an idle machine needs."""
    clock, start = OfficeClock(SPLIT_WEEK), at("2026-01-01 00:00")
    year = clock.elapsed(start, at("2026-12-31 00:00"))
    rounds = []
    for _ in range(20):
        began = stopwatch.perf_counter()
        clock.add(start, year)
        rounds.append(stopwatch.perf_counter() - began)
    assert min(rounds) < 0.005
