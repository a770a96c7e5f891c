"""The worker of one lane: holds the lease, starts what may start, survives what goes wrong."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import structlog

from bot.delivery.composer import Composer
from bot.delivery.finder import Finder
from bot.delivery.kit import Kit
from bot.delivery.ledger import AWAY, Ledger
from bot.delivery.pace import Bucket, later
from bot.delivery.sender import Sender
from bot.delivery.tidy import Tidier
from storage import lanes, posts, queue
from storage.posts import Post
from storage.queue import Turn

AWAY_WORD = "database away"
BREATH_S = 0.05
IDLE = 10  # polls between two looks of a lane without work
STALE_S = 60.0  # a parked post not tried again by then has come to an end otherwise
Work = Callable[[], Coroutine[Any, Any, Any]]
log = structlog.get_logger(__name__)


@dataclass
class Parked:
    """A post that could not be handled; tried again with growing waits."""

    kind: str
    reason: str
    times: int
    until: datetime


class Worker:
    """One lane at work. ``run`` until ``stop``."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.parked: dict[int, Parked] = {}
        self.trouble: str | None = None  # what keeps the lane from working, if anything
        self.chores = frozenset(queue.CHORES)  # what there is to do, as far as the room knows
        self._cycled = 0.0
        composer, self._ledger = Composer(kit), Ledger(kit)
        self._sender, self._finder = Sender(kit, composer, self._ledger), Finder(kit, self._ledger)
        self._in_flight: dict[int, asyncio.Task[None]] = {}
        self._dests: dict[int, str] = {}
        self._tidier = Tidier(kit, lambda: list(self._in_flight), self._guarded)
        self._tidied: datetime | None = None
        self._leading = False
        self._woken, self._ended = asyncio.Event(), asyncio.Event()
        self._ended.set()
        self._stopping = False

    def wake(self) -> None:
        """Something was committed: look now."""
        self._woken.set()

    async def run(self) -> None:
        """Work until stopped. Nothing but cancellation gets out."""
        self._ended.clear()
        try:
            while not self._stopping:
                self.trouble = await self._survived(self._cycle())
                await self._rest()
        except asyncio.CancelledError:
            await self._cut_off()
            raise
        finally:
            self._ended.set()

    async def stop(self, deadline_s: float) -> None:
        """Start nothing more, finish what is in flight, give the lane back.

        What is not finished by the deadline is cut off; the next sender will look for it.
        """
        self._stopping = True
        self.wake()
        try:
            async with asyncio.timeout(deadline_s):
                await self._ended.wait()
                await asyncio.gather(*self._in_flight.values())
                await self._survived(self.kit.lease.release())
        except TimeoutError:
            log.warning("cut off", action="lane_cut_off", via=self.kit.via, posts=len(self._in_flight))

    async def _cut_off(self) -> None:
        tasks = list(self._in_flight.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _cycle(self) -> None:
        if not await self._lead():
            return
        if "waiting" in self.chores:
            await self._lift()
            await self._start_posts()
        if "stale" in self.chores:
            await self._start_updates()
        if "unknown" in self.chores:
            await self._start_looks()
        if "unread" in self.chores:
            await self._start_readbacks()
        now = self.kit.now()
        if self.chores and (self._tidied is None or later(self._tidied, self.kit.settings.poll_s) <= now):
            self._tidied = now
            await self._tidier.tidy(self.chores)
            self.parked = {post: one for post, one in self.parked.items() if later(one.until, STALE_S) > now}

    async def _lead(self) -> bool:
        """Hold the lane; on taking it, take over the pauses the vendor asked for."""
        led, self._leading = self._leading, await self.kit.lease.hold()
        if self._leading and not led:
            async with self.kit.db.read() as session:
                lane = await lanes.get(session, self.kit.via)
            for verb, pause in (lane.pauses if lane else {}).items():
                self.kit.pace.pause(verb, datetime.fromisoformat(pause["until"]), pause["reason"])
            log.info("lane taken", action="lane_taken", via=self.kit.via, owner=self.kit.owner)
        return self._leading

    async def _lift(self) -> None:
        """A person wants another try now: what the lane's row no longer rests from, neither does the lane."""
        if not self.kit.pace.paused("all", self.kit.now()):
            return
        async with self.kit.db.read() as session:
            lane = await lanes.get(session, self.kit.via)
        if lane is not None and "all" not in lane.pauses:
            self.kit.pace.lift("all")

    async def _start_posts(self) -> None:
        while free := self._free(self.kit.pace.posts, "send"):
            now = self.kit.now()
            busy = self.kit.pace.resting(now.timestamp()) | set(self._dests.values())
            turns = await queue.ready(self.kit.db, self.kit.via, now, free, busy)
            started = [self._start_post(turn) for turn in turns]
            if not any(started):
                return

    def _start_post(self, turn: Turn) -> bool:
        """Take a token and go; one at a time for each destination."""
        at = self.kit.now().timestamp()
        if turn.id in self._in_flight or turn.dest in self._dests.values():
            return False
        self.kit.pace.posts.take(at)
        self.kit.pace.took(turn.dest, at)
        self._dests[turn.id] = turn.dest
        self._go(turn, partial(self._send, turn))
        return True

    async def _send(self, turn: Turn) -> None:
        if not await self._sender.send(turn):
            self.kit.pace.posts.refund()

    async def _start_updates(self) -> None:
        free = self._free(self.kit.pace.updates, "update")
        if not free:
            return
        cards = await queue.stale_cards(self.kit.db, self.kit.via, self.kit.now(), free, list(self._in_flight))
        for card in cards:
            self.kit.pace.updates.take(self.kit.now().timestamp())
            self._go(card, partial(self._sender.show, card))

    async def _start_looks(self) -> None:
        free = self._free(self.kit.pace.reads, "read")
        if not free:
            return
        async with self.kit.db.read() as session:
            items = await queue.doubtful(session, self.kit.via, self.kit.now(), free, list(self._in_flight))
        for item in items:
            self.kit.pace.reads.take(self.kit.now().timestamp())
            self._go(item.post, partial(self._finder.look, item))

    async def _start_readbacks(self) -> None:
        """Last of all, with what is left of the budget for reading."""
        free = self._free(self.kit.pace.reads, "read")
        if not free:
            return
        async with self.kit.db.read() as session:
            items = await queue.unseen(session, self.kit.via, self.kit.now(), free, list(self._in_flight))
        for item in items:
            self.kit.pace.reads.take(self.kit.now().timestamp())
            self._go(item.post, partial(self._finder.read_back, item))

    def _free(self, bucket: Bucket, verb: str) -> int:
        """How many more requests of this kind may be started now."""
        now = self.kit.now()
        if self._stopping or self.kit.pace.paused(verb, now):
            return 0
        return max(0, min(self.kit.settings.in_flight - len(self._in_flight), bucket.ready(now.timestamp())))

    def _go(self, post: Post | Turn, work: Work) -> None:
        post_id = post.id or 0
        task = asyncio.create_task(self._guarded(post, work))
        self._in_flight[post_id] = task
        task.add_done_callback(lambda _: self._landed(post_id))

    def _landed(self, post_id: int) -> None:
        self._in_flight.pop(post_id, None)
        self._dests.pop(post_id, None)
        self.wake()

    async def _guarded(self, post: Post | Turn, work: Work) -> None:
        """One post's trouble stays its own: it is parked, and the others go on.

        ``work`` begins here and not before: a task that is cut off before its first step begins nothing.
        """
        trouble = await self._survived(work(), post=post.id, kind=post.kind)
        if trouble is None:
            self.parked.pop(post.id or 0, None)
        else:
            await self._survived(self._park(post, trouble))

    async def _park(self, post: Post | Turn, reason: str) -> None:
        """Put the post off, each time for longer. One that was being sent is left to the tidier.

        When the database was away that is nobody's fault: the post keeps its turn in the thread.
        """
        assert post.id is not None
        tuning, known = self.kit.settings, self.parked.get(post.id)
        times = known.times + 1 if known else 1
        until = later(self.kit.now(), min(tuning.park_max_s, tuning.park_s * 2.0 ** min(times - 1, 20)))
        self.parked[post.id] = Parked(post.kind, reason, times, until)
        async with self.kit.db.write() as session:
            for state in (posts.WAITING, posts.UNKNOWN, posts.DONE, posts.REFUSED):
                changes = {"due": until, "aside": reason != AWAY_WORD, "reason": reason[:200]}
                await posts.amend(session, post.id, state, **changes)

    async def _survived(self, work: Awaitable[Any], **about: Any) -> str | None:
        """The worker boundary: None, or the name of what went wrong.

        Only the error's type and place are logged: its text may quote what people wrote.
        """
        try:
            await work
        except AWAY as error:
            log.warning("database away", action="database_away", error=type(error).__name__, **about)
            return AWAY_WORD
        except Exception as error:  # noqa: BLE001 - the worker boundary
            where = _where(error)
            log.error("failed", action="worker_failed", error=type(error).__name__, at=where, **about)
            return f"{type(error).__name__} at {where}"
        return None

    async def _rest(self) -> None:
        """Until woken, or until a token, a pause or the poll says so; an idle lane only keeps its lease."""
        poll = self.kit.settings.poll_s
        most = self.kit.pace.next_in(self.kit.now(), poll) if self.chores or self._in_flight else poll * IDLE
        try:
            async with asyncio.timeout(max(most, BREATH_S)):
                await self._woken.wait()
        except TimeoutError:
            pass
        crowd = BREATH_S - (time.monotonic() - self._cycled)
        if self._in_flight and crowd > 0:
            await asyncio.sleep(crowd)  # answers come in crowds, too
        self._cycled = time.monotonic()
        self._woken.clear()


def _where(error: Exception) -> str:
    """File and line of the innermost frame."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "?"
    name = trace.tb_frame.f_globals.get("__name__", "?")
    return f"{name}:{trace.tb_lineno}"
