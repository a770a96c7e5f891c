"""Calls to a Bluesky server (PDS), and through it to what shows threads and notifications; by app password."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Annotated, Any, Final

import httpx
from pydantic import Field

from bot.channels.errors import ChannelError, NotSent, Refused, TokenDead, Unknown
from bot.channels.http import Http, json_of
from bot.channels.settings import ChannelSettings, Keyring, Text

SERVER, REPO = "com.atproto.server", "com.atproto.repo"
OURSELVES: Final[Mapping[str, str]] = {}
VIEW: Final = {"atproto-proxy": "did:web:api.bsky.app#bsky_appview"}  # who answers app.bsky calls
STALE: Final = frozenset({"ExpiredToken", "InvalidToken"})  # these come as HTTP 400
DEAD: Final = frozenset({"AccountTakedown", "AccountDeactivated", "AuthFactorTokenRequired", "AuthMissing"})
Address = Annotated[str, Field(pattern=r"^https?://")]


class Account(ChannelSettings):
    """``identifier`` is the account's handle; the token is an app password, not the account's own."""

    api_url: Address = "https://bsky.social"
    identifier: Text


class Api:
    """One account's connection."""

    def __init__(self, chosen: Account, keyring: Keyring, *, timeout_s: float) -> None:
        self._http = _BlueskyHttp(chosen.api_url, timeout_s=timeout_s)
        self._login = _Login(self._http, chosen, keyring)

    async def session(self) -> "Session":
        """The session as it is. Raises TokenDead when the app password is not taken."""
        return await self._login.session()

    async def ask(
        self, method: str, call: str, *, kind: str = "", by: Mapping[str, str] = OURSELVES, **given: Any
    ) -> dict[str, Any]:
        """Ask with the session, a second time with a fresh one when the first is stale.

        ``kind``: the media type of a ``content`` that is not JSON. ``by``: the header that says who answers.
        """
        more = {**by, **({"Content-Type": kind} if kind else {})}
        session = await self._login.session()
        headers = _bearer(session.access) | more
        answer = await self._http.ask(method, f"/xrpc/{call}", headers=headers, **given)
        if _word(answer) in STALE:
            session = await self._login.renew(session)
            headers = _bearer(session.access) | more
            answer = await self._http.ask(method, f"/xrpc/{call}", headers=headers, **given)
        if answer.is_success:
            return json_of(answer)
        raise _refusal(answer)

    async def view(self, call: str, **asked: Any) -> dict[str, Any]:
        """What the network shows: threads, notifications, figures. Raises Unknown for what is no answer."""
        found = await self.ask("GET", call, params=asked, by=VIEW)
        if not found:
            raise Unknown("an answer that is not Bluesky's")
        return found

    async def close(self) -> None:
        """Close the connections; the session is forgotten with them."""
        await self._http.close()


@dataclass(frozen=True)
class Session:
    """An open session."""

    did: str
    access: str  # lasts two hours
    refresh: str  # good for one renewal


class _Login:
    """The session: opened when first needed, kept in memory only, renewed by one caller at a time."""

    def __init__(self, http: Http, chosen: Account, keyring: Keyring) -> None:
        self._http, self._chosen, self._keyring = http, chosen, keyring
        self._lock = asyncio.Lock()
        self._session: Session | None = None

    async def session(self) -> Session:
        """The session as it is. Raises TokenDead when the app password is not taken."""
        async with self._lock:
            if self._session is None:
                self._session = await self._open()
            return self._session

    async def renew(self, stale: Session) -> Session:
        """A session other than the stale one; whoever waited for another's renewal gets that."""
        async with self._lock:
            if self._session is None or self._session is stale:
                self._session = None
                self._session = await self._refreshed(stale) or await self._open()
            return self._session

    async def _open(self) -> Session:
        password = self._keyring.token(self._chosen)
        answer = await self._asked("createSession", json=_credentials(self._chosen.identifier, password))
        if not answer.is_success:
            raise _refusal(answer)
        return _session(answer)

    async def _refreshed(self, stale: Session) -> Session | None:
        """None when the renewal itself has run out: then the app password opens a new session."""
        answer = await self._asked("refreshSession", headers=_bearer(stale.refresh))
        return _session(answer) if answer.is_success else None

    async def _asked(self, call: str, **given: Any) -> httpx.Response:
        try:
            return await self._http.ask("POST", f"/xrpc/{SERVER}.{call}", **given)
        except Unknown as lost:  # of the session; what was to be sent with it surely was not
            raise NotSent(f"{call}: {lost}") from None


class AlreadyThere(Refused):
    """A record of that name stands there, with another content or time."""


class NoRecord(Refused):
    """No record of that name."""


class _BlueskyHttp(Http):
    """Bluesky says in a header of its own, in seconds since 1970, when one may come again."""

    def __init__(self, base_url: str, *, timeout_s: float) -> None:
        super().__init__(base_url, timeout_s=timeout_s)
        self._client.event_hooks = {"response": [_in_seconds]}


async def _in_seconds(answer: httpx.Response) -> None:
    """Write the time of day as Retry-After; by the server's clock, so ours need not agree."""
    if answer.status_code != 429 or "retry-after" in answer.headers:
        return
    try:
        wait = float(answer.headers["ratelimit-reset"])
        wait -= parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return
    answer.headers["retry-after"] = str(max(1.0, wait))


def _session(answer: httpx.Response) -> Session:
    """The session in an answer. Raises TokenDead when the account may not be used."""
    given = json_of(answer)
    if given.get("active") is False:
        raise TokenDead(str(given.get("status") or "inactive"))
    try:
        return Session(given["did"], given["accessJwt"], given["refreshJwt"])
    except KeyError as missing:
        raise NotSent(f"a session without {missing}") from None


def _refusal(answer: httpx.Response) -> ChannelError:
    word, said = _word(answer), str(json_of(answer).get("message") or "")
    if answer.status_code == 401 or word in STALE | DEAD:
        return TokenDead(word or "HTTP 401")
    if word == "InvalidSwap":
        return AlreadyThere(word)
    if word in ("RecordNotFound", "NotFound") or said.startswith("Could not locate record"):
        return NoRecord(word)
    return Refused(word or f"HTTP {answer.status_code}", said)


def _word(answer: httpx.Response) -> str:
    return "" if answer.is_success else str(json_of(answer).get("error") or "")


def _credentials(identifier: str, password: str) -> dict[str, str]:
    return {"identifier": identifier, "password": password}


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
