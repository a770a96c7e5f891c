"""How time passes for a comment: on working days, on days off that somebody watches, or without a stop.

Pure: what is on (a crisis, watches, the post's question session) is read in ``timing.py``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from bot.clock import DAY, OfficeClock
from bot.comment_settings import Comments


@dataclass(frozen=True)
class Shift:
    """Somebody's watch on one day off, from one instant (UTC) to another."""

    person: str
    opens: datetime
    closes: datetime


@dataclass(frozen=True)
class Live:
    """A post's question session: when (UTC), how long an answer may take, and from when on who answers."""

    starts: datetime
    ends: datetime
    within: timedelta
    hosts: tuple[tuple[datetime, str], ...] = ()

    @property
    def over(self) -> datetime:
        """When the last answer is due (UTC)."""
        return self.ends + self.within

    def host(self, now: datetime) -> str | None:
        """Who answers at this instant, also what was asked just before the end."""
        begun = [person for at, person in self.hosts if at <= now < self.over]
        return begun[-1] if begun else None


@dataclass(frozen=True)
class Pace:
    """What is on for all comments. ``crisis``: since when (UTC); ``shifts``: by local date, days off alone."""

    crisis: datetime | None = None
    shifts: Mapping[date, Shift] = field(default_factory=dict)

    def shift(self, now: datetime) -> Shift | None:
        """Who watches at this instant; a crisis goes before any watch."""
        found = (one for one in self.shifts.values() if one.opens <= now < one.closes)
        return None if self.crisis else next(found, None)

    def next_shift(self, now: datetime) -> Shift | None:
        """The watch that is on, or the next one."""
        ahead = [one for one in self.shifts.values() if now < one.closes]
        return None if self.crisis else min(ahead, key=lambda one: one.opens, default=None)


@dataclass(frozen=True)
class Count:
    """One comment's time: from when it is counted, and when the answer is due (UTC).

    ``through``: without a stop; else on working days, day and night, and on ``also``.
    """

    begins: datetime
    due: datetime
    through: bool = False
    also: frozenset[date] = frozenset()

    def share(self, office: OfficeClock, percent: int) -> datetime:
        """When that much of the time has passed, counted as the time itself is."""
        begins = min(self.begins, self.due)
        whole = sum((ends - starts for starts, ends in _spans(office, begins, self.due, self.also)), timedelta(0))
        if self.through or not whole:
            return begins + (self.due - begins) * percent / 100
        return _after(office, begins, whole * percent / 100, self.also)


def count(
    office: OfficeClock, chosen: Comments, channel: str, since: datetime, pace: Pace, live: Live | None = None
) -> Count:
    """How the time of a comment is counted that has waited since then: whatever asks for the earliest answer."""
    found = [_by_days(office, chosen, channel, since, pace)]
    if live is not None and since < live.ends:
        found.append(_through(max(since, live.starts), live.within))
    if pace.crisis is not None:
        hours = chosen.hours(channel, crisis=True)
        found.append(_through(max(since, pace.crisis), timedelta(hours=hours)))
    return min(found, key=lambda one: one.due)


def _through(begins: datetime, span: timedelta) -> Count:
    return Count(begins, begins + span, through=True)


def _by_days(office: OfficeClock, chosen: Comments, channel: str, since: datetime, pace: Pace) -> Count:
    begins, also = _begins(office, since, pace.shifts), frozenset(pace.shifts)
    watched = office.local_date(begins) in pace.shifts
    hours = chosen.hours(channel, watch=watched)
    return Count(begins, _after(office, begins, timedelta(hours=hours), also), also=also)


def _begins(office: OfficeClock, since: datetime, shifts: Mapping[date, Shift]) -> datetime:
    """What is written on a day off begins to wait when the office opens, or a watch does."""
    day = office.local_date(since)
    if day in shifts or office.is_working_day(day):
        return since
    return min([office.next_opening(since), *(one.opens for one in shifts.values() if one.opens > since)])


def _after(office: OfficeClock, begins: datetime, span: timedelta, also: frozenset[date]) -> datetime:
    """The first instant by which so much time has passed on days that count."""
    if not also:
        return office.add_on_working_days(begins, span)
    for starts, ends in _days(office, begins, also):
        if span <= ends - starts:
            return starts + span
        span -= ends - starts
    raise AssertionError("days never end")


def _spans(
    office: OfficeClock, begins: datetime, until: datetime, also: frozenset[date]
) -> Iterator[tuple[datetime, datetime]]:
    """The parts of the time that count."""
    for starts, ends in _days(office, begins, also):
        if starts >= until:
            return
        yield starts, min(ends, until)


def _days(office: OfficeClock, begins: datetime, also: frozenset[date]) -> Iterator[tuple[datetime, datetime]]:
    """All days that count from then on, midnight to midnight, the first from the instant itself."""
    day = office.local_date(begins)
    while True:
        if day in also or office.is_working_day(day):
            yield max(begins, wall(office, day, 0)), wall(office, day + DAY, 0)
        day += DAY


def wall(office: OfficeClock, day: date, minutes: int) -> datetime:
    """The instant (UTC) of so many minutes after midnight by the wall clock; 1440 is the end of the day."""
    local = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minutes)
    return local.replace(tzinfo=office.zone).astimezone(UTC)
