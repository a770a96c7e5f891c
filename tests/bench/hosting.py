"""Servers in processes of their own, ended afterwards."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp

from bot.stage import free_port
from tests.bench.load import HOST, Sink

Try = Callable[[str, aiohttp.ClientSession], Awaitable[object]]


@asynccontextmanager
async def serving(
    which: str, sink: Sink, folder: str, call: Try
) -> AsyncIterator[tuple[str, aiohttp.ClientSession]]:
    """One of ``tests.bench.server``'s, its address and a session, once a ``call`` succeeds."""
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.server", which, str(port), sink.url, folder]
    process = subprocess.Popen(command)  # noqa: ASYNC220
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            base = f"http://{HOST}:{port}"
            await _answers(lambda: call(base, session), process)
            yield base, session
    finally:
        process.terminate()
        process.wait(20)


async def _answers(call: Callable[[], Awaitable[object]], process: "subprocess.Popen[bytes]") -> None:
    for _ in range(200):
        if process.poll() is not None:
            raise RuntimeError("the server ended")
        try:
            await call()
        except (aiohttp.ClientError, RuntimeError):
            await asyncio.sleep(0.1)
        else:
            return
    raise RuntimeError("the server does not answer")
