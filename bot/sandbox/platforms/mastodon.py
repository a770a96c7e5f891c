"""A local Mastodon server with one account."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from bot.sandbox.platforms.attached import Attached, dumped, loaded
from bot.sandbox.platforms.base import Item
from bot.sandbox.platforms.remarks import Remark
from bot.sandbox.platforms.status_remarks import StatusRemarks, at, counted

LIMIT = 500
PICTURES, DESCRIPTION = 4, 1500
URL_COUNTS = 23
KEY_LASTS_S = 3600.0
ACCOUNT = "109300000000000001"
HANDLE = "kommunen"
_URL = re.compile(r"https?://[^\s<>\"]+")
_GRAPHEME = re.compile("(?s).(?:\u200d.|[\u0300-\u036f\ufe0f\u20e3\U0001f3fb-\U0001f3ff])*")  # near enough
_TAKES = {"status", "visibility", "language", "in_reply_to_id", "spoiler_text", "sensitive", "media_ids"}
_VISIBILITIES = ("public", "unlisted", "private", "direct")


class Mastodon(StatusRemarks):
    """Statuses with Idempotency-Key, pictures, editing, deletion and the account's own timeline.

    ``slow_media``: how often a picture is asked for before it has been read.
    """

    name = "mastodon"
    title = "Mastodon"
    color = "#563acc"

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.media: dict[str, Attached] = {}
        self.slow_media = 0

    def routes(self) -> list[web.RouteDef]:
        """The vendor's interface, below this platform's address."""
        one = "/api/v1/statuses/{id}"
        me = "/api/v1/accounts/verify_credentials"
        return [
            web.post("/api/v1/statuses", self.call("status.create", self._create, stores=True)),
            web.put(one, self.call("status.edit", self._edit, stores=True)),
            web.delete(one, self.call("status.delete", self._delete, stores=True)),
            web.post("/api/v2/media", self.call("media.upload", self._upload, stores=True)),
            web.get("/api/v1/media/{id}", self.call("media.read", self._read)),
            web.get("/media/{id}.jpg", self._file),
            web.get(me, self.call("account.verify", self._me)),
            web.get("/api/v1/accounts/{account}/statuses", self.call("account.statuses", self._own)),
            *self.remark_routes(),
        ]

    def authorized(self, request: web.Request) -> bool:
        """Does the request carry the platform's token?"""
        return request.headers.get("Authorization") == f"Bearer {self.token}"

    def dead_token(self) -> web.Response:
        """What the vendor says to a wrong or revoked token."""
        word = "The access token was revoked" if self.faults.revoked else "The access token is invalid"
        return _error(word, 401)

    def throttled(self) -> web.Response:
        """What the vendor says to who is too fast: the time of day when the next five minutes begin."""
        reset = datetime.now(UTC) + timedelta(seconds=2)
        answer = _error("Too many requests", 429)
        answer.headers["X-RateLimit-Limit"] = "300"
        answer.headers["X-RateLimit-Remaining"] = "0"
        answer.headers["X-RateLimit-Reset"] = reset.isoformat(timespec="microseconds").replace("+00:00", "Z")
        return answer

    def broken(self) -> web.Response:
        """What the vendor says when it is ill itself."""
        return web.Response(status=503, text="<h1>503</h1>", content_type="text/html")

    async def _create(self, request: web.Request) -> web.Response:
        given = await _given(request)
        key = request.headers.get("Idempotency-Key", "")
        if key and (first := self._with_key(key)):
            return web.json_response(first)
        if refused := _checked(given) or self._lacking(given):
            return refused
        parent = str(given.get("in_reply_to_id") or "")
        if asked := self.remarks.get(parent):
            return web.json_response(self.answer(self._reply(asked, given, key)))
        if parent and self.get(parent) is None:
            return _missing()
        more = {name: given.get(name) for name in ("visibility", "language")}
        item = self.add(given["status"], key=key, parent=parent, more=more, link=_first_link(given["status"]))
        self._attach(item, given)
        return web.json_response(self.status(item))

    def _reply(self, asked: Remark, given: dict[str, Any], key: str) -> Remark:
        more = {"key": key, "visibility": given.get("visibility") or "public"}
        return self.remarks.add(
            asked.post, given["status"], author="Kommunen", parent=asked.id, own=True, more=more
        )

    def _with_key(self, key: str) -> dict[str, Any] | None:
        """The status made with that key within the hour for which the server remembers it."""
        newest = self.clock() - KEY_LASTS_S
        known = (one for one in self.items if one.key == key and one.at > newest and not one.removed)
        if item := next(known, None):
            return self.status(item)
        own = (one for one in self.remarks.everything if one.more.get("key") == key and one.at > newest)
        remark = next((one for one in own if not one.removed), None)
        return self.answer(remark) if remark else None

    async def _edit(self, request: web.Request) -> web.Response:
        item, given = self.get(request.match_info["id"]), await _given(request)
        if item is None:
            return _missing()
        if refused := _checked(given) or self._lacking(given):
            return refused
        self._attach(item, given)
        if item.text != given["status"]:
            self.edit(item, given["status"])
            item.link = _first_link(item.text)
            item.more["edited_at"] = at(self.clock())
        return web.json_response(self.status(item))

    async def _upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        file = form.get("file")
        if not isinstance(file, web.FileField) or not file.content_type.startswith("image/"):
            return _error("Validation failed: File can't be blank", 422)
        words = str(form.get("description") or "")
        if len(words) > DESCRIPTION:
            return _error(f"Validation failed: Description is too long (maximum is {DESCRIPTION})", 422)
        one = Attached(self.next_id(), file.content_type, file.file.read(), words)
        self.media[one.id] = one
        return self._told(one, 202 if self.slow_media else 200)

    async def _read(self, request: web.Request) -> web.Response:
        one = self.media.get(request.match_info["id"])
        if one is None:
            return _missing()
        self.slow_media = max(0, self.slow_media - 1)
        return self._told(one, 206 if self.slow_media else 200)

    async def _file(self, request: web.Request) -> web.Response:
        one = self.media.get(request.match_info["id"])
        return _missing() if one is None else one.shown()

    def _told(self, one: Attached, status: int) -> web.Response:
        url = self._address(one) if status == 200 else None
        return web.json_response(
            {"id": one.id, "type": "image", "url": url, "description": one.text}, status=status
        )

    def _address(self, one: Attached) -> str:
        return f"{self.base_url}/media/{one.id}.jpg"

    def _lacking(self, given: dict[str, Any]) -> web.Response | None:
        """What is wrong with the pictures that a status names."""
        named = given.get("media_ids") or []
        if len(named) > PICTURES or any(one not in self.media for one in named):
            return _error("Validation failed: Media attachments are not found", 422)
        if named and self.slow_media:
            return _error("Cannot attach files that have not finished processing. Try again in a moment!", 422)
        return None

    def _attach(self, item: Item, given: dict[str, Any]) -> None:
        """The pictures named, and no others: an edit that names none takes them away."""
        found = [self.media[one] for one in given.get("media_ids") or []]
        item.image = self._address(found[0]) if found else ""
        item.alt = found[0].text if found else ""

    def kept(self) -> dict[str, Any]:
        """Its pictures, too."""
        return super().kept() | {"media": dumped(self.media)}

    def restore(self, state: dict[str, Any]) -> None:
        """As it was."""
        super().restore(state)
        self.media = loaded(state["media"])

    async def _delete(self, request: web.Request) -> web.Response:
        own = self.remarks.get(request.match_info["id"])
        if own is not None and own.own:
            self.remarks.remove(own)
            return web.json_response(self.answer(own))
        item = self.get(request.match_info["id"])
        if item is None:
            return _missing()
        item.removed = True
        return web.json_response(self.status(item) | {"text": item.text})

    async def _me(self, request: web.Request) -> web.Response:
        return web.json_response(self.own_account())

    async def _own(self, request: web.Request) -> web.Response:
        if request.match_info["account"] != ACCOUNT:
            return _missing()
        limit = min(int(request.query.get("limit", 20)), 40)
        before = int(request.query.get("max_id", 1 << 62))
        answers = [self.answer(one) for one in self.remarks.everything if one.own and not one.removed]
        shown = [one for one in [*map(self.status, self.visible()), *answers] if int(one["id"]) < before]
        return web.json_response(sorted(shown, key=lambda one: int(one["id"]), reverse=True)[:limit])

    def status(self, item: Item) -> dict[str, Any]:
        """A status as the server gives it."""
        return {
            "id": item.id,
            "uri": f"{self.base_url}/users/{HANDLE}/statuses/{item.id}",
            "url": f"{self.base_url}/@{HANDLE}/{item.id}",
            "created_at": at(item.at),
            "edited_at": item.more.get("edited_at"),
            "visibility": item.more.get("visibility") or "public",
            "language": item.more.get("language"),
            "in_reply_to_id": item.parent or None,
            "spoiler_text": "",
            "replies_count": sum(not one.parent for one in self.remarks.under(item.id)),
            "favourites_count": self.audience.hearts.get(item.id, 0),
            "reblogs_count": self.audience.shares.get(item.id, 0),
            "content": _html(item.text),
            "account": self.own_account(),
            "media_attachments": [{"type": "image", "url": item.image, "description": item.alt}]
            if item.image
            else [],
        }

    def own_account(self) -> dict[str, Any]:
        """The account itself."""
        names = {"username": HANDLE, "acct": HANDLE, "display_name": "Kommunen"}
        return {"id": ACCOUNT, **names, "followers_count": self.audience.followers}

    def html(self, text: str) -> str:
        """A text as the server gives it."""
        return _html(text)


async def _given(request: web.Request) -> dict[str, Any]:
    found = await request.json() if request.content_type == "application/json" else dict(await request.post())
    return found if isinstance(found, dict) else {}


def _checked(given: dict[str, Any]) -> web.Response | None:
    """What the server would not take."""
    unknown = set(given) - _TAKES
    text = given.get("status")
    if unknown:  # the real one ignores them; here a slip of ours should show
        return _error(f"unknown parameters: {', '.join(sorted(unknown))}", 422)
    if not isinstance(text, str) or not text.strip():
        return _error("Validation failed: Text can't be blank", 422)
    if len(_GRAPHEME.findall(_URL.sub("u" * URL_COUNTS, counted(text)))) > LIMIT:
        return _error(f"Validation failed: Text character limit of {LIMIT} exceeded", 422)
    if given.get("visibility", "public") not in _VISIBILITIES:
        return _error("Validation failed: Visibility is not included in the list", 422)
    return None


def _html(text: str) -> str:
    """The text as the server gives it: paragraphs, line breaks, links whose ends are hidden from sight."""
    return "".join(f"<p>{_paragraph(one)}</p>" for one in re.split(r"\n{2,}", text.strip()))


def _paragraph(text: str) -> str:
    words, links = _URL.split(text), [*_URL.findall(text), ""]
    shown = (html.escape(said, quote=False) + _anchor(url) for said, url in zip(words, links, strict=True))
    return "".join(shown).replace("\n", "<br />")


def _anchor(url: str) -> str:
    if not url:
        return ""
    scheme, rest = url.split("://", 1)
    parts = [(f"{scheme}://", "invisible"), (rest[:30], "ellipsis" if rest[30:] else ""), (rest[30:], "invisible")]
    spans = (f'<span class="{kind}">{html.escape(part)}</span>' for part, kind in parts)
    return f'<a href="{html.escape(url)}" rel="nofollow noopener">{"".join(spans)}</a>'


def _first_link(text: str) -> str:
    found = _URL.search(text)
    return found[0] if found else ""


def _missing() -> web.Response:
    return _error("Record not found", 404)


def _error(word: str, status: int) -> web.Response:
    return web.json_response({"error": word}, status=status)
