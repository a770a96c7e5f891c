"""A local Facebook with one Page."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aiohttp import web

from bot.sandbox.platforms.base import Item
from bot.sandbox.platforms.graph import chosen, error, given, iso, listed, missing, since, unknown
from bot.sandbox.platforms.graph_audience import summary
from bot.sandbox.platforms.page_remarks import PageRemarks

PAGE_ID = "104000000000001"
PAGE_NAME = "Kommunen"
LIMIT = 63_206
SOONEST_S, LATEST_S = 10 * 60.0, 75 * 86_400.0
_TAKES = {"message", "link", "published", "scheduled_publish_time", "unpublished_content_type"}
_CHANGES = {"message", "is_published", "scheduled_publish_time"}


class Facebook(PageRemarks):
    """Posts, their changes, and posts that wait for their time.

    ``unscrapable``: links whose page Facebook cannot open. ``others``: ids that another app made.
    """

    name = "facebook"
    title = "Facebook"
    color = "#0866ff"
    account = PAGE_ID
    bucket = "pages"
    too_fast = 80001

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.unscrapable: set[str] = set()
        self.others: set[str] = set()
        self._scheduled: list[Item] = []

    def routes(self) -> list[web.RouteDef]:
        """The vendor's interface, below this platform's address."""
        page = f"/{PAGE_ID}"
        post = f"/{{id:{PAGE_ID}_\\d+}}"
        return [
            web.get(page, self.call("page.read", self._page)),
            web.post(f"{page}/feed", self.call("feed.create", self._create, stores=True)),
            web.get(f"{page}/published_posts", self.call("published_posts", self._published)),
            web.get(f"{page}/scheduled_posts", self.call("scheduled_posts", self._waiting)),
            web.get(post, self.call("post.read", self._read)),
            web.post(post, self.call("post.update", self._update, stores=True)),
            web.delete(post, self.call("post.delete", self._delete, stores=True)),
            *self.remark_routes(post),
            *self.letter_routes(),
            web.get("/posts/{id}", self._wall),
            web.get("/{id:\\d+}", self.call("unknown", self._nothing)),
        ]

    def kept(self) -> dict[str, Any]:
        """What waits for its time, too."""
        waiting = [asdict(one) for one in self._scheduled]
        return super().kept() | {"scheduled": waiting, "others": sorted(self.others)}

    def restore(self, state: dict[str, Any]) -> None:
        """As it was."""
        super().restore(state)
        self._scheduled = [Item(**one) for one in state["scheduled"]]
        self.others = set(state["others"])

    def next_id(self) -> str:
        """A new id, as Facebook writes a post's: the Page's and its own."""
        return f"{PAGE_ID}_{super().next_id()}"

    def visible(self) -> list[Item]:
        """What a resident sees, newest first; what waited for its time has gone out by then."""
        self._release()
        return super().visible()

    def plan(self, text: str, at: float) -> Item:
        """Somebody scheduled a post on the platform. ``at`` in seconds since 1970."""
        item = Item(id=self.next_id(), text=text, at=at)
        self._scheduled.append(item)
        return item

    def scheduled(self) -> list[Item]:
        """What still waits for its time."""
        self._release()
        return [one for one in self._scheduled if not one.removed]

    def _release(self) -> None:
        due = [one for one in self._scheduled if one.at <= self.clock()]
        self.items += [one for one in due if not one.removed]
        self._scheduled = [one for one in self._scheduled if one not in due]

    def _post(self, post_id: str) -> Item | None:
        self._release()
        waiting = (one for one in self._scheduled if one.id == post_id and not one.removed)
        return self.get(post_id) or next(waiting, None)

    async def _create(self, request: web.Request) -> web.Response:
        form = await given(request)
        if refused := unknown(form, _TAKES) or self._unfit(form):
            return refused
        if form.get("published", "true") == "false":
            return self._schedule(form)
        item = self.add(form.get("message", ""), link=form.get("link", ""))
        return web.json_response({"id": item.id})

    def _unfit(self, form: dict[str, Any]) -> web.Response | None:
        text, link = form.get("message", ""), form.get("link", "")
        if not text and not link:
            return error(100, "Missing message or attachment")
        if len(text) > LIMIT:
            return error(100, f"param message must be at most {LIMIT} characters long")
        last = next((one for one in reversed(self.items) if not one.removed), None)
        if last is not None and (last.text, last.link) == (text, link):
            sentence = "This status update is identical to the last one you posted."
            return error(506, "Duplicate status message", said=sentence)
        if link in self.unscrapable:
            return error(100, "Invalid parameter", 1609005, said="The link could not be scraped.")
        return None

    def _schedule(self, form: dict[str, Any]) -> web.Response:
        if not self._in_time(form):
            return error(100, "The specified scheduled publish time is invalid", 1363040)
        at = float(form["scheduled_publish_time"])
        return web.json_response({"id": self.plan(form.get("message", ""), at).id})

    def _in_time(self, form: dict[str, Any]) -> bool:
        """A timer reaches from ten minutes to 75 days."""
        return SOONEST_S <= float(form.get("scheduled_publish_time", 0)) - self.clock() <= LATEST_S

    async def _update(self, request: web.Request) -> web.Response:
        form, item = await given(request), self._post(request.match_info["id"])
        if item is None or item.id in self.others:
            return missing(request.match_info["id"], "post")
        if refused := unknown(form, _CHANGES):
            return refused
        if "scheduled_publish_time" in form and not self._in_time(form):
            return error(100, "The specified scheduled publish time is invalid", 1363040)
        if form.get("message", item.text) != item.text:
            self.edit(item, form["message"])
        self._move(item, form)
        return web.json_response({"success": True})

    def _move(self, item: Item, form: dict[str, Any]) -> None:
        """A waiting post goes out now, or at another time."""
        if form.get("is_published") == "true":
            item.at = self.clock()
        elif "scheduled_publish_time" in form:
            item.at = float(form["scheduled_publish_time"])

    async def _delete(self, request: web.Request) -> web.Response:
        item = self._post(request.match_info["id"])
        if item is None or item.id in self.others:
            return missing(request.match_info["id"], "delete")
        item.removed = True
        return web.json_response({"success": True})

    async def _page(self, request: web.Request) -> web.Response:
        many = self.audience.followers
        whole = {
            "id": PAGE_ID,
            "name": PAGE_NAME,
            "link": self.base_url,
            "followers_count": many,
            "fan_count": many,
        }
        return chosen(whole, request.query.get("fields", "name"))

    async def _read(self, request: web.Request) -> web.Response:
        item = self._post(request.match_info["id"])
        if item is None:
            return missing(request.match_info["id"])
        return chosen(self._shape(item), request.query.get("fields", "message,created_time"))

    async def _nothing(self, request: web.Request) -> web.Response:
        return missing(request.match_info["id"])

    async def _published(self, request: web.Request) -> web.Response:
        return listed(request, [self._shape(one) for one in since(self.visible(), request)])

    async def _waiting(self, request: web.Request) -> web.Response:
        return listed(request, [self._shape(one) for one in self.scheduled()])

    async def _wall(self, request: web.Request) -> web.Response:
        """The post for people: its place on the residents' page."""
        raise web.HTTPFound(f"{self.base_url}/wall#{self.name}-{request.match_info['id']}")

    def _shape(self, item: Item) -> dict[str, Any]:
        waits = item in self._scheduled
        return {
            "id": item.id,
            "message": item.text,
            "created_time": iso(item.at),
            "updated_time": iso(item.at),
            "permalink_url": f"{self.base_url}/posts/{item.id}",
            "is_published": not waits,
            "reactions": summary(self.audience.hearts.get(item.id, 0)),
            "comments": summary(len(self.remarks.under(item.id))),
            "shares": {"count": shared} if (shared := self.audience.shares.get(item.id)) else None,
            "scheduled_publish_time": int(item.at) if waits else None,
        }
