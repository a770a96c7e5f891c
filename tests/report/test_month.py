"""The numbers of a month: rate and goal, missing days, answer times, and what small counts keep to themselves."""

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Refused
from bot.report import month
from bot.report.month import Rows, Said, Source
from bot.report.numbers import FEW, Answers, Level, Numbers
from bot.report.period import Period
from tests.report import example
from tests.report.example import FOLLOWERS, GOAL, HOUR, MADE, OCTOBER, OFFICE, post

DAY = timedelta(days=1)
FACEBOOK = Source("facebook", "Facebook", "Biblioteket", "Kulturnämnden")
MONDAY = datetime(2026, 10, 5, 8, tzinfo=UTC)  # kl. 10


def compiled(rows: Rows, period: Period = OCTOBER, now: datetime = MADE) -> Numbers:
    return month.compiled(rows, period, OFFICE, GOAL, now)


@pytest.mark.parametrize(
    ("reactions", "followers", "percent", "level"),
    [
        (50, 1000, 5.0, Level.WITHIN),
        (70, 1000, 7.0, Level.WITHIN),
        (704, 10_000, 7.0, Level.WITHIN),
        (706, 10_000, 7.1, Level.OVER),
        (496, 10_000, 5.0, Level.WITHIN),
        (494, 10_000, 4.9, Level.UNDER),
        (0, 1000, 0.0, Level.UNDER),
        (5, 0, None, None),
        (None, 1000, None, None),
        (5, None, None, None),
    ],
)
def test_the_rate_of_a_post(
    reactions: int | None, followers: int | None, percent: float | None, level: Level | None
) -> None:
    """Reactions by followers times a hundred, against 5 to 7; the level is that of the figure which is shown."""
    known = {} if followers is None else {"facebook": {MONDAY.date(): followers}}
    found = compiled(Rows([FACEBOOK], known, [post("facebook", MONDAY, reactions)]))
    [line] = found.posts
    assert (percent, level) == (line.percent, line.level)
    assert (1, percent is not None) == (found.engagement.posts, bool(found.engagement.counted))


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_the_level_always_fits_the_figure(reactions: int, followers: int) -> None:
    """Nobody ever reads "7,0 %: över målet"; nobody following gives no rate."""
    rate = month.rate(reactions, followers)
    level = month.level(rate, GOAL)
    if followers == 0:
        assert (None, None) == (rate, level)
    else:
        assert rate is not None
        shown = round(rate, 1)
        assert {Level.UNDER: shown < 5, Level.WITHIN: 5 <= shown <= 7, Level.OVER: shown > 7}[Level(level or "")]


@given(
    st.dictionaries(st.dates(date(2026, 9, 1), date(2026, 11, 30)), st.integers(0, 10**6)),
    st.dates(OCTOBER.first, OCTOBER.last),
)
def test_followers_are_those_of_the_nearest_measured_day(known: dict[date, int], day: date) -> None:
    """None is nearer, and none further than two weeks away counts."""
    found = month.followers_on(day, known)
    distances = [abs((one - day).days) for one in known]
    if found is None:
        assert all(one > month.NEAREST for one in distances)
    else:
        assert found in [known[one] for one in known if abs((one - day).days) == min(distances)]
    assert known.get(day, found) == found


def test_the_earlier_of_two_equally_near_days_counts() -> None:
    """So that the same rows always give the same rate."""
    day = date(2026, 10, 10)
    assert 1 == month.followers_on(day, {day - DAY: 1, day + DAY: 2})


@given(st.sets(st.dates(OCTOBER.first, OCTOBER.last)))
def test_spans_hold_exactly_the_days(days: set[date]) -> None:
    """No day more, no day less, and no two spans that touch."""
    found = month.spans(sorted(days))
    assert sorted(days) == [a + n * DAY for a, b in found for n in range((b - a).days + 1)]
    assert all(after[0] - before[1] > DAY for before, after in itertools.pairwise(found))


def test_missing_days_are_named_and_posts_on_them_measured_by_the_nearest() -> None:
    """The 7th to the 9th were not measured."""
    known = {day: 1000 for day in OCTOBER.days if not 7 <= day.day <= 9}
    at = datetime(2026, 10, 8, 12, tzinfo=UTC)
    found = compiled(Rows([FACEBOOK], {"facebook": known}, [post("facebook", at, 60)]))
    [account] = found.accounts
    assert ((date(2026, 10, 7), date(2026, 10, 9)),) == account.missing
    assert (6.0, 1000) == (account.percent, account.followers)


def test_an_account_without_followers_has_no_rate() -> None:
    """Zero followers divide nothing."""
    known = {"facebook": dict.fromkeys(OCTOBER.days, 0)}
    found = compiled(Rows([FACEBOOK], known, [post("facebook", MONDAY, 60)]))
    assert (None, 1, 0) == (found.accounts[0].percent, found.accounts[0].posts, found.accounts[0].counted)
    assert 1 == found.left_out


def test_several_posts_count_alike() -> None:
    """The mean of their rates, not of their reactions."""
    known = {"facebook": dict.fromkeys(OCTOBER.days, 1000), "ig": dict.fromkeys(OCTOBER.days, 10)}
    rows = Rows([FACEBOOK, Source("ig", "Instagram")], known, [post("facebook", MONDAY, 20), post("ig", MONDAY, 1)])
    found = compiled(rows).engagement
    assert (6.0, Level.WITHIN, 1, 0, 1) == (found.percent, found.level, found.under, found.within, found.over)


def test_a_month_with_nothing_has_numbers_too() -> None:
    """Nothing measured, nothing written."""
    found = compiled(Rows())
    assert (None, 0, 0, Answers()) == (
        found.engagement.percent,
        found.engagement.posts,
        found.comments,
        found.answers,
    )
    assert found == Numbers.model_validate(found.model_dump(mode="json"))


@pytest.mark.parametrize(
    ("period", "hours"),
    [(Period(2026, 3), 743), (Period(2026, 10), 745), (Period(2026, 2), 672), (Period(2028, 2), 696)],
)
def test_a_month_is_stockholms(period: Period, hours: int) -> None:
    """March lacks an hour and October has one more; a comment at its last minute is its own."""
    assert hours * HOUR == period.ends - period.begins
    assert [period.first, period.last] == [
        OFFICE.local_date(period.begins),
        OFFICE.local_date(period.ends - timedelta(seconds=1)),
    ]
    assert (period, period) == (period.after.before, Period.read(str(period)))


@pytest.mark.parametrize("text", ["", "oktober", "2026-13", "2026-1", "1999-10", "2026-10-01", "2026−10"])
def test_a_month_is_written_one_way(text: str) -> None:
    """Anything else is refused with how it is written."""
    with pytest.raises(Refused, match=r"month\.unreadable"):
        Period.read(text)


def test_weekdays_are_counted_by_stockholms_clock_over_the_shift() -> None:
    """Half past midnight on the Sunday when summer time ends, and a minute to midnight: both Sunday."""
    at = [datetime(2026, 10, 24, 22, 30, tzinfo=UTC), datetime(2026, 10, 25, 22, 59, tzinfo=UTC)]
    assert (0, 0, 0, 0, 0, 0, 2) == compiled(Rows(comments=[Said(one, "quiet") for one in at])).weekdays


def asked(took: timedelta | None, since: datetime = MONDAY, state: str = "answered") -> Said:
    """A question, answered after so long, or not."""
    settled = None if took is None else since + took
    return Said(since, state, since=since, due=OFFICE.add_on_working_days(since, 24 * HOUR), settled=settled)


def test_answer_times_count_working_days_only() -> None:
    """From Friday 10:00 to Monday 10:00 is a day."""
    friday = datetime(2026, 10, 9, 8, tzinfo=UTC)
    found = compiled(Rows(comments=[asked(72 * HOUR, friday)] * FEW)).answers
    assert (FEW, FEW, 100.0, 24 * 60) == (found.asked, found.in_time, found.percent, found.median)


def test_answer_times_over_the_end_of_summer_time() -> None:
    """The weekend with 25 hours in a day takes no part in it."""
    friday = datetime(2026, 10, 23, 8, tzinfo=UTC)  # kl. 10 in summer time
    monday = datetime(2026, 10, 26, 9, tzinfo=UTC)  # kl. 10 in normal time
    found = compiled(Rows(comments=[asked(monday - friday, friday)] * FEW)).answers
    assert (24 * 60, 100.0) == (found.median, found.percent)


def test_what_waits_past_its_time_counts_as_not_answered_in_time() -> None:
    """What waits within its time does not count yet; what needed no answer stands apart."""
    said = [asked(HOUR)] * 6 + [asked(60 * HOUR)] * 2 + [asked(None, state="waiting")] * 2
    said += [asked(None, MADE - HOUR, "waiting")] * 5 + [asked(HOUR, state="closed")] * 7
    found = compiled(Rows(comments=said)).answers
    assert (10, 6, 60.0, 60) == (found.asked, found.in_time, found.percent, found.median)
    assert (5, 7) == (found.open, found.closed)


@pytest.mark.parametrize("n", range(FEW))
def test_few_questions_tell_nothing_of_the_time(n: int) -> None:
    """Otherwise one could tell who was slow."""
    found = compiled(Rows(comments=[asked(HOUR)] * n)).answers
    assert (None, None) == (found.percent, found.median)
    assert (None if n else 0) == found.asked


@given(st.lists(st.sampled_from(["Trafik", "Skola", ""]), max_size=30))
def test_small_counts_by_topic_and_operation_are_withheld(topics: list[str]) -> None:
    """One to four comments could point somebody out; none and five cannot."""
    found = compiled(Rows(comments=[Said(MONDAY, "quiet", "Simhallen", "", one) for one in topics]))
    for line in found.topics:
        n = topics.count(line.name)
        assert (n if n >= FEW else None) == line.comments
    for unit in found.units:
        assert (len(topics) if len(topics) >= FEW else None) == unit.comments
        assert (unit.comments is None) == (unit.comments_share is None)


def test_the_operations_share_posts_and_comments() -> None:
    """By unit and by board; the shares of the posts are together a hundred."""
    found = example.numbers()
    shares = {one.name: (one.posts_share, one.comments_share) for one in found.units}
    assert (50.0, 64.5) == shares["Kommunikationsavdelningen"]
    assert (25.0, None) == shares["Ungdomsrådgivningen"]
    assert 100 == sum(one.posts_share or 0 for one in found.boards)


def test_a_sensitive_account_has_figures_and_nothing_else() -> None:
    """Neither what its posts say nor where they stand."""
    found = [one for one in example.numbers().posts if one.channel == "ungdom"]
    assert [("", "", 5.0)] * 4 == [(one.words, one.link, one.percent) for one in found]


def test_a_month_that_is_not_over_lacks_only_the_days_that_have_been() -> None:
    """Nobody can have measured tomorrow; today is not over."""
    now = datetime(2026, 10, 10, 8, tzinfo=UTC)
    found = compiled(Rows([FACEBOOK], {"facebook": {date(2026, 10, 1): 5}}), now=now)
    assert (date(2026, 10, 9), ((date(2026, 10, 2), date(2026, 10, 9)),)) == (
        found.until,
        found.accounts[0].missing,
    )


def test_the_numbers_survive_freezing() -> None:
    """Through JSON and back, with the month before beside."""
    found = example.numbers()
    assert found == Numbers.model_validate(found.model_dump(mode="json"))
    assert found.before is not None
    assert ("2026-09", ()) == (found.before.month, found.before.posts)
    assert {"facebook": 4.0, "instagram": 6.0, "bibliotek": 9.0, "ungdom": 5.0} == {
        one.channel: one.percent for one in found.accounts
    }
    assert FOLLOWERS["facebook"] == found.accounts[0].followers
