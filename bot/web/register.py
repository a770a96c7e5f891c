"""The public register: which accounts are the municipality's own. A page, JSON, and CSV.

No person stands in it. `/register.json` is a list of objects with exactly the keys ``name``,
``platform``, ``address``, ``purpose`` and ``unit``, all of them text, by unit, platform and name; keys
may be added later, never renamed.
"""

import json
import unicodedata
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Final
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from bot import spreadsheet
from bot.accounts import register
from bot.accounts.register import Line
from bot.desk import Desk
from bot.settings import Municipality
from bot.texts import Speak
from bot.web import guard
from bot.web.conditional import Versions
from bot.web.pages import Pages, Voice

COLUMNS: Final = ("name", "platform", "address", "purpose", "unit")
LONGEST_SEARCH: Final = 100


@dataclass(frozen=True)
class Shown:
    """An account on the page. ``link`` only for web addresses; ``address`` as people write it."""

    line: Line
    link: str | None

    @property
    def address(self) -> str:
        """Without what every address begins with."""
        return self.line.address.removeprefix("https://").removeprefix("http://").rstrip("/")


@dataclass(frozen=True)
class Section:
    """A unit and its accounts."""

    unit: str
    anchor: str
    accounts: list[Shown]


class Register:
    """The register's three faces."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self._desk, self._pages = desk, pages
        self._versions = Versions(desk.now)

    def mount(self, router: web.UrlDispatcher) -> None:
        """Where they stand."""
        router.add_get("/register", self.page)
        router.add_get("/register.json", self.json)
        router.add_get("/register.csv", self.csv)

    async def page(self, request: web.Request) -> web.StreamResponse:
        """For people: by unit, with a search that needs no script."""
        voice = self._pages.voice(request)
        everything = await register.lines(self._desk)
        q = " ".join(request.query.get("q", "")[:LONGEST_SEARCH].split())
        found = [line for line in everything if matches(line, q)]
        page = self._pages.render(
            "register.html",
            voice,
            q=q,
            said=_said(voice.speak, q, len(found), len(everything)),
            sections=sections(found),
            words=_words(voice, self._desk.settings.municipality),
            switch=_address("/register", lang=voice.other, q=q),
            lang=request.query.get("lang", ""),
        )
        headers = {"Content-Language": voice.speak.language, "Vary": "Accept-Language"}
        return self._versions.answer(request, page.encode(), "text/html", headers)

    async def json(self, request: web.Request) -> web.StreamResponse:
        """For programs, on any site."""
        lines = [asdict(line) for line in await register.lines(self._desk)]
        body = json.dumps(lines, ensure_ascii=False, indent=1).encode()
        headers = {
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Expose-Headers": "ETag, Last-Modified",
            guard.CROSS_ORIGIN: "cross-origin",
        }
        return self._versions.answer(request, body, "application/json", headers)

    async def csv(self, request: web.Request) -> web.StreamResponse:
        """For a spreadsheet as Swedes have it: semicolons and a byte order mark."""
        voice = self._pages.voice(request)
        speak = voice.speak if request.query.get("lang") else self._pages.swedish
        body = in_columns(speak, await register.lines(self._desk))
        headers = {"Content-Disposition": 'attachment; filename="register.csv"'}
        return self._versions.answer(request, body, "text/csv", headers)


def matches(line: Line, q: str) -> bool:
    """Whether every word of the search stands somewhere in the line, whatever its case and accents."""
    text = _folded(" ".join(getattr(line, column) for column in COLUMNS))
    return all(word in text for word in _folded(q).split())


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def sections(lines: list[Line]) -> list[Section]:
    """The accounts by unit; the lines come sorted."""
    grouped = groupby(lines, key=lambda line: line.unit)
    return [
        Section(unit, f"u{number}", [Shown(line, web_address(line.address)) for line in group])
        for number, (unit, group) in enumerate(grouped, 1)
    ]


def web_address(address: str) -> str | None:
    """The address if a browser may be sent there, else None."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in ("http", "https") and parts.hostname else None


def in_columns(t: Speak, lines: list[Line]) -> bytes:
    """The lines as CSV, with a byte order mark."""
    heading = [t(f"web.column.{column}") for column in COLUMNS]
    rows = ([getattr(line, column) for column in COLUMNS] for line in lines)
    return spreadsheet.text(heading, rows).encode("utf-8-sig")


def _said(t: Speak, q: str, found: int, everything: int) -> str:
    """How many accounts there are, or were found."""
    if not everything:
        return t("web.empty")
    if not q:
        return t.n("web.count", everything)
    if not found:
        return t("web.nothing", q=q)
    return t.n("web.found", found, q=q)


def _words(voice: Voice, town: Municipality) -> dict[str, str]:
    """The page's texts, by what they are for."""
    t = voice.speak
    return {
        "title": t("web.title", municipality=town.name),
        "intro": t("register.intro", contact=town.contact),
        "report": t("register.report", contact=town.contact),
        "records": t("register.records", url=town.records_url),
        "search": t("web.search.label"),
        "go": t("web.search.go"),
        "all": t("web.search.all"),
        "units": t("web.units"),
        "about": t("web.about"),
        "data": t("web.data"),
    }


def _address(path: str, **values: str) -> str:
    return f"{path}?{urlencode({name: value for name, value in values.items() if value})}"
