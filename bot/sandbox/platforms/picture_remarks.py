"""Comments of the local Instagram account, in the Graph's shapes."""

from __future__ import annotations

from typing import Any, ClassVar

from aiohttp import web

from bot.sandbox.platforms.base import Item
from bot.sandbox.platforms.graph import chosen, error, given, iso, listed, missing, unknown
from bot.sandbox.platforms.graph_audience import GraphAudience
from bot.sandbox.platforms.remarks import Remark

LONGEST = 300
APP_SECRET = "instagram-app-local"  # noqa: S105 - the sandbox's own


class PictureRemarks(GraphAudience):
    """What comments need of the platform they stand on. Answers stand one below another, never deeper."""

    secret = APP_SECRET
    about = "instagram"
    edges: ClassVar = {"tags": "mentions"}
    username: str

    def remark_routes(self) -> list[web.RouteDef]:
        """The vendor's calls about comments; reading and deleting one is the platform's own."""
        return [
            web.get("/{id:\\d+}/comments", self.call("comments", self._under)),
            web.post("/{id:\\d+}", self.call("comment.change", self._change, stores=True)),
            web.get("/{id:\\d+}/replies", self.call("comment.answers", self._answers)),
            web.post("/{id:\\d+}/replies", self.call("comment.reply", self._reply, stores=True)),
        ]

    async def _under(self, request: web.Request) -> web.Response:
        """Newest first, and only those that answer nobody: their answers come with them."""
        media = request.match_info["id"]
        if self.get(media) is None:
            return missing(media)
        top = [one for one in self.remarks.under(media) if not one.parent]
        return listed(request, [self.comment(one) for one in reversed(top)])

    async def _answers(self, request: web.Request) -> web.Response:
        return listed(request, [self.comment(one) for one in self.remarks.below(request.match_info["id"])])

    async def _reply(self, request: web.Request) -> web.Response:
        form, remark = await given(request), self.remarks.get(request.match_info["id"])
        if remark is None:
            return missing(request.match_info["id"], "post")
        if refused := unknown(form, {"message"}):
            return refused
        text = str(form.get("message") or "")
        if not text or len(text) > LONGEST:
            return error(100, f"param message must be 1 to {LONGEST} characters long")
        parent = remark.parent or remark.id
        answer = self.remarks.add(remark.post, text, author=self.username, parent=parent, own=True)
        return web.json_response({"id": answer.id})

    async def _change(self, request: web.Request) -> web.Response:
        form, remark = await given(request), self.remarks.get(request.match_info["id"])
        if remark is None:
            return missing(request.match_info["id"], "post")
        if refused := unknown(form, {"hide"}):
            return refused
        if remark.own:
            return error(200, "Permissions error", said="You cannot hide your own comment.")
        self.remarks.hide(remark, form.get("hide") == "true")
        return web.json_response({"success": True})

    def read_remark(self, remark: Remark, fields: str) -> web.Response:
        """One comment."""
        return chosen(self.comment(remark), fields)

    def comment(self, remark: Remark) -> dict[str, Any]:
        """A comment as the Graph tells it."""
        below = [self.comment(one) for one in self.remarks.below(remark.id)]
        media: Item | None = self.get(remark.post)
        return {
            "id": remark.id,
            "text": remark.text,
            "timestamp": iso(remark.at),
            "username": remark.author,
            "from": self._author(remark),
            "hidden": remark.hidden,
            "parent_id": remark.parent,
            "replies": {"data": below} if below else None,
            "media": {"id": remark.post, "caption": media.text if media else ""},
        }

    def _author(self, remark: Remark) -> dict[str, str]:
        return {"id": self.account if remark.own else "9", "username": remark.author}

    def word(self, verb: str, remark: Remark) -> tuple[bytes, dict[str, str]]:
        """A webhook's body and signature."""
        value: dict[str, Any] = {
            "id": remark.id,
            "text": remark.text,
            "from": self._author(remark),
            "media": {"id": remark.post, "media_product_type": "FEED"},
        }
        return self.signed("comments", value | ({"parent_id": remark.parent} if remark.parent else {}))

    def tells(self, verb: str) -> bool:
        """Instagram tells of new comments only."""
        return verb == "add"
