"""What lies in a platform's own timer, waiting to go out by itself; and what an account has published lately."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable


@dataclass(frozen=True)
class Scheduled:
    """A post that the platform will publish ``at`` (aware UTC) unless somebody stops it."""

    remote: str
    text: str
    at: datetime
    link: str = ""


@dataclass(frozen=True)
class Published:
    """A post that stands on the account since ``at`` (aware UTC), whoever made it."""

    remote: str
    text: str
    at: datetime
    link: str = ""


@runtime_checkable
class Timer(Protocol):
    """A channel whose timer can be read and set (``Can.TIMER``).

    Every method raises the errors of ``bot.channels.errors``; ``Gone`` when there is no such post. Each may be
    repeated without harm: it is about one post that the platform has already.
    """

    name: str

    async def scheduled(self) -> list[Scheduled]:
        """What will go out by itself, soonest first."""

    async def scheduled_one(self, remote: str) -> Scheduled | Published:
        """The post as it is now: still waiting, or out."""

    async def reschedule(self, remote: str, at: datetime) -> None:
        """Let it go out ``at`` instead."""

    async def release(self, remote: str) -> None:
        """Let it go out now."""

    async def remove(self, place: str, remote: str) -> None:
        """Take it away; what is gone already counts as taken away."""


@runtime_checkable
class Readable(Protocol):
    """A channel whose own posts can be read with little effort (``Can.RECENT``)."""

    name: str

    async def recent(self, since: datetime) -> list[Published]:
        """The account's own posts since then (UTC), oldest first; answers to others are not among them."""
