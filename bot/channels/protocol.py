"""What the delivery room and the desk need of a platform."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.channels.message import Message


class Can(StrEnum):
    """What a platform may be able to do; what it cannot do, it says by leaving it out."""

    PUBLISH = "publish"
    UPDATE = "update"
    REMOVE = "remove"
    FIND = "find"
    COMMENTS = "comments"
    REPLY = "reply"
    HIDE = "hide"
    TAKE_DOWN = "take_down"  # residents' comments can be removed
    LOOK = "look"  # a single comment can be read, without cost
    PROFILE = "profile"
    METRICS = "metrics"  # followers and reactions (bot.channels.measuring)
    ELSEWHERE = "elsewhere"  # messages, mentions, reviews can be counted (bot.channels.elsewhere)
    PING = "ping"
    TIMER = "timer"  # posts it will publish by itself can be read and held (bot.channels.scheduled)
    RECENT = "recent"  # the account's own posts can be read


@dataclass(frozen=True)
class Sent:
    """Where a message stands: the vendor's id of it, the place it was put, and its public address."""

    remote: str
    place: str
    link: str = ""


class Carrier(Protocol):
    """One platform, as the delivery room sees it.

    Every method raises the errors of ``bot.channels.errors`` and nothing else. ``idempotent``: sending
    again with the same key changes nothing, so a lost answer is simply sent again.
    """

    name: str  # the lane; unique among the channels
    lag: float  # seconds until a sent message can be found
    can: frozenset[Can]
    idempotent: bool

    async def place(self, dest: str) -> str:
        """Where posts to ``dest`` really go. Idempotent; raises Refused for who cannot be reached."""

    async def send(self, place: str, thread: str | None, message: Message, key: str) -> Sent:
        """Publish once, with ``key`` on the message so that it can be found, where there is room for one."""

    async def update(self, place: str, remote: str, message: Message) -> None:
        """Show this instead. Idempotent. Raises Gone when there is nothing to change."""

    async def remove(self, place: str, remote: str) -> None:
        """Take it away. Idempotent; what is gone already counts as removed."""

    async def find(
        self, place: str, thread: str | None, key: str, since: datetime, message: Message | None
    ) -> Sent | None:
        """Our message sent after ``since`` (UTC), by ``key`` or, where there is none, by its text.

        Raises CannotLook where the platform cannot be read.
        """


class Door(Protocol):
    """Something that can be asked whether it is there."""

    name: str

    async def ping(self) -> str:
        """Ask for something that needs the token; gives the account's name as the platform says it."""

    async def close(self) -> None:
        """Close the connections."""


class Channel(Carrier, Protocol):
    """A platform with a door the desk looks through now and then."""

    async def ping(self) -> str:
        """Ask for something that needs the token; gives the account's name as the platform says it."""

    async def close(self) -> None:
        """Close the connections."""
