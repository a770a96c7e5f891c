"""The numbers of a month from what was measured and what was written: pure.

The engagement rate is a post's reactions ÷ followers on the day it was published × 100; where that day was not
measured, the nearest day that was, at most ``NEAREST`` days away. Several posts: the mean of their rates.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import fmean, median
from typing import Final

from bot.clock import OfficeClock
from bot.report.numbers import (
    FEW,
    AccountLine,
    Answers,
    Engagement,
    Level,
    Numbers,
    PostLine,
    Span,
    TopicLine,
    UnitLine,
    count,
)
from bot.report.period import Period
from storage.figures import PostFigures

NEAREST: Final = 14  # days
SHOWN: Final = 120  # characters of a post
DAY: Final = timedelta(days=1)
Goal = tuple[float, float]
Followers = Mapping[str, Mapping[date, int]]  # by channel and local day


@dataclass(frozen=True)
class Source:
    """A channel that is measured, and whose it is."""

    channel: str
    name: str
    unit: str = ""
    board: str = ""
    sensitive: bool = False


@dataclass(frozen=True)
class Said:
    """A resident's comment, as far as it counts: neither words nor author."""

    written: datetime
    state: str
    unit: str = ""
    board: str = ""
    topic: str = ""
    since: datetime | None = None
    due: datetime | None = None
    settled: datetime | None = None


@dataclass(frozen=True)
class Rows:
    """Everything there is of a month. ``followers`` also hold the days around it."""

    sources: Sequence[Source] = ()
    followers: Followers = field(default_factory=dict)
    posts: Sequence[PostFigures] = ()
    comments: Sequence[Said] = ()
    unmeasured: Sequence[str] = ()


def compiled(rows: Rows, period: Period, office: OfficeClock, goal: Goal, now: datetime) -> Numbers:
    """The month's numbers; of a month that is not over, as far as it has come."""
    until = min(period.last, office.local_date(now) - DAY)
    posts = [_post(one, rows, office, goal) for one in rows.posts]
    return Numbers(
        month=str(period),
        until=until,
        engagement=engagement(posts, goal),
        accounts=tuple(
            _account(one, rows.followers.get(one.channel, {}), posts, period, until, goal) for one in rows.sources
        ),
        posts=tuple(posts),
        answers=answers(rows.comments, office, now),
        comments=len(rows.comments),
        topics=_topics(rows.comments),
        weekdays=_weekdays(rows.comments, office),
        units=_balance(rows, "unit"),
        boards=_balance(rows, "board"),
        unmeasured=tuple(rows.unmeasured),
    )


def rate(reactions: int | None, followers: int | None) -> float | None:
    """Percent of the followers that reacted; None where one of the two is missing, or nobody follows."""
    return reactions / followers * 100 if reactions is not None and followers else None


def level(percent: float | None, goal: Goal) -> Level | None:
    """Where the rate lies as it is shown, with one decimal: what reads 7,0 is not over 7."""
    if percent is None:
        return None
    shown = round(percent, 1)
    return Level.UNDER if shown < goal[0] else Level.OVER if shown > goal[1] else Level.WITHIN


def followers_on(day: date, known: Mapping[date, int]) -> int | None:
    """Followers on that day, or on the nearest measured one; the earlier of two as near."""
    near = [one for one in known if abs((one - day).days) <= NEAREST]
    best = min(near, key=lambda one: (abs((one - day).days), one), default=None)
    return None if best is None else known[best]


def _post(row: PostFigures, rows: Rows, office: OfficeClock, goal: Goal) -> PostLine:
    source = next((one for one in rows.sources if one.channel == row.channel), None)
    day = office.local_date(row.published)
    followers = followers_on(day, rows.followers.get(row.channel, {}))
    found = rate(row.reactions, followers)
    quiet = source is not None and source.sensitive
    return PostLine(
        channel=row.channel,
        account=source.name if source else row.channel,
        published=day,
        words="" if quiet else row.words[:SHOWN],
        link="" if quiet else row.link,
        reactions=row.reactions,
        followers=followers,
        percent=_one(found),
        level=level(found, goal),
    )


def engagement(posts: Sequence[PostLine], goal: Goal) -> Engagement:
    """All of them together."""
    exact = _rates(posts)
    levels = Counter(one.level for one in posts)
    mean = fmean(exact) if exact else None
    return Engagement(
        goal=goal,
        posts=len(posts),
        counted=len(exact),
        percent=_one(mean),
        level=level(mean, goal),
        under=levels[Level.UNDER],
        within=levels[Level.WITHIN],
        over=levels[Level.OVER],
    )


def _rates(posts: Iterable[PostLine]) -> list[float]:
    found = (rate(one.reactions, one.followers) for one in posts)
    return [one for one in found if one is not None]


def _account(
    source: Source, known: Mapping[date, int], posts: Sequence[PostLine], period: Period, until: date, goal: Goal
) -> AccountLine:
    mine = [one for one in posts if one.channel == source.channel]
    together = engagement(mine, goal)
    days = [one for one in period.days if one <= until]
    measured = [one for one in days if one in known]
    return AccountLine(
        channel=source.channel,
        name=source.name,
        unit=source.unit,
        followers=known[measured[-1]] if measured else None,
        growth=known[measured[-1]] - known[measured[0]] if len(measured) > 1 else None,
        posts=len(mine),
        counted=together.counted,
        percent=together.percent,
        level=together.level,
        missing=spans([one for one in days if one not in known]),
    )


def spans(days: Sequence[date]) -> tuple[Span, ...]:
    """Dates in order as spans of days that follow each other."""
    if not days:
        return ()
    breaks = [(a, b) for a, b in pairwise(days) if b - a > DAY]
    begins, ends = [days[0], *(b for _, b in breaks)], [*(a for a, _ in breaks), days[-1]]
    return tuple(zip(begins, ends, strict=True))


def answers(said: Iterable[Said], office: OfficeClock, now: datetime) -> Answers:
    """How questions fared. One that waits past its time counts as not answered in time."""
    asked = [one for one in said if one.since is not None and one.due is not None]
    answered = [one for one in asked if one.state == "answered" and one.settled]
    waiting = [one for one in asked if one.state == "waiting"]
    late = sum(one.due <= now for one in waiting if one.due)
    total, few = len(answered) + late, 0 < len(answered) + late < FEW
    in_time = sum(_in_time(one) for one in answered)
    return Answers(
        asked=count(total),
        in_time=None if few else in_time,
        percent=_one(in_time / total * 100) if total and not few else None,
        median=_median(answered, office),
        open=count(len(waiting) - late),
        closed=count(sum(one.state == "closed" for one in asked)),
    )


def _in_time(one: Said) -> bool:
    return one.settled is not None and one.due is not None and one.settled <= one.due


def _median(answered: Sequence[Said], office: OfficeClock) -> int | None:
    """Minutes on working days, counted day and night as the promise is."""
    if len(answered) < FEW:
        return None
    took = [
        office.elapsed_on_working_days(one.since, max(one.since, one.settled)).total_seconds()
        for one in answered
        if one.since and one.settled
    ]
    return round(median(took) / 60)


def _topics(said: Iterable[Said]) -> tuple[TopicLine, ...]:
    found = Counter(one.topic for one in said)
    ordered = sorted(found.items(), key=lambda item: (not item[0], -item[1], item[0]))
    return tuple(TopicLine(name=name, comments=count(n)) for name, n in ordered)


def _weekdays(said: Iterable[Said], office: OfficeClock) -> tuple[int, ...]:
    found = Counter(office.local(one.written).weekday() for one in said)
    return tuple(found[day] for day in range(7))


def _balance(rows: Rows, by: str) -> tuple[UnitLine, ...]:
    """Each operation's part, the largest first; what belongs to none comes last."""
    whose = {one.channel: str(getattr(one, by)) for one in rows.sources}
    posts = Counter(whose.get(one.channel, "") for one in rows.posts)
    comments = Counter(str(getattr(one, by)) for one in rows.comments)
    names = {*posts, *comments, *whose.values()}
    ordered = sorted(names, key=lambda name: (not name, -posts[name], -comments[name], name))
    return tuple(_unit(name, posts, comments) for name in ordered)


def _unit(name: str, posts: Counter[str], comments: Counter[str]) -> UnitLine:
    shown = count(comments[name])
    return UnitLine(
        name=name,
        posts=posts[name],
        posts_share=_share(posts[name], posts.total()),
        comments=shown,
        comments_share=None if shown is None else _share(shown, comments.total()),
    )


def _share(part: int, whole: int) -> float | None:
    return _one(part / whole * 100) if whole else None


def _one(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
