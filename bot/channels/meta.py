"""What Facebook and Instagram share: Meta's Graph interface, its token and its errors."""

import asyncio
import hashlib
import hmac
import json
import unicodedata
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import httpx
from pydantic import Field

from bot.channels.errors import CannotLook, ChannelError, Refused, Throttled, TokenDead, Unknown
from bot.channels.http import LONGEST_WAIT_S, PATIENCE_S, Http, json_of
from bot.channels.message import Message
from bot.channels.settings import ChannelSettings, Keyring

Id = Annotated[str, Field(pattern=r"^\d+$")]

PAGE: Final = 100  # the most the Graph gives at a time
PAGES: Final = 10  # so many are looked through, then it is too much to be sure
DETAIL: Final = 200

TOKEN_DEAD: Final = frozenset({102, 190})
TOO_FAST: Final = frozenset({4, 17, 32, 341, 613, *range(80000, 80015)})
QUOTA: Final = 2207042  # a day's posts on Instagram are used up
NOT_READY: Final = 2207027
MAYBE_DONE: Final = frozenset({1, 2})
MAYBE_DONE_SUBCODES: Final = frozenset({1363047, 1609010})
DUPLICATE: Final = 506
MISSING: Final = (100, 33)
NO_MEDIA: Final = 2207006
NO_PREVIEW: Final = 1609005


class Duplicate(Refused):
    """The same as the last post: perhaps an earlier try of ours succeeded."""


class Missing(Refused):
    """No such object, or none that this token may see: Meta says the same of both."""


class NoPreview(Refused):
    """Meta could not open the link; without it the post may stand."""


class MetaSettings(ChannelSettings):
    """``app_secret_env`` names the app's secret, which signs every call and every webhook.

    ``verify_token_env``: the word by which Meta's handshake is known; without both no webhook is taken.

    ``lag_s``: seconds until a new post is in the lists; ``patience_s``: how long to wait when Meta says
    too fast without saying for how long.
    """

    api_url: Annotated[str, Field(pattern=r"^https?://")] = "https://graph.facebook.com/v26.0"
    app_secret_env: str | None = None
    verify_token_env: str | None = None
    lag_s: Annotated[float, Field(ge=0, le=600)] = 30.0
    patience_s: Annotated[float, Field(gt=0, le=LONGEST_WAIT_S)] = PATIENCE_S


class Graph:
    """Calls to Meta with the channel's token, once each."""

    def __init__(self, chosen: MetaSettings, keyring: Keyring, *, timeout_s: float) -> None:
        self._chosen, self._keyring = chosen, keyring
        self._http = _GraphHttp(chosen.api_url, timeout_s=timeout_s)

    async def ask(self, method: str, path: str, **fields: Any) -> dict[str, Any]:
        """Meta's answer; fields that are None are left out.

        Raises TokenDead, Throttled, Refused (or one of its kinds here), NotSent or Unknown.
        """
        token = self._keyring.token(self._chosen)
        given = {name: value for name, value in fields.items() if value is not None} | self._proof(token)
        where = "data" if method == "POST" else "params"
        bearer = {"Authorization": f"Bearer {token}"}  # in the address it would end up in logs
        answer = await self._http.ask(method, path, headers=bearer, **{where: given})
        said = json_of(answer)
        if answer.is_success and not said:
            raise Unknown("an answer that is not Meta's")
        if answer.is_success and "error" not in said:
            return said
        raise refusal(answer, secret=token, patience_s=self._chosen.patience_s)

    async def create(self, path: str, **fields: Any) -> str:
        """The id of what was made. Raises Unknown for an answer without one."""
        made = (await self.ask("POST", path, **fields)).get("id")
        if not made:
            raise Unknown("an answer without an id")
        return str(made)

    async def change(self, method: str, path: str, **fields: Any) -> None:
        """Change or delete an object. Raises Missing only when it cannot be read either.

        Meta answers alike for what is gone and for what one may not touch, so this asks once more.
        """
        try:
            said = await self.ask(method, path, **fields)
        except Missing as missing:
            if await self._exists(path):
                raise Refused(missing.reason, missing.detail) from None
            raise
        if said.get("success") is not True:
            raise Unknown("an answer without success")

    async def each(self, path: str, **fields: Any) -> AsyncIterator[dict[str, Any]]:
        """Every element of a list, page by page. Raises CannotLook when there is no end to it."""
        after: str | None = None
        for _ in range(PAGES):
            page = await self.ask("GET", path, limit=PAGE, after=after, **fields)
            if not isinstance(page.get("data"), list):
                raise Unknown("a page that is no list")
            for element in page["data"]:
                yield element
            paging = page.get("paging") or {}
            after = (paging.get("cursors") or {}).get("after") if paging.get("next") else None
            if not after:
                return
        raise CannotLook("too many posts since then")

    async def link(self, remote: str, field: str, within_s: float) -> str:
        """The object's public address; "" when Meta does not say in time, for the post stands anyway."""
        try:
            async with asyncio.timeout(max(0.0, within_s)):
                return str((await self.ask("GET", f"/{remote}", fields=field)).get(field) or "")
        except (ChannelError, TimeoutError):
            return ""

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _exists(self, path: str) -> bool:
        try:
            await self.ask("GET", path, fields="id")
        except Missing:
            return False
        return True

    def _proof(self, token: str) -> dict[str, str]:
        """Shows that the call comes from the app; worthless without the token."""
        if not self._chosen.app_secret_env:
            return {}
        secret = self._keyring.named(self._chosen.app_secret_env)
        return {"appsecret_proof": hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()}


class _GraphHttp(Http):
    """Meta says in a header of its own, in minutes, when one may come again."""

    def __init__(self, base_url: str, *, timeout_s: float) -> None:
        super().__init__(base_url, timeout_s=timeout_s)
        self._client.event_hooks = {"response": [_in_seconds]}


async def _in_seconds(answer: httpx.Response) -> None:
    """Write the longest of Meta's estimates as Retry-After, which the rest of the house reads."""
    minutes = _regain_min(answer.headers.get("x-business-use-case-usage", ""))
    if minutes > 0 and "retry-after" not in answer.headers:
        answer.headers["retry-after"] = str(minutes * 60)


def _regain_min(usage: str) -> float:
    """Minutes until access is regained: ``{"<id>": [{"estimated_time_to_regain_access": 3}]}``."""
    try:
        found = [
            one.get("estimated_time_to_regain_access", 0) for uses in json.loads(usage).values() for one in uses
        ]
        return max(map(float, found), default=0.0)
    except (ValueError, TypeError, AttributeError):
        return 0.0


def refusal(answer: httpx.Response, *, secret: str, patience_s: float) -> ChannelError:
    """What Meta's error means. ``secret`` (the token) is never repeated, though Meta sometimes does."""
    error = json_of(answer).get("error")
    error = error if isinstance(error, dict) else {}
    code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
    word = (f"{code}/{subcode}" if subcode else str(code)) if code else f"HTTP {answer.status_code}"
    if code in TOKEN_DEAD or (answer.status_code == 401 and not code):
        return TokenDead(word)
    if subcode == QUOTA:
        return Throttled(LONGEST_WAIT_S, word)
    if code in TOO_FAST or subcode == NOT_READY:
        return Throttled(_wait(answer, patience_s), word)
    if code in MAYBE_DONE or error.get("is_transient") is True or subcode in MAYBE_DONE_SUBCODES:
        return Unknown(word)
    detail = str(error.get("error_user_msg") or error.get("message") or "").replace(secret, "…")[:DETAIL]
    return _kind(code, subcode)(word, detail)


def _kind(code: int, subcode: int) -> type[Refused]:
    if code == DUPLICATE:
        return Duplicate
    if NO_PREVIEW in (code, subcode):
        return NoPreview
    return Missing if (code, subcode) == MISSING or subcode == NO_MEDIA else Refused


def _wait(answer: httpx.Response, patience_s: float) -> float:
    try:
        return min(LONGEST_WAIT_S, max(1.0, float(answer.headers["retry-after"])))
    except (KeyError, ValueError):
        return patience_s


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0


def words(message: Message) -> str:
    """The text, with the link at its end where the text does not have it."""
    if not message.link or message.link in message.text:
        return message.text
    return f"{message.text}\n\n{message.link}"


def normal(text: str) -> str:
    """One spelling of a text, whatever happened to its white space on the way."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def instant(value: Any) -> datetime:
    """A time of Meta's, ISO or seconds since 1970, as aware UTC. Raises Unknown for anything else."""
    try:
        if isinstance(value, int | float) or str(value).isdigit():
            return datetime.fromtimestamp(float(value), UTC)
        return datetime.fromisoformat(str(value)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise Unknown("a post without a time") from None
