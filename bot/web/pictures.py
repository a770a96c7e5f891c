"""Pictures: a message's text as a JPEG, at an address that Instagram can fetch."""

from aiohttp import web

from bot.crisis.gallery import Gallery
from bot.crisis.states import State
from bot.desk import Desk
from bot.web import guard
from bot.web.conditional import Versions


class Pictures:
    """``/kris/bild/<bulletin>-<digest>.jpg``: only of what was approved, and unguessable before that."""

    def __init__(self, desk: Desk, gallery: Gallery) -> None:
        self._gallery, self._versions = gallery, Versions(desk.now)
        self._approved: set[str] = set()  # what was once approved stays so

    def mount(self, router: web.UrlDispatcher) -> None:
        """Where they stand."""
        router.add_get("/kris/bild/{name}", self.show)

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The picture, drawn before the first request as a rule."""
        name = request.match_info["name"]
        body = await self._gallery.drawn(name) if await self._may_be_seen(name) else None
        if body is None:
            raise web.HTTPNotFound
        headers = {"Cache-Control": "public, max-age=86400", guard.CROSS_ORIGIN: "cross-origin"}
        return self._versions.answer(request, body, "image/jpeg", headers)

    async def _may_be_seen(self, name: str) -> bool:
        if name not in self._approved:
            row = await self._gallery.row(name)
            if row is None or row.state not in (State.APPROVED, State.STOPPED):
                return False
            self._approved.add(name)
        return True
