"""The sandbox workspace as one server: Slack's side, the door for people, and the street outside."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.sandbox import answers
from bot.sandbox.api.gate import Gate
from bot.sandbox.delivery import Delivery, Transport
from bot.sandbox.door import routes
from bot.sandbox.errors import ApiError
from bot.sandbox.faults import Faults
from bot.sandbox.feed import Feed
from bot.sandbox.http_delivery import HttpDelivery
from bot.sandbox.hub import Hub
from bot.sandbox.journal import Journal
from bot.sandbox.limits import Limits
from bot.sandbox.platforms import street
from bot.sandbox.platforms.base import Platform
from bot.sandbox.response_urls import ResponseUrls
from bot.sandbox.screens import Screens
from bot.sandbox.seed import Seed
from bot.sandbox.sockets import Sockets
from bot.sandbox.stamps import Clock
from bot.sandbox.triggers import Triggers
from bot.sandbox.workspace import Workspace

_SHUTDOWN_S = 1.0
_BODY_LIMIT = 8 * 1024 * 1024


class Sandbox:
    """A local workspace. With `bot_url` the bot is told over signed HTTP, else over Socket Mode.

    `state_file` keeps the workspace over restarts. `clock` returns seconds since 1970 (UTC).
    `platforms` stand outside Slack, each at `/platform/<name>`.
    """

    def __init__(
        self,
        seed: Seed,
        *,
        state_file: Path | None = None,
        signing_secret: str = "sandbox",  # noqa: S107 (a local workspace has no secrets)
        bot_token: str = "xoxb-sandbox",  # noqa: S107
        app_token: str = "xapp-sandbox",  # noqa: S107
        bot_url: str | None = None,
        clock: Clock = time.time,
        platforms: Sequence[Platform] = (),
    ) -> None:
        self.seed = seed
        self.signing_secret = signing_secret
        self._journal = Journal(state_file)
        feed = Feed()
        workspace = Workspace(seed, self._journal, feed, clock)
        sockets = Sockets(seed.bot.app_id, feed, clock)
        self._http = HttpDelivery(bot_url, signing_secret) if bot_url else None
        transport: Transport = self._http or sockets
        self.hub = Hub(
            workspace=workspace,
            screens=Screens(workspace, clock),
            triggers=Triggers(clock),
            urls=ResponseUrls(clock),
            feed=feed,
            faults=Faults(),
            limits=Limits(clock),
            sockets=sockets,
            delivery=Delivery(transport),
            clock=clock,
            bot_token=bot_token,
            app_token=app_token,
        )
        self.platforms = tuple(platforms)
        self._runner: web.AppRunner | None = None

    @property
    def base_url(self) -> str:
        """Where it listens, without a slash at the end; empty before `start`."""
        return self.hub.base_url

    @property
    def api_url(self) -> str:
        """The base url for a Web API client."""
        return self.hub.base_url + "/api/"

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen, on a free port if none is given. Returns the base url. Raises OSError."""
        app = self._application()
        settle = street.mount(app, self.platforms, lambda: self.hub.base_url)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_S)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        name, taken = self._runner.addresses[0][:2]
        self.hub.base_url = self.hub.urls.base_url = f"http://{name}:{taken}"
        settle()
        return self.hub.base_url

    async def stop(self) -> None:
        """Close every connection and the state file."""
        await self.hub.delivery.close()
        await self.hub.sockets.drop()
        self.hub.feed.close()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._http is not None:
            await self._http.close()
        self._journal.close()

    def _application(self) -> web.Application:
        app = web.Application(client_max_size=_BODY_LIMIT)
        app.router.add_route("*", "/api/{method}", Gate(self.hub).answer)
        app.router.add_get("/link", self.hub.sockets.link)
        app.router.add_post("/hooks/{name}", self._hook)
        routes.add(app, self.hub)
        return app

    async def _hook(self, request: web.Request) -> web.StreamResponse:
        """Take an answer at a response url."""
        try:
            url = self.hub.urls.redeem(request.match_info["name"])
            body = json.loads(await request.text())
            if not isinstance(body, dict):
                raise ApiError("invalid_payload")
            answers.give(self.hub, url, body)
        except ValueError:
            return _refused(ApiError("invalid_payload"))
        except ApiError as refusal:
            return _refused(refusal)
        return web.Response(text="ok")


def _refused(refusal: ApiError) -> web.Response:
    gone = refusal.code in ("expired_url", "used_url")
    body: dict[str, Any] = refusal.body()
    return web.json_response(body, status=404 if gone else 400)
