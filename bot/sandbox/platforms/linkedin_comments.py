"""Comments and figures of the local LinkedIn page."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Final

from aiohttp import web

from bot.sandbox.platforms.base import Item
from bot.sandbox.platforms.linkedin_words import body_of, error, missing, too_long
from bot.sandbox.platforms.remarks import Remark
from bot.sandbox.platforms.talking import Talking

ORGANIZATION: Final = "2414183"
AUTHOR: Final = f"urn:li:organization:{ORGANIZATION}"
LONGEST: Final = 1250
_NEEDS: Final = frozenset({"actor", "object", "message"})


class Comments(Talking):
    """What people write below the page's posts; one level of answers, as LinkedIn has it."""

    @abstractmethod
    def barred(self, request: web.Request, *, method: str = "") -> web.Response | None:
        """The refusal of a request that lacks what every request needs."""

    def comment_routes(self) -> list[web.RouteDef]:
        """The vendor's calls about comments and figures."""
        below = "/rest/socialActions/{urn}/comments"
        return [
            web.get(below, self.call("comments.list", self._list)),
            web.post(below, self.call("comments.create", self._comment, stores=True)),
            web.get(f"{below}/{{id}}", self.call("comments.get", self._read)),
            web.delete(f"{below}/{{id}}", self.call("comments.delete", self._remove, stores=True)),
            web.get("/rest/socialMetadata/{urn}", self.call("socialMetadata.get", self._metadata)),
            web.get("/rest/networkSizes/{urn}", self.call("networkSizes.get", self._sizes)),
        ]

    def remark_name(self, post: str) -> str:
        """A comment is named by the activity it stands below, and its number."""
        return f"urn:li:comment:({activity(post)},{7_400_000_000_000_000_000 + int(self.next_id())})"

    async def _list(self, request: web.Request) -> web.Response:
        urn = request.match_info["urn"]
        if refused := self.barred(request):
            return refused
        post = self._post_of(urn)
        if post is None and self.remarks.get(urn) is None:
            return missing()
        start, count = int(request.query.get("start", 0)), int(request.query.get("count", 10))
        found = (
            self.remarks.below(urn)
            if post is None
            else [one for one in self.remarks.under(post.id) if not one.parent]
        )
        paging = {"start": start, "count": count, "links": [], "total": len(found)}
        elements = [self._told(one) for one in found[start : start + count]]
        return web.json_response({"paging": paging, "elements": elements})

    async def _comment(self, request: web.Request) -> web.Response:
        given, above = await body_of(request), self.remarks.get(request.match_info["urn"])
        if refused := self.barred(request) or _odd(given):
            return refused
        if above is None:
            return missing()
        if above.parent or given.get("parentComment") != above.id or given["object"] != activity(above.post):
            return error(400, "ILLEGAL_ARGUMENT", "parentComment and object must name the thread's first comment")
        made = self.remarks.add(above.post, given["message"]["text"], author="Kommunen", parent=above.id, own=True)
        return web.json_response(self._told(made), status=201, headers={"x-restli-id": _number(made)})

    async def _read(self, request: web.Request) -> web.Response:
        remark = self._named(request)
        return self.barred(request) or (missing() if remark is None else web.json_response(self._told(remark)))

    async def _remove(self, request: web.Request) -> web.Response:
        if refused := self.barred(request, method="DELETE"):
            return refused
        if request.query.get("actor") != AUTHOR:
            return error(403, "ACCESS_DENIED", "Not an administrator of this organization", 100)
        remark = self._named(request)
        if remark is None:
            return missing()
        self.remarks.remove(remark)
        return web.Response(status=204)

    def _named(self, request: web.Request) -> Remark | None:
        """The comment with that number below that activity."""
        return self.remarks.get(f"urn:li:comment:({request.match_info['urn']},{request.match_info['id']})")

    def _post_of(self, urn: str) -> Item | None:
        """The post, by its own name or its activity's."""
        return next((one for one in self.items if urn in (one.id, activity(one.id)) and not one.removed), None)

    def _told(self, remark: Remark) -> dict[str, Any]:
        actor = AUTHOR if remark.own else "urn:li:person:nobody-may-know"
        changed = remark.edited or remark.at
        answers = len(self.remarks.below(remark.id))
        told = {
            "actor": actor,
            "commentUrn": remark.id,
            "created": {"actor": actor, "time": int(remark.at * 1000)},
            "id": _number(remark),
            "lastModified": {"actor": actor, "time": int(changed * 1000)},
            "message": {"attributes": [], "text": remark.text},
            "object": activity(remark.post),
            "likesSummary": {"aggregatedTotalLikes": 0},
            "commentsSummary": {"aggregatedTotalComments": answers, "selectedComments": []},
        }
        return told | ({"parentComment": remark.parent} if remark.parent else {})

    async def _metadata(self, request: web.Request) -> web.Response:
        post = self._post_of(request.match_info["urn"])
        if refused := self.barred(request):
            return refused
        if post is None:
            return missing()
        below, hearts = self.remarks.under(post.id), self.audience.hearts.get(post.id, 0)
        sums = {"LIKE": {"reactionType": "LIKE", "count": hearts}} if hearts else {}
        counted = {"count": len(below), "topLevelCount": sum(not one.parent for one in below)}
        body = {"reactionSummaries": sums, "commentSummary": counted, "commentsState": "OPEN", "entity": post.id}
        return web.json_response(body)

    async def _sizes(self, request: web.Request) -> web.Response:
        if refused := self.barred(request):
            return refused
        if request.match_info["urn"] != AUTHOR or request.query.get("edgeType") != "COMPANY_FOLLOWED_BY_MEMBER":
            return missing()
        return web.json_response({"firstDegreeSize": self.audience.followers})


def activity(post: str) -> str:
    """The activity that stands for a post."""
    return f"urn:li:activity:{int(post.rpartition(':')[2]) + 1_000_000}"


def _number(remark: Remark) -> str:
    return remark.id.rpartition(",")[2].rstrip(")")


def _odd(given: dict[str, Any]) -> web.Response | None:
    if not set(given) >= _NEEDS or not set(given) <= _NEEDS | {"parentComment"}:
        return error(422, "UNPROCESSABLE_ENTITY", f"Fields missing or unknown: {sorted(set(given) ^ _NEEDS)}")
    if given["actor"] != AUTHOR:
        return error(403, "ACCESS_DENIED", "Not an administrator of this organization", 100)
    text = given["message"].get("text") if isinstance(given["message"], dict) else None
    if not isinstance(text, str) or not text.strip():
        return error(400, "ILLEGAL_ARGUMENT", "A comment needs a text")
    return too_long() if len(text) > LONGEST else None
