"""TikTok: only its comments, through the interface for business accounts; text alone is never published there."""

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from bot.channels.errors import Gone, Refused, Throttled, TokenDead, Unknown
from bot.channels.http import Http, json_of
from bot.channels.settings import ChannelSettings, Keyring, Text

DEAD: Final = frozenset({40102, 40103, 40104, 40105})  # expired, taken back, missing, wrong
FAST: Final = frozenset({40100, 40016, 40133})
AILING: Final = 50000  # from here on it is TikTok's own fault
A_MINUTE_S: Final = 60.0  # 40 calls a minute to each address
DETAIL: Final = 200


class TikTokSettings(ChannelSettings):
    """A business account's comments. ``business_id`` is the account's open id; the token one of its owner."""

    platform: Literal["tiktok"] = "tiktok"
    api_url: str = "https://business-api.tiktok.com"
    site_url: str = "https://www.tiktok.com"
    business_id: Text
    lag_s: Annotated[float, Field(ge=0)] = 10.0


class TikTokClient:
    """Requests to TikTok for one business account."""

    def __init__(self, chosen: TikTokSettings, keyring: Keyring, *, timeout_s: float = 9.0) -> None:
        self._chosen, self._keyring = chosen, keyring
        self._http = Http(chosen.api_url, timeout_s=timeout_s)

    async def look(self, what: str, **asked: Any) -> dict[str, Any]:
        """Ask for something. Raises the channels' errors, Gone for what is not there."""
        return await self._ask("GET", what, params={"business_id": self._chosen.business_id, **asked})

    async def tell(self, what: str, **given: Any) -> dict[str, Any]:
        """Change something."""
        return await self._ask("POST", what, json={"business_id": self._chosen.business_id, **given})

    async def _ask(self, method: str, what: str, **given: Any) -> dict[str, Any]:
        headers = {"Access-Token": self._keyring.token(self._chosen)}
        answer = await self._http.ask(method, f"/open_api/v1.3/business/{what}/", headers=headers, **given)
        body = json_of(answer)
        data = body.get("data")
        if answer.is_success and body.get("code") == 0:
            return data if isinstance(data, dict) else {}
        raise _problem(body, answer.status_code)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()


def _problem(body: dict[str, Any], status: int) -> Exception:
    """What TikTok says no with: its own number, for the status is 200 whatever happened."""
    number, said = body.get("code"), str(body.get("message") or "")[:DETAIL]
    if not isinstance(number, int):
        return TokenDead(f"HTTP {status}") if status == 401 else Unknown(f"HTTP {status} without a code")
    if number in DEAD:
        return TokenDead(f"{number} {said}")
    if number in FAST:
        return Throttled(A_MINUTE_S, str(number))
    if number >= AILING:
        return Unknown(f"{number} {said}")
    lost = "not exist" in said.lower() or "not found" in said.lower()
    return Gone(said) if lost else Refused(str(number), said)
