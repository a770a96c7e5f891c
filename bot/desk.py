"""The desk: what every use case needs, in one hand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot import log
from bot.channels.outlet import Outlet
from bot.clock import OfficeClock
from bot.settings import Settings
from storage.engine import Database


def utc_now() -> datetime:
    """The wall clock, aware."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Desk:
    """Database, settings, office clock, and the key for hashes of people's text."""

    db: Database
    settings: Settings
    office: OfficeClock
    log_key: bytes
    public_url: str
    now: Callable[[], datetime] = field(default=utc_now)
    outlets: tuple[Outlet, ...] = ()

    def fingerprint(self, text: str) -> str:
        """Keyed hash of somebody's text, for the log."""
        return log.fingerprint(self.log_key, text)
