"""`/webhooks/{platform}`: what platforms tell by themselves. Kept and committed before the 200; read later.

Meta's: a handshake by GET, then bodies signed with the app's secret over the raw bytes.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import structlog
from aiohttp import web

from bot.channels.errors import TokenDead
from bot.channels.facebook import FacebookSettings
from bot.channels.heard import Unreadable
from bot.channels.settings import Keyring
from bot.channels.talk import facebook
from bot.comments import arriving
from bot.comments.arriving import Reader
from bot.desk import Desk
from bot.settings import Settings

log = structlog.get_logger(__name__)
LARGEST: Final = 8 * 1024 * 1024  # bytes: a thousand changes with long texts
STRANGE: Final = "facebook?"  # no channel has such a key
SIGNATURE: Final = "X-Hub-Signature-256"


class MetaHooks:
    """Facebook's door. Several Pages share it; each is known by its number."""

    def __init__(
        self, desk: Desk, pages: Sequence[FacebookSettings], keyring: Keyring, arrived: Callable[[], None]
    ) -> None:
        self._desk, self._keyring, self._arrived = desk, keyring, arrived
        self._pages = {one.page_id: one for one in pages}

    def mount(self, router: web.UrlDispatcher) -> None:
        """Where it stands."""
        router.add_get("/webhooks/facebook", self.greet)
        router.add_post("/webhooks/facebook", self.take)

    async def greet(self, request: web.Request) -> web.Response:
        """The handshake: who knows our word gets its challenge back."""
        given = request.query.get("hub.verify_token", "")
        words = self._secrets("verify_token_env")
        if request.query.get("hub.mode") != "subscribe" or not any(_same(given, one) for one in words):
            log.warning("handshake refused", action="webhook_refused", path=request.path)
            raise web.HTTPForbidden
        return web.Response(text=request.query.get("hub.challenge", ""))

    async def take(self, request: web.Request) -> web.Response:
        """Check, keep, commit, answer. A body that is not Meta's shape is kept whole, as odd ones are."""
        raw = await request.clone(client_max_size=LARGEST).read()
        if not self._signed(request.headers.get(SIGNATURE, ""), raw):
            log.warning("signature refused", action="signature_refused", path=request.path)
            return web.json_response({"error": "signature"}, status=401)
        for source, changes in self._sorted(raw).items():
            await arriving.keep(self._desk, source, changes, now=self._desk.now())
        self._arrived()
        return web.Response(text="ok")

    def _sorted(self, raw: bytes) -> dict[str, list[Mapping[str, Any]]]:
        """The changes by channel; those about a Page that is not ours, and bodies that are none, by themselves."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        try:
            for page, change in facebook.changes(json.loads(raw)):
                known = self._pages.get(page)
                found.setdefault(known.key if known else STRANGE, []).append(change)
        except (Unreadable, ValueError, AttributeError, RecursionError, TypeError):
            log.warning("unreadable", action="payload_malformed", path="/webhooks/facebook")
            found.setdefault(STRANGE, []).append({"body": raw.decode(errors="replace")})
        return found

    def _signed(self, given: str, raw: bytes) -> bool:
        return any(_same(given, sign(secret, raw)) for secret in self._secrets("app_secret_env"))

    def _secrets(self, name: str) -> list[str]:
        """What the environment holds of it; an unset one is as good as none."""
        found = []
        for variable in {getattr(one, name) for one in self._pages.values()} - {None}:
            try:
                found.append(self._keyring.named(variable))
            except TokenDead:
                log.warning("secret missing", action="secret_missing", variable=variable)
        return found


def readers(settings: Settings) -> dict[str, Reader]:
    """By channel: what makes a comment of a change that came by webhook."""
    pages = [one for one in settings.channels if isinstance(one, FacebookSettings)]
    return {one.key: partial(facebook.heard, one.page_id) for one in pages}


def sign(secret: str, raw: bytes) -> str:
    """Meta's signature of a body."""
    return f"sha256={hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()}"


def _same(given: str, right: str) -> bool:
    return bool(right) and hmac.compare_digest(given.encode(errors="replace"), right.encode())
