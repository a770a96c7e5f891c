"""How soon `/konto mina` is acknowledged at 200 commands a second, beside a bare Bolt listener."""

import asyncio
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from bot.stage import free_port
from tests.bench.load import HOST, Caller, Sink

RATE = 200.0
BURST = 64
WARM_UP = 2.0


async def measure(rounds: int, seconds: float) -> dict[str, Any]:
    """The two in turn; the ratio of the medians of their p99, and a burst of 64."""
    sink = Sink()
    await sink.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            async with _server("bare", sink, folder) as bare, _server("ours", sink, folder) as ours:
                return await _compare(bare, ours, sink, rounds, seconds)
    finally:
        await sink.stop()


async def _compare(bare: Caller, ours: Caller, sink: Sink, rounds: int, seconds: float) -> dict[str, Any]:
    await bare.open_loop(RATE, WARM_UP)
    await ours.open_loop(RATE, WARM_UP)
    p99: dict[str, list[float]] = {"bare": [], "ours": []}
    p50: dict[str, list[float]] = {"bare": [], "ours": []}
    sent, before = 0, await _settled(sink)
    for _ in range(rounds):
        for name, caller in (("bare", bare), ("ours", ours)):
            times = await caller.open_loop(RATE, seconds)
            p99[name].append(times[int(len(times) * 0.99)] * 1000)
            p50[name].append(times[len(times) // 2] * 1000)
            sent += len(times) if name == "ours" else 0
            await asyncio.sleep(0.5)
    burst = await ours.burst(BURST)
    replies = await _settled(sink) - before
    if replies != sent + BURST:
        raise RuntimeError(f"{sent + BURST} commands, {replies} replies")
    medians = {name: statistics.median(values) for name, values in p99.items()}
    return {
        "ratio": round(medians["ours"] / medians["bare"], 3),
        "p99_ms": {name: round(value, 2) for name, value in medians.items()},
        "p50_ms": {name: round(statistics.median(values), 2) for name, values in p50.items()},
        "rounds_p99_ms": {name: [round(one, 2) for one in values] for name, values in p99.items()},
        "burst_of_64_ms": round(burst * 1000, 1),
        "commands": sent,
        "replies": replies - BURST,
    }


async def _settled(sink: Sink) -> int:
    """The replies, once no more come."""
    last = -1
    while last != sink.replies:
        last = sink.replies
        await asyncio.sleep(1)
    return last


@asynccontextmanager
async def _server(which: str, sink: Sink, folder: str) -> AsyncIterator[Caller]:
    """A server process that answers; ended afterwards."""
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.server", which, str(port), sink.url, folder]
    process = subprocess.Popen(command)  # noqa: ASYNC220
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            caller = Caller(f"http://{HOST}:{port}", sink.url, session)
            await _answers(caller, process)
            yield caller
    finally:
        process.terminate()
        process.wait(10)


async def _answers(caller: Caller, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(200):
        if process.poll() is not None:
            raise RuntimeError("the server ended")
        try:
            await caller.call()
        except (aiohttp.ClientError, RuntimeError):
            await asyncio.sleep(0.1)
        else:
            return
    raise RuntimeError("the server does not answer")
