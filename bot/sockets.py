"""Socket Mode: two connections, so that one may be renewed while the other listens; and their pulse."""

import time

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

CONNECTIONS = 2
PING_S = 10.0
DEAF_S = 4 * PING_S  # after so long without a pong the SDK itself counts a connection as stale


class Sockets:
    """The connections of this process. Built inside a running event loop."""

    def __init__(self, app: AsyncApp, app_token: str, connections: int = CONNECTIONS) -> None:
        self._handlers = [AsyncSocketModeHandler(app, app_token, ping_interval=PING_S) for _ in range(connections)]

    async def start(self) -> None:
        """Connect them all."""
        for handler in self._handlers:
            await handler.connect_async()  # type: ignore[no-untyped-call]

    async def stop(self) -> None:
        """Close them all; Slack sends what comes to other replicas."""
        for handler in self._handlers:
            await handler.close_async()  # type: ignore[no-untyped-call]

    def silence(self) -> float:
        """Seconds since the liveliest connection was last heard; how deaf the process may be."""
        heard = [handler.client.last_ping_pong_time for handler in self._handlers]
        return min((time.time() - at for at in heard if at is not None), default=float("inf"))

    def hearing(self) -> bool:
        """At least one connection has been heard lately."""
        return self.silence() < DEAF_S
