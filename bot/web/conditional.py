"""Conditional answers: whoever has the page already is told so, with ETag and Last-Modified."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from aiohttp import web

REMEMBERED: Final = 200  # addresses; searches come and go


class Versions:
    """Remembers since when each address has had its present content.

    The content is made from the database each time, so this is when this process first saw it: never
    earlier than the change itself, which is all that a comparison needs. ``now`` gives aware UTC.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._seen: OrderedDict[str, tuple[str, datetime]] = OrderedDict()

    def answer(
        self, request: web.Request, body: bytes, content_type: str, headers: Mapping[str, str]
    ) -> web.Response:
        """The body, or 304 when the visitor has it."""
        digest = hashlib.sha256(body).hexdigest()[:32]
        since = self._since(f"{request.path_qs} {content_type} {headers.get('Content-Language')}", digest)
        fresh = _has(request, digest, since)
        response = web.Response(status=304) if fresh else web.Response(body=body)
        if not fresh:
            response.content_type, response.charset = content_type, "utf-8"
        response.etag, response.last_modified = digest, since
        response.headers.update({"Cache-Control": "no-cache", **headers})
        return response

    def _since(self, address: str, digest: str) -> datetime:
        known = self._seen.get(address)
        if known is None or known[0] != digest:
            self._seen[address] = (digest, self._changed(known))
        self._seen.move_to_end(address)
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return self._seen[address][1]

    def _changed(self, known: tuple[str, datetime] | None) -> datetime:
        """Now, in the whole seconds that HTTP knows; later than the change before it."""
        now = self._now().astimezone(UTC).replace(microsecond=0)
        return now if known is None else max(now, known[1] + timedelta(seconds=1))


def _has(request: web.Request, digest: str, since: datetime) -> bool:
    """Whether the visitor's copy is the present one; the tag goes before the date (RFC 9110 § 13)."""
    tags = request.if_none_match
    if tags is not None:
        return any(tag.value in (digest, "*") for tag in tags)
    when = request.if_modified_since
    return when is not None and since <= when
