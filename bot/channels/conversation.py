"""Comments under an account's posts: what the desk needs of a platform to hear and to answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot.channels.heard import Heard
from bot.channels.protocol import Can, Sent


@dataclass(frozen=True)
class Page:
    """What one look gave, oldest first, and the cursor for the next one. ``more``: look again at once."""

    heard: Sequence[Heard]
    cursor: Mapping[str, Any] = field(default_factory=dict)
    more: bool = False


class Conversation(Protocol):
    """A channel whose comments can be read. Every method raises the errors of ``bot.channels.errors``.

    What a platform cannot do is not in ``can``: REPLY, HIDE, TAKE_DOWN, LOOK.
    """

    name: str
    lag: float
    can: frozenset[Can]

    async def comments(self, cursor: Mapping[str, Any]) -> Page:
        """What is new since the cursor; an empty cursor begins a little before now."""

    async def reply(self, remote: str, text: str, key: str) -> Sent:
        """Answer a comment once."""

    async def find_reply(self, remote: str, text: str, key: str, since: datetime) -> Sent | None:
        """Our answer below that comment, sent after ``since`` (UTC), if it is there."""

    async def hide(self, remote: str, *, hidden: bool) -> None:
        """Hide a comment, or show it again. Idempotent. Raises Gone."""

    async def take_down(self, remote: str) -> None:
        """Remove somebody's comment. Idempotent; what is gone counts as removed."""

    async def look(self, remote: str) -> Heard | None:
        """The comment as it stands now; None when it is gone."""


class Talk(Conversation, Protocol):
    """A conversation with connections of its own."""

    async def close(self) -> None:
        """Close the connections."""
