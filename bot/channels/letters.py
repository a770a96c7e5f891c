"""Single mails: one letter to one address, by the server of the first mailing list in the file."""

from datetime import datetime
from typing import Final

from bot.channels.errors import CannotLook, Refused
from bot.channels.mail import Mail, MailSettings
from bot.channels.message import Message
from bot.channels.protocol import Can, Sent
from bot.channels.settings import Keyring

NAME: Final = "letters"


class Letters:
    """Sends single mails; ``dest`` is the address. They cannot be changed, taken back or looked for."""

    lag = 0.0
    can = frozenset({Can.PUBLISH})
    idempotent = False
    name = NAME

    def __init__(self, chosen: MailSettings, keyring: Keyring, *, timeout_s: float = 9.0) -> None:
        self._chosen, self._keyring, self._timeout_s = chosen, keyring, timeout_s

    async def place(self, dest: str) -> str:
        """The address itself."""
        return dest

    async def send(self, place: str, thread: str | None, message: Message, key: str) -> Sent:
        """One mail to one address. Raises what a mailing raises."""
        alone = {"recipients": (place,), "name": place, "list_unsubscribe": ""}
        mail = Mail(self._chosen.model_copy(update=alone), self._keyring, timeout_s=self._timeout_s)
        return await mail.send(place, thread, message, key)

    async def update(self, place: str, remote: str, message: Message) -> None:
        """A mail stands as it was sent."""
        raise Refused("cannot_edit")

    async def remove(self, place: str, remote: str) -> None:
        """A mail cannot be taken back."""
        raise Refused("cannot_remove")

    async def find(
        self, place: str, thread: str | None, key: str, since: datetime, message: Message | None
    ) -> Sent | None:
        """Raises CannotLook: nobody can look into other people's mail."""
        raise CannotLook("mail cannot be read")
