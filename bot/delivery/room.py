"""The delivery room: keeps every promise in the outbox, one lane for each vendor."""

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import compress

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channels.protocol import Carrier
from bot.delivery.kit import Kit, Office
from bot.delivery.lease import Lease
from bot.delivery.pace import Bucket, Pace
from bot.delivery.render import Fallback, Render, Settled
from bot.delivery.settings import Settings
from bot.delivery.worker import Parked, Worker
from storage import lanes, posts, queue
from storage.engine import Database
from storage.posts import Post

BREATH_S = 0.05


@dataclass(frozen=True)
class LaneFacts:
    """One lane as the status page tells it. Instants are UTC."""

    via: str
    owner: str | None  # who sends, by the lane's row
    mine: bool
    waiting: int
    unsure: int
    asking: int
    refused: int
    oldest_waiting: datetime | None  # since when it could have gone
    pauses: dict[str, str] = field(default_factory=dict)  # verb → reason, while they last
    trouble: str | None = None


@dataclass(frozen=True)
class Facts:
    """The delivery room as the status page tells it."""

    lanes: list[LaneFacts]
    asking: list[Post]  # which a person must answer for
    parked: dict[int, Parked]  # by post: which could not be rendered


class Room:
    """Sends what other rooms put into the outbox. ``run`` until ``stop``; ``wake`` after a commit.

    ``now`` gives aware UTC. ``owner`` names the process for people; what is stored is unique to this run.
    """

    def __init__(
        self,
        db: Database,
        carriers: Iterable[Carrier],
        render: Render,
        *,
        settings: Settings | None = None,
        fallback: Fallback | None = None,
        office: Office | None = None,
        settled: Settled | None = None,
        now: Callable[[], datetime],
        owner: str,
    ) -> None:
        self._db, self._now = db, now
        tuning = settings or Settings()
        self.owner = f"{owner[:40]}/{uuid.uuid4().hex[:12]}"
        self._woken, self._poll_s = asyncio.Event(), tuning.poll_s
        self._over = False
        self._workers = [
            Worker(
                Kit(
                    db=db,
                    carrier=carrier,
                    lease=Lease(db, carrier.name, self.owner, tuning, now),
                    pace=_pace(tuning),
                    render=render,
                    fallback=fallback,
                    office=office,
                    settings=tuning,
                    now=now,
                    settled=settled,
                )
            )
            for carrier in carriers
        ]
        self._at_work = queue.at_work([worker.kit.via for worker in self._workers])

    async def run(self) -> None:
        """Work all lanes until ``stop``."""
        self._over = False
        self._db.committed.append(self.wake)
        watch = asyncio.create_task(self._watch())
        try:
            async with asyncio.TaskGroup() as group:
                for worker in self._workers:
                    group.create_task(worker.run())
        finally:
            self._db.committed.remove(self.wake)
            self._over = True  # not cancelled: a look cut off half-way would never give its connection back
            self.wake()
            await asyncio.gather(watch, return_exceptions=True)

    def wake(self) -> None:
        """Something was committed: look now instead of at the next poll."""
        self._woken.set()

    async def _watch(self) -> None:
        """One look for all lanes, at every commit and every poll; only those with work are woken."""
        while not self._over:
            self._woken.clear()
            chores = await self._chores()
            for worker in self._workers:
                worker.chores = chores[worker.kit.via]
                if worker.chores - queue.AHEAD:
                    worker.wake()
            await asyncio.sleep(BREATH_S)  # commits come in crowds: one look for all of a moment's
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._poll_s):
                    await self._woken.wait()

    async def _chores(self) -> dict[str, frozenset[str]]:
        """What each lane has to do; everything when the database cannot say."""
        try:
            rows = await self._db.rows(self._at_work, now=self._now())
        except SQLAlchemyError:
            return {worker.kit.via: frozenset(queue.CHORES) for worker in self._workers}
        return {row[0]: frozenset(compress(queue.CHORES, row[1:])) for row in rows}

    async def stop(self, deadline_s: float = 10.0) -> None:
        """Start nothing more and finish what is in flight, for at most ``deadline_s`` seconds."""
        await asyncio.gather(*(worker.stop(deadline_s) for worker in self._workers))

    async def state(self) -> Facts:
        """What status, the digest and the health page need to know."""
        async with self._db.read() as session:
            facts = [await self._lane(session, worker) for worker in self._workers]
            asking = [post for lane in facts for post in await queue.asking(session, lane.via)]
        parked = {post: one for worker in self._workers for post, one in worker.parked.items()}
        return Facts(facts, asking, parked)

    async def _lane(self, session: AsyncSession, worker: Worker) -> LaneFacts:
        via, now = worker.kit.via, self._now()
        lane = await lanes.get(session, via)
        held = lane is not None and lane.owner is not None and lane.until > now
        numbers = await queue.tally(session, via)
        return LaneFacts(
            via=via,
            owner=lane.owner if lane and held else None,
            mine=lane is not None and lane.owner == self.owner,
            waiting=numbers.get(posts.WAITING, 0),
            unsure=numbers.get(posts.UNKNOWN, 0) + numbers.get(posts.SENDING, 0),
            asking=numbers.get(posts.ASKING, 0),
            refused=numbers.get(posts.REFUSED, 0),
            oldest_waiting=await queue.oldest_waiting(session, via, now),
            pauses=_lasting(lane, now),
            trouble=worker.trouble,
        )


def _lasting(lane: lanes.Lane | None, now: datetime) -> dict[str, str]:
    """The lane's pauses that are not over, whichever replica was told."""
    pauses = lane.pauses if lane else {}
    return {verb: pause["reason"] for verb, pause in pauses.items() if datetime.fromisoformat(pause["until"]) > now}


def _pace(tuning: Settings) -> Pace:
    return Pace(
        posts=Bucket.per_minute(tuning.posts_per_minute),
        updates=Bucket.per_minute(tuning.updates_per_minute, tuning.handful),
        reads=Bucket.per_minute(tuning.reads_per_minute, tuning.handful),
        dest_rate=1 / tuning.dest_interval_s,
        dest_burst=tuning.dest_burst,
    )
