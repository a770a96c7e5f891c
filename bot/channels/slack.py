"""Slack as a carrier: posts, shows anew, and finds by the delivery id in the message's metadata."""

import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final, Protocol

from bot.channels.errors import CannotLook, Gone, Refused, Throttled
from bot.channels.message import Message
from bot.channels.protocol import Can, Sent
from bot.channels.slackapi import SlackApi
from bot.delivery.pace import Bucket

EVENT: Final = "kanalvakt_post"
OPENS_PER_MINUTE: Final = 50  # what Slack allows of conversations.open
OPENS_AT_ONCE: Final = 15
LONGEST_WAIT_S: Final = 20.0
NOT_A_MEMBER: Final = frozenset({"not_in_channel"})

Reachable = Callable[[str], Awaitable[str | None]]


class Places(Protocol):
    """Where the direct message channels of people are remembered."""

    async def get(self, dest: str) -> str | None:
        """The place of a destination, if it is known."""

    async def put(self, dest: str, place: str) -> None:
        """Remember it."""


class PlacesInMemory:
    """Forgets on restart; Slack tells again."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    async def get(self, dest: str) -> str | None:
        """The place of a destination, if it is known."""
        return self._known.get(dest)

    async def put(self, dest: str, place: str) -> None:
        """Remember it."""
        self._known[dest] = place


async def anybody(_dest: str) -> None:
    """Without a directory everybody counts as reachable."""


class SlackCarrier:
    """Posts to channels (C…, G…, D…) and to people (U…, W…), by id.

    ``reachable`` tells why a destination cannot be posted to (Slack itself takes a message to a
    deactivated person without a word), or None. ``lag`` in seconds: how late history may be.
    """

    name = "slack"
    can = frozenset({Can.PUBLISH, Can.UPDATE, Can.FIND})
    idempotent = False

    def __init__(
        self,
        api: SlackApi,
        *,
        places: Places | None = None,
        reachable: Reachable = anybody,
        lag: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.lag = lag
        self._api, self._reachable, self._clock = api, reachable, clock
        self._places: Places = places or PlacesInMemory()
        self._opens = Bucket.per_minute(OPENS_PER_MINUTE, OPENS_AT_ONCE)
        self._closed_until, self._turned_away = 0.0, 0

    async def place(self, dest: str) -> str:
        """The channel of ``dest``; a person's direct messages are opened first, and remembered.

        Raises Refused for who cannot be reached, Throttled when too many are opened at once.
        """
        why = await self._reachable(dest)
        if why:
            raise Refused(why)
        if not dest.startswith(("U", "W")):
            return dest
        return await self._places.get(dest) or await self._open(dest)

    async def _open(self, person: str) -> str:
        self._wait_in_line()
        try:
            opened = await self._api.call("conversations.open", users=person)
        except Throttled as throttled:
            self._closed_until = self._clock() + throttled.retry_after
            raise
        place = str(opened["channel"]["id"])
        await self._places.put(person, place)
        return place

    def _wait_in_line(self) -> None:
        """Who comes too early is told when to come back, each a little later than the one before."""
        now = self._clock()
        if now >= self._closed_until and self._opens.take(now):
            self._turned_away = max(0, self._turned_away - 1)
            return
        self._turned_away += 1
        wait = max(self._closed_until - now, self._opens.ready_in(now)) + self._turned_away / self._opens.rate
        raise Throttled(min(wait, LONGEST_WAIT_S), "opening direct messages")

    async def send(self, place: str, thread: str | None, message: Message, key: str) -> Sent:
        """Post once, with the delivery id in the metadata."""
        sent = await self._api.call(
            "chat.postMessage",
            channel=place,
            thread_ts=thread,
            metadata={"event_type": EVENT, "event_payload": {"id": key}},
            unfurl_links=False,
            unfurl_media=False,
            **_content(message),
        )
        return Sent(str(sent["ts"]), str(sent["channel"]))

    async def update(self, place: str, remote: str, message: Message) -> None:
        """Show this instead, with all blocks: Slack keeps the old buttons of a card sent without."""
        await self._api.call("chat.update", channel=place, ts=remote, **_content(message))

    async def remove(self, place: str, remote: str) -> None:
        """The desk's messages in Slack are edited, never deleted."""
        raise Refused("cannot_remove")

    async def find(
        self, place: str, thread: str | None, key: str, since: datetime, message: Message | None
    ) -> Sent | None:
        """Our message posted after ``since``; in a public channel the bot joins to look."""
        ts = await self._look(place, thread, key, since)
        return None if ts is None else Sent(ts, place)

    async def _look(self, place: str, thread: str | None, key: str, since: datetime) -> str | None:
        try:
            return await self._search(place, thread, key, since)
        except Refused as refused:
            if refused.reason not in NOT_A_MEMBER:
                raise CannotLook(str(refused)) from refused
        await self._join(place)
        try:
            return await self._search(place, thread, key, since)
        except Refused as refused:
            raise CannotLook(str(refused)) from refused

    async def _join(self, channel: str) -> None:
        try:
            await self._api.call("conversations.join", channel=channel)
        except (Refused, Gone) as refused:
            raise CannotLook(f"cannot join: {refused}") from refused

    async def _search(self, place: str, thread: str | None, key: str, since: datetime) -> str | None:
        asked: dict[str, Any] = {
            "channel": place,
            "oldest": f"{since.timestamp():.6f}",
            "inclusive": True,
            "include_all_metadata": True,
        }
        method = "conversations.history" if thread is None else "conversations.replies"
        try:
            async for message in self._api.pages(method, "messages", ts=thread, **asked):
                payload = (message.get("metadata") or {}).get("event_payload") or {}
                if payload.get("id") == key:
                    return str(message["ts"])
        except Refused as refused:
            if refused.reason != "thread_not_found":
                raise
        return None


def _content(message: Message) -> dict[str, Any]:
    return {"text": message.text, "blocks": message.blocks}
