"""What the delivery room needs of a platform."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.channels.message import Message


@dataclass(frozen=True)
class Sent:
    """Where a message stands: the vendor's id of it, and the place it was put."""

    remote: str
    place: str


class Carrier(Protocol):
    """One platform. Every method raises the errors of ``bot.channels.errors`` and nothing else."""

    name: str
    lag: float  # seconds until a sent message can be found

    async def place(self, dest: str) -> str:
        """Where posts to ``dest`` really go. Idempotent; raises Refused for who cannot be reached."""

    async def send(self, place: str, thread: str | None, message: Message, key: str) -> Sent:
        """Send once, with ``key`` on the message so that it can be found."""

    async def update(self, place: str, remote: str, message: Message) -> None:
        """Show this instead. Idempotent. Raises Gone when there is nothing to change."""

    async def find(self, place: str, thread: str | None, key: str, since: datetime) -> str | None:
        """The vendor's id of the message with ``key`` sent after ``since``. Raises CannotLook."""
