"""A local mail server: takes mail over SMTP and shows every letter on its wall."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Iterable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from bot.sandbox.platforms.base import Clock, Platform

OK = "250 2.0.0 OK"
BUSY = "451 4.7.1 Too much mail from you, try again later"
ILL = "421 4.3.0 Service not available"
NOBODY = "550 5.1.1 No such mailbox here"
FULL = "452 4.2.2 Mailbox full"


class Mailbox(Platform):
    """The mail server of a town in which everybody has the same inbox.

    ``token`` is the password of ``user``; without one anybody may send. ``strangers`` are addresses it
    does not know, ``full`` those whose box is full. ``refuses`` is what it says to a letter's content.
    ``tls``: a context for STARTTLS, or for encryption from the first byte with ``implicit``.
    """

    name = "mail"
    title = "E-post"
    color = "#5b4a8a"

    def __init__(
        self,
        *,
        token: str = "",
        user: str = "",
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
        clock: Clock = time.time,
    ) -> None:
        super().__init__(token=token, clock=clock)
        self.user = user
        self.strangers: set[str] = set()
        self.full: set[str] = set()
        self.refuses = ""
        self.host, self.port = "127.0.0.1", 0
        self._tls, self._implicit = tls, implicit
        self._server: asyncio.Server | None = None
        self._talking: list[SMTP] = []

    def routes(self) -> list[web.RouteDef]:
        """Nothing over HTTP: mail comes by SMTP."""
        return []

    def authorized(self, request: web.Request) -> bool:
        """Nobody has business here over HTTP."""
        return False

    def dead_token(self) -> web.Response:
        """What HTTP would say."""
        return web.Response(status=401)

    def throttled(self) -> web.Response:
        """What HTTP would say."""
        return web.Response(status=429)

    async def start(self, port: int = 0) -> None:
        """Listen for SMTP on loopback; the system chooses the port when it is 0. Raises OSError."""
        loop = asyncio.get_running_loop()
        encrypted = self._tls if self._implicit else None
        self._server = await loop.create_server(self._answer, self.host, port, ssl=encrypted)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the door and hang up on whoever is still talking."""
        if self._server is None:
            return
        self._server.close()
        for one in self._talking:
            hang_up(one)
        await self._server.wait_closed()
        self._server = None

    def _answer(self) -> SMTP:
        one = SMTP(
            _Desk(self),
            hostname="post.sandbox.test",
            ident="sandbox",
            tls_context=None if self._implicit else self._tls,
            auth_require_tls=False,
            auth_exclude_mechanism=("LOGIN",),
            authenticator=self._login,
            loop=asyncio.get_running_loop(),
        )
        self._talking = [old for old in self._talking if not _closing(old)] + [one]
        return one

    def _login(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        assert isinstance(given, LoginPassword)
        right = (given.login, given.password) == (self.user.encode(), self.token.encode())
        return AuthResult(success=right and not self.faults.revoked, handled=False)

    def take(self, envelope: Envelope) -> None:
        """Put a letter on the wall."""
        content = envelope.content
        assert isinstance(content, bytes)
        letter = message_from_bytes(content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.add(
            letter.get_content().replace("\r\n", "\n").rstrip("\n"),
            title=str(letter["Subject"] or ""),
            key=str(letter["Message-ID"] or ""),
            more={
                "sender": envelope.mail_from,
                "recipients": list(envelope.rcpt_tos),
                "headers": _headers(letter.items()),
            },
        )
        self.changed()


class _Desk:
    """What aiosmtpd asks at each step of a conversation."""

    def __init__(self, box: Mailbox) -> None:
        self._box = box

    async def handle_MAIL(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """The sender: the moment for being too busy, ill, or unwilling without a password."""
        faults = self._box.faults
        self._box.calls.append("mail")
        if self._box.user and not session.authenticated:
            return "530 5.7.0 Authentication required"
        if faults.strikes("throttle", "mail"):
            return BUSY
        broken = faults.strikes("error_5xx", "mail")
        if broken and not faults.chance(broken.stored):
            return ILL
        envelope.mail_from = address
        envelope.mail_options.extend(["stored"] if broken else [])
        return OK

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """A recipient."""
        if address in self._box.strangers:
            return f"{NOBODY}: <{address}>"
        if address in self._box.full:
            return FULL
        envelope.rcpt_tos.append(address)
        return OK

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """The letter."""
        slow = self._box.faults.strikes("slow_ms", "data")
        if slow:
            await asyncio.sleep(slow.ms / 1000)
        if self._box.refuses:
            return self._box.refuses
        self._box.take(envelope)
        lost = self._box.faults.strikes("drop_after_store", "data")
        if lost or "stored" in envelope.mail_options:
            hang_up(server)
        return OK


def hang_up(server: SMTP) -> None:
    """Close a connection without a word."""
    if isinstance(server.transport, asyncio.Transport):
        server.transport.abort()


def _closing(server: SMTP) -> bool:
    return server.transport is None or server.transport.is_closing()


def _headers(items: Iterable[tuple[str, Any]]) -> dict[str, str]:
    return {name: str(value) for name, value in items}
