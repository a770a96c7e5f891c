"""Tidying: posts of senders that are gone, posts past their time, and replies that lost their thread."""

from collections.abc import Awaitable, Callable, Collection, Coroutine
from functools import partial
from typing import Any

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.delivery.kit import Kit
from bot.delivery.pace import later
from storage import posts, queue
from storage.posts import Post

log = structlog.get_logger(__name__)
Guarded = Callable[[Post, Callable[[], Coroutine[Any, Any, Any]]], Awaitable[None]]
COPIED = ("verb", "watch", "via", "kind", "args", "card", "quiet", "prio", "topic", "seq", "due", "dies")


class Tidier:
    """Puts one lane in order, a few rows at a time. Reads first; writes only what it finds."""

    def __init__(self, kit: Kit, in_flight: Callable[[], Collection[int]], guarded: Guarded) -> None:
        self._kit, self._in_flight, self._guarded = kit, in_flight, guarded

    async def tidy(self, chores: Collection[str]) -> None:
        """Once over everything that there is."""
        if "sending" in chores:
            await self._recover()
        if "queued" in chores:
            await self._bury()
        if "stranded" in chores:
            await self._stand_in()
        if "queued" in chores:
            await self._adopt()

    async def _recover(self) -> None:
        """A post that nobody is sending any more may be there or not: the finder will look.

        What may be repeated without harm is simply sent again.
        """
        kit = self._kit
        async with kit.db.read() as session:
            found = await queue.abandoned(session, kit.via, kit.owner, self._in_flight())
        due = later(kit.now(), kit.settings.look_waits[0] + kit.carrier.lag)
        for post in found:
            if post.verb != posts.SEND or kit.carrier.idempotent:
                again = {"due": kit.now(), "perhaps": True, "reason": "sender gone"}
                await self._move(post, posts.SENDING, posts.WAITING, **again)
            else:
                await self._move(post, posts.SENDING, posts.UNKNOWN, due=due, looks=0, reason="sender gone")

    async def _bury(self) -> None:
        async with self._kit.db.read() as session:
            found = await queue.dead(session, self._kit.via, self._kit.now())
        for post in found:
            await self._move(post, posts.WAITING, posts.DROPPED, reason="too late")

    async def _move(self, post: Post, before: str, after: str, **changes: Any) -> None:
        assert post.id is not None
        async with self._kit.db.write() as session:
            moved = await posts.move(session, post.id, before, after, **changes)
            if moved and post.watch is not None:
                await posts.raise_want(session, post.watch, below=False)
        if moved:
            log.info("post", action=f"post_{after}", post=post.id, via=post.via, reason=changes.get("reason"))

    async def _stand_in(self) -> None:
        """A refused post goes to its fallback's destinations instead."""
        async with self._kit.db.read() as session:
            found = await queue.stranded(session, self._kit.via, self._kit.now())
        for post in found:
            await self._guarded(post, partial(self._replace, post))

    async def _replace(self, post: Post) -> None:
        async with self._kit.db.write() as session:
            await self._replace_in(session, post)

    async def _replace_in(self, session: AsyncSession, post: Post) -> None:
        assert post.id is not None
        assert post.fallback is not None
        dests = await self._kit.fallback(session, post.fallback) if self._kit.fallback else []
        for dest in dests:
            clone = await self._clone(session, post, dest, thread_id=None, origin=post.id)
            if clone.id != post.id and clone.origin is None:  # it had its own already: replies go there
                await posts.amend(session, clone.id or 0, clone.state, origin=post.id)
        await posts.amend(session, post.id, posts.REFUSED, fallback=None)
        log.warning("stand-ins", action="post_stands_in", post=post.id, fallback=post.fallback, places=len(dests))

    async def _adopt(self) -> None:
        """Replies without a thread go under the stand-ins, or are dropped."""
        async with self._kit.db.read() as session:
            found = await queue.orphans(session, self._kit.via)
        for reply in found:
            async with self._kit.db.write() as session:
                await self._rehome(session, reply)

    async def _rehome(self, session: AsyncSession, reply: Post) -> None:
        assert reply.id is not None
        assert reply.thread_id is not None
        homes = await queue.stand_ins(session, reply.thread_id)
        for home in homes:
            await self._clone(session, reply, home.dest, thread_id=home.id, origin=reply.id)
        reason = "moved" if homes else "thread refused"
        await posts.move(session, reply.id, posts.WAITING, posts.DROPPED, reason=reason)
        log.info("post", action="post_dropped", post=reply.id, via=reply.via, reason=reason)

    async def _clone(
        self, session: AsyncSession, post: Post, dest: str, *, thread_id: int | None, origin: int
    ) -> Post:
        copied = {name: getattr(post, name) for name in COPIED}
        return await posts.add(
            session, Post(**copied, dest=dest, thread_id=thread_id, origin=origin, created=self._kit.now())
        )
