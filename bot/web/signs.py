"""Road-side signs: a page that any player shows, and the same as JSON for signs that draw themselves.

`/skylt/{sign}.json` is an object with exactly the keys ``sign`` (key), ``on`` (a message stands), ``rows``
(what to show now, [] is black), ``until`` (when ``rows`` end by themselves, ISO 8601 in UTC, or null),
``idle`` (what to show then) and ``page`` (changes when the page itself has); keys may be added later,
never renamed.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import resources
from typing import Any, Final

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.signs import SignSettings, harmless
from bot.crisis.standing import Board, LastKnown, Standing, worst
from bot.desk import Desk
from bot.texts import Speak
from bot.web import guard
from bot.web.conditional import Versions
from bot.web.pages import Pages

log = structlog.get_logger(__name__)
PLACE: Final = "/skylt/"
STYLE: Final = "/static/sign.css"
SCRIPT: Final = "/static/sign.js"
# A player may frame the page and run its script; there is nothing on it to click.
POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors *"
)
EM: Final = 100  # units of the drawing per row of type
LINE: Final = 1.16  # height of a row, in EM
WIDE: Final = 0.78  # width of a broad letter, in EM, until the script has measured


@dataclass(frozen=True)
class Showing:
    """What a sign shows now. ``until`` is aware."""

    sign: str
    on: bool
    rows: tuple[str, ...]
    until: datetime | None
    idle: tuple[str, ...]


class Signs:
    """Each sign's page, its JSON, and the two small files the page needs."""

    def __init__(self, desk: Desk, pages: Pages, board: Board, signs: Mapping[str, SignSettings]) -> None:
        self._desk, self._pages, self._signs = desk, pages, signs
        self._board = LastKnown(board)
        self._versions = Versions(desk.now)
        folder = resources.files("bot").joinpath("web/static")
        self._style = folder.joinpath("sign.css").read_bytes()
        self._script = folder.joinpath("sign.js").read_bytes()
        self._page = hashlib.sha256(self._style + self._script).hexdigest()[:12]
        self._withheld: set[tuple[str, int, int]] = set()

    def mount(self, router: web.UrlDispatcher) -> None:
        """Where they stand."""
        router.add_get(STYLE, self.style)
        router.add_get(SCRIPT, self.script)
        router.add_get("/skylt/{sign}.json", self.json)
        router.add_get("/skylt/{sign}", self.page)

    async def page(self, request: web.Request) -> web.StreamResponse:
        """For players. Never an error page: a sign that shows one is worse than a black one."""
        sign = self._sign(request)
        try:
            showing = await self._showing(sign)
        except (SQLAlchemyError, OSError):
            showing = Showing(sign.key, on=False, rows=(), until=None, idle=())
        page = self._pages.render("sign.html", self._pages.voice(request), **self._values(sign, showing))
        return self._versions.answer(request, page.encode(), "text/html", {guard.CROSS_ORIGIN: "cross-origin"})

    async def json(self, request: web.Request) -> web.StreamResponse:
        """For the page's script, and for signs with programs of their own. 503 when nobody knows."""
        try:
            showing = await self._showing(self._sign(request))
        except (SQLAlchemyError, OSError):
            raise web.HTTPServiceUnavailable(headers={"Retry-After": "10"}) from None
        until = showing.until.astimezone(UTC).isoformat(timespec="seconds") if showing.until else None
        body = json.dumps(asdict(showing) | {"until": until, "page": self._page}, ensure_ascii=False).encode()
        headers = {
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Expose-Headers": "Date, ETag, Last-Modified",
            guard.CROSS_ORIGIN: "cross-origin",
        }
        return self._versions.answer(request, body, "application/json", headers)

    async def style(self, request: web.Request) -> web.StreamResponse:
        """The page's style sheet; its address changes with its content."""
        return self._versions.answer(request, self._style, "text/css", _LASTING)

    async def script(self, request: web.Request) -> web.StreamResponse:
        """The page's script; its address changes with its content."""
        return self._versions.answer(request, self._script, "text/javascript", _LASTING)

    def _sign(self, request: web.Request) -> SignSettings:
        sign = self._signs.get(request.match_info["sign"])
        if sign is None:
            raise web.HTTPNotFound
        return sign

    async def _showing(self, sign: SignSettings) -> Showing:
        found = await self._board.standing()
        showing, withheld = shown(sign, found, self._desk.now(), self._pages.swedish)
        self._tell(withheld, sign)
        return showing

    def _tell(self, withheld: Standing | None, sign: SignSettings) -> None:
        """Once per message and sign, not each time a player asks."""
        mark = (sign.key, withheld.incident, withheld.number) if withheld else None
        if withheld and mark and mark not in self._withheld:
            self._withheld.add(mark)
            log.warning("row withheld", action="sign_row_withheld", sign=sign.key, incident=withheld.incident)

    def _values(self, sign: SignSettings, showing: Showing) -> dict[str, Any]:
        prefix = self._pages.prefix
        width = max([len(row) for row in showing.rows], default=1) * EM * WIDE
        height = max(1, len(showing.rows)) * EM * LINE
        return {
            "title": self._pages.swedish("web.sign.title", sign=sign.name),
            "rows": [(row, round(width / 2), round((n + 0.5) * EM * LINE)) for n, row in enumerate(showing.rows)],
            "width": round(width),
            "height": round(height),
            "style": f"{prefix}{STYLE}?v={self._page}",
            "script": f"{prefix}{SCRIPT}?v={self._page}",
            "source": f"{prefix}/skylt/{sign.key}.json",
            "version": self._page,
        }


_LASTING: Final = {"Cache-Control": "public, max-age=86400", guard.CROSS_ORIGIN: "cross-origin"}


async def allow(request: web.BaseRequest, response: web.StreamResponse) -> None:
    """The exception to the guard, for the signs alone; to be called after `guard.protect`."""
    if request.path.startswith(PLACE) and response.status in (200, 304):
        response.headers["Content-Security-Policy"] = POLICY


def shown(
    sign: SignSettings, found: Iterable[Standing], now: datetime, t: Speak
) -> tuple[Showing, Standing | None]:
    """What the sign shows, and the message of which a row had to be withheld, if any.

    One message: of several the most severe, then the newest. A drill only on a sign marked for drills,
    and never before what is real.
    """
    idle = harmless(_fitted(sign, sign.idle.splitlines()))
    on = [one for one in found if one.on(now) and one.rows.get(sign.key) and (sign.drill or not one.drill)]
    chosen = worst([one for one in on if not one.drill]) or worst(on)
    if chosen is None:
        return Showing(sign.key, False, idle, None, idle), None
    given = _fitted(sign, chosen.rows[sign.key])
    rows = _marked(harmless(given), t("web.sign.drill")) if chosen.drill else harmless(given)
    withheld = chosen if len(harmless(given)) < len(given) else None
    return Showing(sign.key, True, rows or idle, chosen.expires, idle), withheld


def _fitted(sign: SignSettings, rows: Iterable[str]) -> tuple[str, ...]:
    """One line each, in capitals where the sign has only those; empty ones are none."""
    clean = (" ".join(row.split()) for row in rows)
    return tuple(row.upper() if sign.upper else row for row in clean if row)


def _marked(rows: tuple[str, ...], word: str) -> tuple[str, ...]:
    """With the word for a drill on it, whatever the composer did."""
    return rows if any(word.casefold() in row.casefold() for row in rows) else (word, *rows)
