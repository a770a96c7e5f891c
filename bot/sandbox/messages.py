"""Messages and the order they stand in."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.stamps import micros

JSON = dict[str, Any]


@dataclass(eq=False)
class Message:
    """One message. `ephemeral_to` names the only person who sees it; `bot_id` marks the app's own."""

    channel: str
    ts: str
    user: str
    text: str = ""
    blocks: list[JSON] = field(default_factory=list)
    attachments: list[JSON] = field(default_factory=list)
    thread_ts: str | None = None
    metadata: JSON | None = None
    bot_id: str | None = None
    app_id: str | None = None
    username: str | None = None
    subtype: str | None = None
    edited: JSON | None = None
    client_msg_id: str | None = None
    ephemeral_to: str | None = None
    broadcast: bool = False

    @property
    def is_reply(self) -> bool:
        """Whether it stands in a thread, below the message that began it."""
        return self.thread_ts is not None and self.thread_ts != self.ts

    def to_record(self) -> JSON:
        """Return what the journal keeps: all that differs from the defaults."""
        return {name: value for name, value in vars(self).items() if value}

    @classmethod
    def from_record(cls, record: JSON) -> Message:
        """Read a message back from the journal."""
        return cls(**record)


def _optional(message: Message) -> JSON:
    fields = {
        "blocks": message.blocks,
        "attachments": message.attachments,
        "bot_id": message.bot_id,
        "app_id": message.app_id,
        "username": message.username,
        "subtype": message.subtype,
        "edited": message.edited,
        "client_msg_id": message.client_msg_id,
    }
    return {name: value for name, value in fields.items() if value}


class Timeline:
    """The messages of one channel: found by ts at once, listed in order without sorting."""

    def __init__(self) -> None:
        self._by_ts: dict[str, Message] = {}
        self._roots: list[tuple[int, str]] = []
        self._threads: dict[str, list[tuple[int, str]]] = {}

    def add(self, message: Message) -> None:
        """Put a message in its place."""
        place = (micros(message.ts), message.ts)
        self._by_ts[message.ts] = message
        if message.is_reply:
            insort(self._threads.setdefault(message.thread_ts or "", []), place)
        if not message.is_reply or message.broadcast:
            insort(self._roots, place)

    def get(self, ts: str) -> Message | None:
        """Return the message with this ts, or None."""
        return self._by_ts.get(ts)

    def remove(self, message: Message) -> None:
        """Take a message away; the parent of a living thread remains as a tombstone."""
        if self._threads.get(message.ts):
            message.subtype, message.text = "tombstone", "This message was deleted."
            message.blocks, message.attachments, message.metadata = [], [], None
            return
        del self._by_ts[message.ts]
        place = (micros(message.ts), message.ts)
        if not message.is_reply or message.broadcast:
            self._roots.remove(place)
        if message.is_reply:
            self._threads[message.thread_ts or ""].remove(place)

    def roots(self) -> Iterator[Message]:
        """Yield what stands in the channel itself, oldest first."""
        return (self._by_ts[ts] for _, ts in self._roots)

    def replies(self, ts: str) -> list[Message]:
        """Return the replies to a message, oldest first, without the message itself."""
        return [self._by_ts[reply] for _, reply in self._threads.get(ts, ())]

    def window(self, oldest: int, latest: int) -> list[tuple[int, str]]:
        """Return places (microseconds, ts) of messages from oldest to latest, both included."""
        start = bisect_left(self._roots, (oldest, ""))
        return self._roots[start : bisect_right(self._roots, (latest, "~"))]

    def newer_than(self, ts: str) -> list[Message]:
        """Return what stands in the channel after this timestamp."""
        start = bisect_right(self._roots, (micros(ts), "~"))
        return [self._by_ts[root] for _, root in self._roots[start:]]

    @property
    def last_ts(self) -> str | None:
        """The timestamp of the newest message in the channel itself."""
        return self._roots[-1][1] if self._roots else None

    def to_slack(self, message: Message, team_id: str, *, metadata: bool = False) -> JSON:
        """Return a message object as history shows it; metadata in full only where asked for."""
        told: JSON = {
            "type": "message",
            "user": message.user,
            "text": message.text,
            "ts": message.ts,
            "team": team_id,
        }
        told |= _optional(message)
        if message.metadata:
            told["metadata"] = message.metadata if metadata else {"event_type": message.metadata["event_type"]}
        return told | self._thread(message)

    def _thread(self, message: Message) -> JSON:
        if message.is_reply:
            return {"thread_ts": message.thread_ts}
        replies = self._threads.get(message.ts)
        if not replies:
            return {}
        users = list(dict.fromkeys(self._by_ts[ts].user for _, ts in replies))
        return {
            "thread_ts": message.ts,
            "reply_count": len(replies),
            "reply_users": users[:5],
            "reply_users_count": len(users),
            "latest_reply": replies[-1][1],
        }
