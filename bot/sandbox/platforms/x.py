"""A local X with one account, that speaks of tweets or of posts, as the real one does this year."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from aiohttp import web

from bot.sandbox.platforms.base import Item
from bot.sandbox.platforms.x_replies import ACCOUNT as ACCOUNT
from bot.sandbox.platforms.x_replies import HANDLE as HANDLE
from bot.sandbox.platforms.x_replies import Replies
from bot.sandbox.platforms.x_words import body_of, forbidden, invalid, made, problem, shown

LIMIT: Final = 280
CLOCK_SKEW_S: Final = 300
WINDOW_S: Final = 2
_URL: Final = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)]")
_KEYS: Final = "text media reply reply_settings quote_tweet_id poll geo made_with_ai paid_partnership edit_options"
_TAKES: Final = frozenset(_KEYS.split())


class X(Replies):
    """Posts, their answers, deletion and the account's timeline, for requests signed by OAuth 1.0a.

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
            *self.reply_routes(),
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
        return problem(401, "Unauthorized", "Unauthorized")

    def throttled(self) -> web.Response:
        """What the vendor says to who is too fast: when its window opens again."""
        answer = problem(429, "Too Many Requests", "Too Many Requests")
        reset = int(self.clock()) + WINDOW_S
        answer.headers.update(
            {"x-rate-limit-limit": "100", "x-rate-limit-remaining": "0", "x-rate-limit-reset": str(reset)}
        )
        return answer

    def broken(self) -> web.Response:
        """What the vendor says when it is ill itself."""
        return problem(503, "Service Unavailable", "Service Unavailable")

    async def _create(self, request: web.Request) -> web.Response:
        asked = await body_of(request)
        refused, text = self._checked(asked)
        if refused:
            return refused
        if asked and asked.get("reply"):
            return self.answer(text, str(asked["reply"].get("in_reply_to_tweet_id")))
        links = {f"https://t.co/{_short(url)}": url for url in _URL.findall(text)}
        item = self.add(text, link=next(iter(links.values()), ""), more={"links": links})
        data = {"id": item.id, "text": shown(item), f"edit_history_{self.fields}_ids": [item.id]}
        return web.json_response({"data": data}, status=201)

    def _checked(self, given: dict[str, Any] | None) -> tuple[web.Response | None, str]:
        """The refusal, if any, and the text."""
        if given is None or not isinstance(given.get("text"), str) or not given["text"].strip():
            return invalid("text", "One or more of text, media must be given"), ""
        text = str(given["text"])
        if unknown := set(given) - _TAKES:
            return invalid(min(unknown), f"[{min(unknown)}] is not defined in the schema"), ""
        if not self.credits:
            return problem(402, "CreditsDepleted", "The account has no credits left", "credits"), ""
        if given.get("edit_options"):
            return forbidden("You are not allowed to edit this Tweet"), ""
        if _weight(text) > LIMIT:
            return forbidden("Your Tweet text is too long."), ""
        if not given.get("reply") and any(one.text == text and not one.removed for one in self.items):
            return forbidden("You are not allowed to create a Tweet with duplicate content."), ""
        return None, text

    async def _delete(self, request: web.Request) -> web.Response:
        item = self.get(request.match_info["id"])
        if item is None:
            return self.delete_remark(request.match_info["id"])
        item.removed = True
        return web.json_response({"data": {"deleted": True}})

    async def _me(self, request: web.Request) -> web.Response:
        told = {"public_metrics": {"followers_count": self.audience.followers, "tweet_count": len(self.items)}}
        more = told if "public_metrics" in request.query.get("user.fields", "") else {}
        return web.json_response({"data": {"id": ACCOUNT, "name": "Kommunen", "username": HANDLE} | more})

    async def _timeline(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        return self.odd(request.match_info["id"], asked) or self.page(
            asked, [*self._posts(asked), *self.own_answers()]
        )

    def _posts(self, asked: dict[str, str]) -> list[dict[str, Any]]:
        measured = "public_metrics" in asked.get(f"{self.fields}.fields", "")
        return [self._post(one) | (self.metrics(one) if measured else {}) for one in self.visible()]

    def _post(self, item: Item) -> dict[str, Any]:
        links: dict[str, str] = item.more.get("links") or {}
        urls = [{"url": short, "expanded_url": url, "display_url": url[8:34]} for short, url in links.items()]
        post = {
            "id": item.id,
            "text": shown(item),
            "author_id": ACCOUNT,
            "conversation_id": item.id,
            "created_at": made(item.at),
            f"edit_history_{self.fields}_ids": [item.id],
        }
        return post | ({"entities": {"urls": urls}} if urls else {})

    async def _wall(self, request: web.Request) -> web.Response:
        """The post for people: its place on the residents' page."""
        raise web.HTTPFound(f"{self.base_url}/wall#{self.name}-{request.match_info['id']}")


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
