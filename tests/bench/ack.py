"""How soon `/konto mina` is acknowledged at 200 commands a second, beside a bare Bolt listener."""

import asyncio
import statistics
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.bench.hosting import serving
from tests.bench.load import Caller, Sink

RATE = 200.0
BURST = 64
WARM_UP = 2.0


async def measure(rounds: int, seconds: float) -> dict[str, Any]:
    """The two in turn; the ratio of the medians of their p99, and a burst of 64."""
    sink = Sink()
    await sink.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            async with (
                _server("bare", sink, folder) as bare,
                _server("quick", sink, folder) as quick,
                _server("ours", sink, folder) as ours,
            ):
                callers = {"bare": bare, "quick": quick, "ours": ours}
                return await _compare(callers, sink, rounds, seconds)
    finally:
        await sink.stop()


async def _compare(callers: dict[str, Caller], sink: Sink, rounds: int, seconds: float) -> dict[str, Any]:
    for caller in callers.values():
        await caller.open_loop(RATE, WARM_UP)
    before = await _settled(sink)
    times: dict[str, list[list[float]]] = {name: [] for name in callers}
    for _ in range(rounds):
        for name, caller in callers.items():
            times[name].append(await caller.open_loop(RATE, seconds))
            await asyncio.sleep(0.5)
    burst = await callers["ours"].burst(BURST)
    sent = sum(map(len, times["ours"])) + BURST
    replies = await _settled(sink) - before
    if replies != sent:
        raise RuntimeError(f"{sent} commands, {replies} replies")
    return _figures(times, burst, sent, replies)


def _figures(times: dict[str, list[list[float]]], burst: float, sent: int, replies: int) -> dict[str, Any]:
    """Medians over the rounds, in milliseconds; ``ratio`` is against Bolt as it comes."""
    p99 = {name: statistics.median(_at(one, 0.99) for one in rounds) for name, rounds in times.items()}
    p50 = {name: statistics.median(_at(one, 0.5) for one in rounds) for name, rounds in times.items()}
    return {
        "ratio": round(p99["ours"] / p99["bare"], 3),
        "ratio_to_quick": round(p99["ours"] / p99["quick"], 3),
        "p99_ms": {name: round(value, 2) for name, value in p99.items()},
        "p50_ms": {name: round(value, 2) for name, value in p50.items()},
        "rounds_p99_ms": {name: [round(_at(one, 0.99), 2) for one in rounds] for name, rounds in times.items()},
        "burst_of_64_ms": round(burst * 1000, 1),
        "commands": sent,
        "replies": replies,
    }


def _at(times: list[float], share: float) -> float:
    """The time in milliseconds that this share stays under; the times are in order."""
    return times[int(len(times) * share)] * 1000


async def _settled(sink: Sink) -> int:
    """The replies, once no more come."""
    last = -1
    while last != sink.replies:
        last = sink.replies
        await asyncio.sleep(1)
    return last


@asynccontextmanager
async def _server(which: str, sink: Sink, folder: str) -> AsyncIterator[Caller]:
    async def call(base: str, session: aiohttp.ClientSession) -> None:
        await Caller(base, sink.url, session).call()

    async with serving(which, sink, folder, call) as (base, session):
        yield Caller(base, sink.url, session)
