"""/kris press and /kris fråga: what newsrooms and residents ask during an incident, and who answers what."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.channels.message import Message
from bot.crisis import answering, facts, press
from bot.crisis.press import Call
from bot.delivery.outcome import Drop, Later
from bot.desk import Desk
from bot.errors import Invalid, Problem
from bot.texts import Speak
from handlers.boundary import Boundary
from handlers.cards import answer as answer_cards
from handlers.cards import press as press_cards
from handlers.click import Click, Close, Outcome, number
from handlers.words import Words
from storage.answers import Answer
from storage.posts import Post
from storage.presscalls import PressCall

COMMAND = "/kris"
Drawn = Message | Drop | Later
Draw = Callable[[AsyncSession, Post, Speak], Awaitable[Drawn]]


@dataclass(frozen=True)
class Askings:
    """Listeners of questions: the media's and the residents'."""

    desk: Desk

    def register(self, boundary: Boundary, words: Words) -> None:
        """Hook everything up."""
        words.add(COMMAND, "fråga", "question", self.answers, "help.kris.question")
        words.add(COMMAND, "press", "media", self.calls, "help.kris.press")
        boundary.action(answer_cards.NEW, self.new_answer)
        boundary.action(answer_cards.APPROVE, self.approve)
        boundary.action(answer_cards.WITHDRAW, self.withdraw)
        boundary.action(press_cards.NEW, self.new_call)
        boundary.action(press_cards.DONE, self.done)
        boundary.view(answer_cards.SAVE, self.proposed)
        boundary.view(press_cards.SAVE, self.taken)

    async def answers(self, click: Click) -> None:
        """What everybody answers; with words after it: where those stand."""
        found = await answering.book(self.desk, click.person, click.text, now=click.now)
        await click.say(answer_cards.listing(click.t, found))

    async def new_answer(self, click: Click) -> None:
        """The form for a question and its answer."""
        await click.open(answer_cards.form(click.t))

    async def proposed(self, click: Click) -> Outcome:
        """It was sent: a colleague sees it in the thread."""
        given = [str(click.values.get(name) or "") for name in ("question", "answer")]
        await answering.propose(self.desk, click.person, *given, now=click.now)
        return Close()

    async def approve(self, click: Click) -> None:
        """A colleague's yes."""
        await answering.approve(self.desk, click.person, number(click.payload, "q"), now=click.now)

    async def withdraw(self, click: Click) -> None:
        """Not answered so, or no longer."""
        await answering.withdraw(self.desk, click.person, number(click.payload, "q"), now=click.now)

    async def calls(self, click: Click) -> None:
        """The newsrooms that wait for an answer."""
        await click.say(press_cards.listing(click.t, await press.listed(self.desk, click.person, now=click.now)))

    async def new_call(self, click: Click) -> None:
        """The form for a call; the right is checked before it opens."""
        await press.listed(self.desk, click.person, now=click.now)
        await click.open(press_cards.form(click.t))

    async def taken(self, click: Click) -> Outcome:
        """The call was sent."""
        values = click.values
        words = {name: str(values.get(name) or "") for name in ("newsroom", "number", "question", "person")}
        try:
            due = facts.instant(values.get("due"))
        except (ValueError, OverflowError):
            raise Invalid({"due": Problem("facts.time")}) from None
        await press.take(self.desk, click.person, Call(due=due, **words), now=click.now)
        return Close()

    async def done(self, click: Click) -> None:
        """*Klart*."""
        await press.done(self.desk, click.person, number(click.payload, "p"), now=click.now)
        await click.say(Message(click.t("press.thanks")))


class AskingRenderer:
    """Draws what questions owe people."""

    def __init__(self) -> None:
        self.kinds: dict[str, Draw] = {
            press.CALL: self._call,
            press.LATE: self._late,
            answering.ANSWER: self._answer,
        }

    async def _call(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        return press_cards.asked(t, await session.get_one(PressCall, post.args["call"]))

    async def _late(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        call = await session.get_one(PressCall, post.args["call"])
        return Drop("done") if call.done else press_cards.late(t, call)

    async def _answer(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        row = await session.get_one(Answer, post.args["answer"])
        ids = [row.by, row.approved_by or ""]
        names = await people.names(session, ids)
        return answer_cards.card(t, row, names[row.by], names[row.approved_by or ""])
