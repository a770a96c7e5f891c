"""What the local Facebook and Instagram share: Meta's envelopes, fields, pages and signatures."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bot.sandbox.platforms.base import Handler, Item, Platform

TRACE = "AbCdEfGhIjKlMnOpQrStUv"
ALWAYS = {"access_token", "appsecret_proof"}
LISTING = {"fields", "limit", "after", "since", "until"}


class GraphPlatform(Platform):
    """A part of the Graph with one account. ``app_secret``: when set, every call must be signed."""

    account: str
    bucket: str  # as the usage header calls it
    too_fast: int  # the error code for who is too fast

    def __init__(self, *, app_secret: str = "", regain_min: int = 0, **more: Any) -> None:
        super().__init__(**more)
        self.app_secret = app_secret
        self.regain_min = regain_min  # minutes that a throttled caller is told to wait

    def call(self, name: str, handler: Handler, *, stores: bool = False, open_to_all: bool = False) -> Handler:
        """As in every platform; besides, a call that is not signed by the app is turned away."""

        async def signed(request: web.Request) -> web.Response:
            if self.app_secret and not open_to_all and not await self._is_signed(request):
                message = "Invalid appsecret_proof provided in the API argument"
                return error(100, message, type="GraphMethodException")
            return await handler(request)

        return super().call(name, signed, stores=stores, open_to_all=open_to_all)

    async def _is_signed(self, request: web.Request) -> bool:
        proof = hmac.new(self.app_secret.encode(), self.token.encode(), hashlib.sha256).hexdigest()
        return hmac.compare_digest(proof, str((await given(request)).get("appsecret_proof", "")))

    def authorized(self, request: web.Request) -> bool:
        """Does the request carry the platform's token?"""
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return self.token in (bearer, request.query.get("access_token"))

    def dead_token(self) -> web.Response:
        """What the vendor says to a wrong or revoked token."""
        if self.faults.revoked:
            expired = "Error validating access token: Session has expired"
            return error(190, expired, 463)
        return error(190, "Invalid OAuth access token - Cannot parse access token")

    def throttled(self) -> web.Response:
        """What the vendor says to who is too fast: no Retry-After, only a header of its own."""
        answer = error(self.too_fast, "There have been too many calls to this account. Wait a bit and try again.")
        uses = {"type": self.bucket, "call_count": 100, "total_cputime": 25, "total_time": 25}
        uses["estimated_time_to_regain_access"] = self.regain_min
        answer.headers["X-Business-Use-Case-Usage"] = json.dumps({self.account: [uses]})
        return answer

    def broken(self) -> web.Response:
        """What the vendor says when it is ill itself."""
        return error(2, "An unexpected error has occurred. Please retry your request later.", status=500, ill=True)


def error(
    code: int,
    message: str,
    subcode: int = 0,
    *,
    status: int = 400,
    type: str = "OAuthException",
    said: str = "",
    ill: bool = False,
) -> web.Response:
    """Meta's envelope. ``said`` is the sentence meant for people; ``ill``: come again."""
    told: dict[str, Any] = {"message": f"(#{code}) {message}", "type": type, "code": code, "fbtrace_id": TRACE}
    if subcode:
        told["error_subcode"] = subcode
    if said:
        told |= {"error_user_title": message, "error_user_msg": said}
    return web.json_response({"error": told | {"is_transient": ill}}, status=status)


def missing(object_id: str, verb: str = "get") -> web.Response:
    """No such object, or none that the caller may see."""
    sentence = (
        f"Unsupported {verb} request. Object with ID '{object_id}' does not exist, cannot be loaded due to "
        "missing permissions, or does not support this operation"
    )
    return error(100, sentence, 33, type="GraphMethodException")


async def given(request: web.Request) -> dict[str, Any]:
    """Everything the caller gave: address, form or JSON."""
    found: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json" and request.can_read_body:
        body = await request.json()
        return found | (body if isinstance(body, dict) else {})
    return found | dict(await request.post())


def unknown(fields: Iterable[str], takes: set[str]) -> web.Response | None:
    """A refusal of fields the call does not take. The real one ignores them; here a slip should show."""
    strange = sorted(set(fields) - takes - ALWAYS)
    return error(100, f"Unexpected parameters: {', '.join(strange)}") if strange else None


def chosen(whole: dict[str, Any], fields: str) -> web.Response:
    """The fields asked for, and always the id; fields without a value are left out."""
    fields = flat(fields)
    strange = _strange(whole, fields)
    return error(100, f"Tried accessing nonexisting field ({strange})") if strange else _json(_some(whole, fields))


def flat(fields: str) -> str:
    """The fields' names without what is asked of them: ``from{id,name},comments.limit(0)`` is ``from,comments``."""
    depth, kept = 0, ""
    for sign in fields:
        depth += {"{": 1, "(": 1, "}": -1, ")": -1}.get(sign, 0)
        kept += sign if depth == 0 and sign not in "})" else ""
    return ",".join(one.partition(".")[0] for one in kept.split(","))


def listed(
    request: web.Request, whole: Sequence[dict[str, Any]], also: frozenset[str] = frozenset()
) -> web.Response:
    """One page of a list, with cursors. ``also``: what may be asked beside the usual."""
    asked = request.query
    if refused := unknown(asked, LISTING | also):
        return refused
    fields = flat(asked.get("fields", "id"))
    strange = next((found for one in whole if (found := _strange(one, fields))), "")
    if strange:
        return error(100, f"Tried accessing nonexisting field ({strange})")
    limit, start = min(int(asked.get("limit", 25)), 100), int(asked.get("after") or 0)
    page, end = whole[start : start + limit], start + limit
    paging: dict[str, Any] = {"cursors": {"before": str(start), "after": str(end)}}
    if end < len(whole):
        paging["next"] = str(request.url.update_query(after=str(end)))
    return _json({"data": [_some(one, fields) for one in page], "paging": paging})


def since(items: Iterable[Item], request: web.Request) -> list[Item]:
    """Those published in the time asked for."""
    first = float(request.query.get("since", 0))
    last = float(request.query.get("until", "inf"))
    return [one for one in items if first <= one.at <= last]


def iso(at: float) -> str:
    """A time as Meta writes it: whole seconds, an offset without a colon."""
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def _some(whole: dict[str, Any], fields: str) -> dict[str, Any]:
    names = {"id", *fields.split(",")} if fields else {"id"}
    return {name: value for name, value in whole.items() if name in names and value not in (None, "")}


def _strange(whole: dict[str, Any], fields: str) -> str:
    return next((name for name in fields.split(",") if name and name not in whole), "")


def _json(body: dict[str, Any]) -> web.Response:
    return web.json_response(body)
