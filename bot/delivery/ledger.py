"""The ledger: writes verdicts into the rows, and waits for the database if it must."""

import asyncio

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.delivery.kit import Kit
from bot.delivery.pace import later
from bot.delivery.verdict import Rest, Verdict
from storage import lanes, posts
from storage.posts import Post

AWAY = (OperationalError, InterfaceError, PoolTimeout)
log = structlog.get_logger(__name__)


class Ledger:
    """One lane's bookkeeping."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    async def settle(self, post: Post, before: str, verdict: Verdict) -> bool:
        """Write the verdict on a post that was in ``before``; False when the row has moved on meanwhile.

        An answer in hand is worth waiting for the database: without it the post would have to be looked for.
        """
        if verdict.rest is not None:
            self._rest(verdict.rest)
        while True:
            try:
                return await self._write(post, before, verdict)
            except AWAY as error:
                log.warning("database away", action="ledger_waits", post=post.id, error=type(error).__name__)
                await asyncio.sleep(self._kit.settings.poll_s)

    async def _write(self, post: Post, before: str, verdict: Verdict) -> bool:
        assert post.id is not None
        async with self._kit.db.write() as session:
            written = await self._move(session, post.id, before, verdict)
            if written and post.watch is not None:
                await posts.raise_want(session, post.watch, below=False)
            if written and self._kit.settled is not None and verdict.state != before:
                await self._kit.settled(session, post, verdict.state)
            if verdict.rest is not None:
                until = later(self._kit.now(), verdict.rest.seconds)
                await lanes.pause(session, self._kit.via, verdict.rest.verb, until, verdict.rest.reason)
        self._tell(post, before, verdict, written)
        return written

    async def _move(self, session: AsyncSession, post_id: int, before: str, verdict: Verdict) -> bool:
        if before == verdict.state:
            return await posts.amend(session, post_id, before, **verdict.changes)
        mine = self._kit.owner if before == posts.SENDING else None
        moved = await posts.move(session, post_id, before, verdict.state, held_by=mine, **verdict.changes)
        if moved or (before, verdict.state) != (posts.SENDING, posts.DONE):
            return moved
        return await self._late_truth(session, post_id, verdict)

    async def _late_truth(self, session: AsyncSession, post_id: int, verdict: Verdict) -> bool:
        """Somebody took my lane meanwhile; but the message is there, and here is its id."""
        for state in (posts.UNKNOWN, posts.ASKING, posts.WAITING):
            if await posts.move(session, post_id, state, posts.DONE, **verdict.changes):
                return True
        return False

    def _rest(self, rest: Rest) -> None:
        self._kit.pace.pause(rest.verb, later(self._kit.now(), rest.seconds), rest.reason)
        log.warning(
            "lane rests",
            action="lane_rests",
            via=self._kit.via,
            verb=rest.verb,
            seconds=rest.seconds,
            reason=rest.reason,
        )

    def _tell(self, post: Post, before: str, verdict: Verdict, written: bool) -> None:
        action = f"post_{verdict.state}" if before != verdict.state else "post_put_off"
        if before == verdict.state == posts.DONE:
            action = _about_shown(verdict)
        log.info(
            "post",
            action=action if written else "post_moved_on",
            post=post.id,
            via=post.via,
            kind=post.kind,
            dest=post.dest,
            reason=verdict.changes.get("reason"),
        )


def _about_shown(verdict: Verdict) -> str:
    """What happened to a post that stands: shown anew, read back, or neither yet."""
    changes = verdict.changes
    if "shown" in changes:
        return "card_shown"
    if "readback" in changes:
        return "post_seen" if changes.get("seen") else "post_unseen"
    return "post_put_off"
