"""YouTube: only its comments. It takes no text from outside, so what is published there is published by hand.

A project has 10 000 units of quota a day (midnight to midnight in California): reading costs 1, an answer and
hiding 50 each.
"""

import time
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

import httpx
from pydantic import Field

from bot.channels.errors import Gone, Refused, Throttled, TokenDead, Unknown
from bot.channels.http import LONGEST_WAIT_S, PATIENCE_S, Http, json_of
from bot.channels.settings import ChannelSettings, Keyring, Text

EARLY_S: Final = 60.0  # so long before its end a token is not used any more
PACIFIC: Final = ZoneInfo("America/Los_Angeles")
SPENT: Final = frozenset({"quotaExceeded", "dailyLimitExceeded"})
FAST: Final = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
LOST: Final = frozenset({"commentNotFound", "parentCommentNotFound", "commentThreadNotFound", "videoNotFound"})
DETAIL: Final = 200


class YouTubeSettings(ChannelSettings):
    """A YouTube channel's comments. ``token_env`` (or ``token_file``) holds the refresh token of its owner.

    ``channel_id`` begins with UC. Google's project gives ``client_id_env`` and ``client_secret_env``; it must be
    "in production", or the refresh token dies after a week.
    """

    platform: Literal["youtube"] = "youtube"
    api_url: str = "https://www.googleapis.com"
    token_url: str = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
    site_url: str = "https://www.youtube.com"
    channel_id: Annotated[str, Field(pattern=r"^UC[\w-]{10,40}$")]
    client_id_env: Text
    client_secret_env: Text
    lag_s: Annotated[float, Field(ge=0)] = 10.0


class YouTubeClient:
    """Requests to YouTube in the name of one channel's owner; the hour's token is kept in memory alone."""

    def __init__(self, chosen: YouTubeSettings, keyring: Keyring, *, timeout_s: float = 9.0) -> None:
        self._chosen, self._keyring = chosen, keyring
        self._http, self._door = Http(chosen.api_url, timeout_s=timeout_s), Http("", timeout_s=timeout_s)
        self._token, self._until = "", 0.0

    async def ask(self, method: str, what: str, *, json: Any = None, **asked: Any) -> dict[str, Any]:
        """The answer's JSON; {} where YouTube answers with nothing.

        Raises Gone for a comment that is not there, Throttled when the day's quota is spent, TokenDead, Refused.
        """
        answer = await self._once(method, what, json, asked)
        if answer.status_code == httpx.codes.UNAUTHORIZED:  # taken back before its time: one new one
            self._token = ""
            answer = await self._once(method, what, json, asked)
        return _taken(answer)

    async def _once(self, method: str, what: str, json: Any, asked: dict[str, Any]) -> httpx.Response:
        headers = {"Authorization": f"Bearer {await self._fresh()}"}
        return await self._http.ask(method, f"/youtube/v3/{what}", json=json, params=asked, headers=headers)

    async def _fresh(self) -> str:
        """A token that is good for a while. Raises TokenDead when the refresh token is not taken."""
        if self._token and time.monotonic() < self._until:
            return self._token
        named, chosen = self._keyring.named, self._chosen
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self._keyring.token(chosen),
            "client_id": named(chosen.client_id_env),
            "client_secret": named(chosen.client_secret_env),
        }
        answer = await self._door.ask("POST", chosen.token_url, data=form)
        told = json_of(answer)
        if not told.get("access_token"):
            if answer.is_success:
                raise Unknown("no access token")
            raise TokenDead(str(told.get("error") or f"HTTP {answer.status_code}"))
        self._token = str(told["access_token"])
        self._until = time.monotonic() + float(told.get("expires_in") or 3600) - EARLY_S
        return self._token

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()
        await self._door.close()


def _taken(answer: httpx.Response) -> dict[str, Any]:
    body = json_of(answer)
    if answer.is_success:
        return body
    reason, detail = _problem(body, answer.status_code)
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        raise TokenDead(reason)
    if reason in SPENT:
        raise Throttled(_until_midnight(datetime.now(PACIFIC)), reason)
    if reason in FAST:
        raise Throttled(PATIENCE_S, reason)
    if reason in LOST or answer.status_code == httpx.codes.NOT_FOUND:
        raise Gone(reason)
    raise Refused(reason, detail)


def _until_midnight(now: datetime) -> float:
    """Seconds until the quota is new, at most an hour: it may be raised meanwhile."""
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return min(LONGEST_WAIT_S, (midnight - now).total_seconds())


def _problem(body: dict[str, Any], status: int) -> tuple[str, str]:
    """YouTube's reason and sentence."""
    error = body.get("error")
    told = error if isinstance(error, dict) else {}
    listed = told.get("errors")
    first = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}
    return str(first.get("reason") or told.get("status") or f"HTTP {status}"), str(told.get("message") or "")[
        :DETAIL
    ]
