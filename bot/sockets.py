"""Socket Mode: two connections, so that one may be renewed while the other listens; and their pulse."""

import time

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

CONNECTIONS = 2
PING_S = 10.0
DEAF_S = 4 * PING_S  # after so long without a pong the SDK itself counts a connection as stale


class Sockets:
    """The connections of this process; none without an app-level token, when Slack calls over HTTP."""

    def __init__(self, app: AsyncApp, app_token: str | None, connections: int = CONNECTIONS) -> None:
        self._app, self._token = app, app_token
        self._connections = connections if app_token else 0
        self._handlers: list[AsyncSocketModeHandler] = []

    async def start(self) -> None:
        """Connect them all."""
        for _ in range(self._connections):
            handler = AsyncSocketModeHandler(self._app, self._token, ping_interval=PING_S)
            self._handlers.append(handler)
            await handler.connect_async()  # type: ignore[no-untyped-call]

    async def stop(self) -> None:
        """Close them all; Slack sends what comes to other replicas."""
        for handler in self._handlers:
            await handler.close_async()  # type: ignore[no-untyped-call]
        self._handlers.clear()

    def trouble(self) -> str | None:
        """What is wrong with the line to Slack; None when it was heard lately, or is HTTP."""
        if not self._connections:
            return None
        heard = [handler.client.last_ping_pong_time for handler in self._handlers]
        silence = min((time.time() - at for at in heard if at is not None), default=float("inf"))
        return None if silence < DEAF_S else "Socket Mode has not been heard"
