"""The residents' street: every local platform under one roof, a page to see them on, and their switches."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from aiohttp import web

from bot.sandbox.platforms.base import Item, Platform
from bot.sandbox.platforms.remarks import KINDS, RESIDENT, Audience, Letter, Remark, Remarks

JSON = dict[str, Any]
PAGE = Path(__file__).parent / "page"
ROOMS = {"inbox", "mentions", "reviews", "conversations", "notifications"}  # where the account's own people read
_HEADERS = {
    # pictures come from the desk, which listens on another port of this machine
    "Content-Security-Policy": "default-src 'self'; img-src 'self' http://127.0.0.1:* http://localhost:*; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


@runtime_checkable
class Talked(Protocol):
    """A platform on which residents write."""

    items: list[Item]
    remarks: Remarks
    audience: Audience

    def publish(self, text: str, title: str = "") -> Item:
        """The account publishes with the platform's own tools."""

    def letter(self, kind: str, text: str, author: str = RESIDENT) -> Letter:
        """Somebody writes elsewhere than below a post."""


@runtime_checkable
class Living(Protocol):
    """A platform that listens somewhere else, too, such as a mail server."""

    async def start(self) -> None:
        """Listen."""

    async def stop(self) -> None:
        """Hang up."""


def mount(app: web.Application, platforms: Sequence[Platform], base_url: Callable[[], str]) -> Callable[[], None]:
    """Put each platform at ``/platform/<name>`` and the page at ``/street``.

    Returns what to call when the server listens: then each platform learns its address from
    ``base_url`` (without a slash at the end). Raises ValueError when two platforms have one name.
    """
    street = _Street(platforms)
    app.add_routes(street.routes())
    for platform in platforms:
        app.add_subapp(f"/platform/{platform.name}", street.house(platform))
    app.cleanup_ctx.append(street.life)

    def settle() -> None:
        for platform in platforms:
            platform.base_url = f"{base_url()}/platform/{platform.name}"

    return settle


class _Street:
    def __init__(self, platforms: Sequence[Platform]) -> None:
        self._platforms = {platform.name: platform for platform in platforms}
        if len(self._platforms) < len(platforms):
            raise ValueError("two platforms have one name")

    def routes(self) -> list[web.RouteDef]:
        """What is not any single platform's."""
        return [
            web.get("/street", _page),
            web.get("/street.json", self._look),
            web.get("/street/{file}", _file),
            web.post("/street/{name}/faults", self._faults),
            web.post("/street/{name}/items", self._item),
            web.post("/street/{name}/remarks", self._remark),
            web.post("/street/{name}/hearts", self._heart),
            web.post("/street/{name}/letters", self._letter),
        ]

    def house(self, platform: Platform) -> web.Application:
        """One platform's interface, its wall, and its permalinks, which lead to the wall."""
        house = web.Application()
        house.router.add_get("/wall", _page)
        house.add_routes(platform.routes())
        house.router.add_get("/{rest:.*}", _permalink(platform))
        return house

    async def life(self, app: web.Application) -> AsyncIterator[None]:
        """Start and stop the platforms that also listen elsewhere."""
        living = [one for one in self._platforms.values() if isinstance(one, Living)]
        for platform in living:
            await platform.start()
        yield
        for platform in living:
            await platform.stop()
        for talked in self._platforms.values():
            if isinstance(talked, Talked):
                await talked.remarks.hush()

    async def _look(self, request: web.Request) -> web.Response:
        shown = [_platform(one) for one in self._platforms.values()]
        return web.json_response({"platforms": shown}, headers={"Cache-Control": "no-store"})

    async def _faults(self, request: web.Request) -> web.Response:
        """Set some switches of one platform, the others stay; returns all of them."""
        if _stranger(request):
            return _refused("this page is not the sandbox's own")
        platform = self._platforms.get(request.match_info["name"])
        if platform is None:
            return _refused("there is no such platform", 404)
        try:
            platform.faults.set(**await request.json())
        except (ValueError, TypeError) as odd:
            return _refused(str(odd))
        return web.json_response({"ok": True, **platform.faults.to_json()})

    async def _item(self, request: web.Request) -> web.Response:
        """The account publishes something with the platform's own tools."""
        return await self._resident(request, lambda there, given: asdict(_published(there, given)))

    async def _remark(self, request: web.Request) -> web.Response:
        """A resident writes below a post, or answers a remark; edits or takes back their own."""
        return await self._resident(request, lambda there, given: _written(there, given).to_json())

    async def _heart(self, request: web.Request) -> web.Response:
        """A resident presses a post's heart."""
        return await self._resident(request, lambda there, given: {"hearts": _hearted(there, given)})

    async def _letter(self, request: web.Request) -> web.Response:
        """A resident writes a message, a review, or names the account elsewhere."""
        return await self._resident(request, lambda there, given: asdict(_posted(there, given)))

    async def _resident(self, request: web.Request, does: Callable[[Talked, JSON], JSON]) -> web.Response:
        if _stranger(request):
            return _refused("this page is not the sandbox's own")
        platform = self._platforms.get(request.match_info["name"])
        if not isinstance(platform, Talked):
            return _refused("nobody can write there", 404)
        try:
            found = does(platform, await request.json())
            self._platforms[request.match_info["name"]].changed()
        except (ValueError, TypeError, KeyError) as odd:
            return _refused(str(odd))
        return web.json_response({"ok": True, **found})


def _published(platform: Talked, given: JSON) -> Item:
    text = str(given["text"]).strip()
    if not text:
        raise ValueError("no text")
    return platform.publish(text, str(given.get("title") or ""))


def _hearted(platform: Talked, given: JSON) -> int:
    post = str(given["post"])
    if all(one.id != post for one in platform.items):
        raise ValueError("no such post")
    return platform.audience.heart(post)


def _posted(platform: Talked, given: JSON) -> Letter:
    kind, text = str(given["kind"]), str(given["text"]).strip()
    if kind not in KINDS or not text:
        raise ValueError("no such kind, or no text")
    return platform.letter(kind, text, str(given.get("author") or "").strip() or RESIDENT)


def _written(platform: Talked, given: JSON) -> Remark:
    """What the resident did. Raises ValueError for an unknown post or remark."""
    remarks = platform.remarks
    if known := given.get("remark"):
        remark = remarks.get(str(known))
        if remark is None or remark.own:
            raise ValueError("no such remark")
        remarks.edit(remark, str(given["text"])) if given.get("text") else remarks.remove(remark)
        return remark
    parent = remarks.get(str(given["parent"])) if given.get("parent") else None
    post, text = str(given["post"]), str(given["text"]).strip()
    if not text or all(one.id != post for one in platform.items):
        raise ValueError("no such post, or no text")
    author = str(given.get("author") or "").strip() or RESIDENT
    return remarks.add(post, text, author=author, parent=(parent.parent or parent.id) if parent else "")


def _stranger(request: web.Request) -> bool:
    """Is it another site, open in the same browser?"""
    origin = request.headers.get("Origin")
    return origin is not None and origin.partition("://")[2] != request.host


def _refused(reason: str, status: int = 400) -> web.Response:
    return web.json_response({"ok": False, "error": reason}, status=status)


async def _page(request: web.Request) -> web.StreamResponse:
    return web.FileResponse(PAGE / "street.html", headers=_HEADERS)


async def _file(request: web.Request) -> web.StreamResponse:
    name = request.match_info["file"]
    if name not in {"street.css", "street.js", "remarks.js"}:
        raise web.HTTPNotFound
    return web.FileResponse(PAGE / name, headers=_HEADERS)


def _permalink(platform: Platform) -> Callable[[web.Request], Any]:
    """Whoever follows an item's public address in a browser is shown the item on the wall."""

    async def lead(request: web.Request) -> web.StreamResponse:
        rest = request.match_info["rest"]
        meant = _meant(platform, f"{platform.base_url}/{rest}")
        if meant is None and rest not in ROOMS:
            raise web.HTTPNotFound
        raise web.HTTPFound(f"{platform.base_url}/wall" + (f"#{platform.name}-{meant}" if meant else ""))

    return lead


def _meant(platform: Platform, address: str) -> str | None:
    """The item whose address that is, or under which the remark stands whose address it is."""
    item = next((one for one in reversed(platform.items) if _leads(address, one)), None)
    if item is not None or not isinstance(platform, Talked):
        return item.id if item else None
    last = address.rstrip("/").rpartition("/")[2]
    found = (one for one in platform.remarks.everything if one.id.rpartition("/")[2] == last and not one.removed)
    remark = next(found, None)
    return remark.post if remark else None


def _leads(address: str, item: Item) -> bool:
    """Is it the item's own address, or one that ends in its id? What was removed has none."""
    bare = address.rstrip("/")
    return not item.removed and (bare == item.link.rstrip("/") or bare.rpartition("/")[2] == item.id)


def _platform(platform: Platform) -> JSON:
    seen = {one.id for one in platform.visible()}
    return {
        "name": platform.name,
        "title": platform.title,
        "color": platform.color,
        "faults": platform.faults.to_json(),
        "items": [_item(one) | {"seen": one.id in seen} for one in _newest_first(platform)],
        "talk": isinstance(platform, Talked),
        "remarks": list(platform.remarks.to_json()) if isinstance(platform, Talked) else [],
        "hearts": platform.audience.hearts if isinstance(platform, Talked) else {},
    }


def _newest_first(platform: Platform) -> list[Item]:
    """By time, and what came at the same instant in the order it came."""
    return [one for _, _, one in sorted(((one.at, n, one) for n, one in enumerate(platform.items)), reverse=True)]


def _item(item: Item) -> JSON:
    """An item without the vendor's own extras. ``seen``: a resident sees it now (not removed, hidden, late)."""
    names = ("id", "title", "text", "at", "link", "image", "alt", "key", "parent", "hidden", "removed", "edits")
    return {name: getattr(item, name) for name in names} | {"to": item.more.get("recipients", [])}
