"""Blocking: the form, a colleague's yes or no, and what was done on the platform."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channels.message import Message
from bot.comments import blocking
from bot.comments.rules import Case
from bot.delivery.outcome import Drop
from bot.desk import Desk
from bot.texts import Speak
from handlers.boundary import Boundary
from handlers.cards import comment_block as cards
from handlers.cards.comment_guard import BLOCK
from handlers.click import Click, Close, Outcome, number
from handlers.words import Act
from storage import blocks
from storage.blocks import Block
from storage.posts import Post


@dataclass(frozen=True)
class Blocks:
    """Listeners of *Blockera*."""

    desk: Desk

    def register(self, boundary: Boundary) -> None:
        """Hook everything up."""
        boundary.view(cards.PROPOSED, self.proposed)
        boundary.action(cards.AGREE, self.agree)
        boundary.action(cards.DECLINE, self.decline)
        boundary.action(cards.DONE, self.done)
        boundary.action(cards.LIFT, self.lift)

    @property
    def choices(self) -> Mapping[str, Act]:
        """What they do of the comment's menu."""
        return {BLOCK: self.open}

    async def open(self, click: Click) -> None:
        """*Blockera*: why, and until when."""
        case = await blocking.look(self.desk, click.person, number(click.payload, "c"), now=click.now)
        until = self.desk.office.local_date(click.now) + blocking.USUAL
        await click.open(cards.form(click.t, case, until))

    async def proposed(self, click: Click) -> Outcome:
        """A colleague is asked."""
        reason, until = str(click.values.get("reason") or ""), _date(click.values.get("until"))
        comment_id = number(click.meta, "c")
        await blocking.propose(self.desk, click.person, comment_id, reason, until, now=click.now)
        return Close()

    async def agree(self, click: Click) -> None:
        """*Håller med*."""
        await blocking.agree(self.desk, click.person, number(click.payload, "b"), now=click.now)

    async def decline(self, click: Click) -> None:
        """*Blockera inte*."""
        await blocking.decline(self.desk, click.person, number(click.payload, "b"), now=click.now)

    async def done(self, click: Click) -> None:
        """*Klart*: it stands on the platform."""
        await blocking.done(self.desk, click.person, number(click.payload, "b"), now=click.now)

    async def lift(self, click: Click) -> None:
        """*Hävd*: it does not stand there any more."""
        await blocking.lift(self.desk, click.person, number(click.payload, "b"), now=click.now)


def _date(given: Any) -> date | None:
    try:
        return date.fromisoformat(str(given))
    except ValueError:
        return None


class BlockRenderer:
    """Draws what blockings owe people."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.kinds: dict[str, Any] = {
            blocking.ASK: self._ask,
            blocking.HAND: self._hand,
            blocking.REVIEW: self._review,
        }

    async def _sight(self, session: AsyncSession, post: Post) -> tuple[Block, Case]:
        return await blocking.sight(session, self.desk, post.args["block"], self.desk.now())

    async def _ask(self, session: AsyncSession, post: Post, t: Speak) -> Message | Drop:
        return cards.ask(t, *await self._sight(session, post))

    async def _hand(self, session: AsyncSession, post: Post, t: Speak) -> Message | Drop:
        return cards.hand(t, *await self._sight(session, post))

    async def _review(self, session: AsyncSession, post: Post, t: Speak) -> Message | Drop:
        made, case = await self._sight(session, post)
        if made.state not in (blocks.ORDERED, blocks.ON) and post.remote is None:
            return Drop("over")
        return cards.review(t, made, case)
