"""The day a digest is about, and the days since the last one."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.desk import Desk

DAY = timedelta(days=1)
LATEST = time(20)  # Stockholm; then the morning's news is no use any more
AHEAD = timedelta(days=7)


@dataclass(frozen=True)
class Day:
    """A local date. ``since``: the working day before it; ``since_at`` and ``begins``: their first instants (UTC).

    ``dies``: when a digest of the day is no longer sent (UTC).
    """

    today: date
    begins: datetime
    since: date
    since_at: datetime
    dies: datetime

    @property
    def horizon(self) -> date:
        """The last local date that is told of in advance."""
        return self.today + AHEAD


def of(desk: Desk, now: datetime) -> Day:
    """The local day of an instant."""
    today = desk.office.local_date(now)
    since = today - DAY
    while not desk.office.is_working_day(since):
        since -= DAY
    return Day(today, instant(desk, today), since, instant(desk, since), instant(desk, today, LATEST))


def instant(desk: Desk, day: date, at: time = time(0)) -> datetime:
    """That wall-clock time of a local date as an instant (UTC)."""
    return datetime.combine(day, at, desk.office.zone).astimezone(UTC)
