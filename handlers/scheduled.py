"""Posts in platforms' timers: the list in the crisis thread, `/kris status`, and a choice for each afterwards."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channels.message import Message
from bot.crisis import board, choosing, facts, strays, timers
from bot.crisis.choosing import Choice, Wish
from bot.crisis.lookout import Lookout
from bot.delivery.outcome import Drop, Later
from bot.desk import Desk
from bot.errors import Invalid, Problem
from bot.texts import Speak
from handlers.boundary import Boundary
from handlers.cards import crisis as crisis_cards
from handlers.cards import kit
from handlers.cards import scheduled as cards
from handlers.click import Click, Close, Outcome, number
from handlers.words import Words
from storage import held, incidents
from storage.posts import Post

COMMAND = "/kris"
Drawn = Message | Drop | Later
Draw = Callable[[AsyncSession, Post, Speak], Awaitable[Drawn]]


@dataclass(frozen=True)
class Scheduling:
    """Listeners of held posts: a choice is written down, then carried out."""

    desk: Desk
    lookout: Lookout

    def register(self, boundary: Boundary, words: Words) -> None:
        """Hook everything up."""
        words.add(COMMAND, "status", "status", self.status, "help.kris.status")
        boundary.action(cards.PUBLISH, self.publish)
        boundary.action(cards.DROP, self.drop)
        boundary.action(cards.MOVE, self.ask_time)
        boundary.view(cards.MOVED, self.move)

    async def status(self, click: Click) -> None:
        """What is on, and what waits in the timers; of what has ended as long as something waits for a choice."""
        async with self.desk.db.read() as session:
            open_ones = await incidents.in_state(session, *incidents.OPEN)
            boards = [await board.read(session, self.desk, one.id or 0, click.now) for one in open_ones]
            waiting = [await timers.read(session, self.desk, one) for one in await timers.concerned(session)]
        said = crisis_cards.overview(click.t, boards)
        more = cards.listing(click.t, waiting)
        blocks = [*said.blocks, *map(kit.section, more)]
        await click.say(kit.message(blocks, said.text, *more))

    async def publish(self, click: Click) -> None:
        """*Publicera*."""
        await self._choose(click, Choice.PUBLISH)

    async def drop(self, click: Click) -> None:
        """*Släng*."""
        await self._choose(click, Choice.DROP)

    async def _choose(self, click: Click, choice: Choice) -> None:
        wish = Wish(number(click.payload, "h"), choice)
        await choosing.choose(self.desk, click.person, wish, now=click.now)
        await self.lookout.work(self.desk, self.desk.now())

    async def ask_time(self, click: Click) -> None:
        """*Schemalägg om*: when?"""
        row = await choosing.may_choose(self.desk, click.person, number(click.payload, "h"), now=click.now)
        await click.open(cards.form(click.t, row, click.now))

    async def move(self, click: Click) -> Outcome:
        """The new time was sent; the next tick sets it."""
        try:
            at = facts.instant(click.values.get("at"))
        except (ValueError, OverflowError):
            raise Invalid({"at": Problem("facts.time")}) from None
        wish = Wish(number(click.meta, "h"), Choice.MOVE, at)
        await choosing.choose(self.desk, click.person, wish, now=click.now)
        return Close()


class SchedulingRenderer:
    """Draws the list, and what went out meanwhile."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.kinds: dict[str, Draw] = {
            timers.CARD: self._card,
            timers.WAITING: self._waiting,
            strays.STRAY: self._stray,
        }

    async def _card(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        incident = await incidents.get(session, post.args["incident"])
        assert incident is not None
        return cards.card(t, await timers.read(session, self.desk, incident))

    async def _waiting(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        rows = await held.of_incident(session, post.args["incident"])
        waiting = [one for one in rows if one.state == held.HELD]
        return cards.waiting(t, len(waiting)) if waiting else Drop("chosen")

    async def _stray(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        args = post.args
        names = {one.key: one.name for one in self.desk.outlets}
        account = names.get(args["channel"], args["channel"])
        return cards.stray(t, account, args["words"], args["link"], datetime.fromisoformat(args["at"]))
