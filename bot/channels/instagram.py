"""Instagram: the text as a picture, repeated in the caption.

Publishing takes two steps: a container is made, then published. A container can be published only once,
and its id is remembered under the delivery's key before that happens, so a lost answer never doubles.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, Protocol

from bot.channels.errors import CannotLook, NotSent, Refused, Throttled, Unknown
from bot.channels.message import Message
from bot.channels.meta import Graph, Id, MetaSettings, Missing, instant, normal, words
from bot.channels.protocol import Can, Sent
from bot.channels.settings import Keyring

IN_TIME: Final = 0.9  # of the time-out; what is asked after publishing must be answered by then
POLLING: Final = 1 / 3  # of the time-out
FIRST_WAIT_S: Final = 0.2
AGAIN_S: Final = 5.0  # until a container that was not ready in time is asked for again
LISTED_WITHIN: Final = timedelta(hours=1)  # then a published picture is in the list, or was taken away
CONTAINER_LASTS: Final = timedelta(hours=24)

IN_PROGRESS: Final = "IN_PROGRESS"
FINISHED: Final = "FINISHED"
PUBLISHED: Final = "PUBLISHED"
LOST: Final = ""  # no longer known to Meta


class InstagramSettings(MetaSettings):
    """``account_id`` is the professional account's number.

    ``username``: its name; without it its own comments in webhooks are known by the number alone.

    ``removable``: Meta's code lists deletion, its manual does not; switch it on when it has been tried.
    """

    platform: Literal["instagram"] = "instagram"
    account_id: Id
    username: str = ""
    removable: bool = False


class Memory(Protocol):
    """Keeps the containers by delivery key; must outlive the process."""

    async def get(self, key: str) -> str | None:
        """The container made for this delivery, if any."""

    async def put(self, key: str, value: str) -> None:
        """Remember it."""


def _utc() -> datetime:
    return datetime.now(UTC)


class Instagram:
    """One account. ``now`` gives aware UTC. A follow-up is a post of its own."""

    idempotent = False

    def __init__(
        self,
        chosen: InstagramSettings,
        keyring: Keyring,
        *,
        memory: Memory,
        timeout_s: float = 9.0,
        now: Callable[[], datetime] = _utc,
    ) -> None:
        self.name, self.lag = chosen.key, chosen.lag_s
        removing = {Can.REMOVE} if chosen.removable else set()
        self.can = frozenset({Can.PUBLISH, Can.FIND, Can.PING} | removing)
        self._chosen, self._memory, self._now, self._timeout_s = chosen, memory, now, timeout_s
        self._graph = Graph(chosen, keyring, timeout_s=timeout_s)

    async def place(self, dest: str) -> str:
        """The account is the only place."""
        return dest

    async def send(self, place: str, thread: str | None, message: Message, key: str) -> Sent:
        """Publish ``message.image`` (a public JPEG) with the text as its caption.

        Throttled while Meta has not read the picture yet: the next try goes on with the same container.
        """
        self._chosen.admit(message)
        if not message.image:
            raise Refused("no_image", "a post is a picture")
        until = time.monotonic() + self._timeout_s * IN_TIME
        try:
            container, state = await self._container(message, key)
        except Unknown as lost:  # nothing is public before the second step
            raise NotSent(str(lost)) from lost
        if state == PUBLISHED:
            return await self._earlier(place, message)
        try:
            media = await self._graph.create(self._path("media_publish"), creation_id=container)
        except Refused:
            if await self._state(container) == PUBLISHED:
                return await self._earlier(place, message)
            raise
        return Sent(media, place, await self._graph.link(media, "permalink", until - time.monotonic()))

    async def _container(self, message: Message, key: str) -> tuple[str, str]:
        """The delivery's container and its state, FINISHED or PUBLISHED; a new one where none is usable."""
        known = await self._memory.get(key)
        state = await self._settled(known) if known else LOST
        if known and state in (FINISHED, PUBLISHED):
            return known, state
        made = await self._graph.create(
            self._path("media"), image_url=message.image, caption=words(message), alt_text=message.alt or None
        )
        await self._memory.put(key, made)
        state = await self._settled(made)
        if state != FINISHED:
            raise Refused(f"container {state or 'missing'}", await self._why(made))
        return made, state

    async def _settled(self, container: str) -> str:
        """The state once Meta has read the picture. Raises Throttled when that takes too long."""
        wait, until = FIRST_WAIT_S, time.monotonic() + self._timeout_s * POLLING
        while (state := await self._state(container)) == IN_PROGRESS:
            if time.monotonic() + wait > until:
                raise Throttled(AGAIN_S, "picture not read yet")
            await asyncio.sleep(wait)
            wait *= 1.5
        return state

    async def _state(self, container: str) -> str:
        try:
            said = await self._graph.ask("GET", f"/{container}", fields="status_code")
        except Missing:
            return LOST
        if not said.get("status_code"):
            raise Unknown("a container without a state")
        return str(said["status_code"])

    async def _why(self, container: str) -> str:
        """What Meta says of a container that failed."""
        return str((await self._graph.ask("GET", f"/{container}", fields="status")).get("status") or "")

    async def _earlier(self, place: str, message: Message) -> Sent:
        """What an earlier try published. Raises Unknown while it is not in the list."""
        found = await self._listed(place, message, self._now() - CONTAINER_LASTS)
        if found is None:
            raise Unknown("published, not in the list yet")
        return found

    async def update(self, place: str, remote: str, message: Message) -> None:
        """A picture and its caption stay as they are. Raises Refused."""
        raise Refused("cannot_edit")

    async def remove(self, place: str, remote: str) -> None:
        """Delete the post where that is switched on; one that is gone counts as deleted."""
        if not self._chosen.removable:
            raise Refused("cannot_remove")
        try:
            await self._graph.change("DELETE", f"/{remote}")
        except Missing:
            return

    async def find(
        self, place: str, thread: str | None, key: str, since: datetime, message: Message | None
    ) -> Sent | None:
        """What became of the delivery's container; None only while it has surely not been published.

        Raises Unknown while it is published but not yet listed, CannotLook when it stays away.
        """
        container = await self._memory.get(key)
        state = await self._state(container) if container else LOST
        if state not in (PUBLISHED, LOST):
            return None
        if message is None:
            raise CannotLook("no text to look for")
        found = await self._listed(place, message, since)
        if found is not None or state == LOST:
            return found
        if self._now() - since < LISTED_WITHIN:
            raise Unknown("published, not in the list yet")
        raise CannotLook("published, but not in the list")

    async def _listed(self, place: str, message: Message, since: datetime) -> Sent | None:
        """Our own post with this caption since then."""
        wanted = normal(words(message))
        fields = "id,caption,timestamp,permalink"
        async for media in self._graph.each(self._path("media"), fields=fields, since=int(since.timestamp())):
            if instant(media.get("timestamp")) < since.replace(microsecond=0):
                return None  # newest first, and Meta counts whole seconds
            if normal(str(media.get("caption") or "")) == wanted:
                return Sent(str(media["id"]), place, str(media.get("permalink") or ""))
        return None

    async def ping(self) -> str:
        """The account as others write it, ``@name``."""
        said = await self._graph.ask("GET", f"/{self._chosen.account_id}", fields="username")
        return f"@{said.get('username') or ''}"

    async def close(self) -> None:
        """Close the connections."""
        await self._graph.close()

    def _path(self, what: str) -> str:
        return f"/{self._chosen.account_id}/{what}"
