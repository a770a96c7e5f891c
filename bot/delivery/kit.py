"""What every part of one lane works with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.channels.protocol import Carrier
from bot.delivery.lease import Lease
from bot.delivery.pace import Pace
from bot.delivery.render import Fallback, Render, Settled
from bot.delivery.settings import Settings
from storage.engine import Database


class Office(Protocol):
    """The office hours, as far as reminders care."""

    def open_at(self, t: datetime) -> bool:
        """Is the office open then?"""

    def next_opening(self, t: datetime) -> datetime:
        """When it opens next (UTC)."""


@dataclass(frozen=True)
class Kit:
    """One lane's database, carrier, lease, pace, clock and the callables of the roof."""

    db: Database
    carrier: Carrier
    lease: Lease
    pace: Pace
    render: Render
    fallback: Fallback | None
    office: Office | None
    settings: Settings
    now: Callable[[], datetime]
    settled: Settled | None = None

    @property
    def owner(self) -> str:
        """Who this process is, in the rows it works on."""
        return self.lease.owner

    @property
    def via(self) -> str:
        """The lane."""
        return self.carrier.name
