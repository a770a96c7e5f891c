"""Serves the web application on a host and port."""

from aiohttp import web

SHUTDOWN_S = 5.0


class Site:
    """Our own pages and webhooks, and Slack's requests in HTTP mode."""

    def __init__(self, application: web.Application, host: str, port: int) -> None:
        self._application, self._host, self._port = application, host, port
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        self._runner = web.AppRunner(self._application, access_log=None, shutdown_timeout=SHUTDOWN_S)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()

    async def stop(self) -> None:
        """Finish what is being answered and stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
