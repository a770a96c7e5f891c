"""The day a digest is about: midnight by the clock in Stockholm, and the working day before."""

from datetime import UTC, date, datetime, time

import pytest
from pydantic import ValidationError

from bot.clock import OfficeClock
from bot.desk import Desk
from bot.digest import day as days
from bot.digest_settings import Digest
from storage.engine import Database
from tests import town


@pytest.mark.parametrize(
    ("now", "since", "begins"),
    [
        (datetime(2026, 11, 24, 7, tzinfo=UTC), date(2026, 11, 23), datetime(2026, 11, 23, 23, tzinfo=UTC)),
        (datetime(2026, 11, 23, 7, tzinfo=UTC), date(2026, 11, 20), datetime(2026, 11, 22, 23, tzinfo=UTC)),
        (datetime(2026, 12, 28, 7, tzinfo=UTC), date(2026, 12, 23), datetime(2026, 12, 27, 23, tzinfo=UTC)),
        (datetime(2027, 3, 29, 6, tzinfo=UTC), date(2027, 3, 25), datetime(2027, 3, 28, 22, tzinfo=UTC)),
        (datetime(2026, 10, 26, 7, tzinfo=UTC), date(2026, 10, 23), datetime(2026, 10, 25, 23, tzinfo=UTC)),
    ],
)
def test_since_the_last_working_day(now: datetime, since: date, begins: datetime) -> None:
    """Over weekends, holidays, and nights in which the clock turns."""
    chosen = town.settings()
    desk = Desk(Database("sqlite:///unused.db"), chosen, OfficeClock(chosen.office), b"key", "http://desk.test")
    found = days.of(desk, now)
    assert (since, begins) == (found.since, found.begins)


@pytest.mark.parametrize(("at", "until"), [("05:59", "12:00"), ("08:00", "07:00"), ("07:45", "20:01")])
def test_hours_that_a_night_could_skip_are_refused(at: str, until: str) -> None:
    """The file's mistake becomes one line at the start."""
    with pytest.raises(ValidationError, match="at comes before until"):
        Digest(at=time.fromisoformat(at), until=time.fromisoformat(until))
