"""The office clock: when the desk is staffed, and how office time passes.

Opening hours are wall-clock times in Europe/Stockholm; what passes between two instants is
real time. Every instant handed in must be aware, every instant handed out is aware UTC.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from typing import Annotated, Any, NamedTuple, Self
from zoneinfo import ZoneInfo

from holidays.countries.sweden import Sweden
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

ZONE = ZoneInfo("Europe/Stockholm")
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
MIDNIGHT = 24 * 60
LONGEST_CLOSURE = 366

# An eve is the day before one of these; `holidays` counts Sundays only when asked to.
EVES = {
    "Epiphany": "epiphany_eve",
    "Good Friday": "maundy_thursday",
    "Easter Sunday": "holy_saturday",
    "May Day": "walpurgis_night",
    "Ascension Day": "ascension_eve",
    "Pentecost": "whitsun_eve",
    "National Day": "national_day_eve",
    "Midsummer Day": "midsummer_eve",
    "All Saints' Day": "all_saints_eve",
    "Christmas Day": "christmas_eve",
    "New Year's Day": "new_years_eve",
}


class NoOpenTime(Exception):
    """The office hours leave no open time within a year."""


class Span(NamedTuple):
    """Opening by the wall clock, in minutes after midnight; at the closing minute it is closed."""

    opens: int
    closes: int


def minutes(text: str) -> int:
    """Minutes after midnight of "HH:MM"; "24:00" is the end of the day. ValueError otherwise."""
    hours, _, rest = str(text).strip().partition(":")
    if not (hours.isdecimal() and rest.isdecimal() and len(rest) == 2 and int(rest) < 60):
        raise ValueError(f'expected a time like "08:00", got "{text}"')
    total = int(hours) * 60 + int(rest)
    if total > MIDNIGHT:
        raise ValueError(f'expected a time from "00:00" to "24:00", got "{text}"')
    return total


def _span(value: Any) -> Span:
    if isinstance(value, Span):
        return value
    if not isinstance(value, str):
        raise ValueError(f'expected opening hours like "08:00-16:30", got {value!r}')
    opens, dash, closes = value.partition("-")
    if not dash:
        raise ValueError(f'expected opening hours like "08:00-16:30", got "{value}"')
    span = Span(minutes(opens), minutes(closes))
    if span.opens >= span.closes:
        raise ValueError(f'"{value}" closes before it opens')
    return span


def _spans(value: Any) -> tuple[Span, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError('expected a list of opening hours like ["08:00-12:00", "13:00-16:30"]')
    spans = sorted(_span(item) for item in value)
    for earlier, later in pairwise(spans):
        if later.opens < earlier.closes:
            raise ValueError("two of the opening hours overlap")
    return tuple(spans)


def _closing(value: Any) -> int:
    if value in ("open", "closed"):
        return MIDNIGHT if value == "open" else 0
    try:
        return minutes(value)
    except ValueError:
        raise ValueError(f'expected "open", "closed" or a time like "12:00", got {value!r}') from None


def _month_day(value: Any) -> tuple[int, int]:
    if isinstance(value, tuple):
        return value
    try:
        day = datetime.strptime(f"2024-{value}", "%Y-%m-%d").replace(tzinfo=UTC)  # a leap year
    except ValueError:
        raise ValueError(f'expected month and day like "06-15", got "{value}"') from None
    return day.month, day.day


Spans = Annotated[tuple[Span, ...], BeforeValidator(_spans)]
Closing = Annotated[int, BeforeValidator(_closing)]
MonthDay = Annotated[tuple[int, int], BeforeValidator(_month_day)]
OFFICE_DAY = (Span(8 * 60, 16 * 60 + 30),)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Eves(_Frozen):
    """When the office closes on customary eves: "open" as usual, "closed", or at "HH:MM".

    Kept as minutes after midnight. Midsummer's, Christmas and New Year's Eve are closed by
    default: the Annual Leave Act (SFS 1977:480, section 7) treats them as Sundays.
    """

    epiphany_eve: Closing = MIDNIGHT
    maundy_thursday: Closing = MIDNIGHT
    holy_saturday: Closing = MIDNIGHT
    walpurgis_night: Closing = MIDNIGHT
    ascension_eve: Closing = MIDNIGHT
    whitsun_eve: Closing = MIDNIGHT
    national_day_eve: Closing = MIDNIGHT
    midsummer_eve: Closing = 0
    all_saints_eve: Closing = MIDNIGHT
    christmas_eve: Closing = 0
    new_years_eve: Closing = 0


class SummerHours(_Frozen):
    """Other hours from ``first`` to ``last``, both included; a weekday left out is as usual."""

    first: MonthDay
    last: MonthDay
    monday: Spans | None = None
    tuesday: Spans | None = None
    wednesday: Spans | None = None
    thursday: Spans | None = None
    friday: Spans | None = None
    saturday: Spans | None = None
    sunday: Spans | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.first > self.last:
            raise ValueError("the summer hours end before they begin")
        return self


class OfficeHours(_Frozen):
    """Opening hours per weekday, with summer hours, eves and extra closed dates.

    Public holidays are closed always; an empty list is a closed weekday.
    """

    monday: Spans = OFFICE_DAY
    tuesday: Spans = OFFICE_DAY
    wednesday: Spans = OFFICE_DAY
    thursday: Spans = OFFICE_DAY
    friday: Spans = OFFICE_DAY
    saturday: Spans = ()
    sunday: Spans = ()
    summer: SummerHours | None = None
    eves: Eves = Field(default_factory=Eves)
    closed_dates: tuple[date, ...] = ()

    def on(self, day: date) -> tuple[Span, ...]:
        """The hours of the day's weekday and season, holidays and eves not considered."""
        name = _WEEKDAYS[day.weekday()]
        usual: tuple[Span, ...] = getattr(self, name)
        if self.summer is None or not self.summer.first <= (day.month, day.day) <= self.summer.last:
            return usual
        summer: tuple[Span, ...] | None = getattr(self.summer, name)
        return usual if summer is None else summer


def opening(hours: OfficeHours) -> OfficeHours:
    """The same hours; ValueError when no day of a year has any."""
    if not any(hours.on(date(2024, 1, 1) + timedelta(days=n)) for n in range(366)):
        raise ValueError("no day has opening hours")
    return hours


_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class _Day(NamedTuple):
    """The openings of one local date as instants (UTC), and their length together."""

    spans: tuple[tuple[datetime, datetime], ...]
    total: timedelta


def _swedish_holidays() -> Sweden:
    return Sweden(include_sundays=False, language="en_US")


@dataclass(frozen=True)
class OfficeClock:
    """Office time of one municipality.

    Every method raises ValueError for a naive instant, and those that look ahead raise
    `NoOpenTime` when nothing opens within a year.
    """

    hours: OfficeHours = field(default_factory=OfficeHours)
    zone: ZoneInfo = ZONE
    _days: dict[date, _Day] = field(default_factory=dict, init=False, repr=False, compare=False)
    _holidays: Sweden = field(default_factory=_swedish_holidays, init=False, repr=False, compare=False)

    def local(self, t: datetime) -> datetime:
        """The instant by the office's wall clock (aware, local zone)."""
        return _utc(t).astimezone(self.zone)

    def local_date(self, t: datetime) -> date:
        """The office's calendar date at the instant."""
        return self.local(t).date()

    def open_at(self, t: datetime) -> bool:
        """Whether the office is open; it is at opening time and no longer is at closing time."""
        now = _utc(t)
        return any(opens <= now < closes for opens, closes in self._day(self.local_date(t)).spans)

    def next_opening(self, t: datetime) -> datetime:
        """The instant itself (UTC) when open, else when the office opens next."""
        now = _utc(t)
        ahead = self._open_days(self.local_date(t))
        return next(max(now, opens) for _, day in ahead for opens, closes in day.spans if now < closes)

    def add(self, t: datetime, office_time: timedelta) -> datetime:
        """The first instant (UTC) by which so much office time has passed; ValueError if negative.

        Zero gives the instant itself, open or not. A time that runs out exactly at closing
        gives closing time, not the next morning.
        """
        if office_time < timedelta(0):
            raise ValueError("office time is counted forwards")
        if not office_time:
            return _utc(t)
        first = self.local_date(t)
        left = office_time + self._passed(first, t)
        ahead = self._open_days(first)
        _, day = next(ahead)
        while left > day.total:
            left -= day.total
            _, day = next(ahead)
        return _instant_within(day, left)

    def elapsed(self, a: datetime, b: datetime) -> timedelta:
        """Office time from a to b in real seconds; negative when b is the earlier one."""
        if _utc(b) < _utc(a):
            return -self.elapsed(b, a)
        first, last = self.local_date(a), self.local_date(b)
        whole = sum((self._day(day).total for day in _dates(first, last)), timedelta(0))
        return whole + self._passed(last, b) - self._passed(first, a)

    def is_working_day(self, day: date) -> bool:
        """Whether the office opens at all on the local date."""
        return bool(self._day(day).spans)

    def add_working_days(self, t: datetime, n: int) -> datetime:
        """The same local time n working days later (UTC), within that day's hours.

        From a closed day the count begins at the next working day. A time before opening
        becomes opening time, one after closing closing time, one in a break the end of the break.
        """
        if n < 0:
            raise ValueError("working days are counted forwards")
        local = self.local(t)
        on, day = next(islice(self._open_days(local.date()), n, None))
        wall = datetime.combine(on, local.time())  # keeps the pass of a repeated hour
        return _clipped(self._instant(wall), day)

    def add_on_working_days(self, t: datetime, span: timedelta) -> datetime:
        """The first instant (UTC) by which so much time has passed on working days, counted day and night.

        What a promise like "within 24 hours on working days" means: from Friday 15:00 it is Monday 15:00.
        """
        if span < timedelta(0):
            raise ValueError("time is counted forwards")
        now, left = _utc(t), span
        for day, _ in self._open_days(self.local_date(t)):
            begins, ends = self._midnight(day), self._midnight(day + DAY)
            now = max(now, begins)
            if left <= ends - now:
                return now + left
            left -= ends - now
        raise AssertionError("open days never end")

    def elapsed_on_working_days(self, a: datetime, b: datetime) -> timedelta:
        """Time from a to b on working days, counted day and night; ValueError when b is the earlier one."""
        if _utc(b) < _utc(a):
            raise ValueError("time is counted forwards")
        days = filter(self.is_working_day, _dates(self.local_date(a), self.local_date(b) + DAY))
        spans = ((max(_utc(a), self._midnight(day)), min(_utc(b), self._midnight(day + DAY))) for day in days)
        return sum((ends - begins for begins, ends in spans), timedelta(0))

    def _midnight(self, day: date) -> datetime:
        return self._instant(datetime.combine(day, datetime.min.time()))

    def working_days_between(self, a: datetime, b: datetime) -> int:
        """Working days from a's local date, not counted, to b's, counted; negative backwards.

        As in `add_working_days`, a closed day counts as the working day after it.
        """
        if _utc(b) < _utc(a):
            return -self.working_days_between(b, a)
        first, last = self.local_date(a), self.local_date(b)
        return max(0, sum(map(self.is_working_day, _dates(first, last + DAY))) - 1)

    def _open_days(self, first: date) -> Iterator[tuple[date, _Day]]:
        closed = 0
        date_ = first
        while closed <= LONGEST_CLOSURE:
            day = self._day(date_)
            closed = 0 if day.spans else closed + 1
            if day.spans:
                yield date_, day
            date_ += DAY
        raise NoOpenTime(f"the office hours leave no open time in the year after {first}")

    def _passed(self, date_: date, t: datetime) -> timedelta:
        """Office time of that date before the instant."""
        now = _utc(t)
        spans = self._day(date_).spans
        return sum((min(now, closes) - opens for opens, closes in spans if opens < now), timedelta(0))

    def _day(self, date_: date) -> _Day:
        known = self._days.get(date_)
        if known is None:
            known = self._days[date_] = self._worked_out(date_)
        return known

    def _worked_out(self, date_: date) -> _Day:
        midnight = datetime.combine(date_, datetime.min.time())
        instants = (
            (self._instant(midnight + span.opens * MINUTE), self._instant(midnight + span.closes * MINUTE))
            for span in self._wall_spans(date_)
        )
        spans = tuple((opens, closes) for opens, closes in instants if opens < closes)
        return _Day(spans, sum((closes - opens for opens, closes in spans), timedelta(0)))

    def _wall_spans(self, date_: date) -> Iterator[Span]:
        latest = self._closing(date_)
        for span in self.hours.on(date_):
            if span.opens < latest:
                yield Span(span.opens, min(span.closes, latest))

    def _closing(self, date_: date) -> int:
        """The minute after which the date is closed whatever the weekday's hours say."""
        if date_ in self._holidays or date_ in self.hours.closed_dates:
            return 0
        tomorrow = self._holidays.get_list(date_ + DAY)
        eves = [EVES[name] for name in tomorrow if name in EVES]
        return min((getattr(self.hours.eves, eve) for eve in eves), default=MIDNIGHT)

    def _instant(self, wall: datetime) -> datetime:
        """UTC of a wall-clock time.

        In the repeated autumn hour the first pass counts unless fold says 1; a time skipped in spring is the
        moment the skip ends, so that hours which touch stay touching.
        """
        while True:
            instant = wall.replace(tzinfo=self.zone).astimezone(UTC)
            if instant.astimezone(self.zone).replace(tzinfo=None) == wall:
                return instant
            wall = wall.replace(second=0, microsecond=0) + MINUTE


def _utc(t: datetime) -> datetime:
    if t.utcoffset() is None:
        raise ValueError("an instant needs a time zone")
    return t.astimezone(UTC)


def _dates(first: date, end: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((end - first).days))


def _instant_within(day: _Day, passed: timedelta) -> datetime:
    """The first instant of the day by which that much of its office time has passed."""
    for opens, closes in day.spans[:-1]:
        if passed <= closes - opens:
            return opens + passed
        passed -= closes - opens
    return day.spans[-1][0] + passed


def _clipped(t: datetime, day: _Day) -> datetime:
    for opens, closes in day.spans:
        if t <= closes:
            return max(t, opens)
    return day.spans[-1][1]
