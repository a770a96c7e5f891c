"""/kommentar helg: who watches comments on days off, and the receipt."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.channels.message import Message
from bot.comments import cases, tell, weekend
from bot.comments.states import State
from bot.comments.weekend import Given
from bot.delivery.outcome import Drop, Later
from bot.desk import Desk
from bot.texts import Speak
from handlers.boundary import Boundary
from handlers.cards import comment
from handlers.cards import weekend as cards
from handlers.click import Click, Outcome, Update, number
from handlers.comment import COMMAND
from handlers.words import Words
from storage.posts import Post
from storage.watches import WeekendWatch

Drawn = Message | Drop | Later
Draw = Callable[[AsyncSession, Post, Speak], Awaitable[Drawn]]


@dataclass(frozen=True)
class Weekends:
    """Listeners of the weekend watch."""

    desk: Desk

    def register(self, boundary: Boundary, words: Words) -> None:
        """Hook everything up."""
        words.add(COMMAND, "helg", "weekend", self.open, "help.kommentar.weekend")
        boundary.action(cards.OPEN, self.open)
        boundary.view(cards.SET, self.set)
        boundary.action(cards.REMOVE, self.remove)
        boundary.action(cards.RECEIVE, self.receive)

    async def open(self, click: Click) -> None:
        """The watches to come, and a form for another."""
        await click.open(cards.form(click.t, await weekend.coming(self.desk, click.person, now=click.now)))

    async def set(self, click: Click) -> Outcome:
        """The form was sent."""
        row, name = await weekend.add(self.desk, click.person, _given(click), now=click.now)
        return Update(cards.done(click.t, row, name))

    async def remove(self, click: Click) -> None:
        """A watch was taken away: the open form shows it."""
        await weekend.remove(self.desk, click.person, number(click.payload, "w"), now=click.now)
        await click.update(cards.form(click.t, await weekend.coming(self.desk, click.person, now=click.now)))

    async def receive(self, click: Click) -> None:
        """*Jag tar det*: the card under the button says so."""
        await weekend.receive(self.desk, click.person, number(click.payload, "w"), now=click.now)


def _given(click: Click) -> Given:
    return Given(
        person=str(click.values.get("person") or ""),
        first=_date(click.values.get("first")),
        last=_date(click.values.get("last")),
        opens=int(click.values.get("opens") or weekend.OPENS),
        closes=int(click.values.get("closes") or weekend.CLOSES),
    )


def _date(value: object) -> date | None:
    return date.fromisoformat(str(value)) if value else None


class WeekendRenderer:
    """Draws what a watch owes people."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.kinds: dict[str, Draw] = {
            weekend.GIVEN: self._given,
            weekend.ASK: self._ask,
            weekend.LATE: self._late,
            weekend.TAKEN_AWAY: self._taken_away,
            tell.URGENT: self._urgent,
        }

    async def _given(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        row = await session.get_one(WeekendWatch, post.args["watch"])
        if row.removed and post.remote is None:
            return Drop("taken away")
        return cards.given(t, row, (await people.names(session, [row.by]))[row.by])

    async def _ask(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        row = await session.get_one(WeekendWatch, post.args["watch"])
        return Drop("taken away") if row.removed and post.remote is None else cards.ask(t, row)

    async def _late(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        """Nobody hears that somebody is late once they are not."""
        row = await session.get_one(WeekendWatch, post.args["watch"])
        if (row.received or row.removed) and post.remote is None:
            return Drop("received")
        return cards.late(t, row, (await people.names(session, [row.person]))[row.person])

    async def _taken_away(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        return cards.taken_away(t, await session.get_one(WeekendWatch, post.args["watch"]))

    async def _urgent(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        """One that has not gone out is dropped once it is answered; one that stands says so."""
        case = await cases.read(session, self.desk, post.args["comment"], self.desk.now())
        if case.state is not State.WAITING:
            return Drop("answered") if post.remote is None else comment.settled(t, case)
        return cards.urgent(t, case)
