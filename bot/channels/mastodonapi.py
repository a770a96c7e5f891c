"""Calls to a Mastodon server: the token, its errors, its pages, and the text of its HTML."""

import unicodedata
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from typing import Any, Final

import httpx

from bot.channels.errors import CannotLook, ChannelError, Refused, TokenDead, Unknown
from bot.channels.http import Http, json_of
from bot.channels.settings import ChannelSettings, Keyring

PAGE: Final = 40  # the most Mastodon gives at a time
PAGES: Final = 10  # so many pages are looked through, then it is too much to be sure


class Missing(Refused):
    """No such status (404), or no more (410)."""


class Api:
    """One account's connection."""

    def __init__(self, chosen: ChannelSettings, keyring: Keyring, *, timeout_s: float) -> None:
        self._chosen, self._keyring = chosen, keyring
        self._http = _MastodonHttp(chosen.api_url, timeout_s=timeout_s)

    async def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        """Ask with the token. Raises what Mastodon's refusals mean; for what is gone, Missing."""
        bearer = {"Authorization": f"Bearer {self._keyring.token(self._chosen)}"}
        headers = bearer | given.pop("headers", {})
        answer = await self._http.ask(method, path, headers=headers, **given)
        if answer.is_success:
            return answer
        raise _refusal(answer)

    async def read(self, path: str, **asked: Any) -> dict[str, Any]:
        """One object. Raises Unknown when it is none."""
        found = json_of(await self.ask("GET", path, params=asked))
        if not found:
            raise Unknown("an answer that is not Mastodon's")
        return found

    async def me(self) -> dict[str, Any]:
        """The account itself."""
        return json_of(await self.ask("GET", "/api/v1/accounts/verify_credentials"))

    async def own(self, since: datetime) -> AsyncIterator[dict[str, Any]]:
        """Own statuses since then, newest first. Raises CannotLook when there are too many."""
        me = await self.me()
        asked: dict[str, Any] = {"limit": PAGE, "exclude_reblogs": "true"}
        for _ in range(PAGES):
            page = listed(await self.ask("GET", f"/api/v1/accounts/{me.get('id')}/statuses", params=asked))
            for status in page:
                if made(status) >= since:
                    yield status
            if not page or made(page[-1]) < since:
                return
            asked["max_id"] = page[-1]["id"]
        raise CannotLook("too many statuses since then")

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()


class _MastodonHttp(Http):
    """Mastodon says in a header of its own, as a time of day, when one may come again."""

    def __init__(self, base_url: str, *, timeout_s: float) -> None:
        super().__init__(base_url, timeout_s=timeout_s)
        self._client.event_hooks = {"response": [_in_seconds]}


async def _in_seconds(answer: httpx.Response) -> None:
    """Write the time of day as Retry-After; by the server's clock, so ours need not agree."""
    if answer.status_code != 429 or "retry-after" in answer.headers:
        return
    try:
        until = datetime.fromisoformat(answer.headers["x-ratelimit-reset"])
        wait = until - parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError, TypeError):
        return
    answer.headers["retry-after"] = str(max(1.0, wait.total_seconds()))


def _refusal(answer: httpx.Response) -> ChannelError:
    said = json_of(answer)
    reason = str(said.get("error") or f"HTTP {answer.status_code}")
    detail = str(said.get("error_description") or "")
    match answer.status_code:
        case 401:
            return TokenDead(reason)
        case 404 | 410:
            return Missing(reason, detail)
        case _:
            return Refused(reason, detail)


def listed(answer: httpx.Response) -> list[dict[str, Any]]:
    """A page of statuses or notifications. Raises Unknown when it is none."""
    try:
        page = answer.json()
    except ValueError:
        raise Unknown("a page that is not JSON") from None
    if not isinstance(page, list):
        raise Unknown("a page that is no list")
    return page


def made(status: Mapping[str, Any]) -> datetime:
    """When the status was made (UTC). Raises Unknown when it does not say."""
    try:
        return datetime.fromisoformat(str(status["created_at"]))
    except (KeyError, ValueError):
        raise Unknown("a status without a time") from None


def address(status: Mapping[str, Any]) -> str:
    """Where people read it."""
    return str(status.get("url") or status.get("uri") or "")


def normal(text: str) -> str:
    """One spelling of a text, whatever happened to its white space on the way."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def plain(content: str) -> str:
    """The text of a status' HTML. Links are whole in it, though people see them shortened."""
    reader = _Reader()
    reader.feed(content)
    reader.close()
    return "".join(reader.parts)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("br", "p"):
            self.parts.append("\n")
