"""A site or intranet that takes signed webhooks, as Standard Webhooks has them, and keeps messages by id."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from aiohttp import web

from bot.sandbox.platforms.base import Handler, Item, Platform

PATH: Final = "/hook"
TOLERANCE_S: Final = 300  # between the sender's clock and ours
LOCAL_SECRET: Final = "whsec_" + base64.b64encode(b"only for this local receiver").decode()
KINDS: Final = {
    "type": str,
    "id": str,
    "version": int,
    "sent": str,
    "severity": str,
    "headline": str,
    "text": str,
    "url": str,
    "drill": bool,
}


class Receiver(Platform):
    """Listens at ``/hook``. Knows each webhook-id once; ``names_ids``: gives messages ids of its own."""

    color = "#00566a"

    def __init__(
        self,
        name: str = "webhook",
        title: str = "Intranätet",
        *,
        token: str = "",
        names_ids: bool = True,
        **more: Any,
    ) -> None:
        super().__init__(token=token or LOCAL_SECRET, **more)
        self.name, self.title, self.names_ids = name, title, names_ids
        self.closed = False  # wants no more webhooks
        self.webhooks: dict[str, dict[str, Any]] = {}  # webhook-id → what was answered

    def routes(self) -> list[web.RouteDef]:
        """The receiver's interface, below this platform's address."""
        return [
            web.post(PATH, self.call("event", self._verified(self._event), stores=True)),
            web.get(PATH, self.call("who", self._verified(self._who))),
            web.get(PATH + "/{key}", self.call("look", self._verified(self._look))),
        ]

    def authorized(self, request: web.Request) -> bool:
        """Signed lately, says the head; whether rightly, the body tells."""
        stamp = request.headers.get("webhook-timestamp", "")
        lately = stamp.isdecimal() and abs(self.clock() - int(stamp)) <= TOLERANCE_S
        return lately and bool(request.headers.get("webhook-id"))

    def dead_token(self) -> web.Response:
        """What is said to a wrong signature."""
        return web.json_response({"error": "invalid signature"}, status=401)

    def throttled(self) -> web.Response:
        """What is said to who is too fast."""
        return web.json_response({"error": "too many requests"}, status=429, headers={"Retry-After": "3"})

    def _verified(self, handler: Handler) -> Handler:
        async def answer(request: web.Request) -> web.Response:
            if not genuine(self.token, request.headers, await request.read()):
                return self.dead_token()
            if self.closed:
                return web.Response(status=410)
            return await handler(request)

        return answer

    async def _who(self, _request: web.Request) -> web.Response:
        return web.json_response({"name": self.title})

    async def _look(self, request: web.Request) -> web.Response:
        key = request.match_info["key"]
        item = next((one for one in self.visible() if one.key == key), None)
        return _missing() if item is None else web.json_response(self._shown(item))

    def kept(self) -> dict[str, Any]:
        """What it has heard, too."""
        return super().kept() | {"webhooks": self.webhooks}

    def restore(self, state: dict[str, Any]) -> None:
        """As it was."""
        super().restore(state)
        self.webhooks = dict(state["webhooks"])

    async def _event(self, request: web.Request) -> web.Response:
        webhook_id = request.headers["webhook-id"]
        if webhook_id in self.webhooks:
            return web.json_response(self.webhooks[webhook_id])
        try:
            event = await request.json()
        except ValueError:
            return _refused("not JSON")
        wrong = fault(event)
        if wrong:
            return _refused(wrong)
        return self._carry_out(event, webhook_id)

    def _carry_out(self, event: dict[str, Any], webhook_id: str) -> web.Response:
        if event["type"] == "message.published":
            return self._publish(event, webhook_id)
        item = self._known(event["id"])
        if item is None:
            return _missing()
        if event["version"] > item.more["version"]:
            self._change(item, event)
        self.webhooks[webhook_id] = self._shown(item)
        return web.json_response(self._shown(item))

    def _publish(self, event: dict[str, Any], webhook_id: str) -> web.Response:
        if event["id"] != webhook_id:
            return _refused("a new message has the webhook's id")
        own = {"id": "4." + self.next_id()} if self.names_ids else {"id": event["id"]}
        item = self.add(event["text"], title=event["headline"], link=event["url"], key=event["id"], **own)
        item.more = event
        self.webhooks[webhook_id] = self._shown(item)
        return web.json_response(self._shown(item), status=201)

    def _change(self, item: Item, event: dict[str, Any]) -> None:
        item.more = event
        if event["type"] == "message.withdrawn":
            item.removed = True
            return
        self.edit(item, event["text"])
        item.title, item.link = event["headline"], event["url"]

    def _known(self, message_id: str) -> Item | None:
        return next((one for one in self.items if message_id in (one.id, one.key) and not one.removed), None)

    def _shown(self, item: Item) -> dict[str, Any]:
        return {"id": item.id, "url": f"{self.base_url}/nyheter/{item.id}"}


def genuine(token: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Does one of the signatures belong to this body, under this secret?"""
    try:
        secret = base64.b64decode(token.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        return False
    said = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    right = base64.b64encode(hmac.digest(secret, said, hashlib.sha256)).decode()
    given = headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(one, f"v1,{right}") for one in given)


def fault(event: Any) -> str | None:
    """What is wrong with a message: a key too few or too many, a wrong type, a time without zone."""
    if not isinstance(event, dict) or set(event) != set(KINDS):
        return "wrong keys"
    for name, kind in KINDS.items():
        if type(event[name]) is not kind:
            return f"{name} must be {kind.__name__}"
    if event["type"] not in {"message.published", "message.updated", "message.withdrawn"}:
        return "unknown type"
    try:
        return None if datetime.fromisoformat(event["sent"]).tzinfo else "sent has no time zone"
    except ValueError:
        return "sent is not a time"


def _refused(sentence: str) -> web.Response:
    return web.json_response({"error": sentence}, status=422)


def _missing() -> web.Response:
    return web.json_response({"error": "no such message"}, status=404)
