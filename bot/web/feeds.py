"""The public feeds: Atom for readers and other sites, CAP 1.2 for signs and for who gathers warnings.

`/feeds/kris.cap` is the one message that matters most now, and empty when nothing is on: systems that
show CAP take even a Cancel for an alert. `/feeds/kris-{incident}.cap` is an incident's newest message,
its Cancel too; the Atom feed leads there. Drills stand in none of them.
"""

from datetime import datetime
from typing import Final
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import ZONE
from bot.crisis.standing import Board, LastKnown, Standing, worst
from bot.desk import Desk
from bot.texts import Texts, language_of
from bot.web import cap, guard
from bot.web.conditional import Versions
from bot.web.markup import document, moment, put

ATOM: Final = "http://www.w3.org/2005/Atom"
BORN: Final = "2026-01-01"  # a day on which the municipality had its address; part of every name, never changed
BEGINNING: Final = datetime(2026, 1, 1, tzinfo=ZONE)  # when a feed without entries last changed
HEADERS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Last-Modified",
    "Cache-Control": "public, max-age=30",
    guard.CROSS_ORIGIN: "cross-origin",
}


class Feeds:
    """Both feeds. ``board`` says what stands; ``code`` is the municipality's, four digits by Statistics Sweden."""

    def __init__(self, desk: Desk, texts: Texts, board: Board, code: str = "") -> None:
        self._desk, self._texts = desk, texts
        self._board = LastKnown(board)
        self._versions = Versions(desk.now)
        town = desk.settings.municipality
        self._host = urlsplit(town.website).hostname or "localhost"
        self._issuer = cap.Issuer(self._host, town.name, town.contact, texts.language("sv")("web.feed.event"), code)

    def mount(self, router: web.UrlDispatcher) -> None:
        """Where they stand."""
        router.add_get("/feeds/kris.atom", self.atom)
        router.add_get("/feeds/kris.cap", self.cap)
        router.add_get(r"/feeds/kris-{incident:\d{1,9}}.cap", self.cap_of)

    async def atom(self, request: web.Request) -> web.StreamResponse:
        """An entry for each incident, newest first; what has ended says so and stays."""
        body = document(self._feed(await self._public()))
        return self._versions.answer(request, body, "application/atom+xml", HEADERS)

    async def cap(self, request: web.Request) -> web.StreamResponse:
        """One bare alert, or an empty body."""
        now = self._desk.now()
        on = [one for one in await self._public() if one.on(now)]
        chosen = worst(on)
        same = [one for one in on if chosen and one.incident == chosen.incident]
        return self._alert(request, same)

    async def cap_of(self, request: web.Request) -> web.StreamResponse:
        """An incident's newest message. 404 for one that the feed does not have."""
        incident = int(request.match_info["incident"])
        found = [one for one in await self._public() if one.incident == incident]
        if not found:
            raise web.HTTPNotFound
        return self._alert(request, found)

    async def _public(self) -> list[Standing]:
        """What stands, without drills. 503 when nobody knows."""
        try:
            found = await self._board.standing()
        except (SQLAlchemyError, OSError):
            raise web.HTTPServiceUnavailable(headers={"Retry-After": "30"}) from None
        return [one for one in found if not one.drill]

    def _alert(self, request: web.Request, found: list[Standing]) -> web.StreamResponse:
        newest = max((one.number for one in found), default=0)
        infos = [one for one in found if one.number == newest]
        body = document(cap.alert(self._issuer, infos)) if infos else b""
        return self._versions.answer(request, body, "application/cap+xml", HEADERS)

    def _feed(self, found: list[Standing]) -> Element:
        speak, base = self._texts.language("sv"), self._desk.public_url.rstrip("/")
        town = self._desk.settings.municipality
        feed = Element("feed", {"xmlns": ATOM, "xml:lang": "sv"})
        put(feed, "id", self._name("kris"))
        put(feed, "title", speak("web.feed.title", municipality=town.name))
        put(feed, "subtitle", speak("web.feed.subtitle"))
        put(feed, "updated", moment(max((self._updated(one) for one in found), default=BEGINNING)))
        put(put(feed, "author"), "name", town.name)
        put(feed, "link", rel="self", href=f"{base}/feeds/kris.atom", type="application/atom+xml")
        put(feed, "link", rel="alternate", href=town.website, type="text/html")
        for one in sorted(found, key=lambda one: (self._updated(one), one.incident), reverse=True):
            self._entry(feed, one)
        return feed

    def _entry(self, feed: Element, one: Standing) -> None:
        town, base = self._desk.settings.municipality, self._desk.public_url.rstrip("/")
        suffix = "" if one.language == "sv" else f"/{one.language}"
        entry = put(feed, "entry", **{"xml:lang": one.language})
        put(entry, "id", self._name(f"kris/{one.incident}{suffix}"))
        put(entry, "title", self._title(one))
        put(entry, "published", moment(one.first_sent))
        put(entry, "updated", moment(self._updated(one)))
        put(entry, "link", rel="alternate", href=one.link or town.website, type="text/html")
        put(entry, "link", rel="related", href=f"{base}/feeds/kris-{one.incident}.cap", type="application/cap+xml")
        put(entry, "category", term="over" if one.over else one.kind)
        put(entry, "content", "\n\n".join(part for part in (one.text, one.advice, one.area) if part), type="text")

    def _updated(self, one: Standing) -> datetime:
        """When what the entry says last changed: it also does when its time runs out."""
        past = not one.over and not one.on(self._desk.now())
        return one.expires if past and one.expires else one.sent

    def _title(self, one: Standing) -> str:
        speak = self._texts.language(language_of(one.language))
        headline = one.headline or one.event
        if one.over:
            return speak("web.feed.over", headline=headline)
        if not one.on(self._desk.now()):
            return speak("web.feed.past", headline=headline)
        return headline

    def _name(self, what: str) -> str:
        """A name that is never given to anything else (RFC 4151)."""
        return f"tag:{self._host},{BORN}:{what}"
