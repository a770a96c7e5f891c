"""Delivery over signed HTTP, as to an app without Socket Mode."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
import time
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.delivery import ACK_SECONDS, Answer, Envelope

JSON = dict[str, Any]
_MOST_REDIRECTS = 2


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return the v0 signature of a raw body at a time (whole seconds since 1970, UTC)."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


class HttpDelivery:
    """Posts every envelope to one address."""

    mode = "http"

    def __init__(self, url: str, secret: str) -> None:
        self._url = url
        self._secret = secret
        self._session: aiohttp.ClientSession | None = None
        self.connected = True
        """Whether the last delivery reached anybody."""

    async def deliver(self, envelope: Envelope) -> Answer:
        """Post an envelope and wait for the answer."""
        body, kind = _encode(envelope)
        try:
            async with asyncio.timeout(ACK_SECONDS):
                answer = await self._post(body, self._headers(body, kind, envelope))
        except TimeoutError:
            return Answer(error="operation_timeout")
        except aiohttp.TooManyRedirects:
            return Answer(error="too_many_redirects")
        except (aiohttp.ClientError, OSError):
            self.connected = False
            return Answer(error="dispatch_failed")
        self.connected = True
        return answer

    def _headers(self, body: bytes, kind: str, envelope: Envelope) -> dict[str, str]:
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": kind,
            "User-Agent": "Slackbot 1.0 (+sandbox)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._secret, timestamp, body),
        }
        if envelope.retry_num:
            headers["x-slack-retry-num"] = str(envelope.retry_num)
            headers["x-slack-retry-reason"] = envelope.retry_reason
        return headers

    async def _post(self, body: bytes, headers: dict[str, str]) -> Answer:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        async with self._session.post(
            self._url, data=body, headers=headers, max_redirects=_MOST_REDIRECTS
        ) as response:
            text = await response.text()
            if response.status != 200:
                final = response.headers.get("x-slack-no-retry") == "1"
                return Answer(error="http_service_error", final=final)
            return Answer(_body(text))

    async def verify(self) -> bool:
        """Ask the address to echo a challenge, as Slack does before it believes in it."""
        challenge = secrets.token_urlsafe(24)
        payload = {"type": "url_verification", "token": "sandbox", "challenge": challenge}
        answer = await self.deliver(Envelope("events_api", payload))
        told = answer.body or {}
        return challenge in (told.get("challenge"), told.get("text"))

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()


def _encode(envelope: Envelope) -> tuple[bytes, str]:
    if envelope.kind == "events_api":
        return json.dumps(envelope.payload).encode(), "application/json"
    fields = envelope.payload if envelope.kind == "slash_commands" else {"payload": json.dumps(envelope.payload)}
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def _body(text: str) -> JSON | None:
    if not text.strip():
        return None
    try:
        told = json.loads(text)
    except ValueError:
        return {"text": text}
    return told if isinstance(told, dict) else {"text": text}
