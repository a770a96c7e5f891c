"""The one door to Slack's Web API: typed errors, a count of calls, no retries of its own.

Slack's SDK repeats a request whose answer was lost; for a post that means two. So its retries are off,
and who calls decides what an error means.
"""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, Final

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.channels.errors import ChannelError, Gone, NotSent, Refused, Throttled, TokenDead, Unknown
from bot.channels.scopes import READS, checked

PAGE: Final = 200
PATIENCE_S: Final = 30.0  # Retry-After when Slack names none
# Both spellings occur.
THROTTLED: Final = frozenset({"ratelimited", "rate_limited"})
TOKEN_DEAD: Final = frozenset(
    {
        "account_inactive",
        "invalid_auth",
        "not_authed",
        "org_login_required",
        "token_expired",
        "token_revoked",
        "two_factor_setup_required",
    }
)
# Slack says of these itself that part of the work may have been done.
MAYBE_DONE: Final = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
GONE: Final = frozenset({"message_not_found"})


class SlackApi:
    """Every call of the bot to Slack's Web API goes through here."""

    def __init__(self, token: str, *, base_url: str = AsyncWebClient.BASE_URL, timeout_s: float = 10.0) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()  # (method, outcome) → calls
        self._token, self._base_url, self._timeout_s = token, base_url, timeout_s
        self._session: aiohttp.ClientSession | None = None
        self._client: AsyncWebClient | None = None

    async def call(self, method: str, **args: Any) -> dict[str, Any]:
        """Call once; arguments that are None are left out. Gives Slack's answer.

        Raises NotInTable for a method without a line in the table of scopes; Throttled, Refused,
        TokenDead, Gone, NotSent or Unknown for everything Slack or the network may answer.
        """
        given = {name: value for name, value in args.items() if value is not None}
        kind = {"http_verb": "GET", "params": given} if checked(method) in READS else {"json": given}
        try:
            answer = await self._slack().api_call(method, **kind)
        except (SlackClientError, aiohttp.ClientError, OSError, AttributeError) as problem:
            # AttributeError: the SDK takes a 200 with plain text (a gateway's) for a dictionary
            error = typed(problem)
            self.counts[method, type(error).__name__.lower()] += 1
            raise error from problem
        self.counts[method, "ok"] += 1
        assert isinstance(answer.data, dict)
        return answer.data

    async def pages(self, method: str, key: str, *, size: int = PAGE, **args: Any) -> AsyncIterator[dict[str, Any]]:
        """Every element of the list ``key``, in pages of at most ``size``.

        A page may be empty and still have a next one: Slack filters after it has cut the page. The
        end is where there is no cursor.
        """
        cursor: str | None = None
        while True:
            page = await self.call(method, limit=size, cursor=cursor, **args)
            for element in page.get(key) or []:
                yield element
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return

    async def respond(self, url: str, answer: dict[str, Any]) -> None:
        """Answer at a ``response_url``: good for five answers within 30 minutes, no scope needed.

        Raises Refused when Slack does not take it (any more), Unknown or NotSent for the network.
        """
        try:
            async with self._http().post(url, json=answer) as response:
                taken = response.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            raise typed(problem) from problem
        self.counts["response_url", "ok" if taken else "refused"] += 1
        if not taken:
            raise Refused("response_url")

    async def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        if self._session is not None:
            await self._session.close()
        self._session = self._client = None

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=self._timeout_s, sock_connect=self._timeout_s / 2)
            self._session = aiohttp.ClientSession(timeout=timeout)
        return self._session

    def _slack(self) -> AsyncWebClient:
        if self._client is None:
            self._client = AsyncWebClient(
                self._token, base_url=self._base_url, session=self._http(), retry_handlers=[]
            )
        return self._client


def typed(problem: Exception) -> ChannelError:
    """What went wrong, as the rest of the bot understands it. Where it is unsure, Unknown."""
    match problem:
        case SlackApiError(response=AsyncSlackResponse() as answer):
            return _of_answer(answer)
        case SlackApiError(response=aiohttp.ClientResponse(status=429, headers=headers)):
            return Throttled(_retry_after(headers))
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError() | aiohttp.InvalidURL():
            return NotSent(type(problem).__name__)
        case _:  # dropped, timed out, or an answer that is none: it may have been carried out
            return Unknown(type(problem).__name__)


def _of_answer(answer: AsyncSlackResponse) -> ChannelError:
    data = answer.data if isinstance(answer.data, dict) else {}
    word = str(data.get("error") or "")
    if answer.status_code == 429 or word in THROTTLED:
        return Throttled(_retry_after(answer.headers))
    if answer.status_code >= 500 or word in MAYBE_DONE or not word:
        return Unknown(word or f"HTTP {answer.status_code}")
    if word in TOKEN_DEAD:
        return TokenDead(word)
    if word in GONE:
        return Gone(word)
    return Refused(word, _detail(data))


def _detail(data: dict[str, Any]) -> str:
    """What mends it: the missing scope, or the place in the blocks."""
    if data.get("needed"):
        return str(data["needed"])
    messages = (data.get("response_metadata") or {}).get("messages") or []
    return "; ".join(str(message) for message in messages)


def _retry_after(headers: Any) -> float:
    found = {str(name).lower(): str(value) for name, value in dict(headers).items()}
    try:
        return max(0.0, float(found["retry-after"]))
    except (KeyError, ValueError):
        return PATIENCE_S
