"""Bluesky: posts in the municipality's repository, by app password."""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, Literal

from bot.channels.attaching import Source, nothing, tried
from bot.channels.blueskyapi import REPO, SERVER, Account, Address, AlreadyThere, Api, NoRecord
from bot.channels.errors import CannotLook, Refused, Unknown
from bot.channels.message import Message
from bot.channels.picture import HEIGHT, WIDTH
from bot.channels.protocol import Can, Sent
from bot.channels.scheduled import Published
from bot.channels.settings import Keyring

POST: Final = "app.bsky.feed.post"
LARGEST: Final = 2_000_000  # bytes of a picture
PAGE: Final = 100  # the most Bluesky gives at a time
PAGES: Final = 5
_LINK: Final = re.compile(r"https?://[^\s<>\"]+")
_SORTED32: Final = "234567abcdefghijklmnopqrstuvwxyz"
_EPOCH_US: Final = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000


class BlueskySettings(Account):
    """``site_url`` is where people read the posts."""

    platform: Literal["bluesky"] = "bluesky"
    site_url: Address = "https://bsky.app"


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
        self._api = Api(chosen, keyring, timeout_s=timeout_s)

    async def place(self, dest: str) -> str:
        """The account is the only place."""
        return dest

    async def send(self, place: str, thread: str | None, message: Message, key: str) -> Sent:
        """Publish, in reply to ``thread`` (an at:// address) where there is one."""
        self._chosen.admit(message)
        record = record_of(message, self._now())
        if thread:
            record["reply"] = await self._reply(thread)
        if picture := await self._picture(message, record):
            record["embed"] = picture
        did = (await self._api.session()).did
        form = {"repo": did, "collection": POST, "rkey": rkey(key), "record": record, "swapRecord": None}
        try:
            stored = await self._api.ask("POST", f"{REPO}.putRecord", json=form)
        except AlreadyThere:
            return self._sent(did, rkey(key), place)
        if "uri" not in stored:
            raise Unknown("an answer without an address")
        return self._sent(did, rkey(key), place)

    async def update(self, place: str, remote: str, message: Message) -> None:
        """Refused: nobody's app shows a changed post."""
        raise Refused("cannot_edit")

    async def remove(self, place: str, remote: str) -> None:
        """Delete the post; Bluesky says yes to what is gone, too."""
        did = (await self._api.session()).did
        name = remote.rpartition("/")[2]
        await self._api.ask("POST", f"{REPO}.deleteRecord", json={"repo": did, "collection": POST, "rkey": name})

    async def find(
        self, place: str, thread: str | None, key: str, since: datetime, message: Message | None
    ) -> Sent | None:
        """The post with the name that the key gives."""
        did = (await self._api.session()).did
        found = await self._get(did, rkey(key))
        return self._sent(did, rkey(key), place) if found else None

    async def recent(self, since: datetime) -> list[Published]:
        """The account's posts since then, oldest first, without answers to others.

        They are listed by name, which begins with the time. Raises CannotLook when there are too many.
        """
        did, found, cursor = (await self._api.session()).did, list[Published](), None
        for _ in range(PAGES):
            asked = {"repo": did, "collection": POST, "limit": PAGE} | ({"cursor": cursor} if cursor else {})
            page = await self._api.ask("GET", f"{REPO}.listRecords", params=asked)
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
        me = await self._api.ask("GET", f"{SERVER}.getSession")
        return f"@{me.get('handle', '')}"

    async def close(self) -> None:
        """Close the connections; the session is forgotten with them."""
        await self._api.close()

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
        stored = await self._api.ask("POST", f"{REPO}.uploadBlob", kind="image/jpeg", content=body)
        if not isinstance(stored.get("blob"), dict):
            return None
        shown = {"alt": message.alt, "image": stored["blob"], "aspectRatio": {"width": WIDTH, "height": HEIGHT}}
        return {"$type": "app.bsky.embed.images", "images": [shown]}

    async def _get(self, did: str, name: str) -> dict[str, Any] | None:
        asked = {"repo": did, "collection": POST, "rkey": name}
        try:
            return await self._api.ask("GET", f"{REPO}.getRecord", params=asked)
        except NoRecord:
            return None


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


def record_of(message: Message, now: datetime) -> dict[str, Any]:
    """The post as it is stored: its text, its links, when."""
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
