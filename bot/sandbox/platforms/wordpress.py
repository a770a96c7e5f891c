"""WordPress in small: posts, one page for the banner, application passwords, and its way of saying no."""

from __future__ import annotations

import base64
import binascii
import html
import re
from typing import Any, Final

from aiohttp import web

from bot.sandbox.platforms.base import Item
from bot.sandbox.platforms.site_remarks import ROOT, SiteRemarks, error, iso

BANNER_PAGE: Final = 2
STATUSES: Final = frozenset({"publish", "future", "draft", "pending", "private"})
KINDS: Final[dict[str, type[Any]]] = {
    "title": str,
    "content": str,
    "status": str,
    "slug": str,
    "categories": list,
    "sticky": bool,
}


class WordPress(SiteRemarks):
    """A site of the municipality. ``token`` is the application password of ``user``.

    WordPress ignores a parameter it does not know; here that is an error, so that a misspelt one is noticed.
    """

    name = "wordpress"
    title = "Webbplatsen"
    color = "#21759b"

    def __init__(self, *, user: str = "kanalvakt", **more: Any) -> None:
        super().__init__(**more)
        self.user = user
        self.may_publish = True  # an editor; otherwise a contributor
        self.keeps_trash = True
        self.pages = {BANNER_PAGE: ""}
        self.categories = {1: "Okategoriserade", 7: "Krisinformation"}

    def routes(self) -> list[web.RouteDef]:
        """WordPress's own paths, below this platform's address."""
        post, page = ROOT + r"/posts/{id:\d+}", ROOT + r"/pages/{id:\d+}"
        return [
            web.get(f"{ROOT}/posts", self.call("posts.list", self._list)),
            web.post(f"{ROOT}/posts", self.call("posts.create", self._create, stores=True)),
            web.post(post, self.call("posts.update", self._update, stores=True)),
            web.delete(post, self.call("posts.delete", self._delete, stores=True)),
            web.get(page, self.call("pages.get", self._page)),
            web.post(page, self.call("pages.update", self._update_page, stores=True)),
            web.get(f"{ROOT}/categories", self.call("categories.list", self._categories)),
            web.get(f"{ROOT}/users/me", self.call("users.me", self._me)),
            *self.remark_routes(),
        ]

    def kept(self) -> dict[str, Any]:
        """Its pages, too."""
        return super().kept() | {"pages": {str(page): content for page, content in self.pages.items()}}

    def restore(self, state: dict[str, Any]) -> None:
        """As it was."""
        super().restore(state)
        self.pages = {int(page): content for page, content in state["pages"].items()}

    def banner(self) -> str:
        """What the warning banner says, as plain text; empty when there is none."""
        return plain(self.pages[BANNER_PAGE])

    def authorized(self, request: web.Request) -> bool:
        """Basic, with user and application password; blanks in the password do not count."""
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        try:
            user, _, password = base64.b64decode(given, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return False
        bare = password.replace(" ", "")
        return scheme == "Basic" and (user, bare) == (self.user, self.token.replace(" ", ""))

    def dead_token(self) -> web.Response:
        """What WordPress says to a wrong or revoked application password."""
        return error(401, "incorrect_password", "The provided password is an invalid application password.")

    def throttled(self) -> web.Response:
        """Core never does; a server in front of it may."""
        return web.Response(status=429, text="<h1>429 Too Many Requests</h1>", headers={"Retry-After": "7"})

    def broken(self) -> web.Response:
        """What PHP's last words look like."""
        sentence = "<p>There has been a critical error on this website.</p>"
        return error(500, "internal_server_error", sentence)

    async def _list(self, request: web.Request) -> web.Response:
        slug, status = request.query.get("slug"), request.query.get("status", "publish")
        shown = [one for one in self.visible() if status in ("any", one.more["status"])]
        wanted, after = request.query.get("include", ""), request.query.get("after", "")
        late = [one for one in shown if iso(one.at) > after and (not wanted or one.id in wanted.split(","))]
        return web.json_response([self._post(one) for one in late if slug in (None, one.more["slug"])])

    async def _create(self, request: web.Request) -> web.Response:
        given, wrong = await self._given(request)
        if wrong is not None:
            return wrong
        if not (given.get("title") or given.get("content")):
            return error(400, "empty_content", "Content, title, and excerpt are empty.")
        item = self._drafted(given.pop("slug", ""))
        self._write(item, given)
        return web.json_response(self._post(item), status=201)

    def _drafted(self, slug: str) -> Item:
        item = self.add("", id=self.next_id(), more={"status": "draft", "sticky": False, "categories": [1]})
        item.more["slug"] = self._free_slug(slug or item.id)
        return item

    def publish(self, text: str, title: str = "") -> Item:
        """As an editor does in the browser."""
        item = self._drafted("")
        self._write(item, {"title": title, "content": f"<p>{html.escape(text)}</p>", "status": "publish"})
        return item

    async def _update(self, request: web.Request) -> web.Response:
        item = self._item(request)
        if item is None:
            return _no_post()
        given, wrong = await self._given(request)
        if wrong is not None:
            return wrong
        if "content" in given:
            item.edits.append(item.text)
        self._write(item, given)
        return web.json_response(self._post(item))

    async def _delete(self, request: web.Request) -> web.Response:
        item = self._item(request)
        if item is None:
            return _no_post()
        if request.query.get("force") == "true":
            self.items.remove(item)
            return web.json_response({"deleted": True, "previous": self._post(item)})
        if not self.keeps_trash:
            sentence = "The post does not support trashing. Set 'force=true' to delete."
            return error(501, "rest_trash_not_supported", sentence)
        if item.removed:
            return error(410, "rest_already_trashed", "The post has already been deleted.")
        item.removed = True
        item.more |= {"status": "trash", "slug": f"{item.more['slug']}__trashed"}
        return web.json_response(self._post(item))

    async def _page(self, request: web.Request) -> web.Response:
        page = int(request.match_info["id"])
        return web.json_response(self._shown_page(page)) if page in self.pages else _no_post()

    async def _update_page(self, request: web.Request) -> web.Response:
        page = int(request.match_info["id"])
        if page not in self.pages:
            return _no_post()
        given, wrong = await self._given(request)
        if wrong is not None:
            return wrong
        self.pages[page] = given.get("content", self.pages[page])
        return web.json_response(self._shown_page(page))

    async def _categories(self, request: web.Request) -> web.Response:
        asked = {int(one) for one in request.query.get("include", "").split(",") if one}
        shown = [{"id": one, "name": name} for one, name in self.categories.items() if not asked or one in asked]
        return web.json_response(shown)

    async def _me(self, request: web.Request) -> web.Response:
        about: dict[str, Any] = {"id": 1, "name": self.user}
        if request.query.get("context") == "edit":
            may = {"edit_posts": True} | ({"publish_posts": True} if self.may_publish else {})
            about["capabilities"] = may
        return web.json_response(about)

    async def _given(self, request: web.Request) -> tuple[dict[str, Any], web.Response | None]:
        """What was sent, and WordPress's refusal of it, if any."""
        try:
            given = await request.json()
        except ValueError:
            return {}, error(400, "rest_invalid_json", "Invalid JSON body passed.")
        wrong = {name: f"{name} is not of the right type." for name in given if not self._fits(name, given[name])}
        if wrong:
            sentence = f"Invalid parameter(s): {', '.join(wrong)}"
            return {}, error(400, "rest_invalid_param", sentence, params=wrong)
        if given.get("status") == "publish" and not self.may_publish:
            sentence = "Sorry, you are not allowed to publish posts in this post type."
            return {}, error(403, "rest_cannot_publish", sentence)
        return given, None

    def _fits(self, name: str, value: Any) -> bool:
        if name not in KINDS or not isinstance(value, KINDS[name]):
            return False
        if name == "categories":
            return all(type(one) is int for one in value)
        return name != "status" or value in STATUSES

    def _item(self, request: web.Request) -> Item | None:
        """Also one in the trash, which can still be written on."""
        return next((one for one in self.items if one.id == request.match_info["id"]), None)

    def _free_slug(self, slug: str) -> str:
        taken = {one.more.get("slug") for one in self.items}
        tries = [slug, *(f"{slug}-{number}" for number in range(2, len(taken) + 3))]
        return next(one for one in tries if one not in taken)

    def _write(self, item: Item, given: dict[str, Any]) -> None:
        item.more |= {name: given[name] for name in KINDS if name in given}
        item.more["categories"] = [one for one in item.more["categories"] if one in self.categories]
        item.title = plain(given["title"]) if "title" in given else item.title
        item.text = plain(given["content"]) if "content" in given else item.text
        item.hidden = item.more["status"] not in ("publish", "trash")

    def _post(self, item: Item) -> dict[str, Any]:
        more = item.more
        own = {name: more[name] for name in ("status", "slug", "sticky", "categories")}
        link = f"{self.base_url}/{more['slug']}/"
        texts = {name: _rendered(more.get(name, "")) for name in ("title", "content")}
        return {"id": int(item.id), "type": "post", "link": link, "date_gmt": iso(item.at), **own, **texts}

    def _shown_page(self, page: int) -> dict[str, Any]:
        return {"id": page, "type": "page", "status": "publish", "content": _rendered(self.pages[page])}


def plain(content: str) -> str:
    """The text of a piece of HTML, a line for each block."""
    lines = re.sub(r"<br>|</p>\s*|</li>|</ul>\s*", "\n", content)
    return html.unescape(re.sub(r"<[^>]*>", "", lines)).strip()


def _rendered(raw: str) -> dict[str, Any]:
    return {"raw": raw, "rendered": raw}


def _no_post() -> web.Response:
    return error(404, "rest_post_invalid_id", "Invalid post ID.")
