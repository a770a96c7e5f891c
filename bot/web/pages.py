"""Pages: templates, the visitor's language, the style sheet, and a friendly word when something fails."""

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.desk import Desk
from bot.texts import Language, Speak, Texts
from bot.web import language
from bot.web.conditional import Versions

log = structlog.get_logger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
STYLE: Final = "/static/style.css"
# The refusals that have words of their own; any other is told as "bad".
SPOKEN: Final = {404: "missing", 405: "method", 413: "large"}


@dataclass(frozen=True)
class Voice:
    """What every page needs: its language, the other one, and where things are."""

    speak: Speak
    other: Language
    prefix: str
    style: str
    municipality: str
    website: str
    accessibility_url: str | None
    words: Mapping[str, str]


class Pages:
    """Renders templates. Everything a person wrote is escaped by the template engine."""

    def __init__(self, desk: Desk, texts: Texts, accessibility_url: str | None = None) -> None:
        self._texts = texts
        self._town = desk.settings.municipality
        self._accessibility_url = accessibility_url
        self._jinja = Environment(
            loader=PackageLoader("bot", "web/templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._style = resources.files("bot").joinpath("web/static/style.css").read_bytes()
        self._versions = Versions(desk.now)
        self.prefix = urlsplit(desk.public_url).path.rstrip("/")

    def mount(self, router: web.UrlDispatcher) -> None:
        """The style sheet, and the way from the bare address to the register."""
        router.add_get(STYLE, self.style)
        router.add_get("/", self.home)

    @property
    def swedish(self) -> Speak:
        """The voice of what has no visitor's language."""
        return self._texts.language("sv")

    def voice(self, request: web.BaseRequest) -> Voice:
        """The page's language and surroundings for this visitor."""
        chosen = language.of_request(request)
        speak = self._texts.language(chosen)
        return Voice(
            speak,
            "sv" if chosen == "en" else "en",
            self.prefix,
            f"{self.prefix}{STYLE}?v={hashlib.sha256(self._style).hexdigest()[:12]}",
            self._town.name,
            self._town.website,
            self._accessibility_url,
            _furniture(speak),
        )

    def render(self, template: str, voice: Voice, **values: Any) -> str:
        """A template as text."""
        return self._jinja.get_template(template).render(voice=voice, t=voice.speak, **values)

    def asset(self, name: str) -> bytes:
        """A file of the static folder."""
        return resources.files("bot").joinpath(f"web/static/{name}").read_bytes()

    async def style(self, request: web.Request) -> web.StreamResponse:
        """The style sheet; its address changes with its content."""
        headers = {"Cache-Control": "public, max-age=86400"}
        return self._versions.answer(request, self._style, "text/css", headers)

    async def home(self, _request: web.Request) -> web.StreamResponse:
        """There is no start page: the register is what people come for."""
        raise web.HTTPFound(f"{self.prefix}/register")

    @web.middleware
    async def friendly(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The boundary of the web room: every failure becomes a plain page or a plain JSON answer."""
        try:
            return await handler(request)
        except web.HTTPException as answer:
            if answer.status < 400:
                raise
            return self._refusal(request, answer)
        except Exception as error:  # noqa: BLE001  # the boundary
            return self._failure(request, error)

    def _refusal(self, request: web.Request, answer: web.HTTPException) -> web.StreamResponse:
        kept = {name: answer.headers[name] for name in ("Allow", "Retry-After") if name in answer.headers}
        return self._trouble(request, answer.status, SPOKEN.get(answer.status, "bad"), kept)

    def _failure(self, request: web.Request, error: Exception) -> web.StreamResponse:
        reference = secrets.token_hex(3).upper()
        log.error("page failed", action="page_failed", path=request.path, ref=reference, exc_info=error)
        return self._trouble(request, 500, "failed", {}, ref=reference)

    def _trouble(
        self, request: web.Request, status: int, name: str, headers: dict[str, str], ref: str = ""
    ) -> web.StreamResponse:
        voice = self.voice(request)
        title = voice.speak(f"web.{name}.title")
        sentence = voice.speak(f"web.{name}.text", ref=ref, contact=self._town.contact)
        if not _wants_page(request):
            body = {"error": name, "sentence": sentence} | ({"ref": ref} if ref else {})
            return web.json_response(body, status=status, headers=headers)
        page = self.render("trouble.html", voice, title=title, sentence=sentence)
        return web.Response(text=page, status=status, content_type="text/html", headers=headers)


def _furniture(t: Speak) -> dict[str, str]:
    """The texts around every page."""
    return {
        "skip": t("web.skip"),
        "switch": t("web.switch"),
        "home": t("web.home"),
        "accessibility": t("web.accessibility"),
    }


def _wants_page(request: web.Request) -> bool:
    """A person in a browser rather than a program."""
    return request.method in ("GET", "HEAD") and "text/html" in request.headers.get("Accept", "")
