"""A storm of comments by webhook: how many a second are kept, beside a server that does one insert for each."""

import asyncio
import itertools
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from sqlalchemy import func, select

from bot.web.hooks import SIGNATURE, sign
from storage.arrivals import Arrival
from storage.comments import Comment
from storage.engine import Database
from tests.bench import server
from tests.bench.hosting import serving
from tests.bench.load import SECRET, Caller, Sink
from tests.bench.server import HOOKS, PAGE

BESIDE = 32  # requests under way at once
WARM_UP = 1.0
COMMANDS, AN_HOUR = 20.0, 10_000  # commands a second; comments an hour
TABLES = (("arrivals", Arrival), ("comments", Comment))


def bodies() -> Iterator[bytes]:
    """Comments as Facebook tells of them, no two alike, below ten posts."""
    for number in itertools.count():
        value = {
            "item": "comment",
            "verb": "add",
            "comment_id": f"{PAGE}_{number % 10}_{number}",
            "post_id": f"{PAGE}_{number % 10}",
            "parent_id": f"{PAGE}_{number % 10}",
            "from": {"id": "9", "name": "Invånare"},
            "message": f"När öppnar simhallen? ({number})",
            "created_time": int(time.time()),
        }
        entry = {"id": PAGE, "time": int(time.time()), "changes": [{"field": "feed", "value": value}]}
        yield json.dumps({"object": "page", "entry": [entry]}).encode()


class Storm:
    """Sends to one server, always as many at once."""

    def __init__(self, base: str, session: aiohttp.ClientSession) -> None:
        self.base, self._session = base, session
        self.bodies, self.sent = bodies(), 0

    async def blow(self, seconds: float) -> float:
        """For so long; the answers a second."""
        begin, before = time.perf_counter(), self.sent
        until = begin + seconds
        await asyncio.gather(*(self._one_after_the_other(until) for _ in range(BESIDE)))
        return (self.sent - before) / (time.perf_counter() - begin)

    async def _one_after_the_other(self, until: float) -> None:
        while time.perf_counter() < until:
            await self.send(next(self.bodies))

    async def drizzle(self, a_second: float, over: asyncio.Event) -> None:
        """One after the other at that pace until it is over; none is cut off, for it might have been kept."""
        while not over.is_set():
            await self.send(next(self.bodies))
            await asyncio.sleep(1 / a_second)

    async def send(self, body: bytes) -> None:
        """One webhook. Raises RuntimeError when it was not kept."""
        headers = {SIGNATURE: sign(SECRET, body), "Content-Type": "application/json"}
        async with self._session.post(f"{self.base}{HOOKS}", data=body, headers=headers) as answer:
            await answer.read()
            if answer.status != 200:
                raise RuntimeError(f"answered {answer.status}")
        self.sent += 1


async def measure(rounds: int, seconds: float) -> dict[str, Any]:
    """The two in turn; ``ratio`` of the medians. Raises RuntimeError when a comment was lost."""
    sink = Sink()
    await sink.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            async with _server("core", sink, folder) as core, _server("hook", sink, folder) as ours:
                beside = await _beside(ours, sink, rounds, seconds)
                return {**await _compare(core, ours, folder, rounds, seconds), **beside}
    finally:
        await sink.stop()


async def _compare(core: Storm, ours: Storm, folder: str, rounds: int, seconds: float) -> dict[str, Any]:
    rates: dict[str, list[float]] = {"core": [], "ours": []}
    for storm in (core, ours):
        await storm.blow(WARM_UP)
    for _ in range(rounds):
        rates["core"].append(await core.blow(seconds))
        rates["ours"].append(await ours.blow(seconds))
    kept = await _kept(folder)
    if kept["arrivals"] != ours.sent:
        raise RuntimeError(f"{ours.sent} sent, {kept['arrivals']} kept")
    middle = {name: statistics.median(some) for name, some in rates.items()}
    return {
        "ratio": round(middle["ours"] / middle["core"], 3),
        "per_second": {name: round(value) for name, value in middle.items()},
        "rounds": {name: [round(one) for one in some] for name, some in rates.items()},
        "sent": ours.sent,
        **kept,
    }


async def _beside(ours: Storm, sink: Sink, rounds: int, seconds: float) -> dict[str, Any]:
    """Acknowledgements while comments come at ten thousand an hour, against those while none does."""
    async with aiohttp.ClientSession() as session:
        caller = Caller(ours.base, sink.url, session)
        alone = [await caller.open_loop(COMMANDS, seconds) for _ in range(rounds)]
        over = asyncio.Event()
        drizzle = asyncio.create_task(ours.drizzle(AN_HOUR / 3600, over))
        busy = [await caller.open_loop(COMMANDS, seconds) for _ in range(rounds)]
        over.set()
        await drizzle
    p99 = [statistics.median(one[int(len(one) * 0.99)] for one in some) * 1000 for some in (alone, busy)]
    return {"ack_ms": {"alone": round(p99[0], 1), "at_10000_an_hour": round(p99[1], 1)}}


async def _kept(folder: str) -> dict[str, int]:
    """What the desk holds: changes as they came, and comments made of them by now."""
    db = Database(server.address(folder, "hook"))
    try:
        return {name: (await db.rows(select(func.count()).select_from(table)))[0][0] for name, table in TABLES}
    finally:
        await db.close()


@asynccontextmanager
async def _server(which: str, sink: Sink, folder: str) -> AsyncIterator[Storm]:
    storms: dict[str, Storm] = {}

    async def call(base: str, session: aiohttp.ClientSession) -> None:
        storm = storms.setdefault(base, Storm(base, session))
        await storm.send(next(storm.bodies))

    async with serving(which, sink, folder, call) as (base, _):
        yield storms[base]
