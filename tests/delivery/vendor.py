"""A vendor in memory: takes messages, loses answers, hides history, all on command."""

import asyncio
import itertools
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.channels.errors import CannotLook, ChannelError, Gone, Unknown
from bot.channels.message import Message
from bot.channels.protocol import Can, Sent


class Clock:
    """Runs with the wall clock unless it is ``still``, and can be pushed ahead."""

    def __init__(self, still: bool = False) -> None:
        self._ahead = timedelta()
        self._stopped_at = datetime.now(UTC) if still else None

    def __call__(self) -> datetime:
        return (self._stopped_at or datetime.now(UTC)) + self._ahead

    def push(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


@dataclass
class Stored:
    """A message as it stands at the vendor."""

    remote: str
    place: str
    thread: str | None
    text: str
    key: str
    texts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class StoredThen:
    """The message arrives, and then this happens to the answer."""

    error: ChannelError


class Vendor:
    """A carrier. ``answers`` are used up one per send; without any, everything arrives."""

    can = frozenset({Can.PUBLISH, Can.UPDATE, Can.REMOVE, Can.FIND})

    def __init__(self, name: str = "slack") -> None:
        self.idempotent = False
        self.name, self.lag = name, 0.0
        self.answers: deque[ChannelError | StoredThen | None] = deque()
        self.by_place: dict[str, ChannelError] = {}  # every send to a place fails like this
        self.nowhere: dict[str, ChannelError] = {}  # every look for a place's address fails like this
        self.update_answers: deque[ChannelError | None] = deque()
        self.blind = False
        self.late_looks = 0  # so many looks come before the message shows
        self.seconds = 0.0  # each request takes
        self.stored: list[Stored] = []
        self.asked: list[str] = []  # "send C1", "update C1", "find C1" in order
        self.busy: dict[str, int] = {}
        self.most_at_once = self.most_together = 0  # in one place, and in all
        self._ids = itertools.count(1)

    async def place(self, dest: str) -> str:
        if dest in self.nowhere:
            raise self.nowhere[dest]
        return f"D-{dest}" if dest.startswith("U") else dest

    async def send(self, place: str, thread: str | None, message: Message, key: str) -> Sent:
        self.asked.append(f"send {place}")
        self.busy[place] = self.busy.get(place, 0) + 1
        self.most_at_once = max(self.most_at_once, *self.busy.values())
        self.most_together = max(self.most_together, sum(self.busy.values()))
        try:
            await asyncio.sleep(self.seconds)
            return self._answer(place, thread, message, key)
        finally:
            self.busy[place] -= 1

    def _answer(self, place: str, thread: str | None, message: Message, key: str) -> Sent:
        if place in self.by_place:
            raise self.by_place[place]
        answer = self.answers.popleft() if self.answers else None
        if isinstance(answer, ChannelError):
            raise answer
        remote = f"{next(self._ids)}.0"
        self.stored.append(Stored(remote, place, thread, message.text, key, [message.text]))
        if isinstance(answer, StoredThen):
            raise answer.error
        return Sent(remote, place)

    async def update(self, place: str, remote: str, message: Message) -> None:
        self.asked.append(f"update {place}")
        answer = self.update_answers.popleft() if self.update_answers else None
        if answer is not None:
            raise answer
        found = [one for one in self.stored if (one.place, one.remote) == (place, remote)]
        if not found:
            raise Gone("message_not_found")
        found[0].text = message.text
        found[0].texts.append(message.text)

    async def remove(self, place: str, remote: str) -> None:
        self.asked.append(f"remove {place}")
        answer = self.update_answers.popleft() if self.update_answers else None
        if answer is not None:
            raise answer
        self.stored = [one for one in self.stored if (one.place, one.remote) != (place, remote)]

    async def find(
        self, place: str, thread: str | None, key: str, since: datetime, message: Message | None
    ) -> Sent | None:
        self.asked.append(f"find {place}")
        await asyncio.sleep(0)
        if self.blind:
            raise CannotLook("not_in_channel")
        if self.late_looks:
            self.late_looks -= 1
            return None
        found = [one for one in self.stored if (one.place, one.thread, one.key) == (place, thread, key)]
        return Sent(found[0].remote, place) if found else None

    def texts(self, place: str) -> list[str]:
        return [one.text for one in self.stored if one.place == place]


LOST = Unknown("dropped")
