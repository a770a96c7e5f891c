"""Bluesky: posts in the municipality's repository, by app password."""

import asyncio
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated, Any, Final, Literal

import httpx
from pydantic import Field

from bot.channels.attaching import Source, nothing, tried
from bot.channels.errors import CannotLook, ChannelError, NotSent, Refused, TokenDead, Unknown
from bot.channels.http import Http, json_of
from bot.channels.message import Message
from bot.channels.picture import HEIGHT, WIDTH
from bot.channels.protocol import Can, Sent
from bot.channels.scheduled import Published
from bot.channels.settings import ChannelSettings, Keyring, Text

POST: Final = "app.bsky.feed.post"
SERVER, REPO = "com.atproto.server", "com.atproto.repo"
STALE: Final = frozenset({"ExpiredToken", "InvalidToken"})  # these come as HTTP 400
DEAD: Final = frozenset({"AccountTakedown", "AccountDeactivated", "AuthFactorTokenRequired", "AuthMissing"})
LARGEST: Final = 2_000_000  # bytes of a picture
PAGE: Final = 100  # the most Bluesky gives at a time
PAGES: Final = 5
_LINK: Final = re.compile(r"https?://[^\s<>\"]+")
_SORTED32: Final = "234567abcdefghijklmnopqrstuvwxyz"
_EPOCH_US: Final = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
Address = Annotated[str, Field(pattern=r"^https?://")]


class BlueskySettings(ChannelSettings):
    """``identifier`` is the account's handle; the token is an app password, not the account's own.

    ``site_url`` is where people read the posts.
    """

    platform: Literal["bluesky"] = "bluesky"
    api_url: Address = "https://bsky.social"
    site_url: Address = "https://bsky.app"
    identifier: Text


class Bluesky:
    """One account. Posts cannot be edited. The picture goes along where that works.

    A post's name (rkey) is made from the delivery key and written with ``swapRecord: null``, that is,
    only if there is none of that name. So sending again changes nothing, not even the time on the post.
    """

    can = frozenset({Can.PUBLISH, Can.REMOVE, Can.FIND, Can.PING, Can.RECENT})
    idempotent = True
    lag = 0.0

    def __init__(
        self,
        chosen: BlueskySettings,
        keyring: Keyring,
        *,
        timeout_s: float = 9.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        pictures: Source = nothing,
    ) -> None:
        self.name = chosen.key
        self._chosen, self._now = chosen, now
        self._pictures, self._timeout_s = pictures, timeout_s
        self._http = _BlueskyHttp(chosen.api_url, timeout_s=timeout_s)
        self._login = _Login(self._http, chosen, keyring)

    async def place(self, dest: str) -> str:
        """The account is the only place."""
        return dest

    async def send(self, place: str, thread: str | None, message: Message, key: str) -> Sent:
        """Publish, in reply to ``thread`` (an at:// address) where there is one."""
        self._chosen.admit(message)
        record = _record(message, self._now())
        if thread:
            record["reply"] = await self._reply(thread)
        if picture := await self._picture(message, record):
            record["embed"] = picture
        did = (await self._login.session()).did
        form = {"repo": did, "collection": POST, "rkey": rkey(key), "record": record, "swapRecord": None}
        try:
            stored = await self._ask("POST", f"{REPO}.putRecord", json=form)
        except _AlreadyThere:
            return self._sent(did, rkey(key), place)
        if "uri" not in stored:
            raise Unknown("an answer without an address")
        return self._sent(did, rkey(key), place)

    async def update(self, place: str, remote: str, message: Message) -> None:
        """Refused: nobody's app shows a changed post."""
        raise Refused("cannot_edit")

    async def remove(self, place: str, remote: str) -> None:
        """Delete the post; Bluesky says yes to what is gone, too."""
        did = (await self._login.session()).did
        name = remote.rpartition("/")[2]
        await self._ask("POST", f"{REPO}.deleteRecord", json={"repo": did, "collection": POST, "rkey": name})

    async def find(
        self, place: str, thread: str | None, key: str, since: datetime, message: Message | None
    ) -> Sent | None:
        """The post with the name that the key gives."""
        did = (await self._login.session()).did
        found = await self._get(did, rkey(key))
        return self._sent(did, rkey(key), place) if found else None

    async def recent(self, since: datetime) -> list[Published]:
        """The account's posts since then, oldest first, without answers to others.

        They are listed by name, which begins with the time. Raises CannotLook when there are too many.
        """
        did, found, cursor = (await self._login.session()).did, list[Published](), None
        for _ in range(PAGES):
            asked = {"repo": did, "collection": POST, "limit": PAGE} | ({"cursor": cursor} if cursor else {})
            page = await self._ask("GET", f"{REPO}.listRecords", params=asked)
            records = [self._published(did, one) for one in page.get("records") or ()]
            fresh = [one for one in records if one and one.at >= since]
            found += fresh
            cursor = page.get("cursor")
            if not cursor or not fresh:
                return sorted(found, key=lambda one: one.at)
        raise CannotLook("too many posts since then")

    def _published(self, did: str, record: dict[str, Any]) -> Published | None:
        """None for an answer to somebody, and for what is no post as others make them."""
        value = record.get("value") or {}
        try:
            at = datetime.fromisoformat(str(value["createdAt"]))
        except (KeyError, ValueError):
            return None
        if value.get("reply") or at.tzinfo is None:
            return None
        sent = self._sent(did, str(record.get("uri", "")).rpartition("/")[2], self.name)
        return Published(sent.remote, str(value.get("text") or ""), at, sent.link)

    async def ping(self) -> str:
        """The account's handle, ``@name``."""
        me = await self._ask("GET", f"{SERVER}.getSession")
        return f"@{me.get('handle', '')}"

    async def close(self) -> None:
        """Close the connections; the session is forgotten with them."""
        await self._http.close()

    def _sent(self, did: str, name: str, place: str) -> Sent:
        link = f"{self._chosen.site_url.rstrip('/')}/profile/{did}/post/{name}"
        return Sent(f"at://{did}/{POST}/{name}", place, link)

    async def _reply(self, thread: str) -> dict[str, Any]:
        """Parent and root of a reply. Raises Refused when there is nothing to reply to."""
        did, _, name = thread.removeprefix("at://").partition(f"/{POST}/")
        found = await self._get(did, name)
        if found is None:
            raise Refused("no_parent")
        parent = {"uri": found.get("uri"), "cid": found.get("cid")}
        upwards = (found.get("value") or {}).get("reply") or {}
        return {"root": upwards.get("root", parent), "parent": parent}

    async def _picture(self, message: Message, record: dict[str, Any]) -> dict[str, Any] | None:
        """The picture as it is embedded. A link that the text lacks takes the place: there is only one."""
        if not message.image or "embed" in record:
            return None
        return await tried(self._uploaded(message), self.name, self._timeout_s)

    async def _uploaded(self, message: Message) -> dict[str, Any] | None:
        body = await self._pictures(message.image)
        if body is None or len(body) > LARGEST:
            return None
        stored = await self._ask("POST", f"{REPO}.uploadBlob", kind="image/jpeg", content=body)
        if not isinstance(stored.get("blob"), dict):
            return None
        shown = {"alt": message.alt, "image": stored["blob"], "aspectRatio": {"width": WIDTH, "height": HEIGHT}}
        return {"$type": "app.bsky.embed.images", "images": [shown]}

    async def _get(self, did: str, name: str) -> dict[str, Any] | None:
        asked = {"repo": did, "collection": POST, "rkey": name}
        try:
            return await self._ask("GET", f"{REPO}.getRecord", params=asked)
        except _NoRecord:
            return None

    async def _ask(self, method: str, call: str, *, kind: str = "", **given: Any) -> dict[str, Any]:
        """Ask with the session, a second time with a fresh one when the first is stale.

        ``kind``: the media type of a ``content`` that is not JSON.
        """
        more = {"Content-Type": kind} if kind else {}
        session = await self._login.session()
        headers = _bearer(session.access) | more
        answer = await self._http.ask(method, f"/xrpc/{call}", headers=headers, **given)
        if _word(answer) in STALE:
            session = await self._login.renew(session)
            headers = _bearer(session.access) | more
            answer = await self._http.ask(method, f"/xrpc/{call}", headers=headers, **given)
        if answer.is_success:
            return json_of(answer)
        raise _refusal(answer)


@dataclass(frozen=True)
class _Session:
    did: str
    access: str  # lasts two hours
    refresh: str  # good for one renewal


class _Login:
    """The session: opened when first needed, kept in memory only, renewed by one caller at a time."""

    def __init__(self, http: Http, chosen: BlueskySettings, keyring: Keyring) -> None:
        self._http, self._chosen, self._keyring = http, chosen, keyring
        self._lock = asyncio.Lock()
        self._session: _Session | None = None

    async def session(self) -> _Session:
        """The session as it is. Raises TokenDead when the app password is not taken."""
        async with self._lock:
            if self._session is None:
                self._session = await self._open()
            return self._session

    async def renew(self, stale: _Session) -> _Session:
        """A session other than the stale one; whoever waited for another's renewal gets that."""
        async with self._lock:
            if self._session is None or self._session is stale:
                self._session = None
                self._session = await self._refreshed(stale) or await self._open()
            return self._session

    async def _open(self) -> _Session:
        password = self._keyring.token(self._chosen)
        answer = await self._asked("createSession", json=_credentials(self._chosen.identifier, password))
        if not answer.is_success:
            raise _refusal(answer)
        return _session(answer)

    async def _refreshed(self, stale: _Session) -> _Session | None:
        """None when the renewal itself has run out: then the app password opens a new session."""
        answer = await self._asked("refreshSession", headers=_bearer(stale.refresh))
        return _session(answer) if answer.is_success else None

    async def _asked(self, call: str, **given: Any) -> httpx.Response:
        try:
            return await self._http.ask("POST", f"/xrpc/{SERVER}.{call}", **given)
        except Unknown as lost:  # of the session; what was to be sent with it surely was not
            raise NotSent(f"{call}: {lost}") from None


class _AlreadyThere(Refused):
    """A record of that name stands there, with another content or time."""


class _NoRecord(Refused):
    """No record of that name."""


class _BlueskyHttp(Http):
    """Bluesky says in a header of its own, in seconds since 1970, when one may come again."""

    def __init__(self, base_url: str, *, timeout_s: float) -> None:
        super().__init__(base_url, timeout_s=timeout_s)
        self._client.event_hooks = {"response": [_in_seconds]}


async def _in_seconds(answer: httpx.Response) -> None:
    """Write the time of day as Retry-After; by the server's clock, so ours need not agree."""
    if answer.status_code != 429 or "retry-after" in answer.headers:
        return
    try:
        wait = float(answer.headers["ratelimit-reset"])
        wait -= parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return
    answer.headers["retry-after"] = str(max(1.0, wait))


def rkey(key: str) -> str:
    """The post's name: 13 characters that read as a time stamp between 2020 and 2024, always the same.

    The stamp lies in the past, for servers may refuse one from the future; 57 bits of the key's hash
    keep two keys apart.
    """
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) >> 7
    number += _EPOCH_US << 10  # the last ten bits are the clock's number
    return "".join(_SORTED32[number >> shift & 31] for shift in range(60, -1, -5))


def links(text: str) -> list[dict[str, Any]]:
    """Facets for the addresses in a text: Bluesky finds none itself, and counts in UTF-8 bytes."""
    return [_facet(text, found) for found in _LINK.finditer(text)]


def _facet(text: str, found: re.Match[str]) -> dict[str, Any]:
    url = found[0].rstrip(".,;:!?'”’»")
    if "(" not in url:
        url = url.rstrip(").,;:!?")
    start = len(text[: found.start()].encode())
    return {
        "index": {"byteStart": start, "byteEnd": start + len(url.encode())},
        "features": [{"$type": "app.bsky.richtext.facet#link", "uri": url}],
    }


def _record(message: Message, now: datetime) -> dict[str, Any]:
    record: dict[str, Any] = {
        "$type": POST,
        "text": message.text,
        "createdAt": now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "langs": [message.language],
    }
    if facets := links(message.text):
        record["facets"] = facets
    if message.link and message.link not in message.text:
        card = {"uri": message.link, "title": message.title or message.link, "description": ""}
        record["embed"] = {"$type": "app.bsky.embed.external", "external": card}
    return record


def _session(answer: httpx.Response) -> _Session:
    """The session in an answer. Raises TokenDead when the account may not be used."""
    given = json_of(answer)
    if given.get("active") is False:
        raise TokenDead(str(given.get("status") or "inactive"))
    try:
        return _Session(given["did"], given["accessJwt"], given["refreshJwt"])
    except KeyError as missing:
        raise NotSent(f"a session without {missing}") from None


def _refusal(answer: httpx.Response) -> ChannelError:
    word, said = _word(answer), str(json_of(answer).get("message") or "")
    if answer.status_code == 401 or word in STALE | DEAD:
        return TokenDead(word or "HTTP 401")
    if word == "InvalidSwap":
        return _AlreadyThere(word)
    if word == "RecordNotFound" or said.startswith("Could not locate record"):
        return _NoRecord(word)
    return Refused(word or f"HTTP {answer.status_code}", said)


def _word(answer: httpx.Response) -> str:
    return "" if answer.is_success else str(json_of(answer).get("error") or "")


def _credentials(identifier: str, password: str) -> dict[str, str]:
    return {"identifier": identifier, "password": password}


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
