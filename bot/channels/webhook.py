"""Any site or intranet with a receiver of signed webhooks, as Standard Webhooks has them.

The contract. We POST ``{type, id, version, sent, severity, headline, text, url, drill}`` as JSON, with
``webhook-id``, ``webhook-timestamp`` (seconds since 1970) and ``webhook-signature``: ``v1,`` and the
base64 of HMAC-SHA256 over ``<webhook-id>.<webhook-timestamp>.<body>``.

``type`` is message.published, message.updated or message.withdrawn. ``id`` names the message: when it is
published the delivery's key (which is the webhook-id too), thereafter the id the receiver gave it, if it
gave one. ``version`` grows with every change: what is older than what is shown may be ignored. ``sent`` is
UTC. ``url`` leads to more information and may be empty. A ``drill`` must never be shown to the public.

The receiver answers 2xx, if it likes with ``{"id": …, "url": …}`` of what it made; 404 to a change of what
it does not have; 401 to a wrong signature; 410 when it wants no more. One that is declared ``readable``
answers GET of the address plus ``/{delivery's key}`` with ``{"id": …, "url": …}``, or 404, and GET of the
address itself with ``{"name": …}``; both are signed in the same way, over an empty body.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote

import httpx
from pydantic import Field

from bot.channels.errors import CannotLook, ChannelError, Gone, Refused, TokenDead, Unknown
from bot.channels.html import headline
from bot.channels.http import Http, json_of
from bot.channels.message import Message
from bot.channels.protocol import Can, Sent
from bot.channels.settings import ChannelSettings, Keyring

PREFIX: Final = "whsec_"
SHORTEST_SECRET: Final = 24  # bytes

Severity = Literal["Extreme", "Severe", "Moderate", "Minor", "Unknown"]


class WebhookSettings(ChannelSettings):
    """A receiver of signed webhooks; its address is ``api_url``, the token the secret (``whsec_…``).

    ``idempotent``: the receiver promises to do the same webhook-id once only, so a lost answer is sent
    again. ``readable``: it can be asked what it has. ``severity`` is said of every message, in CAP's words.
    """

    platform: Literal["webhook"] = "webhook"
    api_url: Annotated[str, Field(pattern=r"^https?://[^\s/@?#]+([/?][^\s#]*)?$")]
    idempotent: bool = False
    readable: bool = False
    severity: Severity = "Unknown"


class Webhook:
    """One receiver as a channel. ``clock`` gives seconds since 1970 (UTC)."""

    lag = 1.0

    def __init__(
        self,
        chosen: WebhookSettings,
        keyring: Keyring,
        *,
        timeout_s: float = 9.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.name = chosen.key
        self.idempotent = chosen.idempotent
        self.can = frozenset({Can.PUBLISH, Can.UPDATE, Can.REMOVE, Can.PING})
        if chosen.readable:
            self.can |= {Can.FIND}
        self._chosen, self._keyring, self._clock = chosen, keyring, clock
        self._http = Http(chosen.api_url, timeout_s=timeout_s)

    async def place(self, dest: str) -> str:
        """The channel's own key: there is one place."""
        return dest

    async def send(self, place: str, thread: str | None, message: Message, key: str) -> Sent:
        """Say that the message is published; ``key`` is its id and the webhook's."""
        self._chosen.admit(message)
        body = self._event("published", key, message)
        try:
            answer = await self._post(key, body)
        except Gone as gone:
            raise Refused(str(gone), "no receiver at this address") from None
        return _sent(place, key, answer)

    async def update(self, place: str, remote: str, message: Message) -> None:
        """Say what the message says now. Raises Gone when the receiver does not know it (404)."""
        self._chosen.admit(message)
        body = self._event("updated", remote, message)
        await self._post(_change_id(body), body)

    async def remove(self, place: str, remote: str) -> None:
        """Say that the message is withdrawn; one the receiver does not know counts as withdrawn."""
        body = self._event("withdrawn", remote, Message(""))
        try:
            await self._post(_change_id(body), body)
        except Gone:
            return

    async def find(
        self, place: str, thread: str | None, key: str, since: datetime, message: Message | None
    ) -> Sent | None:
        """Ask a readable receiver for the message with this key.

        One that is only idempotent is not asked: sending again is how to find out, so None. Raises
        CannotLook where neither is promised.
        """
        if not self._chosen.readable:
            if self._chosen.idempotent:
                return None
            raise CannotLook("the receiver cannot be read")
        try:
            answer = await self._get(key, f"/{quote(key, safe='')}")
        except Gone:
            return None
        if "id" not in json_of(answer):
            raise CannotLook("the answer names no id")
        return _sent(place, key, answer)

    async def ping(self) -> str:
        """The name a readable receiver gives itself, else its host.

        Of a receiver that cannot be read it only shows that somebody answers: the secret is proved by
        the next message alone.
        """
        host = httpx.URL(self._chosen.api_url).host
        if not self._chosen.readable:
            return await self._knock(host)
        try:
            return str(json_of(await self._get("ping", "")).get("name") or host)
        except Gone as gone:
            raise Refused(str(gone), "no receiver at this address") from None

    async def _knock(self, host: str) -> str:
        """Any answer will do but a closed door: many receivers know nothing but POST."""
        answer = await self._http.ask("HEAD", self._chosen.api_url, headers=self._signed("ping", b""))
        if answer.status_code in (401, 410):
            raise refusal(answer)
        return host

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    def _event(self, what: str, message_id: str, message: Message) -> dict[str, Any]:
        now = self._clock()
        return {
            "type": f"message.{what}",
            "id": message_id,
            "version": int(now * 1000),
            "sent": datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds"),
            "severity": self._chosen.severity,
            "headline": headline(message),
            "text": message.text,
            "url": message.link,
            "drill": message.drill,
        }

    async def _post(self, webhook_id: str, event: dict[str, Any]) -> httpx.Response:
        body = json.dumps(event, ensure_ascii=False).encode()
        headers = {"content-type": "application/json"} | self._signed(webhook_id, body)
        return await self._ask("POST", self._chosen.api_url, headers=headers, content=body)

    async def _get(self, webhook_id: str, below: str) -> httpx.Response:
        """Read the address itself, or what lies below it; a query the address has stays at its end."""
        path, mark, query = self._chosen.api_url.partition("?")
        address = path if not below else f"{path.rstrip('/')}{below}"
        return await self._ask("GET", f"{address}{mark}{query}", headers=self._signed(webhook_id, b""))

    async def _ask(self, method: str, address: str, **given: Any) -> httpx.Response:
        answer = await self._http.ask(method, address, **given)
        if answer.is_success:
            return answer
        raise refusal(answer)

    def _signed(self, webhook_id: str, body: bytes) -> dict[str, str]:
        stamp = int(self._clock())
        signature = sign(secret_of(self._keyring.token(self._chosen)), webhook_id, stamp, body)
        return {"webhook-id": webhook_id, "webhook-timestamp": str(stamp), "webhook-signature": signature}


def secret_of(token: str) -> bytes:
    """The key in a ``whsec_…`` token. Raises TokenDead, which does not show it, for anything else."""
    try:
        secret = base64.b64decode(token.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if not token.startswith(PREFIX) or len(secret) < SHORTEST_SECRET:
        raise TokenDead(f"the secret must be {PREFIX} and the base64 of at least {SHORTEST_SECRET} bytes")
    return secret


def sign(secret: bytes, webhook_id: str, stamp: int, body: bytes) -> str:
    """The value of ``webhook-signature``; ``stamp`` in seconds since 1970."""
    signed = f"{webhook_id}.{stamp}.".encode() + body
    return f"v1,{base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()}"


def refusal(answer: httpx.Response) -> ChannelError:
    """What an answer means that is neither 2xx, 429 nor 5xx."""
    status = answer.status_code
    word = f"HTTP {status}"
    match status:
        case 401:
            return TokenDead(word)
        case 404:
            return Gone(word)
        case 408 | 409 | 425:  # cut off, or the same id is known or under way: the finder looks
            return Unknown(word)
        case 410:
            return Refused("closed", "the receiver wants no more webhooks")
        case _ if answer.is_redirect:
            return Refused("redirect", answer.headers.get("location", "")[:200])
    said = json_of(answer)
    return Refused(word, str(said.get("error") or said.get("message") or "")[:200])


def _change_id(event: dict[str, Any]) -> str:
    """The webhook-id of an update or a withdrawal; no full stop in it, for that parts what is signed."""
    return f"{re.sub(r'[^0-9A-Za-z_-]', '-', event['id'])[:80]}-{event['version']}"


def _sent(place: str, key: str, answer: httpx.Response) -> Sent:
    """What the receiver says of itself is welcome, but none of it is needed."""
    said = json_of(answer)
    named, url = said.get("id"), said.get("url")
    remote = str(named) if named and type(named) in (str, int) else key
    link = url if isinstance(url, str) and url.startswith(("https://", "http://")) else ""
    return Sent(remote, place, link)
