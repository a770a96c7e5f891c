"""Which language a visitor reads: as asked for, else as the browser says, else Swedish."""

import re

from aiohttp import web

from bot.texts import Language, language_of

_RANGE = re.compile(r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?")
LONGEST = 500


def of_request(request: web.BaseRequest) -> Language:
    """``?lang=`` goes before Accept-Language."""
    match request.query.get("lang"):
        case "sv":
            return "sv"
        case "en":
            return "en"
    return of_header(request.headers.get("Accept-Language", ""))


def of_header(header: str) -> Language:
    """The language of the most wanted range; what cannot be read is passed over."""
    wanted = [found for part in header[:LONGEST].split(",") if (found := _RANGE.fullmatch(part))]
    best = max(wanted, key=lambda found: float(found[2] or 1), default=None)
    if best is None or float(best[2] or 1) == 0:
        return "sv"
    return language_of(best[1])
