"""A month of a small municipality: four measured accounts, comments on them, a month before."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import cycle

from bot.clock import OfficeClock
from bot.report import month
from bot.report.drafting import Report
from bot.report.month import Rows, Said, Source
from bot.report.numbers import Numbers
from bot.report.period import Period
from bot.report.states import State
from storage.figures import PostFigures

OFFICE = OfficeClock()
GOAL = (5.0, 7.0)
OCTOBER = Period(2026, 10)
MADE = datetime(2026, 11, 2, 7, tzinfo=UTC)  # kl. 8 on the first working day of November
HOUR = timedelta(hours=1)
SOURCES = (
    Source("facebook", "Exempelkommunen (Facebook)", "Kommunikationsavdelningen", "Kommunstyrelsen"),
    Source("instagram", "Exempelkommunen (Instagram)", "Kommunikationsavdelningen", "Kommunstyrelsen"),
    Source("bibliotek", "Biblioteket berättar", "Biblioteket", "Kultur- och fritidsnämnden"),
    Source("ungdom", "Ungdomsrådgivningen", "Ungdomsrådgivningen", "Socialnämnden", sensitive=True),
)
FOLLOWERS = {"facebook": 12_000, "instagram": 4_000, "bibliotek": 900, "ungdom": 300}
RATES = {"facebook": 4, "instagram": 6, "bibliotek": 9, "ungdom": 5}  # percent


def measured(period: Period, lacking: Sequence[int] = ()) -> dict[str, dict[date, int]]:
    """Followers every day but those of the month that are lacking, for the library."""
    return {
        channel: {
            day: FOLLOWERS[channel] for day in period.days if channel != "bibliotek" or day.day not in lacking
        }
        for channel in FOLLOWERS
    }


def post(channel: str, at: datetime, reactions: int | None, **more: object) -> PostFigures:
    """One post, seen on the last day."""
    given = {"remote": f"{channel}-{at:%d%H}", "seen": at.date(), "words": "Nu öppnar simhallen.", **more}
    return PostFigures(channel=channel, published=at, reactions=reactions, link="https://x.example/1", **given)  # type: ignore[arg-type]


def posts(period: Period, each: int = 4) -> list[PostFigures]:
    """So many posts on every account, each at its account's rate."""
    return [
        post(
            channel, period.begins + timedelta(days=3 * n + 1, hours=9), FOLLOWERS[channel] * RATES[channel] // 100
        )
        for channel in FOLLOWERS
        for n in range(each)
    ]


def said(period: Period, n: int = 60) -> list[Said]:
    """So many comments, most of them answered in time; two on the sensitive account."""
    topics, whose = cycle(("Trafik och gator", "Skola och förskola", "")), cycle(SOURCES[:3])
    found = []
    for number in range(n):
        at = period.begins + timedelta(days=number % 28, hours=8 + number % 9)
        source = next(whose)
        took = (30 if number % 10 == 0 else 3) * HOUR
        found.append(
            Said(
                at,
                "closed" if number % 6 == 5 else "answered",
                source.unit,
                source.board,
                next(topics),
                at,
                OFFICE.add_on_working_days(at, 24 * HOUR),
                OFFICE.add_on_working_days(at, took),
            )
        )
    quiet = [Said(period.begins, "quiet", SOURCES[3].unit, SOURCES[3].board, "Vård och omsorg")] * 2
    return [*found, *quiet]


def numbers(period: Period = OCTOBER, now: datetime = MADE) -> Numbers:
    """The month with the one before beside it."""
    one = Rows(SOURCES, measured(period, (7, 8, 9, 20)), posts(period), said(period), ("Simhallen på TikTok",))
    last = Rows(SOURCES, measured(period.before), posts(period.before, 2), said(period.before, 40))
    before = month.compiled(last, period.before, OFFICE, GOAL, now)
    found = month.compiled(one, period, OFFICE, GOAL, now)
    return found.model_copy(update={"before": before.model_copy(update={"posts": ()})})


def report(comment: str = "", asks: str = "", state: State = State.DRAFT) -> Report:
    """The month's report, frozen."""
    return Report(numbers(), comment, asks, state, version=1, made=MADE, manager="U0CHEF")
