"""Comments of the local Facebook Page, in the Graph's shapes."""

from __future__ import annotations

from typing import Any, ClassVar

from aiohttp import web

from bot.sandbox.platforms.graph import GraphPlatform, chosen, error, given, iso, listed, missing, unknown
from bot.sandbox.platforms.graph_audience import GraphAudience
from bot.sandbox.platforms.remarks import RESIDENT, Remark

LONGEST = 8000
APP_SECRET = "facebook-app-local"  # noqa: S105 - the sandbox's own
_ORDERS = frozenset({"filter", "order"})


class PageRemarks(GraphAudience):
    """What a Page's comments need of the platform they stand on."""

    secret = APP_SECRET
    about = "page"
    edges: ClassVar = {"visitor_posts": "visitors", "tagged": "mentions", "ratings": "reviews"}

    def remark_name(self, post: str) -> str:
        """The post's id and a number of its own."""
        return f"{post}_{GraphPlatform.next_id(self)}"

    def remark_routes(self, post: str) -> list[web.RouteDef]:
        """The vendor's calls about comments; ``post`` is the path of a post's id."""
        remark = "/{id:\\d+_\\d+_\\d+}"
        return [
            web.get(f"{post}/comments", self.call("comments", self._under)),
            web.get(remark, self.call("comment.read", self._one)),
            web.post(remark, self.call("comment.change", self._change, stores=True)),
            web.delete(remark, self.call("comment.delete", self._take_down, stores=True)),
            web.get(f"{remark}/comments", self.call("comment.answers", self._answers)),
            web.post(f"{remark}/comments", self.call("comment.reply", self._reply, stores=True)),
        ]

    async def _under(self, request: web.Request) -> web.Response:
        found = self.remarks.under(request.match_info["id"])
        first = float(request.query.get("since", 0))
        return self._page_of(request, [one for one in found if one.at >= first])

    async def _answers(self, request: web.Request) -> web.Response:
        return self._page_of(request, self.remarks.below(request.match_info["id"]))

    def _page_of(self, request: web.Request, found: list[Remark]) -> web.Response:
        newest_first = request.query.get("order") == "reverse_chronological"
        ordered = sorted(found, key=lambda one: one.at, reverse=newest_first)
        return listed(request, [self._told(one) for one in ordered], _ORDERS)

    async def _one(self, request: web.Request) -> web.Response:
        remark = self.remarks.get(request.match_info["id"])
        if remark is None:
            return missing(request.match_info["id"])
        return chosen(self._told(remark), request.query.get("fields", "message"))

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
        answer = self.remarks.add(remark.post, text, author=self.title, parent=parent, own=True)
        return web.json_response({"id": answer.id})

    async def _change(self, request: web.Request) -> web.Response:
        form, remark = await given(request), self.remarks.get(request.match_info["id"])
        if remark is None:
            return missing(request.match_info["id"], "post")
        if refused := unknown(form, {"is_hidden"}):
            return refused
        if remark.own:
            return error(200, "Permissions error", said="You cannot hide your own comment.")
        self.remarks.hide(remark, form.get("is_hidden") == "true")
        return web.json_response({"success": True})

    async def _take_down(self, request: web.Request) -> web.Response:
        remark = self.remarks.get(request.match_info["id"])
        if remark is None:
            return missing(request.match_info["id"], "delete")
        self.remarks.remove(remark)
        return web.json_response({"success": True})

    def _told(self, remark: Remark) -> dict[str, Any]:
        author = {"id": self.account if remark.own else "9", "name": remark.author or RESIDENT}
        return {
            "id": remark.id,
            "message": remark.text,
            "created_time": iso(remark.at),
            "from": author,
            "parent": {"id": remark.parent} if remark.parent else None,
            "is_hidden": remark.hidden,
            "permalink_url": f"{self.base_url}/posts/{remark.post}?comment_id={remark.id}",
            "attachment": None,
            "object": {"id": remark.post},
        }

    def word(self, verb: str, remark: Remark) -> tuple[bytes, dict[str, str]]:
        """A webhook's body and signature; letters beyond ASCII are escaped, as Meta does."""
        value: dict[str, Any] = {
            "item": "comment",
            "verb": verb,
            "comment_id": remark.id,
            "post_id": remark.post,
            "parent_id": remark.parent or remark.post,
            "from": self._told(remark)["from"],
            "message": remark.text,
            "created_time": int(remark.at),
            "post": {"permalink_url": f"{self.base_url}/posts/{remark.post}", "is_published": True},
        }
        return self.signed("feed", value)
