"""A local platform listening on loopback, for the channel that talks to it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.sandbox.platforms.base import Platform

Listen = Callable[[Platform], Awaitable[str]]


@pytest.fixture
async def listen() -> AsyncIterator[Listen]:
    """Start a platform; gives its address without a slash at the end."""
    async with AsyncExitStack() as stack:

        async def start(platform: Platform) -> str:
            app = web.Application(client_max_size=32 * 1024 * 1024)
            app.add_routes(platform.routes())
            server = TestServer(app, host="127.0.0.1")
            await server.start_server()
            stack.push_async_callback(server.close)
            platform.base_url = f"http://127.0.0.1:{server.port}"
            return platform.base_url

        yield start
