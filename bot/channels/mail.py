"""Mail: one mailing to the press, the contact centre, the switchboard, kitchens, care homes and others."""

import asyncio
import contextlib
import hashlib
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.charset import QP, Charset
from email.header import Header
from email.message import Message as Letter
from email.policy import compat32
from email.utils import format_datetime, formataddr
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import aiosmtplib
import structlog
from pydantic import Field, model_validator

from bot.channels.errors import CannotLook, ChannelError, NotSent, Refused, Throttled, TokenDead, Unknown
from bot.channels.message import Message
from bot.channels.protocol import Can, Sent
from bot.channels.settings import ChannelSettings, Keyring

log = structlog.get_logger(__name__)
PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}
PATIENCE_S: Final = 60.0  # a greylisting server wants to be asked again, but not at once
FAREWELL_S: Final = 1.0
MOST: Final = 100  # recipients that every server must take in one message (RFC 5321 § 4.5.3.1.8)
LONGEST_SUBJECT: Final = 200
TOKEN_CODES: Final = frozenset({530, 534, 535, 538})
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")

Mailbox = Annotated[str, Field(pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$")]
Kind = Literal[
    "press", "contact_centre", "switchboard", "kitchens", "care_homes", "water_company", "county_board", "other"
]


class MailSettings(ChannelSettings):
    """One mailing list. ``name`` is what recipients read as To; none of them sees the others.

    ``port`` defaults to what ``security`` usually has. ``user_env`` and ``password_env`` name environment
    variables. ``ca_file``: certificates (PEM) of a mail server that the machine does not know by itself.
    ``kind`` is a label for people. ``list_unsubscribe`` is an https or mailto address.
    """

    platform: Literal["mail"] = "mail"
    host: Annotated[str, Field(min_length=1)]
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    security: Literal["starttls", "tls", "none"] = "starttls"
    user_env: str | None = None
    password_env: str | None = None
    ca_file: Path | None = None
    sender: Mailbox
    sender_name: str = ""
    reply_to: Mailbox | None = None
    recipients: Annotated[tuple[Mailbox, ...], Field(min_length=1, max_length=MOST)]
    kind: Kind = "other"
    list_unsubscribe: Annotated[str, Field(pattern=r"^((https://|mailto:)[^\s<>]+)?$")] = ""

    @model_validator(mode="after")
    def _credentials(self) -> Any:
        if bool(self.user_env) != bool(self.password_env):
            raise ValueError(f'channel "{self.key}": give user_env and password_env, or neither')
        if self.password_env and self.security == "none":
            raise ValueError(f'channel "{self.key}": a password is not sent without encryption')
        return self


class Mail:
    """Sends a mailing as one message. A mail cannot be changed, taken back or looked for."""

    lag = 0.0
    can = frozenset({Can.PUBLISH, Can.PING})
    idempotent = False

    def __init__(self, chosen: MailSettings, keyring: Keyring, *, timeout_s: float = 9.0) -> None:
        self._chosen, self._keyring, self._timeout_s = chosen, keyring, timeout_s
        self.name = chosen.key

    async def place(self, dest: str) -> str:
        """The list itself."""
        return dest

    async def send(self, place: str, thread: str | None, message: Message, key: str) -> Sent:
        """One message to all recipients, with an id of ours that is the same at every try.

        Raises Refused when the server will have none of it. Recipients that it will not have are counted
        in the log, and the others get theirs.
        """
        self._chosen.admit(message)
        letter = compose(self._chosen, message, key, datetime.now(UTC))
        handover = _Handover(self._chosen, letter.as_bytes())
        try:
            await self._converse(handover)
        except (aiosmtplib.SMTPException, OSError) as problem:
            raise typed(problem, handed_over=handover.begun) from None
        return Sent(remote=str(letter["Message-ID"]), place=place)

    async def update(self, place: str, remote: str, message: Message) -> None:
        """Raises Refused: what is changed is told in a new mail."""
        raise Refused("cannot_edit")

    async def remove(self, place: str, remote: str) -> None:
        """Raises Refused: what is wrong is corrected in a new mail."""
        raise Refused("cannot_remove")

    async def find(
        self, place: str, thread: str | None, key: str, since: datetime, message: Message | None
    ) -> Sent | None:
        """Raises CannotLook: nobody can look into other people's mail."""
        raise CannotLook("mail cannot be read")

    async def ping(self) -> str:
        """Connect, greet, log in and do nothing; gives the sender's address."""
        try:
            await self._converse(_nothing)
        except (aiosmtplib.SMTPException, OSError) as problem:
            raise typed(problem, handed_over=False) from None
        return self._chosen.sender

    async def close(self) -> None:
        """Every message has a connection of its own, so nothing is open."""

    async def _converse(self, talk: Callable[[aiosmtplib.SMTP], Awaitable[None]]) -> None:
        """Connect, encrypt and log in as the settings say, talk, and leave."""
        client = self._client()
        try:
            ends = asyncio.get_running_loop().time() + self._timeout_s
            async with asyncio.timeout_at(ends):
                await client.connect()
                await talk(client)
            await _farewell(client, ends)
        finally:
            client.close()

    def _client(self) -> aiosmtplib.SMTP:
        chosen = self._chosen
        return aiosmtplib.SMTP(
            hostname=chosen.host,
            port=chosen.port or PORTS[chosen.security],
            username=self._keyring.named(chosen.user_env) if chosen.user_env else None,
            password=self._keyring.named(chosen.password_env) if chosen.password_env else None,
            local_hostname=_domain(chosen),
            timeout=self._timeout_s,
            use_tls=chosen.security == "tls",
            start_tls=chosen.security == "starttls",
            cert_bundle=str(chosen.ca_file) if chosen.ca_file else None,
        )


class _Handover:
    """Gives a message to the server. ``begun``: it may have been taken, whatever comes back."""

    def __init__(self, chosen: MailSettings, letter: bytes) -> None:
        self._chosen, self._letter = chosen, letter
        self.begun = False

    async def __call__(self, client: aiosmtplib.SMTP) -> None:
        """Raises what aiosmtplib raises; SMTPRecipientsRefused when nobody is left."""
        await client.mail(self._chosen.sender)
        refused = [one for one in [await _rcpt(client, to) for to in self._chosen.recipients] if one]
        if len(refused) == len(self._chosen.recipients):
            raise aiosmtplib.SMTPRecipientsRefused(refused)
        self.begun = True
        await client.data(self._letter)
        if refused:
            _report(self._chosen.key, refused)


async def _rcpt(client: aiosmtplib.SMTP, to: str) -> aiosmtplib.SMTPRecipientRefused | None:
    try:
        await client.rcpt(to)
    except aiosmtplib.SMTPRecipientRefused as refused:
        return refused
    return None


async def _nothing(client: aiosmtplib.SMTP) -> None:
    await client.noop()


async def _farewell(client: aiosmtplib.SMTP, ends: float) -> None:
    """Say goodbye in what time is left; what the server makes of that changes nothing."""
    with contextlib.suppress(aiosmtplib.SMTPException, OSError):
        async with asyncio.timeout_at(min(ends, asyncio.get_running_loop().time() + FAREWELL_S)):
            await client.quit()


def _report(channel: str, refused: list[aiosmtplib.SMTPRecipientRefused]) -> None:
    """Who was refused stays out of the log: how many, and what the server said."""
    log.warning(
        "mail recipients refused",
        action="mail_recipients_refused",
        channel=channel,
        count=len(refused),
        codes=sorted({one.code for one in refused}),
    )


def typed(problem: Exception, *, handed_over: bool) -> ChannelError:
    """What became of the mail. An answer in numbers is sure; silence is, until the message is handed over."""
    match problem:
        case aiosmtplib.SMTPRecipientsRefused(recipients=refused):
            waits = [one for one in refused if one.code < 500]
            return _of_reply((waits or refused)[0])
        case aiosmtplib.SMTPResponseException():
            return _of_reply(problem)
        case _ if handed_over:
            return Unknown(type(problem).__name__)
        case _:
            return NotSent(type(problem).__name__)


def _of_reply(reply: aiosmtplib.SMTPResponseException) -> ChannelError:
    if reply.code in TOKEN_CODES:
        return TokenDead(str(reply.code))
    if 400 <= reply.code < 500:
        return Throttled(PATIENCE_S, str(reply.code))
    if reply.code >= 500:
        return Refused(str(reply.code), _ADDRESS.sub("…", " ".join(reply.message.split()))[:200])
    return Unknown(f"answered {reply.code}")


def compose(chosen: MailSettings, message: Message, key: str, now: datetime) -> Letter:
    """The mail as it goes out. ``key`` makes its Message-ID, ``now`` (aware) its Date.

    With the older of Python's two ways to make headers: the newer loses spaces in long Swedish subjects.
    """
    title = message.title.strip() or next(iter(message.text.strip().splitlines()), "")
    letter = Letter(policy=compat32.clone(linesep="\r\n"))
    letter["From"] = _mailbox("From", chosen.sender_name, chosen.sender)
    letter["To"] = _mailbox("To", chosen.name, chosen.sender)
    letter["Subject"] = Header(_line(title)[:LONGEST_SUBJECT], "utf-8", header_name="Subject").encode()
    letter["Date"] = format_datetime(now)
    letter["Message-ID"] = message_id(chosen, key)
    letter["Auto-Submitted"] = "auto-generated"
    for name, value in _extras(chosen).items():
        letter[name] = value
    letter["Content-Language"] = _line(message.language)
    letter["MIME-Version"] = "1.0"
    letter.set_payload(_body(message), _quoted_printable())
    return letter


def _quoted_printable() -> Charset:
    charset = Charset("utf-8")
    charset.body_encoding = QP
    return charset


def message_id(chosen: MailSettings, key: str) -> str:
    """The same for the same delivery, so that a server or a reader sees a repeated mail for what it is."""
    return f"<{hashlib.sha256(f'{chosen.key} {key}'.encode()).hexdigest()[:32]}@{_domain(chosen)}>"


def _extras(chosen: MailSettings) -> dict[str, str]:
    extras = {"Reply-To": chosen.reply_to} if chosen.reply_to else {}
    if chosen.list_unsubscribe:
        extras["List-Unsubscribe"] = f"<{chosen.list_unsubscribe}>"
    if chosen.list_unsubscribe.startswith("https:"):
        extras["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return extras


def _mailbox(header: str, name: str, address: str) -> str:
    """A name, folded as mail wants it, and its address."""
    said = _line(name)
    if said.isascii():
        return formataddr((said, address))
    return f"{Header(said, 'utf-8', header_name=header).encode()} <{address}>"


def _body(message: Message) -> str:
    """The text, and the link where the text does not have it."""
    text = message.text.strip()
    if message.link and message.link not in text:
        text = f"{text}\n\n{message.link}"
    return _storable(text) + "\n"


def _line(text: str) -> str:
    """One line: a header has no room for more."""
    return " ".join(_storable(text).split())


def _storable(text: str) -> str:
    """Without control characters and half letters, which no mail can carry."""
    whole = text.encode("utf-8", "replace").decode()
    return "".join(c for c in whole if c in "\n\t" or (c >= " " and c != "\x7f"))


def _domain(chosen: MailSettings) -> str:
    return chosen.sender.rpartition("@")[2]
