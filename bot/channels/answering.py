"""Lanes for what is done to comments: answers, and hiding and removing. The delivery room sends both."""

from datetime import datetime
from typing import Final

from bot.channels.conversation import Conversation
from bot.channels.errors import CannotLook, Refused
from bot.channels.message import Message
from bot.channels.protocol import Can, Sent

ANSWERS: Final = "+svar"
WATCH: Final = "+vakt"
HIDE, SHOW, TAKE_DOWN = "hide", "show", "remove"


class Answers:
    """Sends answers; ``dest`` is the vendor's id of the comment."""

    can = frozenset({Can.PUBLISH, Can.FIND})
    idempotent = False

    def __init__(self, conversation: Conversation) -> None:
        self._with = conversation
        self.name, self.lag = f"{conversation.name}{ANSWERS}", conversation.lag

    async def place(self, dest: str) -> str:
        """The comment itself."""
        return dest

    async def send(self, place: str, thread: str | None, message: Message, key: str) -> Sent:
        """Answer once."""
        return await self._with.reply(place, message.text, key)

    async def update(self, place: str, remote: str, message: Message) -> None:
        """An answer stands as it was given."""
        raise Refused("cannot_edit")

    async def remove(self, place: str, remote: str) -> None:
        """Take an answer of ours away."""
        await self._with.take_down(remote)

    async def find(
        self, place: str, thread: str | None, key: str, since: datetime, message: Message | None
    ) -> Sent | None:
        """Our answer below the comment."""
        if message is None:
            raise CannotLook("no text to look for")
        return await self._with.find_reply(place, message.text, key, since)


class Watch:
    """Hides, shows and removes; ``dest`` is the act and the vendor's id: ``hide:1_2``. May be repeated."""

    can = frozenset({Can.PUBLISH})
    idempotent = True

    def __init__(self, conversation: Conversation) -> None:
        self._with = conversation
        self.name, self.lag = f"{conversation.name}{WATCH}", conversation.lag

    async def place(self, dest: str) -> str:
        """The act and the comment."""
        return dest

    async def send(self, place: str, thread: str | None, message: Message, key: str) -> Sent:
        """Do it."""
        act, _, remote = place.partition(":")
        if act == TAKE_DOWN:
            await self._with.take_down(remote)
        else:
            await self._with.hide(remote, hidden=act == HIDE)
        return Sent(remote, place)

    async def update(self, place: str, remote: str, message: Message) -> None:
        """Nothing is shown."""
        raise Refused("cannot_edit")

    async def remove(self, place: str, remote: str) -> None:
        """Nothing stands there."""
        raise Refused("cannot_remove")

    async def find(
        self, place: str, thread: str | None, key: str, since: datetime, message: Message | None
    ) -> Sent | None:
        """Doing it twice changes nothing, so nobody needs to look."""
        return None
