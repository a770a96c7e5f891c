"""/komm jour: who has the duty in a crisis, week by week, and the receipt at hand-over."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.channels.message import Message
from bot.crisis import duty, handover
from bot.crisis.handover import Week
from bot.delivery.outcome import Drop, Later
from bot.desk import Desk
from bot.errors import Refused
from bot.texts import Speak
from handlers.boundary import Boundary
from handlers.cards import duty as cards
from handlers.click import Click
from handlers.words import HOME, Words
from storage import rota
from storage.posts import Post

Outcome = Message | Drop | Later
Draw = Callable[[AsyncSession, Post, Speak], Awaitable[Outcome]]


@dataclass(frozen=True)
class Duties:
    """Listeners of the rota."""

    desk: Desk

    def register(self, boundary: Boundary, words: Words) -> None:
        """Hook everything up."""
        words.add(HOME, "jour", "duty", self.open, "help.komm.duty")
        boundary.action(cards.OPEN, self.open)
        boundary.action(cards.ASSIGN, self.assign)
        boundary.action(cards.RECEIVE, self.receive)

    async def open(self, click: Click) -> None:
        """The weeks to come."""
        await click.open(await self._view(click))

    async def _view(self, click: Click) -> dict[str, Any]:
        return cards.view(click.t, await handover.upcoming(self.desk, click.person, now=click.now))

    async def assign(self, click: Click) -> None:
        """A week was given to somebody: the open form shows it."""
        person = str(click.payload.get("p", ""))
        await duty.assign(self.desk, click.person, _monday(click), person, now=click.now)
        await click.update(await self._view(click))

    async def receive(self, click: Click) -> None:
        """*Jag tar över*: the card under the button says so."""
        await duty.receive(self.desk, click.person, _monday(click), now=click.now)


def _monday(click: Click) -> date:
    try:
        return date.fromisoformat(str(click.payload.get("w", "")))
    except ValueError:
        raise Refused("err.unknown_button") from None


class DutyRenderer:
    """Draws what the rota owes people."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.kinds: dict[str, Draw] = {
            handover.HANDOVER: self._handover,
            handover.UNRECEIVED: self._unreceived,
            handover.VACANT: self._vacant,
        }

    async def _week(self, session: AsyncSession, post: Post) -> Week | None:
        monday = date.fromisoformat(post.args["week"])
        row = await rota.at(session, monday)
        if row is None:
            return None
        names = await people.names(session, [row.person])
        begins = handover.begins(self.desk, monday)
        return Week(monday, begins, row.person, names[row.person], row.received)

    async def _handover(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        week = await self._week(session, post)
        mine = week is not None and week.person == post.dest
        if week is None or (not mine and post.remote is None):
            return Drop("somebody else's")
        return cards.handover(t, week, mine=mine)

    async def _unreceived(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        week = await self._week(session, post)
        if week is None or week.received or week.monday != duty.week_of(self.desk, self.desk.now()):
            return Drop("received")
        return cards.unreceived(t, week)

    async def _vacant(self, session: AsyncSession, post: Post, t: Speak) -> Outcome:
        now = self.desk.now()
        over = duty.week_of(self.desk, now).isoformat() != post.args["week"]
        cast = await duty.cast(session, self.desk, now)
        return Drop("filled") if over or cast.on_duty else cards.vacant(t)
