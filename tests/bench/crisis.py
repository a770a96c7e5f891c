"""A crisis in 2,000 Slack channels: how near the permitted pace, and what everybody else notices of it."""

import asyncio
import contextlib
import json
import random
import statistics
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bot.sandbox.limits import WINDOW
from bot.stage import free_port
from tests.bench.load import HOST, Caller, Sink
from tests.faults import crisis_stage, crisis_work
from tests.faults.crisis_stage import Town

CHANNELS = 2000
SLOWEST, FASTEST = 700, 2000  # posts a minute that a workspace may be permitted
RATE = 20.0  # commands a second; people type, they do not hammer
APPROVALS = 9
ENOUGH_S = 600.0


async def measure(rounds: int, seconds: float, *, seed: int | None = None) -> dict[str, Any]:
    """One fan-out with commands beside it, after as many rounds of commands without it.

    ``seed`` draws the workspace's limit. ``seconds``: length of a round.
    """
    limit = random.Random(seed).randint(SLOWEST, FASTEST)
    sink = Sink()
    await sink.start()
    try:
        with tempfile.TemporaryDirectory() as folder, crisis_stage.town(Path(folder), CHANNELS) as where:
            _limit(where, limit)
            async with _desk(where, limit, Path(folder)) as desk, _caller(desk, sink) as caller:
                figures = await _run(where, desk, caller, rounds, seconds)
            return {**_pace(_ours(where), figures.pop("began"), limit), **figures, "limit": limit}
    finally:
        await sink.stop()


def _limit(where: Town, limit: int) -> None:
    crisis_stage.post(f"{where.url}/door/faults", {"limits": {"on": True, "workspace_per_min": limit}})


def _ours(where: Town) -> list[dict[str, Any]]:
    """The desk's own messages: they carry a delivery id."""
    return [one for one in where.messages() if one.get("metadata")]


async def _run(where: Town, desk: "Desk", caller: Caller, rounds: int, seconds: float) -> dict[str, Any]:
    """Idle first: commands, then approvals for the website alone; then everything, with commands beside it."""
    await caller.open_loop(RATE, 2.0)
    idle = [await caller.open_loop(RATE, seconds) for _ in range(rounds)]
    alone = [await _to_website(where, desk) for _ in range(APPROVALS)]
    await _window(desk)
    before, began = await desk.ask("counts"), (await desk.ask("all"))["committed"]
    busy, beside = [], []
    while (after := await desk.ask("counts"))["ok"] - before["ok"] < CHANNELS:
        busy.append(await caller.open_loop(RATE, seconds))
        with contextlib.suppress(TimeoutError):
            beside.append(await _to_website(where, desk))
    p99 = {name: [_p99(one) for one in times] for name, times in (("idle", idle), ("busy", busy))}
    refused, taken = after["throttled"] - before["throttled"], after["ok"] - before["ok"]
    return {
        "began": began,
        "refused": round(refused / (taken + refused), 4),
        "website_ms": round(statistics.median(alone), 1),
        "ack_ratio": round(statistics.median(p99["busy"]) / statistics.median(p99["idle"]), 2),
        "cpu_ms_per_post": round((after["cpu"] - before["cpu"]) / taken * 1000, 1),
        "website_ms_each": [round(one, 1) for one in alone],
        "website_beside_ms": [round(one, 1) for one in beside],
        "ack_p99_ms": {name: [round(one, 2) for one in each] for name, each in p99.items()},
    }


def _p99(times: list[float]) -> float:
    """Milliseconds; the times are in order."""
    return times[int(len(times) * 0.99)] * 1000


def _pace(sent: list[dict[str, Any]], began: float, limit: int) -> dict[str, Any]:
    """Posts a minute from the first announcement to the last, as a share of what is permitted.

    What else goes out in between takes its part of the workspace's pace; what comes after the last
    announcement does not count, for nobody waits there.
    """
    told = set(crisis_work.channels(CHANNELS))
    waited = [float(one["ts"]) for one in sent if one["channel"] in told and float(one["ts"]) >= began]
    first, last = min(waited), max(waited)
    out = [one for one in sent if first <= float(one["ts"]) <= last]
    per_minute = (len(out) - 1) / ((last - first) / 60)
    announced = len(waited)
    return {
        "ratio": round(per_minute / limit, 4),
        "posts": len(out),
        "announced": announced,
        "per_minute": round(per_minute, 1),
    }


async def _to_website(where: Town, desk: "Desk") -> float:
    """Milliseconds from the commit of an approval until the website is asked. Raises TimeoutError."""
    before = len(_site(where))
    committed = (await desk.ask("site"))["committed"]
    async with asyncio.timeout(30):
        while len(items := _site(where)) == before:  # noqa: ASYNC110  # another process's wall
            await asyncio.sleep(0.1)
    await asyncio.sleep(0.5)
    return float((max(one["at"] for one in items) - committed) * 1000)


def _site(where: Town) -> list[dict[str, Any]]:
    return where.walls()["wordpress"]


async def _window(desk: "Desk") -> None:
    """Until everything is at rest, and the minute in which the workspace counts has passed."""
    async with asyncio.timeout(ENOUGH_S):
        while (await desk.ask("waits"))["waits"] > APPROVALS:  # noqa: ASYNC110  # who would be asked later
            await asyncio.sleep(0.5)
    await asyncio.sleep(WINDOW)


@dataclass
class Desk:
    """The desk's process."""

    process: Process
    url: str

    async def ask(self, word: str) -> dict[str, Any]:
        """Tell it something; its answer. Log lines come on another stream."""
        assert self.process.stdin is not None
        assert self.process.stderr is not None
        self.process.stdin.write(f"{word}\n".encode())
        while line := await self.process.stderr.readline():
            if line.startswith(b"{"):
                return dict(json.loads(line))
            sys.stderr.buffer.write(line)
        raise RuntimeError("the desk ended")


@asynccontextmanager
async def _desk(where: Town, limit: int, folder: Path) -> AsyncIterator[Desk]:
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.crisis_desk", f"sqlite:///{folder / 'desk.db'}", str(port)]
    with (folder / "desk.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *command, json.dumps(where.told), str(limit), stdin=PIPE, stdout=log, stderr=PIPE
        )
    try:
        yield Desk(process, f"http://{HOST}:{port}")
    finally:
        assert process.stdin is not None
        process.stdin.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(20):
                await process.wait()
        if process.returncode is None:
            process.kill()


@asynccontextmanager
async def _caller(desk: Desk, sink: Sink) -> AsyncIterator[Caller]:
    await desk.ask("counts")  # answers when it is up
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        yield Caller(desk.url, sink.url, session)
