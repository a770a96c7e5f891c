"""A local LinkedIn with one organization's page; it reads little text format, and remembers duplicates long."""

from __future__ import annotations

import re
from typing import Any, Final

from aiohttp import web

from bot.sandbox.platforms.base import Item
from bot.sandbox.platforms.linkedin_comments import AUTHOR as AUTHOR
from bot.sandbox.platforms.linkedin_comments import ORGANIZATION as ORGANIZATION
from bot.sandbox.platforms.linkedin_comments import Comments
from bot.sandbox.platforms.linkedin_words import body_of, error, missing, too_long

LIMIT: Final = 3000
OLDEST, NEWEST = "202512", "202611"
_NEEDS: Final = frozenset({"author", "commentary", "visibility", "distribution", "lifecycleState"})
_TAKES: Final = _NEEDS | {"isReshareDisabledByAuthor", "content", "contentLandingPage", "contentCallToActionLabel"}
_HASHTAG: Final = re.compile(r"\{hashtag\|\\?#\|([^{}|]*)\}")
_UNESCAPED: Final = re.compile(r"(?<!\\)(?:\\\\)*[|{}@\[\]()<>#*_~]")


class LinkedIn(Comments):
    """Posts of the page: made, changed, deleted, listed, commented.

    ``permitted`` False: the app lost its permission.
    """

    name = "linkedin"
    title = "LinkedIn"
    color = "#0a66c2"

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.permitted = True

    def routes(self) -> list[web.RouteDef]:
        """The vendor's interface, below this platform's address."""
        one = "/rest/posts/{urn}"
        return [
            web.post("/rest/posts", self.call("posts.create", self._create, stores=True)),
            web.get("/rest/posts", self.call("posts.finder", self._finder)),
            web.get(one, self.call("posts.get", self._one)),
            web.post(one, self.call("posts.update", self._update, stores=True)),
            web.delete(one, self.call("posts.delete", self._delete, stores=True)),
            web.get("/rest/organizations/{id}", self.call("organizations.get", self._organization)),
            *self.comment_routes(),
            web.get("/feed/update/{urn}", self._wall),
        ]

    def authorized(self, request: web.Request) -> bool:
        """Does the request carry the platform's token?"""
        return request.headers.get("Authorization") == f"Bearer {self.token}"

    def dead_token(self) -> web.Response:
        """What the vendor says to a wrong or revoked token."""
        if self.faults.revoked:
            return error(401, "REVOKED_ACCESS_TOKEN", "The token used in the request has been revoked", 65601)
        return error(401, "INVALID_ACCESS_TOKEN", "Invalid access token", 65600)

    def throttled(self) -> web.Response:
        """What the vendor says to who is too fast: nothing of when to come again."""
        return error(429, "TOO_MANY_REQUESTS", "Resource level throttle limit for calls is reached", 101)

    def broken(self) -> web.Response:
        """What the vendor says when it is ill itself."""
        return error(500, "INTERNAL_SERVER_ERROR", "Internal Server Error")

    async def _create(self, request: web.Request) -> web.Response:
        given = await body_of(request)
        refused = self.barred(request) or _odd_post(given) or self._twin(given["commentary"])
        if refused:
            return refused
        item = self.publish(given["commentary"])
        return web.Response(status=201, headers={"x-restli-id": item.id})

    def publish(self, text: str, title: str = "") -> Item:
        """A post in LinkedIn's little language."""
        item = self.add(read(text), id=self._urn(), more={"commentary": text})
        item.more["changed"] = item.at
        return item

    def _urn(self) -> str:
        number = int(self.next_id())
        return f"urn:li:{'share' if number % 2 else 'ugcPost'}:{7_300_000_000_000_000_000 + number}"

    def _twin(self, commentary: str) -> web.Response | None:
        """The refusal that names the post with the same text, be it there or removed since."""
        twin = next((one for one in self.items if one.more.get("commentary") == commentary), None)
        if twin is None:
            return None
        body = {
            "errorDetailType": "com.linkedin.common.error.BadRequest",
            "message": f"BadRequestResponseException: Content is a duplicate of {twin.id}",
            "errorDetails": {
                "inputErrors": [
                    {"description": "Duplicate post is detected", "input": {}, "code": "DUPLICATE_POST"}
                ]
            },
            "status": 422,
        }
        return web.json_response(body, status=422)

    async def _finder(self, request: web.Request) -> web.Response:
        asked = request.query
        if refused := self.barred(request, method="FINDER"):
            return refused
        if asked.get("q") != "author" or asked.get("author") != AUTHOR or "author=urn:" in request.raw_path:
            return error(400, "ILLEGAL_ARGUMENT", "Finder parameters are missing or not encoded")
        start, count = int(asked.get("start", 0)), int(asked.get("count", 10))
        posts = sorted(self.visible(), key=lambda one: one.more["changed"], reverse=True)
        body = {
            "paging": {"start": start, "count": count, "links": []},
            "elements": [_post(one) for one in posts[start : start + count]],
        }
        return web.json_response(body)

    async def _one(self, request: web.Request) -> web.Response:
        item = self.get(request.match_info["urn"])
        return self.barred(request) or (missing() if item is None else web.json_response(_post(item)))

    async def _update(self, request: web.Request) -> web.Response:
        if refused := self.barred(request, method="PARTIAL_UPDATE"):
            return refused
        item, given = self.get(request.match_info["urn"]), await body_of(request)
        if item is None:
            return missing()
        fresh = ((given.get("patch") or {}).get("$set") or {}) if set(given) == {"patch"} else {}
        if set(fresh) != {"commentary"}:
            return error(400, "ILLEGAL_ARGUMENT", "Only the commentary can be patched")
        if len(fresh["commentary"]) > LIMIT:
            return too_long()
        self.edit(item, read(fresh["commentary"]))
        item.more |= {"commentary": fresh["commentary"], "changed": self.clock()}
        return web.Response(status=204)

    async def _delete(self, request: web.Request) -> web.Response:
        if refused := self.barred(request):
            return refused
        item = self.get(request.match_info["urn"])
        if item is not None:
            item.removed = True
        return web.Response(status=204)

    async def _organization(self, request: web.Request) -> web.Response:
        if refused := self.barred(request):
            return refused
        if request.match_info["id"] != ORGANIZATION:
            return missing()
        return web.json_response({"id": int(ORGANIZATION), "localizedName": "Kommunen", "vanityName": "kommunen"})

    def barred(self, request: web.Request, *, method: str = "") -> web.Response | None:
        """The refusal of a request that lacks what every request needs."""
        version = request.headers.get("LinkedIn-Version", "")
        if not version:
            return error(400, "VERSION_MISSING", "A version must be present. Please specify a version")
        if not OLDEST <= version <= NEWEST:
            return error(426, "NONEXISTENT_VERSION", f"Requested version {version} is not active")
        if request.headers.get("X-Restli-Protocol-Version") != "2.0.0" or "/urn:" in request.raw_path:
            return error(400, "ILLEGAL_ARGUMENT", "Rest.li protocol 2.0.0 with encoded names is needed")
        if method and request.headers.get("X-RestLi-Method") != method:
            return error(400, "ILLEGAL_ARGUMENT", f"X-RestLi-Method {method} is needed")
        if not self.permitted:
            return error(403, "ACCESS_DENIED", "Not enough permissions to access: partnerApiPosts", 100)
        return None

    async def _wall(self, request: web.Request) -> web.Response:
        """The post for people: its place on the residents' page."""
        raise web.HTTPFound(f"{self.base_url}/wall#{self.name}-{request.match_info['urn']}")


def read(commentary: str) -> str:
    """What people see of little text format: from an unescaped sign on, LinkedIn may show nothing."""
    spelled = _HASHTAG.sub(r"\#\1", commentary)
    odd = _UNESCAPED.search(spelled)
    return re.sub(r"\\(.)", r"\1", spelled[: odd.start()] if odd else spelled, flags=re.DOTALL)


def _odd_post(given: dict[str, Any]) -> web.Response | None:
    if not set(given) >= _NEEDS or not set(given) <= _TAKES:
        return error(422, "UNPROCESSABLE_ENTITY", f"Fields missing or unknown: {sorted(set(given) ^ _NEEDS)}")
    if given["author"] != AUTHOR:
        return error(403, "ACCESS_DENIED", "Not an administrator of this organization", 100)
    return too_long() if len(given["commentary"]) > LIMIT else None


def _post(item: Item) -> dict[str, Any]:
    made = int(item.at * 1000)
    return {
        "id": item.id,
        "author": AUTHOR,
        "commentary": item.more["commentary"],
        "createdAt": made,
        "publishedAt": made,
        "lastModifiedAt": int(item.more["changed"] * 1000),
        "lifecycleState": "PUBLISHED",
        "visibility": "PUBLIC",
    }
