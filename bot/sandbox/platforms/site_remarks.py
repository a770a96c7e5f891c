"""Comments of the local WordPress site, and its way of saying no to what is done to them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from math import ceil
from typing import Any, Final

from aiohttp import web

from bot.sandbox.platforms.remarks import Remark
from bot.sandbox.platforms.talking import Talking

ROOT: Final = "/wp-json/wp/v2"
LONGEST: Final = 65_525
AHEAD_S: Final = 3600.0  # the site's own clock is an hour ahead of UTC
SHOWN: Final = {"all": ("approved", "hold"), "approve": ("approved",)}
STATUSES: Final = ("approved", "hold", "spam", "trash")


class SiteRemarks(Talking):
    """What comments need of the site they stand on. ``remarks.held``: they wait for approval."""

    keeps_trash: bool
    user: str

    def remark_routes(self) -> list[web.RouteDef]:
        """WordPress's own calls about comments, and who writes on the site."""
        comments, one = f"{ROOT}/comments", ROOT + r"/comments/{id:\d+}"
        return [
            web.get(comments, self.call("comments.list", self._comments)),
            web.post(comments, self.call("comments.create", self._comment, stores=True)),
            web.get(one, self.call("comments.get", self._one)),
            web.post(one, self.call("comments.update", self._change, stores=True)),
            web.delete(one, self.call("comments.delete", self._discard, stores=True)),
            web.get(f"{ROOT}/users", self.call("users.list", self._users)),
        ]

    async def _users(self, request: web.Request) -> web.Response:
        return web.json_response([{"id": 1, "name": self.user}])

    async def _comments(self, request: web.Request) -> web.Response:
        asked = request.query
        wanted = SHOWN.get(asked.get("status", "approve"), (asked.get("status", ""),))
        found = [one for one in self._all() if status(one) in wanted and _fits(one, asked)]
        found.sort(key=lambda one: one.at, reverse=asked.get("order", "desc") == "desc")
        each, number = int(asked.get("per_page", 10)), int(asked.get("page", 1))
        if not 1 <= each <= 100:
            return error(400, "rest_invalid_param", "Invalid parameter(s): per_page")
        shown = [self._shape(one) for one in found[(number - 1) * each : number * each]]
        headers = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(ceil(len(found) / each))}
        return web.json_response(shown, headers=headers)

    def _all(self) -> Iterable[Remark]:
        return (one for one in self.remarks.everything if not one.more.get("deleted"))

    def _known(self, request: web.Request) -> Remark | None:
        return next((one for one in self._all() if one.id == request.match_info["id"]), None)

    async def _one(self, request: web.Request) -> web.Response:
        remark = self._known(request)
        return _no_comment() if remark is None else web.json_response(self._shape(remark))

    async def _comment(self, request: web.Request) -> web.Response:
        given = await request.json()
        if all(one.id != str(given.get("post")) or one.removed for one in self.items):
            return error(403, "rest_comment_invalid_post_id", "Sorry, you are not allowed to create this comment.")
        text, parent = _plain(str(given.get("content") or "")), str(given.get("parent") or "")
        if not text or len(text) > LONGEST:
            return error(400, "comment_content_invalid", "Invalid comment content.")
        beside = [one for one in self.remarks.under(str(given["post"])) if one.own and one.parent == parent]
        if any(one.text == text for one in beside):
            return error(409, "comment_duplicate", "Duplicate comment detected; it looks as though you said that!")
        remark = self.remarks.add(str(given["post"]), text, author=self.user, parent=parent, own=True)
        return web.json_response(self._shape(remark), status=201)

    async def _change(self, request: web.Request) -> web.Response:
        remark, given = self._known(request), await request.json()
        if remark is None:
            return _no_comment()
        wanted = given.get("status")
        if set(given) != {"status"} or wanted not in STATUSES:
            return error(400, "rest_invalid_param", "Invalid parameter(s): status")
        if wanted == status(remark):  # so does the real one
            return error(500, "rest_comment_failed_edit", "Updating comment status failed.")
        self.set_status(remark, wanted)
        return web.json_response(self._shape(remark))

    def set_status(self, remark: Remark, wanted: str) -> None:
        """Somebody approves, holds or throws away a comment."""
        remark.more["status"] = wanted
        remark.hidden, remark.removed = wanted == "hold", wanted in ("spam", "trash")

    async def _discard(self, request: web.Request) -> web.Response:
        remark = self._known(request)
        if remark is None:
            return _no_comment()
        if request.query.get("force") == "true":
            remark.removed = remark.more["deleted"] = True
            return web.json_response({"deleted": True, "previous": self._shape(remark)})
        if not self.keeps_trash:
            return error(501, "rest_trash_not_supported", "The comment does not support trashing.")
        if status(remark) == "trash":
            return error(410, "rest_already_trashed", "The comment has already been trashed.")
        self.set_status(remark, "trash")
        return web.json_response(self._shape(remark))

    def _shape(self, remark: Remark) -> dict[str, Any]:
        raw = html.escape(remark.text)
        return {
            "id": int(remark.id),
            "post": int(remark.post),
            "parent": int(remark.parent or 0),
            "author": 1 if remark.own else 0,
            "author_name": remark.author,
            "date": iso(remark.at + AHEAD_S),
            "date_gmt": iso(remark.at),
            "content": {"raw": raw, "rendered": f"<p>{raw}</p>"},
            "link": f"{self.base_url}/{remark.post}/#comment-{remark.id}",
            "status": status(remark),
            "type": "comment",
        }


def status(remark: Remark) -> str:
    """WordPress's word for how it stands."""
    if remark.removed:
        return str(remark.more.get("status") if remark.more.get("status") in ("spam", "trash") else "trash")
    return "hold" if remark.hidden else "approved"


def _fits(remark: Remark, asked: Mapping[str, str]) -> bool:
    """``after`` is compared with the site's own time."""
    late = iso(remark.at + AHEAD_S) > asked.get("after", "")
    return (
        late
        and asked.get("post", remark.post) == remark.post
        and asked.get("parent", remark.parent) == remark.parent
    )


def _plain(content: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", content)).strip()


def iso(seconds: float) -> str:
    """A time as WordPress writes it, without a zone."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def error(code: int, word: str, sentence: str, **more: Any) -> web.Response:
    """WordPress's way of saying no."""
    return web.json_response({"code": word, "message": sentence, "data": {"status": code, **more}}, status=code)


def _no_comment() -> web.Response:
    return error(404, "rest_comment_invalid_id", "Invalid comment ID.")
