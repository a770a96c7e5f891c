"""Channels that the desk serves itself: nothing is sent, because whoever looks is shown the database."""

from datetime import datetime

from bot.channels.errors import CannotLook
from bot.channels.message import Message
from bot.channels.protocol import Can, Sent
from bot.channels.settings import ChannelSettings, Keyring


class Served:
    """A carrier that has always succeeded at once. Its page or feed says what stands."""

    lag = 0.0
    can = frozenset({Can.PUBLISH, Can.UPDATE, Can.REMOVE, Can.PING})
    idempotent = True

    def __init__(self, chosen: ChannelSettings, keyring: Keyring, *, timeout_s: float = 9.0) -> None:
        self._chosen = chosen
        self.name = chosen.key

    async def place(self, dest: str) -> str:
        """The channel itself."""
        return dest

    async def send(self, place: str, thread: str | None, message: Message, key: str) -> Sent:
        """It stands from the moment the delivery is done. Raises Refused for a drill not meant for it."""
        self._chosen.admit(message)
        return Sent(remote=key, place=place)

    async def update(self, place: str, remote: str, message: Message) -> None:
        """The next look shows it. Raises Refused for a drill not meant for it."""
        self._chosen.admit(message)

    async def remove(self, place: str, remote: str) -> None:
        """The next look no longer shows it."""

    async def find(
        self, place: str, thread: str | None, key: str, since: datetime, message: Message | None
    ) -> Sent | None:
        """Nobody needs to look: sending again changes nothing. Raises CannotLook."""
        raise CannotLook("served from the database")

    async def ping(self) -> str:
        """There is no token that could die; gives the channel's name."""
        return self._chosen.name

    async def close(self) -> None:
        """Nothing is open."""
