"""*Jag kan*: who answers while owner and substitute are away."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.channels.message import Message
from bot.comments import covering
from bot.delivery.outcome import Drop, Later
from bot.desk import Desk
from bot.texts import Speak
from handlers.boundary import Boundary
from handlers.cards import cover as cards
from handlers.click import Click, number
from storage import accounts
from storage.covers import Cover
from storage.posts import Post

Drawn = Message | Drop | Later
Draw = Callable[[AsyncSession, Post, Speak], Awaitable[Drawn]]


@dataclass(frozen=True)
class Covers:
    """The listener of the question."""

    desk: Desk

    def register(self, boundary: Boundary) -> None:
        """Hook it up."""
        boundary.action(cards.CAN, self.can)

    async def can(self, click: Click) -> None:
        """*Jag kan*: the card says so."""
        await covering.can(self.desk, click.person, number(click.payload, "g"), now=click.now)


class CoverRenderer:
    """Draws the question, and what was released."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.kinds: dict[str, Draw] = {covering.GAP: self._gap, covering.RELEASED: self._released}

    async def _gap(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        """One that closed before it went out is not asked any more."""
        row = await session.get_one(Cover, post.args["cover"])
        account = await accounts.get(session, row.account_id)
        if account is None or (row.lapsed and post.remote is None):
            return Drop("closed")
        names = await people.names(session, [row.person] if row.person else [])
        return cards.gap(t, row, account.name, names.get(row.person or "", ""))

    async def _released(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        person = post.args["person"]
        return cards.released(t, post.args["n"], (await people.names(session, [person]))[person])
