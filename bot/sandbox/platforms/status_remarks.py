"""Residents' answers to the local Mastodon account, and what its notifications tell."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bot.sandbox.platforms.base import Item
from bot.sandbox.platforms.remarks import Letter, Remark
from bot.sandbox.platforms.talking import Talking

OTHER_SERVER = "annan.example"
MOST = 80  # notifications at a time
_MENTION = re.compile(r"@(\w+)@[\w.-]+\w")


class StatusRemarks(Talking):
    """What answers need of the server they stand on."""

    marker = ""  # the last notification that somebody has read in the app

    def remark_routes(self) -> list[web.RouteDef]:
        """The vendor's calls about threads and notifications."""
        one = "/api/v1/statuses/{id}"
        return [
            web.get(one, self.call("status.read", self._one)),
            web.get(f"{one}/context", self.call("status.context", self._context)),
            web.get("/api/v1/notifications", self.call("notifications", self._notifications)),
            web.get("/api/v1/conversations", self.call("conversations", self._conversations)),
            web.get("/api/v1/markers", self.call("markers", self._markers)),
        ]

    def status(self, item: Item) -> dict[str, Any]:
        """The account's own status, as the server gives it."""
        raise NotImplementedError

    def own_account(self) -> dict[str, Any]:
        """The account itself."""
        raise NotImplementedError

    def html(self, text: str) -> str:
        """A text as the server gives it."""
        raise NotImplementedError

    async def _one(self, request: web.Request) -> web.Response:
        wanted = request.match_info["id"]
        if remark := self.remarks.get(wanted):
            return web.json_response(self.answer(remark))
        item = self.get(wanted)
        return _missing() if item is None else web.json_response(self.status(item))

    async def _context(self, request: web.Request) -> web.Response:
        wanted = request.match_info["id"]
        remark = self.remarks.get(wanted)
        post = self.get(remark.post if remark else wanted)
        if post is None:
            return _missing()
        if remark:
            above = [one for one in [self.remarks.get(remark.parent)] if one]
            ancestors = [self.status(post), *map(self.answer, above)]
            return web.json_response({"ancestors": ancestors, "descendants": self._answers(remark.id)})
        follow_ups = [self.status(one) for one in self.items if one.parent == wanted and not one.removed]
        below = [self.answer(one) for one in self.remarks.under(wanted)]
        return web.json_response({"ancestors": [], "descendants": [*follow_ups, *below]})

    def _answers(self, remark: str) -> list[dict[str, Any]]:
        return [self.answer(one) for one in self.remarks.below(remark)]

    async def _notifications(self, request: web.Request) -> web.Response:
        """With ``min_id`` the oldest after it, without it the newest; the newest first in both."""
        limit, after = min(int(request.query.get("limit", 40)), MOST), request.query.get("min_id")
        told = sorted(self._mentions(), key=lambda one: int(one["id"]))
        fresh = [one for one in told if int(one["id"]) > int(after or 0)]
        page = fresh[:limit] if after is not None else fresh[-limit:]
        return web.json_response(page[::-1])

    def _mentions(self) -> list[dict[str, Any]]:
        answers = [self.answer(one) for one in self.remarks.everything if not one.own and not one.removed]
        elsewhere = [self._letter(one) for one in self.audience.letters if one.kind in ("mentions", "messages")]
        shared = ("id", "created_at", "account")
        return [
            {name: one[name] for name in shared} | {"type": "mention", "status": one}
            for one in [*answers, *elsewhere]
        ]

    async def _conversations(self, request: web.Request) -> web.Response:
        letters = [one for one in self.audience.letters if one.kind == "messages"]
        told = [
            {
                "id": one.id,
                "unread": not one.read,
                "accounts": [account(one.author)],
                "last_status": self._letter(one),
            }
            for one in letters
        ]
        return web.json_response(told[::-1])

    async def _markers(self, request: web.Request) -> web.Response:
        return web.json_response({"notifications": {"last_read_id": self.marker}} if self.marker else {})

    def _letter(self, letter: Letter) -> dict[str, Any]:
        direct = letter.kind == "messages"
        written = Remark(letter.id, "", letter.text, letter.at, letter.author)
        return self.answer(written) | {"visibility": "direct" if direct else "public", "in_reply_to_id": None}

    def answer(self, remark: Remark) -> dict[str, Any]:
        """A remark as a status; every answer names whom it answers."""
        author = self.own_account() if remark.own else account(remark.author)
        text = _MENTION.sub(r"@\1", remark.text) if remark.own else f"@{self.own_account()['acct']} {remark.text}"
        where = f"{self.base_url}/@{author['acct']}/{remark.id}"
        return {
            "id": remark.id,
            "uri": where,
            "url": where,
            "created_at": at(remark.at),
            "edited_at": at(remark.edited) if remark.edited else None,
            "visibility": remark.more.get("visibility", "public"),
            "in_reply_to_id": remark.parent or remark.post or None,
            "in_reply_to_account_id": self.own_account()["id"] if remark.post else None,
            "spoiler_text": "",
            "content": self.html(text),
            "account": author,
            "replies_count": len(self.remarks.below(remark.id)),
            "media_attachments": [],
        }


def account(name: str) -> dict[str, Any]:
    """Somebody on another server."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"\W", "", plain) or "invanare"
    return {"id": f"9{len(slug)}", "username": slug, "acct": f"{slug}@{OTHER_SERVER}", "display_name": name}


def counted(text: str) -> str:
    """The text as its length is counted: of a name on another server, the server does not count."""
    return _MENTION.sub(r"@\1", text)


def at(seconds: float) -> str:
    """A time as the server writes it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _missing() -> web.Response:
    return web.json_response({"error": "Record not found"}, status=404)
