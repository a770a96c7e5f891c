"""The one way to a platform's HTTP interface: one session, no retries, errors as the room understands them.

Who is sure that nothing was sent says NotSent; who is not, says Unknown, and the finder looks.
"""

import ssl
from functools import cache
from typing import Any, Final

import httpx

from bot.channels.errors import ChannelError, NotSent, Throttled, Unknown

PATIENCE_S: Final = 30.0  # Retry-After when the platform names none
LONGEST_WAIT_S: Final = 3600.0


@cache
def _authorities() -> ssl.SSLContext:
    """The world's certificate authorities; reading them takes longer than many a request."""
    return httpx.create_ssl_context(trust_env=False)


class Http:
    """A session with one platform. ``base_url`` as in the settings; ``timeout_s`` for a whole request."""

    def __init__(self, base_url: str, *, timeout_s: float = 9.0, headers: dict[str, str] | None = None) -> None:
        self._client = httpx.AsyncClient(
            base_url=base_url.rstrip("/"),
            headers=headers,
            timeout=httpx.Timeout(timeout_s, connect=timeout_s / 2),
            follow_redirects=False,
            trust_env=False,
            verify=_authorities(),
        )

    async def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        """One request; any answer the platform itself gave is returned, whatever its status.

        Raises NotSent when the platform was surely not reached, Unknown when the answer was lost, and
        for the statuses that mean the same everywhere: Throttled (429), Unknown (5xx).
        """
        try:
            answer = await self._client.request(method, path, **given)
        except httpx.HTTPError as problem:
            raise typed(problem) from problem
        if answer.status_code == 429:
            raise Throttled(retry_after(answer))
        if answer.status_code >= 500:
            raise Unknown(f"HTTP {answer.status_code}")
        return answer

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def typed(problem: httpx.HTTPError) -> ChannelError:
    """What the network did to a request. Where it is unsure, Unknown."""
    match problem:
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.PoolTimeout() | httpx.UnsupportedProtocol():
            return NotSent(type(problem).__name__)
        case _:
            return Unknown(type(problem).__name__)


def retry_after(answer: httpx.Response) -> float:
    """Seconds the platform asks us to wait; PATIENCE_S when it does not say, or says it oddly."""
    try:
        return min(LONGEST_WAIT_S, max(0.0, float(answer.headers["retry-after"])))
    except (KeyError, ValueError):
        return PATIENCE_S


def json_of(answer: httpx.Response) -> dict[str, Any]:
    """The answer's JSON object; {} when it is none."""
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
