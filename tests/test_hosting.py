"""Whoever comes in while the door closes is let out again."""

import asyncio
import contextlib
import socket

import pytest
from aiohttp import web

from bot.hosting import Host

HOST = "127.0.0.1"


@pytest.mark.parametrize("turns", range(6))
async def test_nobody_is_left_inside(turns: int) -> None:
    """A caller whose connection the loop takes up so many turns before the door closes."""
    host = Host(web.Application(), shutdown_s=1)
    await host.open(HOST, 0)
    with socket.create_connection(host.address) as caller:
        caller.setblocking(False)
        for _ in range(turns):
            await asyncio.sleep(0)
        await host.close()
        with contextlib.suppress(ConnectionResetError):  # who was still on the way in
            async with asyncio.timeout(2):
                assert b"" == await asyncio.get_running_loop().sock_recv(caller, 1)


async def test_closing_twice_and_before_opening_is_no_fault() -> None:
    """A desk that never came up is stopped as well."""
    host = Host(web.Application(), shutdown_s=1)
    await host.close()
    with pytest.raises(ValueError, match="not started"):
        _ = host.address
    await host.open(HOST, 0)
    await host.close()
    await host.close()
