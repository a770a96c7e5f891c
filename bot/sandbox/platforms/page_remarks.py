"""Comments of the local Facebook Page, in the Graph's shapes."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import asdict
from typing import Any

from aiohttp import web

from bot.sandbox.platforms.graph import GraphPlatform, chosen, error, given, iso, listed, missing, unknown
from bot.sandbox.platforms.remarks import RESIDENT, Remark, Remarks

LONGEST = 8000
APP_SECRET = "facebook-app-local"  # noqa: S105 - the sandbox's own
_SINCE = {"filter", "order"}


class PageRemarks(GraphPlatform):
    """What a Page's comments need of the platform they stand on."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.remarks = Remarks(self.clock, self._remark_number, self._word)

    def kept(self) -> dict[str, Any]:
        """What residents wrote, too."""
        return super().kept() | {"remarks": [asdict(one) for one in self.remarks.everything]}

    def restore(self, state: dict[str, Any]) -> None:
        """As it was."""
        super().restore(state)
        self.remarks.everything = [Remark(**one) for one in state["remarks"]]

    def _remark_number(self) -> str:
        return GraphPlatform.next_id(self)

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
        below = [
            one for one in self.remarks.everything if one.parent == request.match_info["id"] and not one.removed
        ]
        return self._page_of(request, below)

    def _page_of(self, request: web.Request, found: list[Remark]) -> web.Response:
        newest_first = request.query.get("order") == "reverse_chronological"
        fields = _flat(request.query.get("fields", "id"))
        bare = request.clone(rel_url=request.rel_url.without_query_params(*_SINCE).update_query(fields=fields))
        return listed(
            bare, [self._told(one) for one in sorted(found, key=lambda one: one.at, reverse=newest_first)]
        )

    async def _one(self, request: web.Request) -> web.Response:
        remark = self.remarks.get(request.match_info["id"])
        if remark is None:
            return missing(request.match_info["id"])
        return chosen(self._told(remark), _flat(request.query.get("fields", "message")))

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

    def _word(self, verb: str, remark: Remark) -> tuple[bytes, dict[str, str]]:
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
        entry = {"id": self.account, "time": int(self.clock()), "changes": [{"field": "feed", "value": value}]}
        body = json.dumps({"object": "page", "entry": [entry]}).encode()
        digest = hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()
        return body, {"X-Hub-Signature-256": f"sha256={digest}", "Content-Type": "application/json"}


def _flat(fields: str) -> str:
    """The fields without what is asked of their insides: ``from{id,name}`` is ``from``."""
    depth, kept = 0, ""
    for sign in fields:
        depth += {"{": 1, "}": -1}.get(sign, 0)
        kept += sign if depth == 0 and sign != "}" else ""
    return kept
