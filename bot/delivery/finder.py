"""The finder: is the post whose answer was lost there, or not?"""

import asyncio
from datetime import timedelta

from bot.delivery import verdict
from bot.delivery.kit import Kit
from bot.delivery.ledger import Ledger
from storage import posts
from storage.queue import Ready

CLOCKS_DIFFER = timedelta(minutes=2)  # between the vendor's stamps and ours
PATIENCE = 3  # a look may take several pages


class Finder:
    """Looks for our delivery id where the post should stand."""

    def __init__(self, kit: Kit, ledger: Ledger) -> None:
        self._kit, self._ledger = kit, ledger

    async def look(self, item: Ready) -> None:
        """Look once, and write down what that means."""
        kit, post = self._kit, item.post
        since = (post.started or post.created) - CLOCKS_DIFFER
        look = kit.carrier.find(post.place or post.dest, item.thread, post.key, since)
        answer = await verdict.settled(asyncio.wait_for(look, kit.settings.http_timeout_s * PATIENCE))
        found = verdict.of_look(answer, post.looks, kit.now(), kit.settings, lag=kit.carrier.lag, card=post.card)
        await self._ledger.settle(post, posts.UNKNOWN, found)
