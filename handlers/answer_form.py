"""The form in which a comment is answered: opened, filled by standard replies, sent or shown to a colleague."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.comments import book, reading, replying, session, signing
from bot.comments.book import Book
from bot.comments.replying import Writing
from bot.desk import Desk
from bot.errors import Invalid
from handlers.cards import comment_forms as views
from handlers.cards.comment_forms import Help
from handlers.click import Click, View, number
from storage.replies import Reply


@dataclass(frozen=True)
class AnswerForm:
    """Opens and takes it. ``meta["r"]``: the reply that was chosen; ``meta["n"]``: how often one was."""

    desk: Desk
    book: Book

    async def view(self, click: Click, writing: Writing, meta: Mapping[str, Any], text: str | None = None) -> View:
        """The form with ``text``, or with what this person had typed before."""
        ready = [(one.key, one.title) for one in await self.book.every()]
        topics, topic = await session.choices(self.desk, writing.case.id)
        helping = Help(
            ready=ready,
            signature=signing.of(self.desk, writing.case, writing.writer),
            text=writing.draft if text is None else text,
            holds=meta.get("r") == book.RECEIVED,
            topics=topics,
            topic=topic,
        )
        return views.answer(click.t, writing, meta, helping)

    async def choose(self, click: Click, key: str) -> None:
        """Put a standard reply into the field; what somebody has typed stays before it."""
        writing = await replying.begin(self.desk, click.person, number(click.meta, "c"), now=click.now)
        fresh = await self.filled(click, writing, key)
        typed, meta = self._typed(click), click.meta
        before = await self.filled(click, writing, meta["r"]) if meta.get("r") else ""
        text = f"{typed}\n\n{fresh}" if typed and typed != before.strip() else fresh
        turned = {**meta, "r": key, "n": int(meta.get("n") or 0) + 1}
        await click.update(await self.view(click, writing, turned, text))

    async def filled(self, click: Click, writing: Writing, key: str, **known: str) -> str:
        """A standard reply with what is known filled in."""
        one = await self.book.get(key)
        return self.book.filled(one, {**self.book.known(one, writing.case, writing.writer, click.now), **known})

    async def send(self, click: Click) -> Reply | None:
        """What stands in the field goes out, or to the colleague who was chosen: then there is no reply yet.

        Raises Invalid at its block.
        """
        comment_id, meta = number(click.meta, "c"), click.meta
        reader = str(click.values.get(views.reader_id(comment_id)) or "")
        holds = bool(click.values.get(views.hold_id(comment_id, meta)))
        text = self._typed(click)
        try:
            self.book.check(text)
            if reader:
                await reading.ask(self.desk, click.person, comment_id, reader, text, now=click.now, holding=holds)
                return None
            return await replying.send(self.desk, click.person, comment_id, text, now=click.now, holding=holds)
        except Invalid as invalid:
            at = {"text": views.text_id(comment_id, meta), "reader": views.reader_id(comment_id)}
            raise Invalid({at[name]: problem for name, problem in invalid.problems.items()}) from None

    async def closed(self, click: Click) -> None:
        """It was closed without being sent: what was typed waits until the comment is settled."""
        await replying.keep_draft(
            self.desk, click.person, number(click.meta, "c"), self._typed(click), now=click.now
        )

    def _typed(self, click: Click) -> str:
        return str(click.values.get(views.text_id(number(click.meta, "c"), click.meta)) or "").strip()
