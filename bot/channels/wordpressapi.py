"""Calls to a WordPress site's REST interface: the user, the errors, the lists."""

import html as entities
import re
from typing import Annotated, Any

import httpx
from pydantic import Field

from bot.channels.errors import ChannelError, Gone, Refused, TokenDead, Unknown
from bot.channels.http import Http, json_of
from bot.channels.settings import ChannelSettings, Keyring, Text


class Site(ChannelSettings):
    """A WordPress site. The token is an application password; ``user_env`` names the variable with its user.

    ``api_url`` is the REST interface's address as the site itself gives it, ``https://…/wp-json`` or, with
    plain permalinks, ``https://…/?rest_route=``.
    """

    api_url: Annotated[str, Field(pattern=r"^https?://[^\s/@?#]+([/?][^\s#]*)?$")]
    user_env: Text


class Rest:
    """One user's connection."""

    def __init__(self, chosen: Site, keyring: Keyring, *, timeout_s: float) -> None:
        self._chosen, self._keyring = chosen, keyring
        self._http = Http(chosen.api_url, timeout_s=timeout_s)

    async def call(
        self, method: str, path: str, *, params: dict[str, str] | None = None, body: Any = None
    ) -> httpx.Response:
        """The answer, when it is one of success. Raises what WordPress means by any other."""
        root = self._chosen.api_url.rstrip("/")
        address = httpx.URL(f"{root}/wp/v2/{path}").copy_merge_params(params or {})
        credentials = (self._keyring.named(self._chosen.user_env), self._keyring.token(self._chosen))
        answer = await self._http.ask(method, str(address), json=body, auth=credentials)
        if answer.is_success:
            return answer
        raise refusal(answer)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()


def refusal(answer: httpx.Response) -> ChannelError:
    """What WordPress, or something in front of it, means by an answer that is neither 2xx, 429 nor 5xx."""
    said = json_of(answer)
    code = str(said.get("code") or f"HTTP {answer.status_code}")
    if answer.is_redirect:
        return Refused("redirect", answer.headers.get("location", "")[:200])
    match answer.status_code, code:
        case 401, _:
            return TokenDead(code)
        case (404, "rest_post_invalid_id" | "rest_comment_invalid_id") | (410, "rest_already_trashed"):
            return Gone(code)
        case 408, _:
            return Unknown(code)
    return Refused(code, _detail(said))


def _detail(said: dict[str, Any]) -> str:
    """WordPress's sentence, which is HTML, and which parameters it means."""
    data = said.get("data")
    params = data.get("params") if isinstance(data, dict) else None
    sentences = [str(said.get("message") or "")]
    if isinstance(params, dict):
        sentences += [str(sentence) for sentence in params.values()]
    return entities.unescape(re.sub(r"<[^>]*>", "", " ".join(sentences))).strip()[:200]


def listed(answer: httpx.Response) -> list[dict[str, Any]]:
    """The objects in the answer. Raises Unknown when it is no list: then nothing is known to be missing."""
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise Unknown("not a list")
    return [one for one in found if isinstance(one, dict) and one.get("id")]
