"""The composer: what a post says now, or why it says nothing now."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channels.message import Message
from bot.delivery.kit import Kit
from bot.delivery.outcome import Drop, Later
from bot.delivery.pace import later
from bot.delivery.verdict import Verdict
from storage import posts
from storage.posts import Body, Post
from storage.queue import Turn


class Composer:
    """Asks whether a post is still wanted, and renders it from the database."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    async def compose(self, turn: Turn) -> tuple[Post, Message | Verdict]:
        """The post as it stands, and its message for the first or a repeated sending."""
        async with self._kit.db.read() as session:
            post = await session.get_one(Post, turn.id)
            return post, self._unwanted(post, turn) or await self._message(session, post)

    async def redraw(self, post_id: int) -> tuple[Post, Message | Verdict]:
        """The card as it stands (its ``want`` read before it is rendered), and what to show instead."""
        async with self._kit.db.read() as session:
            post = await session.get_one(Post, post_id)
            rendered = await self._kit.render(session, post)
        match rendered:
            case Drop():
                return post, Verdict(posts.DONE, {"shown": post.want})
            case Later(until):
                return post, Verdict(posts.DONE, {"due": self._not_at_once(until)})
            case message:
                return post, message

    def _unwanted(self, post: Post, turn: Turn) -> Verdict | None:
        now = self._kit.now()
        if post.dies is not None and post.dies <= now:
            return Verdict(posts.DROPPED, {"reason": "too late"})
        if turn.replaced:
            return Verdict(posts.DROPPED, {"reason": "replaced"})
        office = self._kit.office
        if post.quiet and office is not None and not office.open_at(now):
            return self._put_off(office.next_opening(now))
        return None

    async def _message(self, session: AsyncSession, post: Post) -> Message | Verdict:
        """Asked anew even when its text is frozen: it may no longer be wanted."""
        rendered = await self._kit.render(session, post)
        match rendered:
            case Drop(reason):
                return Verdict(posts.DROPPED, {"reason": reason[:200]})
            case Later(until):
                return self._put_off(self._not_at_once(until))
            case message:
                return await self._frozen(session, post) or message

    async def _frozen(self, session: AsyncSession, post: Post) -> Message | None:
        if post.body is None:
            return None
        body = await session.get_one(Body, post.body)
        return Message(**body.content)

    def _put_off(self, until: datetime) -> Verdict:
        """Not used up, and nobody in the thread waits for it."""
        return Verdict(posts.WAITING, {"due": until, "aside": True})

    def _not_at_once(self, until: datetime) -> datetime:
        return max(until, later(self._kit.now(), self._kit.settings.poll_s))
