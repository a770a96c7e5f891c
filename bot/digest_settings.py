"""What the municipality chose for Dagens läge."""

from datetime import time
from typing import Self

from pydantic import model_validator

from bot.fields import Table

EARLIEST, LATEST = time(6), time(20)  # a night may be skipped or repeated when the clock turns


class Digest(Table):
    """``at``: when it goes out on working days (Stockholm time); ``until``: if the desk stood still, no later."""

    at: time = time(7, 45)
    until: time = time(12)

    @model_validator(mode="after")
    def _by_day(self) -> Self:
        if not EARLIEST <= self.at < self.until <= LATEST:
            raise ValueError("at comes before until, and both lie between 06:00 and 20:00")
        return self
