"""The callables plugged in by the roof: what a post says, where it goes when refused, who hears of its end."""

from typing import Protocol

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channels.message import Message
from bot.delivery.outcome import Drop, Later
from storage.posts import Post


class Render(Protocol):
    """Renders a post from the database as it stands; the language is the renderer's business."""

    async def __call__(self, session: AsyncSession, post: Post) -> Message | Drop | Later:
        """The message, or why there is none now. The session is for reading."""


class Fallback(Protocol):
    """Where a refused post goes instead."""

    async def __call__(self, session: AsyncSession, name: str) -> list[str]:
        """Destinations behind a fallback's name; empty when there is nobody."""


class Settled(Protocol):
    """What other rooms do when a post has come to a new state."""

    async def __call__(self, session: AsyncSession, post: Post, state: str) -> None:
        """In the transaction that moved it; ``post`` is the row as it was before."""
