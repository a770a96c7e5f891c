"""Mastodon: statuses of the municipality's account, on whatever server it lives."""

import asyncio
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from bot.channels.attaching import Source, nothing, tried
from bot.channels.errors import CannotLook, Gone, Unknown
from bot.channels.http import json_of
from bot.channels.limits import LIMITS
from bot.channels.mastodonapi import Api, Missing, address, made, normal, plain
from bot.channels.message import Message
from bot.channels.protocol import Can, Sent
from bot.channels.scheduled import Published
from bot.channels.settings import ChannelSettings, Keyring

DESCRIPTION: Final = 1500  # characters of an alternative text
MEDIA_WAIT_S: Final = 0.5  # between two looks whether a picture has been read


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
        self._chosen = chosen
        self._pictures, self._timeout_s = pictures, timeout_s
        self._api = Api(chosen, keyring, timeout_s=timeout_s)

    async def place(self, dest: str) -> str:
        """The account is the only place."""
        return dest

    async def send(self, place: str, thread: str | None, message: Message, key: str) -> Sent:
        """Publish, in reply to ``thread`` (a status id) where there is one."""
        self._chosen.admit(message)
        form = _form(message) | await self._media(message) | {"visibility": self._chosen.visibility}
        if thread:
            form["in_reply_to_id"] = thread
        answer = await self._api.ask("POST", "/api/v1/statuses", json=form, headers={"Idempotency-Key": key})
        status = json_of(answer)
        if "id" not in status:
            raise Unknown("an answer without a status")
        return _sent(status, place)

    async def update(self, place: str, remote: str, message: Message) -> None:
        """Edit the status; followers who shared it are told by the server. Raises Gone."""
        self._chosen.admit(message)
        form = _form(message) | await self._media(message)
        try:
            await self._api.ask("PUT", f"/api/v1/statuses/{remote}", json=form)
        except Missing as missing:
            raise Gone(missing.reason) from None

    async def remove(self, place: str, remote: str) -> None:
        """Delete the status; one that is gone counts as deleted."""
        try:
            await self._api.ask("DELETE", f"/api/v1/statuses/{remote}")
        except Missing:
            return

    async def find(
        self, place: str, thread: str | None, key: str, since: datetime, message: Message | None
    ) -> Sent | None:
        """Our own status with this text since then: Mastodon shows nobody the key it was given."""
        if message is None:
            raise CannotLook("no text to look for")
        wanted = normal(_words(message))
        async for status in self._api.own(since):
            if normal(plain(str(status.get("content") or ""))) == wanted:
                return _sent(status, place)
        return None

    async def recent(self, since: datetime) -> list[Published]:
        """The account's statuses since then, oldest first, without answers to others."""
        found = [_published(one) async for one in self._api.own(since) if not one.get("in_reply_to_id")]
        return sorted(found, key=lambda one: one.at)

    async def ping(self) -> str:
        """The account as others write it, ``@name``."""
        me = await self._api.me()
        return f"@{me.get('acct', '')}"

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()

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
        answer = await self._api.ask("POST", "/api/v2/media", files={"file": file}, data={"description": words})
        media = str(json_of(answer).get("id") or "")
        while media and answer.status_code in (202, 206):
            await asyncio.sleep(MEDIA_WAIT_S)
            answer = await self._api.ask("GET", f"/api/v1/media/{media}")
        return media or None


def _published(status: dict[str, Any]) -> Published:
    text = " ".join(plain(str(status.get("content") or "")).split())
    return Published(str(status["id"]), text, made(status), address(status))


def _sent(status: dict[str, Any], place: str) -> Sent:
    return Sent(str(status["id"]), place, address(status))


def _form(message: Message) -> dict[str, Any]:
    return {"status": _words(message), "language": message.language.partition("-")[0]}


def _words(message: Message) -> str:
    """The text, with the link at its end where the text does not have it and there is room."""
    linked, room = f"{message.text}\n\n{message.link}", LIMITS["mastodon"]
    fits = message.link and message.link not in message.text and room.weigh(linked) <= room.characters
    return linked if fits else message.text
