"""`POST /slack/events`: commands, clicks, forms and events over HTTP, handed to Bolt.

In Socket Mode nothing arrives here and the door is not mounted.
"""

from collections.abc import Callable
from datetime import datetime

import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest

from bot.desk import utc_now
from bot.web import signature

log = structlog.get_logger(__name__)


class SlackDoor:
    """Checks the signature over the raw bytes before anything is parsed; Bolt checks it once more.

    Bolt alone would parse first, take an unsigned ``ssl_check``, and trip over odd headers.
    """

    def __init__(self, app: AsyncApp, secret: str, now: Callable[[], datetime] = utc_now) -> None:
        self._app, self._secret, self._now = app, secret, now

    def mount(self, router: web.UrlDispatcher) -> None:
        """Where it stands."""
        router.add_post("/slack/events", self.take)

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Let Bolt answer what Slack signed; 401 for anything else."""
        raw = await request.read()
        try:
            self._check(request, raw)
            asked = AsyncBoltRequest(body=raw.decode(), query=request.query_string, headers={**request.headers})
        except signature.Forged as forged:
            log.warning("signature refused", action="signature_refused", path=request.path, why=forged.why)
            return web.json_response({"error": "signature"}, status=401)
        except (ValueError, RecursionError):
            log.warning("unreadable", action="payload_malformed", path=request.path)
            return web.json_response({"error": "malformed"}, status=400)
        return await to_aiohttp_response(await self._app.async_dispatch(asked))

    def _check(self, request: web.Request, raw: bytes) -> None:
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        given = request.headers.get("X-Slack-Signature", "")
        signature.check(self._secret, timestamp, given, raw, self._now(), version="v0")
