"""A local X with one account, that speaks of tweets or of posts, as the real one does this year."""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import re
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from aiohttp import web

from bot.sandbox.platforms.base import Item, Platform

ACCOUNT: Final = "2244994945"
HANDLE: Final = "kommunen"
LIMIT: Final = 280
CLOCK_SKEW_S: Final = 300
WINDOW_S: Final = 2
PROBLEMS: Final = "https://api.x.com/2/problems/"
_URL: Final = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)]")
_KEYS: Final = "text media reply reply_settings quote_tweet_id poll geo made_with_ai paid_partnership edit_options"
_TAKES: Final = frozenset(_KEYS.split())


class X(Platform):
    """Posts, deletion and the account's timeline, for requests signed by OAuth 1.0a.

    ``fields`` is "tweet" or "post": the dialect it speaks. ``credits`` False: they are used up.
    """

    name = "x"
    title = "X"
    color = "#0f1419"

    def __init__(self, *, fields: str = "tweet", **given: Any) -> None:
        super().__init__(**given)
        self.fields, self.credits = fields, True
        self.consumer_key, self.consumer_secret = "x-consumer", "x-consumer-secret"
        self.token_secret = "x-token-secret"  # noqa: S105 (a local one)
        self._nonces: set[str] = set()

    def routes(self) -> list[web.RouteDef]:
        """The vendor's interface, below this platform's address."""
        return [
            web.post("/2/tweets", self.call("tweets.create", self._create, stores=True)),
            web.delete("/2/tweets/{id}", self.call("tweets.delete", self._delete, stores=True)),
            web.get("/2/users/me", self.call("users.me", self._me)),
            web.get("/2/users/{id}/tweets", self.call("users.tweets", self._timeline)),
            web.get("/{handle}/status/{id}", self._wall),
        ]

    def authorized(self, request: web.Request) -> bool:
        """Is the request signed with the account's keys, now, and never seen before?"""
        given = _oauth(request.headers.get("Authorization", ""))
        known = given.get("oauth_consumer_key") == self.consumer_key and given.get("oauth_token") == self.token
        if not known or abs(self.clock() - int(given.get("oauth_timestamp", "0"))) > CLOCK_SKEW_S:
            return False
        signed = self._signature(request, given)
        fresh = given.get("oauth_nonce", "") not in self._nonces
        self._nonces.add(given.get("oauth_nonce", ""))
        return fresh and hmac.compare_digest(signed, given.get("oauth_signature", ""))

    def _signature(self, request: web.Request, given: dict[str, str]) -> str:
        """RFC 5849: method, address and every parameter, of which a JSON body has none."""
        parts = urlsplit(str(request.url))
        spoken = [(name, value) for name, value in given.items() if name != "oauth_signature"]
        spoken += parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True)
        pairs = sorted((_escaped(name), _escaped(value)) for name, value in spoken)
        address = f"{parts.scheme}://{parts.netloc}{parts.path}"
        base = "&".join(map(_escaped, (request.method, address, "&".join(f"{one}={two}" for one, two in pairs))))
        secret = f"{_escaped(self.consumer_secret)}&{_escaped(self.token_secret)}"
        return base64.b64encode(hmac.digest(secret.encode(), base.encode(), hashlib.sha1)).decode()

    def dead_token(self) -> web.Response:
        """What the vendor says to a wrong or revoked token."""
        return _problem(401, "Unauthorized", "Unauthorized")

    def throttled(self) -> web.Response:
        """What the vendor says to who is too fast: when its window opens again."""
        answer = _problem(429, "Too Many Requests", "Too Many Requests")
        reset = int(self.clock()) + WINDOW_S
        answer.headers.update(
            {"x-rate-limit-limit": "100", "x-rate-limit-remaining": "0", "x-rate-limit-reset": str(reset)}
        )
        return answer

    def broken(self) -> web.Response:
        """What the vendor says when it is ill itself."""
        return _problem(503, "Service Unavailable", "Service Unavailable")

    async def _create(self, request: web.Request) -> web.Response:
        refused, text = self._checked(await _json(request))
        if refused:
            return refused
        links = {f"https://t.co/{_short(url)}": url for url in _URL.findall(text)}
        item = self.add(text, link=next(iter(links.values()), ""), more={"links": links})
        data = {"id": item.id, "text": _shown(item), f"edit_history_{self.fields}_ids": [item.id]}
        return web.json_response({"data": data}, status=201)

    def _checked(self, given: dict[str, Any] | None) -> tuple[web.Response | None, str]:
        """The refusal, if any, and the text."""
        if given is None or not isinstance(given.get("text"), str) or not given["text"].strip():
            return _invalid("text", "One or more of text, media must be given"), ""
        text = str(given["text"])
        if unknown := set(given) - _TAKES:
            return _invalid(min(unknown), f"[{min(unknown)}] is not defined in the schema"), ""
        if not self.credits:
            return _problem(402, "CreditsDepleted", "The account has no credits left", "credits"), ""
        if given.get("edit_options"):
            return _forbidden("You are not allowed to edit this Tweet"), ""
        if _weight(text) > LIMIT:
            return _forbidden("Your Tweet text is too long."), ""
        if any(one.text == text and not one.removed for one in self.items):
            return _forbidden("You are not allowed to create a Tweet with duplicate content."), ""
        return None, text

    async def _delete(self, request: web.Request) -> web.Response:
        item = self.get(request.match_info["id"])
        if item is None:
            return _problem(404, "Not Found Error", "Could not find tweet with that id", "resource-not-found")
        item.removed = True
        return web.json_response({"data": {"deleted": True}})

    async def _me(self, request: web.Request) -> web.Response:
        return web.json_response({"data": {"id": ACCOUNT, "name": "Kommunen", "username": HANDLE}})

    async def _timeline(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        if refused := self._odd(request.match_info["id"], asked):
            return refused
        since = datetime.fromisoformat(asked.get("start_time", "2010-11-06T00:00:00Z")).timestamp()
        first, count = int(asked.get("pagination_token", 0)), int(asked.get("max_results", 10))
        posts = [one for one in self.visible() if one.at >= since]
        page, more = posts[first : first + count], len(posts) > first + count
        meta = {"result_count": len(page)} | ({"next_token": str(first + count)} if more else {})
        data = {"data": [self._post(one) for one in page]} if page else {}  # none: no list at all
        return web.json_response(data | {"meta": meta})

    def _odd(self, account: str, asked: dict[str, str]) -> web.Response | None:
        takes = {"start_time", "end_time", "max_results", "pagination_token", f"{self.fields}.fields"}
        if unknown := set(asked) - takes:
            return _invalid(min(unknown), f"The query parameter [{min(unknown)}] is not one of {sorted(takes)}")
        if not 5 <= int(asked.get("max_results", 10)) <= 100:
            return _invalid("max_results", "max_results is not between 5 and 100")
        if account != ACCOUNT:  # X says this, too, with 200
            missing = {
                "title": "Not Found Error",
                "detail": "No such user",
                "type": f"{PROBLEMS}resource-not-found",
            }
            return web.json_response({"errors": [missing]})
        return None

    def _post(self, item: Item) -> dict[str, Any]:
        links: dict[str, str] = item.more.get("links") or {}
        urls = [{"url": short, "expanded_url": url, "display_url": url[8:34]} for short, url in links.items()]
        made = datetime.fromtimestamp(item.at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        post = {
            "id": item.id,
            "text": _shown(item),
            "created_at": made,
            f"edit_history_{self.fields}_ids": [item.id],
        }
        return post | ({"entities": {"urls": urls}} if urls else {})

    async def _wall(self, request: web.Request) -> web.Response:
        """The post for people: its place on the residents' page."""
        raise web.HTTPFound(f"{self.base_url}/wall#{self.name}-{request.match_info['id']}")


def _shown(item: Item) -> str:
    """The text as X gives it: its own short links, and three signs escaped."""
    text = item.text
    for short, url in (item.more.get("links") or {}).items():
        text = text.replace(url, short)
    return html.escape(text, quote=False)


def _weight(text: str) -> int:
    """Roughly X's count: enough for a neighbour who refuses what is much too long."""
    bare, links = _URL.subn("", text)
    return 23 * links + sum(1 if ord(sign) < 4352 or 8192 <= ord(sign) <= 8247 else 2 for sign in bare)


def _short(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()[:10]


def _oauth(header: str) -> dict[str, str]:
    pairs = re.findall(r'(oauth_\w+)="([^"]*)"', header) if header.startswith("OAuth ") else []
    return {name: unquote(value) for name, value in pairs}


def _escaped(text: str) -> str:
    return quote(text, safe="-._~")


async def _json(request: web.Request) -> dict[str, Any] | None:
    try:
        given = await request.json()
    except json.JSONDecodeError:
        return None
    return given if isinstance(given, dict) else None


def _problem(status: int, title: str, detail: str, kind: str = "") -> web.Response:
    body = {"title": title, "detail": detail, "type": PROBLEMS + kind if kind else "about:blank", "status": status}
    return web.json_response(body, status=status, content_type="application/problem+json")


def _forbidden(detail: str) -> web.Response:
    return _problem(403, "Forbidden", detail)


def _invalid(parameter: str, message: str) -> web.Response:
    body = {
        "errors": [{"parameters": {parameter: []}, "message": message}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": f"{PROBLEMS}invalid-request",
    }
    return web.json_response(body, status=400, content_type="application/problem+json")
