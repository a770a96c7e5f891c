"""`/webhooks/{platform}`: what platforms tell by themselves. Kept and committed before the 200; read later.

Meta's: a handshake by GET, then bodies signed with the app's secret over the raw bytes.
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any, Final

import structlog
from aiohttp import web

from bot.channels.errors import TokenDead
from bot.channels.facebook import FacebookSettings
from bot.channels.heard import Heard, Unreadable
from bot.channels.instagram import InstagramSettings
from bot.channels.meta import MetaSettings
from bot.channels.settings import ChannelSettings, Keyring
from bot.channels.talk import facebook, instagram
from bot.channels.talk.meta import changes
from bot.comments.arriving import Reader
from bot.comments.inbox import Inbox
from bot.desk import Desk
from bot.settings import Settings

log = structlog.get_logger(__name__)
LARGEST: Final = 8 * 1024 * 1024  # bytes: a thousand changes with long texts
STRANGE: Final = "?"  # after a platform's name: no channel has such a key
SIGNATURE: Final = "X-Hub-Signature-256"


@dataclass(frozen=True)
class Meta:
    """What tells the two platforms apart: where they knock, what they speak of, and whose number that is."""

    name: str
    about: str
    settings: type[MetaSettings]
    number: Callable[[Any], str]
    heard: Callable[[Any, Mapping[str, Any]], Heard | None]


BOTH: Final = (
    Meta("facebook", "page", FacebookSettings, attrgetter("page_id"), facebook.heard),
    Meta("instagram", "instagram", InstagramSettings, attrgetter("account_id"), instagram.heard),
)


class MetaHooks:
    """Facebook's and Instagram's doors."""

    def __init__(self, desk: Desk, chosen: Sequence[ChannelSettings], keyring: Keyring, inbox: Inbox) -> None:
        self._doors = [_Door(desk, one, chosen, keyring, inbox) for one in BOTH]

    def mount(self, router: web.UrlDispatcher) -> None:
        """Where they stand."""
        for door in self._doors:
            router.add_get(door.path, door.greet)
            router.add_post(door.path, door.take)


class _Door:
    """Several accounts of a platform share one; each is known by its number."""

    def __init__(
        self, desk: Desk, meta: Meta, chosen: Sequence[ChannelSettings], keyring: Keyring, inbox: Inbox
    ) -> None:
        self._desk, self._meta, self._keyring, self._inbox = desk, meta, keyring, inbox
        self._accounts = {meta.number(one): one for one in chosen if isinstance(one, meta.settings)}
        self.path = f"/webhooks/{meta.name}"

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
        now = self._desk.now()
        await asyncio.gather(*(self._inbox.keep(*one, now=now) for one in self._sorted(raw).items()))
        return web.Response(text="ok")

    def _sorted(self, raw: bytes) -> dict[str, list[Mapping[str, Any]]]:
        """The changes by channel; those of accounts that are not ours, and bodies that are none, by themselves."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        strange = f"{self._meta.name}{STRANGE}"
        try:
            for number, change in changes(json.loads(raw), self._meta.about):
                known = self._accounts.get(number)
                found.setdefault(known.key if known else strange, []).append(change)
        except (Unreadable, ValueError, AttributeError, RecursionError, TypeError):
            log.warning("unreadable", action="payload_malformed", path=self.path)
            found.setdefault(strange, []).append({"body": raw.decode(errors="replace")})
        return found

    def _signed(self, given: str, raw: bytes) -> bool:
        return any(_same(given, sign(secret, raw)) for secret in self._secrets("app_secret_env"))

    def _secrets(self, name: str) -> list[str]:
        """What the environment holds of it; an unset one is as good as none."""
        found = []
        for variable in {getattr(one, name) for one in self._accounts.values()} - {None}:
            try:
                found.append(self._keyring.named(variable))
            except TokenDead:
                log.warning("secret missing", action="secret_missing", variable=variable)
        return found


def readers(settings: Settings) -> dict[str, Reader]:
    """By channel: what makes a comment of a change that came by webhook."""
    return {
        one.key: partial(meta.heard, one)
        for meta in BOTH
        for one in settings.channels
        if isinstance(one, meta.settings)
    }


def sign(secret: str, raw: bytes) -> str:
    """Meta's signature of a body."""
    return f"sha256={hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()}"


def _same(given: str, right: str) -> bool:
    return bool(right) and hmac.compare_digest(given.encode(errors="replace"), right.encode())
