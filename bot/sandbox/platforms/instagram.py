"""A local Instagram with one professional account."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

import aiohttp
from aiohttp import web
from yarl import URL

from bot.sandbox.platforms.base import Item
from bot.sandbox.platforms.graph import chosen, error, given, iso, listed, missing, since, unknown
from bot.sandbox.platforms.picture_remarks import PictureRemarks

ACCOUNT_ID = "17841400000000001"
USERNAME = "kommunen"
CAPTION, HASHTAGS, MENTIONS = 2200, 30, 20
BYTES = 8 * 1024 * 1024
NARROWEST, WIDEST = 4 / 5, 1.91
LASTS_S = 86_400.0
QUOTA = 100
HOME = {"127.0.0.1", "localhost", "::1"}
_TAKES = {"image_url", "caption", "alt_text"}


@dataclass
class Container:
    """A post in the making. ``made`` in seconds since 1970; ``media`` once it is published."""

    id: str
    caption: str
    image: str
    alt: str
    made: float
    media: str = ""
    failed: str = ""


class Instagram(PictureRemarks):
    """Containers and what is published of them. ``reading_s``: how long a picture is IN_PROGRESS."""

    name = "instagram"
    title = "Instagram"
    color = "#c13584"
    account = ACCOUNT_ID
    username = USERNAME
    bucket = "instagram"
    too_fast = 80002

    def __init__(self, *, reading_s: float = 0.0, **more: Any) -> None:
        super().__init__(**more)
        self.reading_s = reading_s
        self.containers: dict[str, Container] = {}

    def routes(self) -> list[web.RouteDef]:
        """The vendor's interface, below this platform's address."""
        account = f"/{ACCOUNT_ID}"
        return [
            web.get(account, self.call("account.read", self._account)),
            web.post(f"{account}/media", self.call("media.create", self._create, stores=True)),
            web.get(f"{account}/media", self.call("media.list", self._list)),
            web.post(f"{account}/media_publish", self.call("media.publish", self._publish, stores=True)),
            web.get(f"{account}/content_publishing_limit", self.call("limit.read", self._limit)),
            *self.letter_routes(),
            *self.remark_routes(),
            web.get("/{id:\\d+}", self.call("object.read", self._read)),
            web.delete("/{id:\\d+}", self.call("media.delete", self._delete, stores=True)),
            web.get("/p/{id}", self._wall),
        ]

    def kept(self) -> dict[str, Any]:
        """What is in the making, too."""
        return super().kept() | {"containers": [asdict(one) for one in self.containers.values()]}

    def restore(self, state: dict[str, Any]) -> None:
        """As it was."""
        super().restore(state)
        self.containers = {one["id"]: Container(**one) for one in state["containers"]}

    async def _create(self, request: web.Request) -> web.Response:
        form = await given(request)
        if refused := unknown(form, _TAKES) or _unfit(form.get("caption", "")):
            return refused
        if refused := await _unusable(str(form.get("image_url", ""))):
            return refused
        caption, image, alt = (str(form.get(name, "")) for name in ("caption", "image_url", "alt_text"))
        made = Container(self.next_id(), caption, image, alt, self.clock())
        self.containers[made.id] = made
        return web.json_response({"id": made.id})

    def state(self, container: Container) -> str:
        """IN_PROGRESS, FINISHED, ERROR, EXPIRED or PUBLISHED."""
        age = self.clock() - container.made
        if container.media:
            return "PUBLISHED"
        if age > LASTS_S:
            return "EXPIRED"
        if age < self.reading_s:
            return "IN_PROGRESS"
        return "ERROR" if container.failed else "FINISHED"

    async def _publish(self, request: web.Request) -> web.Response:
        form = await given(request)
        if refused := unknown(form, {"creation_id"}):
            return refused
        container = self.containers.get(str(form.get("creation_id", "")))
        if container is None:
            return error(100, "Media not found", 2207006, said="The media could not be found.")
        if refused := self._unready(container):
            return refused
        item = self.add(container.caption, image=container.image, alt=container.alt)
        container.media = item.id
        return web.json_response({"id": item.id})

    def _unready(self, container: Container) -> web.Response | None:
        match self.state(container):
            case "IN_PROGRESS":
                return error(9007, "Media ID is not available", 2207027, said="The media is not ready.")
            case "EXPIRED":
                return error(100, "Container has expired", 2207008, said="Create a new container.")
            case "ERROR" | "PUBLISHED":
                return error(100, "The container cannot be published")
        if len(self._of_today()) >= QUOTA:
            return error(9, "Application request limit reached", 2207042, status=403)
        return None

    def _of_today(self) -> list[Item]:
        return [one for one in self.items if one.at > self.clock() - LASTS_S]

    async def _list(self, request: web.Request) -> web.Response:
        return listed(request, [self._shape(one) for one in since(self.visible(), request)])

    async def _read(self, request: web.Request) -> web.Response:
        wanted, fields = request.match_info["id"], request.query.get("fields", "id")
        if container := self.containers.get(wanted):
            status = self.state(container)
            said = f"Error: {container.failed}" if status == "ERROR" else status.capitalize()
            return chosen({"id": wanted, "status_code": status, "status": said}, fields)
        if remark := self.remarks.get(wanted):
            return self.read_remark(remark, fields)
        item = self.get(wanted)
        return chosen(self._shape(item), fields) if item else missing(wanted)

    async def _delete(self, request: web.Request) -> web.Response:
        if remark := self.remarks.get(request.match_info["id"]):
            self.remarks.remove(remark)
            return web.json_response({"success": True})
        item = self.get(request.match_info["id"])
        if item is None:
            return missing(request.match_info["id"], "delete")
        item.removed = True
        return web.json_response({"success": True})

    async def _account(self, request: web.Request) -> web.Response:
        figures = {"media_count": len(self.visible()), "followers_count": self.audience.followers}
        whole = {"id": ACCOUNT_ID, "username": USERNAME, "name": "Kommunen", **figures}
        return chosen(whole, request.query.get("fields", "id"))

    async def _limit(self, request: web.Request) -> web.Response:
        config = {"quota_total": QUOTA, "quota_duration": int(LASTS_S)}
        return web.json_response({"data": [{"quota_usage": len(self._of_today()), "config": config}]})

    async def _wall(self, request: web.Request) -> web.Response:
        """The post for people: its place on the residents' page."""
        raise web.HTTPFound(f"{self.base_url}/wall#{self.name}-{request.match_info['id']}")

    def _shape(self, item: Item) -> dict[str, Any]:
        return {
            "id": item.id,
            "caption": item.text,
            "alt_text": item.alt,
            "media_url": item.image,
            "timestamp": iso(item.at),
            "permalink": f"{self.base_url}/p/{item.id}",
            "comments_count": len(self.remarks.under(item.id)),
            "like_count": self.audience.hearts.get(item.id, 0),
        }


def _unfit(caption: str) -> web.Response | None:
    if len(caption) > CAPTION:
        return error(36004, "The caption is too long", 2207010, said=f"At most {CAPTION} characters.")
    if len(re.findall(r"#\w", caption)) > HASHTAGS or len(re.findall(r"@\w", caption)) > MENTIONS:
        return error(36004, "Too many hashtags or mentions", 2207010)
    return None


async def _unusable(address: str) -> web.Response | None:
    """What is wrong with the picture at that address, which is fetched as the real one does."""
    if not address:
        return error(100, "The parameter image_url is required")
    picture = await _fetched(address)
    if picture is None:
        sentence = "The media could not be fetched from this URI."
        return error(9004, "Only photo or video can be accepted as media type.", 2207052, said=sentence)
    if len(picture) > BYTES:
        return error(36000, "The image size is too large.", 2207004)
    size = jpeg_size(picture)
    if size is None:
        return error(36001, "The image format is not supported.", 2207005)
    if not NARROWEST <= size[0] / size[1] <= WIDEST:
        return error(36003, "The aspect ratio is not supported.", 2207009)
    return None


async def _fetched(address: str) -> bytes | None:
    """The file there; None when there is none, or when the address is not on this machine."""
    if URL(address).host not in HOME:
        return None
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session,
            session.get(address, allow_redirects=False) as answer,
        ):
            return await answer.read() if answer.status == 200 else None
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return None


def jpeg_size(picture: bytes) -> tuple[int, int] | None:
    """Width and height from the JPEG's frame header; None for anything but a JPEG."""
    at = 2
    if picture[:2] != b"\xff\xd8":
        return None
    while at + 9 <= len(picture) and picture[at] == 0xFF:
        marker, length = picture[at + 1], int.from_bytes(picture[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height = int.from_bytes(picture[at + 5 : at + 7], "big")
            width = int.from_bytes(picture[at + 7 : at + 9], "big")
            return (width, height) if width and height else None
        at += 2 + length
    return None
