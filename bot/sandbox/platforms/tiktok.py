"""A local TikTok with one business account: its films and their comments. Whatever it says, it says with 200."""

from __future__ import annotations

import json
from typing import Any, Final

from aiohttp import web

from bot.sandbox.platforms.base import Item
from bot.sandbox.platforms.remarks import Remark
from bot.sandbox.platforms.talking import Talking

BUSINESS: Final = "exempelkommunen-open-id"
LONGEST: Final = 150
MOST: Final = 30  # comments in one answer
SHOWN: Final = 3  # answers that come with their comment
DEAD, FAST, ODD, ILL = 40105, 40100, 40002, 50000


class TikTok(Talking):
    """Comments are listed, answered, hidden; nobody deletes another's."""

    name = "tiktok"
    title = "TikTok"
    color = "#010101"

    def routes(self) -> list[web.RouteDef]:
        """The vendor's interface, below this platform's address."""
        api = "/open_api/v1.3/business"
        comment = f"{api}/comment"
        return [
            web.get(f"{api}/get/", self.call("get", self._get)),
            web.get(f"{api}/video/list/", self.call("video.list", self._films)),
            web.get(f"{comment}/list/", self.call("comment.list", self._list)),
            web.get(f"{comment}/reply/list/", self.call("comment.reply.list", self._answers)),
            web.post(f"{comment}/reply/create/", self.call("comment.reply", self._reply, stores=True)),
            web.post(f"{comment}/hide/", self.call("comment.hide", self._hide, stores=True)),
            web.post(f"{comment}/delete/", self.call("comment.delete", self._delete, stores=True)),
            web.get("/video/{id}", self._wall),
        ]

    def authorized(self, request: web.Request) -> bool:
        """Does the request carry the account's token?"""
        return request.headers.get("Access-Token") == self.token

    def dead_token(self) -> web.Response:
        """What the vendor says to a wrong or revoked token."""
        return _said(DEAD, "Access token is incorrect or has been revoked.")

    def throttled(self) -> web.Response:
        """What the vendor says to who is too fast."""
        return _said(FAST, "Too many requests. Please retry in some time.")

    def broken(self) -> web.Response:
        """What the vendor says when it is ill itself."""
        return _said(ILL, "System error")

    def next_id(self) -> str:
        """TikTok's numbers have 19 digits."""
        return str(7_500_000_000_000_000_000 + int(super().next_id()))

    async def _get(self, request: web.Request) -> web.Response:
        return self._odd(request.query) or _ok(
            {"followers_count": self.audience.followers, "display_name": "Kommunen"}
        )

    async def _films(self, request: web.Request) -> web.Response:
        if refused := self._odd(request.query):
            return refused
        return _ok(_page(request, "videos", [self._film(one) for one in self.visible()], 20))

    def _film(self, item: Item) -> dict[str, Any]:
        return {
            "item_id": item.id,
            "create_time": str(int(item.at)),
            "caption": item.text,
            "share_url": f"{self.base_url}/video/{item.id}",
            "likes": self.audience.hearts.get(item.id, 0),
            "comments": len(self.remarks.under(item.id)),
            "shares": self.audience.shares.get(item.id, 0),
        }

    async def _list(self, request: web.Request) -> web.Response:
        film = self.get(request.query.get("video_id", ""))
        if refused := self._odd(request.query) or (None if film else _said(ODD, "The video does not exist")):
            return refused
        tops = [one for one in self.remarks.under(request.query["video_id"]) if not one.parent]
        newest = sorted(tops, key=lambda one: (one.at, one.id), reverse=True)
        return _ok(_page(request, "comments", [self._told(one) for one in newest], MOST))

    async def _answers(self, request: web.Request) -> web.Response:
        above = self.remarks.get(request.query.get("comment_id", ""))
        if refused := self._odd(request.query) or (None if above else _said(ODD, "The comment does not exist")):
            return refused
        below = self.remarks.below(request.query["comment_id"])
        return _ok(_page(request, "comments", [self._bare(one) for one in below], MOST))

    async def _reply(self, request: web.Request) -> web.Response:
        asked = await request.json()
        above, text = self.remarks.get(str(asked.get("comment_id"))), str(asked.get("text") or "")
        if refused := self._odd(asked):
            return refused
        if above is None or above.post != asked.get("video_id"):
            return _said(ODD, "The comment does not exist")
        if not text or len(text) > LONGEST:
            return _said(ODD, f"text: Length must be between 1 and {LONGEST}.")
        made = self.remarks.add(
            above.post, text, author="Exempelkommunen", parent=above.parent or above.id, own=True
        )
        return _ok(self._bare(made))

    async def _hide(self, request: web.Request) -> web.Response:
        asked = await request.json()
        remark = self.remarks.get(str(asked.get("comment_id")))
        if refused := self._odd(asked):
            return refused
        if remark is None or remark.post != asked.get("video_id"):
            return _said(ODD, "The comment does not exist")
        if asked.get("action") not in ("HIDE", "UNHIDE"):
            return _said(ODD, "action: Invalid")
        self.remarks.hide(remark, asked["action"] == "HIDE")
        return _ok({})

    async def _delete(self, request: web.Request) -> web.Response:
        asked = await request.json()
        remark = self.remarks.get(str(asked.get("comment_id")))
        if refused := self._odd(asked):
            return refused
        if remark is None:
            return _said(ODD, "The comment does not exist")
        if not remark.own:
            return _said(ODD, "Only the account's own comments can be deleted")
        self.remarks.remove(remark)
        return _ok({})

    def _odd(self, asked: Any) -> web.Response | None:
        return None if asked.get("business_id") == BUSINESS else _said(ODD, "business_id: Invalid")

    def _told(self, remark: Remark) -> dict[str, Any]:
        below = self.remarks.below(remark.id)
        return self._bare(remark) | {
            "replies": len(below),
            "reply_list": [self._bare(one) for one in below[:SHOWN]],
        }

    def _bare(self, remark: Remark) -> dict[str, Any]:
        told = {
            "comment_id": remark.id,
            "video_id": remark.post,
            "create_time": str(int(remark.at)),
            "text": remark.text,
            "display_name": remark.author,
            "owner": remark.own,
            "status": "HIDDEN" if remark.hidden else "PUBLIC",
            "likes": 0,
            "replies": 0,
        }
        return told | ({"parent_comment_id": remark.parent} if remark.parent else {})

    async def _wall(self, request: web.Request) -> web.Response:
        """The film for people: its place on the residents' page."""
        raise web.HTTPFound(f"{self.base_url}/wall#{self.name}-{request.match_info['id']}")


def _page(request: web.Request, name: str, found: list[dict[str, Any]], most: int) -> dict[str, Any]:
    first, count = int(request.query.get("cursor", 0)), min(most, int(request.query.get("max_count", 20)))
    return {name: found[first : first + count], "has_more": len(found) > first + count, "cursor": first + count}


def _ok(data: dict[str, Any]) -> web.Response:
    return _said(0, "OK", data)


def _said(code: int, message: str, data: dict[str, Any] | None = None) -> web.Response:
    body = {"code": code, "message": message, "request_id": "2026", "data": data or {}}
    return web.Response(text=json.dumps(body), content_type="application/json")
