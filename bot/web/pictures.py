"""Pictures: a message's text as a JPEG, at an address that Instagram can fetch."""

import asyncio
import re
from typing import Final

from aiohttp import web

from bot.channels import picture
from bot.crisis import compose
from bot.crisis.states import State
from bot.desk import Desk
from bot.web import guard
from bot.web.conditional import Versions
from storage import bulletins
from storage.bulletins import Bulletin

NAME: Final = re.compile(r"(\d{1,9})-([0-9a-f]{12})\.jpg")


class Pictures:
    """``/kris/bild/<bulletin>-<digest>.jpg``: only of what was approved, and unguessable before that."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._versions = desk, Versions(desk.now)
        self._drawn: dict[str, bytes] = {}

    def mount(self, router: web.UrlDispatcher) -> None:
        """Where they stand."""
        router.add_get("/kris/bild/{name}", self.show)

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The picture, drawn once."""
        name = request.match_info["name"]
        body = self._drawn.get(name) or await self._draw(name)
        headers = {"Cache-Control": "public, max-age=86400", guard.CROSS_ORIGIN: "cross-origin"}
        return self._versions.answer(request, body, "image/jpeg", headers)

    async def _draw(self, name: str) -> bytes:
        row = await self._row(name)
        given = _with_a_picture(row)
        text = compose.fill(str(given.get("text") or ""), "")
        body = await asyncio.to_thread(picture.text_picture, str(given.get("title") or ""), text, drill=row.drill)
        self._drawn = {name: body}  # the one that everybody asks for now
        return body

    async def _row(self, name: str) -> Bulletin:
        found = NAME.fullmatch(name)
        if found is None:
            raise web.HTTPNotFound
        async with self._desk.db.read() as session:
            row = await bulletins.get(session, int(found[1]))
        if row is None or row.state not in (State.APPROVED, State.STOPPED) or not row.digest.startswith(found[2]):
            raise web.HTTPNotFound
        return row


def _with_a_picture(row: Bulletin) -> dict[str, object]:
    """The text of the channel that shows a picture: the one with an alternative text."""
    given = next((one for one in row.texts.values() if one.get("alt")), None)
    if given is None:
        raise web.HTTPNotFound
    return dict(given)
