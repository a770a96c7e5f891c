"""Sending a comment on, and the answer that comes back."""

from dataclasses import dataclass
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channels.message import Message
from bot.comments import book, forwarding, replying, targets
from bot.comments.forwarding import Given, Offer
from bot.comments.states import VISIBLE
from bot.delivery.outcome import Drop
from bot.desk import Desk
from bot.errors import Invalid, Problem
from bot.texts import Speak
from handlers.answer_form import AnswerForm
from handlers.boundary import Boundary
from handlers.cards import comment_forms as views
from handlers.cards import comment_forward as cards
from handlers.click import Click, Close, Outcome, Update, number
from storage.posts import Post


@dataclass(frozen=True)
class Forwards:
    """Listeners of *Skicka vidare*."""

    desk: Desk
    form: AnswerForm

    def register(self, boundary: Boundary) -> None:
        """Hook everything up."""
        boundary.action(views.FORWARD, self.open)
        boundary.action(cards.TARGET, self.turn)
        boundary.view(cards.FORWARDED, self.forwarded)
        boundary.action(cards.RECEIVE, self.receive)
        boundary.action(cards.REPLY, self.reply)
        boundary.view(cards.REPLIED, self.replied)
        boundary.action(cards.USE, self.use)

    async def open(self, click: Click) -> None:
        """*Skicka vidare*: where to."""
        offer = await forwarding.offer(self.desk, click.person, number(click.payload, "c"), now=click.now)
        holding = await self._holding(click, offer)
        await click.open(cards.form(click.t, offer, "", holding, {}))

    async def _holding(self, click: Click, offer: Offer) -> str:
        one = await self.form.book.get(book.RECEIVED)
        return self.form.book.filled(one, self.form.book.known(one, offer.case, offer.writer, click.now))

    async def turn(self, click: Click) -> None:
        """Another target was chosen: it asks for other things; what is typed stays."""
        offer = await forwarding.offer(self.desk, click.person, number(click.meta, "c"), now=click.now)
        holding = await self._holding(click, offer)
        await click.update(cards.form(click.t, offer, click.value, holding, click.meta))

    async def forwarded(self, click: Click) -> Outcome:
        """It goes out; of another authority the resident is told in a reply, which opens with its name."""
        comment_id, to = number(click.meta, "c"), str(click.values.get(cards.TARGET) or "")
        if await self._is_authority(click, comment_id, to):
            return await self._told_of_authority(click, comment_id)
        given = _given(click, to)
        if given.hold:
            self._check(given)
        try:
            await forwarding.forward(self.desk, click.person, comment_id, given, now=click.now)
        except Invalid as invalid:
            at = {"target": cards.TARGET}
            raise Invalid({at.get(name, name): one for name, one in invalid.problems.items()}) from None
        return Close()

    async def _is_authority(self, click: Click, comment_id: int, to: str) -> bool:
        offer = await forwarding.offer(self.desk, click.person, comment_id, now=click.now)
        return any(one.key == to and one.kind == targets.AUTHORITY for one in offer.targets)

    async def _told_of_authority(self, click: Click, comment_id: int) -> Outcome:
        named = {name: str(click.values.get(name) or "").strip() for name in ("authority", "contact")}
        if lacks := {name: Problem("form.needed") for name, value in named.items() if not value}:
            raise Invalid(lacks)
        writing = await replying.begin(self.desk, click.person, comment_id, now=click.now)
        text = await self.form.filled(click, writing, book.AUTHORITY, **named)
        return Update(await self.form.view(click, writing, {"r": book.AUTHORITY, "n": 1}, text))

    def _check(self, given: Given) -> None:
        try:
            self.form.book.check(given.holding)
        except Invalid as invalid:
            raise Invalid({"holding": invalid.problems["text"]}) from None

    async def receive(self, click: Click) -> None:
        """*Ta emot*."""
        await forwarding.receive(self.desk, click.person, number(click.payload, "f"), now=click.now)

    async def reply(self, click: Click) -> None:
        """*Svara tillbaka*, or *Lägg in svaret*: the form."""
        seen = await forwarding.look(self.desk, click.person, number(click.payload, "f"), now=click.now)
        await click.open(cards.reply(click.t, seen, receiver=click.person == seen.row.receiver))

    async def replied(self, click: Click) -> Outcome:
        """The answer goes into the comment's thread."""
        text = str(click.values.get("text") or "")
        await forwarding.answer(self.desk, click.person, number(click.meta, "f"), text, now=click.now)
        return Close()

    async def use(self, click: Click) -> None:
        """*Använd i svaret*: the answer form with it."""
        async with self.desk.db.read() as session:
            seen = await forwarding.sight(session, self.desk, number(click.payload, "f"), click.now)
        writing = await replying.begin(self.desk, click.person, seen.row.comment_id, now=click.now)
        text = f"{writing.draft}\n\n{seen.row.answer}" if writing.draft else seen.row.answer
        await click.open(await self.form.view(click, writing, {}, text))


def _given(click: Click, to: str) -> Given:
    values = click.values
    return Given(
        target=to,
        person=str(values.get("person") or ""),
        note=str(values.get("note") or ""),
        hold=bool(values.get("hold")),
        holding=str(values.get("holding") or ""),
    )


class ForwardRenderer:
    """Draws what is sent on, and what came back."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.kinds: dict[str, Any] = {
            forwarding.LINE: self._line,
            forwarding.CARD: self._card,
            forwarding.MAIL: self._mail,
            forwarding.ANSWER: self._answer,
        }

    async def _sight(self, session: AsyncSession, post: Post) -> forwarding.Sight:
        return await forwarding.sight(session, self.desk, post.args["forwarding"], self.desk.now())

    async def _line(self, session: AsyncSession, post: Post, t: Speak) -> Message | Drop:
        return cards.line(t, await self._sight(session, post))

    async def _card(self, session: AsyncSession, post: Post, t: Speak) -> Message | Drop:
        seen = await self._sight(session, post)
        if post.remote is None and (why := _unwanted(seen)):
            return Drop(why)
        return cards.card(t, seen, post.dest)

    async def _mail(self, session: AsyncSession, post: Post, t: Speak) -> Message | Drop:
        seen = await self._sight(session, post)
        why = _unwanted(seen)
        return Drop(why) if why else cards.mail(t, seen)

    async def _answer(self, session: AsyncSession, post: Post, t: Speak) -> Message | Drop:
        return cards.answer(t, await self._sight(session, post))


def _unwanted(seen: forwarding.Sight) -> str:
    """Why it is not sent any more: while they were closed the comment was settled, or went."""
    if seen.case.state not in VISIBLE or seen.case.out:
        return "gone"
    settled = seen.case.settled
    return "answered" if settled is not None and settled > seen.row.created else ""
