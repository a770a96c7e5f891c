"""Mastodon: statuses of the municipality's account, on whatever server it lives."""

import asyncio
import unicodedata
from collections.abc import AsyncIterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from typing import Annotated, Any, Final, Literal

import httpx
from pydantic import Field

from bot.channels.attaching import Source, nothing, tried
from bot.channels.errors import CannotLook, ChannelError, Gone, Refused, TokenDead, Unknown
from bot.channels.http import Http, json_of
from bot.channels.limits import LIMITS
from bot.channels.message import Message
from bot.channels.protocol import Can, Sent
from bot.channels.scheduled import Published
from bot.channels.settings import ChannelSettings, Keyring

PAGE: Final = 40  # the most Mastodon gives at a time
DESCRIPTION: Final = 1500  # characters of an alternative text
MEDIA_WAIT_S: Final = 0.5  # between two looks whether a picture has been read
PAGES: Final = 10  # so many pages are looked through, then it is too much to be sure


class MastodonSettings(ChannelSettings):
    """``api_url`` is the server, ``https://social.kommunen.example``: Mastodon has no address of its own.

    ``visibility``: "unlisted" keeps routine news out of the public timelines, "private" is for drills.
    """

    platform: Literal["mastodon"] = "mastodon"
    api_url: Annotated[str, Field(pattern=r"^https?://")]
    visibility: Literal["public", "unlisted", "private"] = "public"


class Mastodon:
    """One account. The picture goes along where that works; the text says it all without it.

    The delivery key goes along as Idempotency-Key, and the server gives the first status again for up
    to an hour. An outage may outlast that, so the channel does not call itself idempotent: after a lost
    answer the finder looks for the text first, and the key guards the try that follows.
    """

    can = frozenset({Can.PUBLISH, Can.UPDATE, Can.REMOVE, Can.FIND, Can.PING, Can.RECENT})
    idempotent = False
    lag = 1.0

    def __init__(
        self,
        chosen: MastodonSettings,
        keyring: Keyring,
        *,
        timeout_s: float = 9.0,
        pictures: Source = nothing,
    ) -> None:
        self.name = chosen.key
        self._chosen, self._keyring = chosen, keyring
        self._pictures, self._timeout_s = pictures, timeout_s
        self._http = _MastodonHttp(chosen.api_url, timeout_s=timeout_s)

    async def place(self, dest: str) -> str:
        """The account is the only place."""
        return dest

    async def send(self, place: str, thread: str | None, message: Message, key: str) -> Sent:
        """Publish, in reply to ``thread`` (a status id) where there is one."""
        self._chosen.admit(message)
        form = _form(message) | await self._media(message) | {"visibility": self._chosen.visibility}
        if thread:
            form["in_reply_to_id"] = thread
        answer = await self._ask("POST", "/api/v1/statuses", json=form, headers={"Idempotency-Key": key})
        status = json_of(answer)
        if "id" not in status:
            raise Unknown("an answer without a status")
        return _sent(status, place)

    async def update(self, place: str, remote: str, message: Message) -> None:
        """Edit the status; followers who shared it are told by the server. Raises Gone."""
        self._chosen.admit(message)
        form = _form(message) | await self._media(message)
        try:
            await self._ask("PUT", f"/api/v1/statuses/{remote}", json=form)
        except _Missing as missing:
            raise Gone(missing.reason) from None

    async def remove(self, place: str, remote: str) -> None:
        """Delete the status; one that is gone counts as deleted."""
        try:
            await self._ask("DELETE", f"/api/v1/statuses/{remote}")
        except _Missing:
            return

    async def find(
        self, place: str, thread: str | None, key: str, since: datetime, message: Message | None
    ) -> Sent | None:
        """Our own status with this text since then: Mastodon shows nobody the key it was given."""
        if message is None:
            raise CannotLook("no text to look for")
        wanted = normal(_words(message))
        async for status in self._own(since):
            if normal(plain(str(status.get("content") or ""))) == wanted:
                return _sent(status, place)
        return None

    async def recent(self, since: datetime) -> list[Published]:
        """The account's statuses since then, oldest first, without answers to others."""
        found = [_published(one) async for one in self._own(since) if not one.get("in_reply_to_id")]
        return sorted(found, key=lambda one: one.at)

    async def ping(self) -> str:
        """The account as others write it, ``@name``."""
        me = json_of(await self._ask("GET", "/api/v1/accounts/verify_credentials"))
        return f"@{me.get('acct', '')}"

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _media(self, message: Message) -> dict[str, Any]:
        """The picture's part of the form; nothing when there is none, or it cannot be uploaded."""
        if not message.image:
            return {}
        media = await tried(self._uploaded(message), self.name, self._timeout_s)
        return {"media_ids": [media]} if media else {}

    async def _uploaded(self, message: Message) -> str | None:
        """The id of the picture once the server has read it."""
        body = await self._pictures(message.image)
        if body is None:
            return None
        file, words = ("kris.jpg", body, "image/jpeg"), message.alt[:DESCRIPTION]
        answer = await self._ask("POST", "/api/v2/media", files={"file": file}, data={"description": words})
        media = str(json_of(answer).get("id") or "")
        while media and answer.status_code in (202, 206):
            await asyncio.sleep(MEDIA_WAIT_S)
            answer = await self._ask("GET", f"/api/v1/media/{media}")
        return media or None

    async def _own(self, since: datetime) -> AsyncIterator[dict[str, Any]]:
        """Own statuses since then, newest first. Raises CannotLook when there are too many."""
        me = json_of(await self._ask("GET", "/api/v1/accounts/verify_credentials"))
        asked: dict[str, Any] = {"limit": PAGE, "exclude_reblogs": "true"}
        for _ in range(PAGES):
            answer = await self._ask("GET", f"/api/v1/accounts/{me.get('id')}/statuses", params=asked)
            page = _statuses(answer)
            for status in page:
                if _made(status) >= since:
                    yield status
            if not page or _made(page[-1]) < since:
                return
            asked["max_id"] = page[-1]["id"]
        raise CannotLook("too many statuses since then")

    async def _ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        """Ask with the token. Raises what Mastodon's refusals mean; Gone things are _Missing."""
        bearer = {"Authorization": f"Bearer {self._keyring.token(self._chosen)}"}
        headers = bearer | given.pop("headers", {})
        answer = await self._http.ask(method, path, headers=headers, **given)
        if answer.is_success:
            return answer
        raise _refusal(answer)


class _Missing(Refused):
    """No such status (404), or no more (410)."""


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
            return _Missing(reason, detail)
        case _:
            return Refused(reason, detail)


def _statuses(answer: httpx.Response) -> list[dict[str, Any]]:
    """A page of statuses. Raises Unknown when it is none."""
    try:
        page = answer.json()
    except ValueError:
        raise Unknown("a page that is not JSON") from None
    if not isinstance(page, list):
        raise Unknown("a page that is no list")
    return page


def _made(status: dict[str, Any]) -> datetime:
    """When the status was made (UTC). Raises Unknown when it does not say."""
    try:
        return datetime.fromisoformat(str(status["created_at"]))
    except (KeyError, ValueError):
        raise Unknown("a status without a time") from None


def _published(status: dict[str, Any]) -> Published:
    text = " ".join(plain(str(status.get("content") or "")).split())
    return Published(str(status["id"]), text, _made(status), str(status.get("url") or status.get("uri") or ""))


def _sent(status: dict[str, Any], place: str) -> Sent:
    return Sent(str(status["id"]), place, str(status.get("url") or status.get("uri") or ""))


def _form(message: Message) -> dict[str, Any]:
    return {"status": _words(message), "language": message.language.partition("-")[0]}


def _words(message: Message) -> str:
    """The text, with the link at its end where the text does not have it and there is room."""
    linked, room = f"{message.text}\n\n{message.link}", LIMITS["mastodon"]
    fits = message.link and message.link not in message.text and room.weigh(linked) <= room.characters
    return linked if fits else message.text


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
