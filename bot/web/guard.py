"""What every answer carries, whatever it says: no script, no frames, nothing from elsewhere."""

from typing import Final

from aiohttp import web

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Server": "kanalvakt",  # which versions run here is nobody's business
}
# The register is meant to be read from other sites; nothing else is.
CROSS_ORIGIN: Final = "Cross-Origin-Resource-Policy"


async def protect(_request: web.BaseRequest, response: web.StreamResponse) -> None:
    """Set the headers just before they are sent, so that refusals have them too."""
    response.headers.update(HEADERS)
    response.headers.setdefault(CROSS_ORIGIN, "same-origin")
    response.headers.setdefault("Cache-Control", "no-store")
