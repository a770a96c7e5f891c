"""That a channel's comments are not read: told to whoever can mend it, and that they are again."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channels.message import Message
from bot.comments import troubles
from bot.crisis import pings
from bot.delivery.outcome import Drop, Later
from bot.desk import Desk
from bot.texts import Speak
from handlers.cards import unread as cards
from storage.posts import Post

Drawn = Message | Drop | Later
Draw = Callable[[AsyncSession, Post, Speak], Awaitable[Drawn]]


@dataclass(frozen=True)
class UnreadRenderer:
    """Draws the one message of an outage."""

    desk: Desk

    @property
    def kinds(self) -> dict[str, Draw]:
        """What draws which kind of post."""
        return {troubles.KIND: self._unread}

    async def _unread(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        """Nobody is told of what was over before they knew."""
        row, outlet = await troubles.broken(session, post), pings.named(self.desk, post.args["channel"])
        if outlet is None or (row is None and post.remote is None):
            return Drop("over")
        if row is None:
            return cards.read_again(t, outlet.name)
        return cards.unread(t, outlet.name, row, pings.secrets(self.desk, outlet.key))
