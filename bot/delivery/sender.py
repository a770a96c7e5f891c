"""The sender: claim, commit, then one request; and the card's request to be shown anew."""

import asyncio
import dataclasses
from collections.abc import Awaitable
from typing import Any

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channels.errors import ChannelError, NotSent, Unknown
from bot.channels.message import Message
from bot.delivery import verdict
from bot.delivery.composer import Composer
from bot.delivery.kit import Kit
from bot.delivery.lease import NotMine
from bot.delivery.ledger import Ledger
from bot.delivery.pace import later
from bot.delivery.verdict import Rest, Verdict
from storage import posts
from storage.posts import Post
from storage.queue import Turn

LONGEST_REST = 60.0
log = structlog.get_logger(__name__)


class Sender:
    """Sends one lane's posts, one request at a time for each."""

    def __init__(self, kit: Kit, composer: Composer, ledger: Ledger) -> None:
        self._kit, self._composer, self._ledger = kit, composer, ledger
        self._lost = 0  # answers lost in a row

    async def send(self, turn: Turn) -> bool:
        """See the post through one try. True when the vendor was asked to post something."""
        post, composed = await self._composer.compose(turn)
        if isinstance(composed, Verdict):
            await self._ledger.settle(post, posts.WAITING, composed)
            return False
        place = await self._in_time(self._kit.carrier.place(post.dest))
        if isinstance(place, ChannelError):
            refused = verdict.of_place(place, self._kit.now(), self._kit.settings)
            await self._ledger.settle(post, posts.WAITING, refused)
            return False
        return await self._post(post, composed, turn.place or place, turn.thread)

    async def _post(self, post: Post, message: Message, place: str, thread: str | None) -> bool:
        if not await self._claim(post, message, place):
            return False
        if not self._kit.lease.covers(self._kit.settings.http_timeout_s):
            answer: Any = NotSent("the lease ran out before the request")  # this process stood still
        else:
            answer = await self._in_time(self._request(post, message, place, thread))
        await self._ledger.settle(post, posts.SENDING, self._judge(post, answer))
        return True

    def _request(self, post: Post, message: Message, place: str, thread: str | None) -> Awaitable[Any]:
        """What the post asks of the platform; other than sending, it is done to the thread's first message."""
        carrier = self._kit.carrier
        match post.verb:
            case posts.UPDATE:
                return carrier.update(place, thread or "", message)
            case posts.REMOVE:
                return carrier.remove(place, thread or "")
            case _:
                return carrier.send(place, thread, message, post.key)

    async def _claim(self, post: Post, message: Message, place: str) -> bool:
        """waiting → sending while the lane is mine for longer than a request may take; commits."""
        try:
            async with self._kit.db.write() as session:
                await self._kit.lease.fence(session)
                claimed = await self._take(session, post, message, place)
        except NotMine:
            log.warning("lane lost", action="lane_lost", via=self._kit.via)
            return False
        if claimed:
            log.info("post", action="post_sending", post=post.id, via=post.via, tries=post.tries + 1)
        return claimed

    async def _take(self, session: AsyncSession, post: Post, message: Message, place: str) -> bool:
        """Mark the post as being sent; a line's body is frozen here and kept for the record."""
        assert post.id is not None
        changes: dict[str, Any] = {"shown": post.want}
        if not post.card:
            changes = {"body": post.body or await posts.freeze(session, dataclasses.asdict(message))}
        changes |= {"owner": self._kit.owner, "place": place, "tries": post.tries + 1, "aside": False}
        changes["started"] = post.started or self._kit.now()
        return await posts.move(session, post.id, posts.WAITING, posts.SENDING, **changes)

    def _judge(self, post: Post, answer: Any) -> Verdict:
        """The verdict; and after many lost answers in a row a rest, for the vendor is ill."""
        now, tuning, carrier = self._kit.now(), self._kit.settings, self._kit.carrier
        if post.verb != posts.SEND:
            return verdict.of_repeatable(answer, now, tuning)
        if carrier.idempotent and isinstance(answer, Unknown):
            return verdict.of_repeatable(answer, now, tuning)
        found = verdict.of_sending(answer, now, tuning, lag=carrier.lag, card=post.card)
        if post.readback and found.state == posts.DONE:
            found.changes["due"] = later(now, carrier.lag)
        self._lost = self._lost + 1 if isinstance(answer, Unknown) else 0
        over = self._lost - tuning.in_flight
        if over < 0:
            return found
        seconds = min(LONGEST_REST, tuning.park_s * 2.0 ** min(over, 10))
        return dataclasses.replace(found, rest=Rest("send", seconds, "answers lost"))

    async def show(self, turn: Turn) -> bool:
        """Show a card as it now is. True when the vendor was asked."""
        post, composed = await self._composer.redraw(turn.id)
        if isinstance(composed, Verdict):
            await self._ledger.settle(post, posts.DONE, composed)
            return False
        if not self._kit.lease.covers(self._kit.settings.http_timeout_s):
            return False
        assert post.place is not None
        assert post.remote is not None
        answer = await self._in_time(self._kit.carrier.update(post.place, post.remote, composed))
        found = verdict.of_update(answer, post.want, self._kit.now(), self._kit.settings)
        await self._ledger.settle(post, posts.DONE, found)
        return True

    async def _in_time(self, request: Awaitable[Any]) -> Any:
        """The result, or the error as a value. No request outlives the lease it was made under."""
        return await verdict.settled(asyncio.wait_for(request, self._kit.settings.http_timeout_s))
