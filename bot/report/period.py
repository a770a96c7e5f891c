"""A calendar month as Stockholm sees it."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Self

from bot.clock import ZONE
from bot.errors import Refused

_WRITTEN: Final = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


@dataclass(frozen=True, order=True)
class Period:
    """One month; written "2026-10"."""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> Self:
        """The month of a local date."""
        return cls(day.year, day.month)

    @classmethod
    def read(cls, text: str) -> Self:
        """The month that is written there; Refused for anything else."""
        found = _WRITTEN.fullmatch(text.strip())
        if found is None:
            raise Refused("month.unreadable")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @property
    def first(self) -> date:
        """Its first date."""
        return date(self.year, self.month, 1)

    @property
    def after(self) -> "Period":
        """The next month."""
        return Period.of(self.first + timedelta(days=31))

    @property
    def before(self) -> "Period":
        """The month before."""
        return Period.of(self.first - timedelta(days=1))

    @property
    def last(self) -> date:
        """Its last date."""
        return self.after.first - timedelta(days=1)

    @property
    def days(self) -> tuple[date, ...]:
        """Its dates."""
        return tuple(self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))

    @property
    def begins(self) -> datetime:
        """Its first instant (UTC)."""
        return datetime.combine(self.first, time(), ZONE).astimezone(UTC)

    @property
    def ends(self) -> datetime:
        """The first instant that is no longer in it (UTC)."""
        return self.after.begins
