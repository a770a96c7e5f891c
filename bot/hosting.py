"""A web application at an address: opened, and closed so that nobody is left inside."""

import asyncio

from aiohttp import web

BREATH_S = 0.01  # some turns of the loop: from being let in to being known to the runner takes three


class Host:
    """Serves one application. ``shutdown_s``: seconds that what is being answered may take to finish."""

    def __init__(self, application: web.Application, *, shutdown_s: float) -> None:
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=shutdown_s)
        self._listening: asyncio.Server | None = None

    async def open(self, host: str, port: int) -> None:
        """Listen; 0 takes a free port. Raises OSError when the port is taken."""
        await self._runner.setup()
        assert self._runner.server is not None
        self._listening = await asyncio.get_running_loop().create_server(self._runner.server, host, port)

    @property
    def address(self) -> tuple[str, int]:
        """Where it really listens. ValueError while it does not."""
        if self._listening is None:
            raise ValueError("the site has not started")
        host, port = self._listening.sockets[0].getsockname()[:2]
        return str(host), int(port)

    async def close(self) -> None:
        """Let nobody more in, finish what is being answered, and close every connection.

        asyncio forgets whoever it let in just before its server closes, and the runner closes only the
        connections that it knows: so the door is shut first, and whoever came last becomes known.
        """
        if self._listening is not None:
            for door in self._listening.sockets:
                asyncio.get_running_loop().remove_reader(door)
            await asyncio.sleep(BREATH_S)
            self._listening.close()
            self._listening = None
        await self._runner.cleanup()
