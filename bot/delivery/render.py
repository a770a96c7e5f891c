"""The two callables plugged in by the roof: what a post says, and where it goes when refused."""

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
