"""`POST /slack/events`: commands, clicks, forms and events over HTTP, handed to Bolt.

In Socket Mode nothing arrives here and the door is not mounted.
"""

import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier

log = structlog.get_logger(__name__)


class SlackDoor:
    """Checks the signature over the raw bytes before anything is parsed; Bolt checks it once more."""

    def __init__(self, app: AsyncApp, signing_secret: str) -> None:
        self._app = app
        self._verifier = SignatureVerifier(signing_secret)

    def mount(self, router: web.UrlDispatcher) -> None:
        """Where it stands."""
        router.add_post("/slack/events", self.take)

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Let Bolt answer what Slack signed; 401 for anything else."""
        raw = await request.read()
        if not self._signed(request, raw):
            log.warning("signature refused", action="signature_refused", path=request.path)
            return web.json_response({"error": "signature"}, status=401)
        try:
            asked = AsyncBoltRequest(body=raw.decode(), query=request.query_string, headers={**request.headers})
        except (ValueError, RecursionError):
            log.warning("unreadable", action="payload_malformed", path=request.path)
            return web.json_response({"error": "malformed"}, status=400)
        return await to_aiohttp_response(await self._app.async_dispatch(asked))

    def _signed(self, request: web.Request, raw: bytes) -> bool:
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        if not (timestamp.isascii() and timestamp.isdigit() and signature.isascii()):
            return False  # the SDK would raise
        return self._verifier.is_valid(raw, timestamp, signature)
