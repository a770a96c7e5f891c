"""The finder: is the post whose answer was lost there, or not?"""

import asyncio
from datetime import timedelta
from typing import Any

from bot.channels.message import Message
from bot.delivery import verdict
from bot.delivery.kit import Kit
from bot.delivery.ledger import Ledger
from storage import posts
from storage.posts import Body, Post
from storage.queue import Doubt

CLOCKS_DIFFER = timedelta(minutes=2)  # between the vendor's stamps and ours
PATIENCE = 3  # a look may take several pages


class Finder:
    """Looks for our delivery id where the post should stand."""

    def __init__(self, kit: Kit, ledger: Ledger) -> None:
        self._kit, self._ledger = kit, ledger

    async def look(self, item: Doubt) -> None:
        """Look once, and write down what that means."""
        kit, post = self._kit, item.post
        answer = await self._look(item)
        found = verdict.of_look(answer, post.looks, kit.now(), kit.settings, lag=kit.carrier.lag, card=post.card)
        await self._ledger.settle(post, posts.UNKNOWN, found)

    async def read_back(self, item: Doubt) -> None:
        """Look once for what was surely sent: does it show?"""
        kit, post = self._kit, item.post
        answer = await self._look(item)
        found = verdict.of_readback(answer, post.looks, kit.now(), kit.settings, lag=kit.carrier.lag)
        await self._ledger.settle(post, posts.DONE, found)

    async def _look(self, item: Doubt) -> Any:
        """What the channel finds, or its error as a value."""
        kit, post = self._kit, item.post
        since = (post.started or post.created) - CLOCKS_DIFFER
        look = kit.carrier.find(post.place or post.dest, item.thread, post.key, since, await self._said(post))
        return await verdict.settled(asyncio.wait_for(look, kit.settings.http_timeout_s * PATIENCE))

    async def _said(self, post: Post) -> Message | None:
        """What a line said; a card's text may have changed since."""
        if post.body is None:
            return None
        async with self._kit.db.read() as session:
            return Message(**(await session.get_one(Body, post.body)).content)
