"""What helps with answering: standard replies and their book, a colleague's reading, drafts, referring on."""

import contextlib
from dataclasses import dataclass
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channels import errors
from bot.channels.message import Message
from bot.comments import book, cases, reading, referring, replying
from bot.comments.book import Standard
from bot.comments.rules import Case
from bot.delivery.outcome import Drop
from bot.desk import Desk
from bot.errors import Refused
from bot.texts import Speak
from handlers.answer_form import AnswerForm
from handlers.boundary import Boundary
from handlers.cards import comment_forms as views
from handlers.cards import comment_reading as cards
from handlers.click import Click, Close, Outcome, number
from handlers.comment import COMMAND
from handlers.words import Words
from storage.posts import Post
from storage.readings import Reading


@dataclass(frozen=True)
class Answering:
    """Listeners around the answer form."""

    desk: Desk
    form: AnswerForm

    def register(self, boundary: Boundary, words: Words) -> None:
        """Hook everything up."""
        words.add(COMMAND, "svar", "replies", self.list_replies, "help.kommentar.replies")
        words.add(COMMAND, "hänvisa", "refer", self.refer, "help.kommentar.refer")
        boundary.action(views.READY, self.ready)
        boundary.action(views.READY_CASE, self.ready_case)
        boundary.closed(views.ANSWERED, self.form.closed, always=True)
        boundary.action(cards.APPROVE, self.approve)
        boundary.action(cards.CHANGE, self.change)
        boundary.action(cards.GIVE_BACK, self.give_back)
        boundary.action(cards.GO_ON, self.go_on)
        boundary.view(cards.CHANGED, self.changed)
        boundary.view(cards.GIVEN_BACK, self.given_back)
        boundary.action(cards.BOOK_EDIT, self.edit_reply)
        boundary.action(cards.BOOK_NEW, self.new_reply)
        boundary.view(cards.BOOK_SAVED, self.saved)

    async def ready(self, click: Click) -> None:
        """A standard reply was chosen."""
        await self.form.choose(click, click.value)

    async def ready_case(self, click: Click) -> None:
        """*Enskilt ärende* in one click."""
        await self.form.choose(click, book.CASE)

    async def approve(self, click: Click) -> None:
        """*Skicka*: the text as the colleague has read it."""
        seen = str(click.payload.get("d") or "")
        await reading.approve(self.desk, click.person, number(click.payload, "g"), seen, now=click.now)

    async def change(self, click: Click) -> None:
        """*Ändra*: the form."""
        made, _ = await reading.look(self.desk, click.person, number(click.payload, "g"), now=click.now)
        await click.open(cards.change(click.t, made))

    async def changed(self, click: Click) -> Outcome:
        """The text was changed."""
        text, version = str(click.values.get("text") or ""), number(click.meta, "v")
        self.form.book.check(text)
        number_ = number(click.meta, "g")
        await reading.change(self.desk, click.person, number_, version, text, now=click.now)
        return Close()

    async def give_back(self, click: Click) -> None:
        """*Lämna tillbaka*: what should be otherwise."""
        made, _ = await reading.look(self.desk, click.person, number(click.payload, "g"), now=click.now)
        await click.open(cards.give_back(click.t, made))

    async def given_back(self, click: Click) -> Outcome:
        """It goes back to the writer."""
        note = str(click.values.get("note") or "")
        await reading.give_back(self.desk, click.person, number(click.meta, "g"), note, now=click.now)
        return Close()

    async def go_on(self, click: Click) -> None:
        """*Skriv vidare*: the form, with the writer's text in it."""
        found = await replying.begin(self.desk, click.person, number(click.payload, "c"), now=click.now)
        await click.open(await self.form.view(click, found, {}))

    async def list_replies(self, click: Click) -> None:
        """`/kommentar svar`: the book, for the department."""
        replies = await self.form.book.open_for(click.person, now=click.now)
        await click.open(self._listed(click, replies))

    def _listed(self, click: Click, replies: list[Standard]) -> dict[str, Any]:
        return cards.book(click.t, [self.form.book.shown(one) for one in replies])

    async def edit_reply(self, click: Click) -> None:
        """One reply of the book."""
        key = str(click.payload.get("k") or "")
        replies = await self.form.book.open_for(click.person, now=click.now)
        one = next((one for one in replies if one.key == key), None)
        if one is None:
            raise Refused("book.unknown")
        await click.open(cards.edit(click.t, self.form.book.shown(one), self.form.book.placeholders()))

    async def new_reply(self, click: Click) -> None:
        """A reply of the department's own."""
        await self.form.book.open_for(click.person, now=click.now)
        await click.open(cards.edit(click.t, Standard("", "", ""), self.form.book.placeholders()))

    async def saved(self, click: Click) -> Outcome:
        """The reply was edited; the list below it shows it."""
        title, text = (str(click.values.get(name) or "") for name in ("title", "text"))
        one = Standard(str(click.meta.get("k") or ""), title, text, number(click.meta, "v"))
        await self.form.book.save(click.person, one, now=click.now)
        await self._show_again(click)
        return Close()

    async def _show_again(self, click: Click) -> None:
        below = click.view.get("previous_view_id")
        if below:
            view = self._listed(click, await self.form.book.every())
            with contextlib.suppress(errors.ChannelError):  # it is saved, whatever is shown
                await click.api.call("views.update", view_id=below, view=view)

    async def refer(self, click: Click) -> None:
        """`/kommentar hänvisa`: for whoever was asked in private."""
        one = await self.form.book.get(book.PRIVATE)
        text = self.form.book.filled(one, self.form.book.town(one))
        await click.open(cards.refer(click.t, text))
        await referring.note(self.desk, now=click.now)


class ReadingRenderer:
    """Draws what a colleague is asked to read."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.kinds: dict[str, Any] = {reading.ASK: self._asked, reading.BACK: self._back}

    async def _read(self, session: AsyncSession, post: Post) -> tuple[Reading, Case]:
        made = await session.get_one(Reading, post.args["reading"])
        case = await cases.read(session, self.desk, made.comment_id, self.desk.now())
        return made, await cases.naming(session, case, made.by, made.reader, made.settled_by)

    async def _asked(self, session: AsyncSession, post: Post, t: Speak) -> Message | Drop:
        return cards.asked(t, *await self._read(session, post))

    async def _back(self, session: AsyncSession, post: Post, t: Speak) -> Message | Drop:
        return cards.back(t, *await self._read(session, post))
