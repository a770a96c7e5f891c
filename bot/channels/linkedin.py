"""LinkedIn: posts of an organization's page. It takes no key of ours, but names the post it has already."""

import re
import unicodedata
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote

import httpx
from pydantic import Field

from bot.channels.errors import CannotLook, Gone, Refused, TokenDead, Unknown
from bot.channels.http import Http, json_of
from bot.channels.message import Message
from bot.channels.protocol import Can, Sent
from bot.channels.settings import ChannelSettings, Keyring

PAGE: Final = 50
PAGES: Final = 5
DETAIL: Final = 200
DUPLICATE: Final = "DUPLICATE_POST"

_POST: Final = re.compile(r"urn:li:(?:share|ugcPost|activity):\d+")
_RESERVED: Final = re.compile(r"([\\|{}@\[\]()<>#*_~])")
_HASHTAG: Final = re.compile(r"\{hashtag\|\\?#\|([^{}|]*)\}")


class LinkedInSettings(ChannelSettings):
    """An organization's page. ``organization`` is its number; the token is one of an administrator.

    ``version`` (YYYYMM) of the interface: LinkedIn keeps each about a year, so it is renewed yearly.
    """

    platform: Literal["linkedin"] = "linkedin"
    api_url: str = "https://api.linkedin.com"
    site_url: str = "https://www.linkedin.com"
    organization: Annotated[str, Field(pattern=r"^\d+$")]
    version: Annotated[str, Field(pattern=r"^20\d\d(0[1-9]|1[0-2])$")] = "202607"
    lag_s: Annotated[float, Field(ge=0)] = 30.0


class LinkedInClient:
    """Requests to LinkedIn in the name of one organization's page."""

    def __init__(self, chosen: LinkedInSettings, keyring: Keyring, *, timeout_s: float = 9.0) -> None:
        self.author = f"urn:li:organization:{chosen.organization}"
        self._chosen, self._keyring = chosen, keyring
        self._http = Http(chosen.api_url, timeout_s=timeout_s)

    async def own(self, since: datetime) -> AsyncIterator[dict[str, Any]]:
        """The page's posts made since then, last changed first. Raises CannotLook when there is no end."""
        earliest = int(since.timestamp() * 1000)
        asked: dict[str, Any] = {"q": "author", "author": self.author, "count": PAGE, "sortBy": "LAST_MODIFIED"}
        for page in range(PAGES):
            params = asked | {"start": page * PAGE}
            answer = await self.ask("GET", "/rest/posts", method_name="FINDER", params=params)
            posts = elements_of(taken(answer))
            for post in posts:
                if int(post.get("createdAt") or 0) >= earliest:
                    yield post
            if len(posts) < PAGE or int(posts[-1].get("lastModifiedAt") or 0) < earliest:
                return
        raise CannotLook("too many posts")

    async def ask(self, method: str, path: str, *, method_name: str = "", **given: Any) -> httpx.Response:
        """One request; ``method_name`` is Rest.li's own."""
        headers = {
            "Authorization": f"Bearer {self._keyring.token(self._chosen)}",
            "LinkedIn-Version": self._chosen.version,
            "X-Restli-Protocol-Version": "2.0.0",
        }
        if method_name:
            headers["X-RestLi-Method"] = method_name
        return await self._http.ask(method, path, headers=headers, **given)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    def address(self, urn: str) -> str:
        """Where people see a post or an activity."""
        return f"{self._chosen.site_url}/feed/update/{urn}"


class LinkedIn:
    """One organization's page; text only, so that a correction can change all of it."""

    can = frozenset({Can.PUBLISH, Can.UPDATE, Can.REMOVE, Can.FIND, Can.PING})
    idempotent = False

    def __init__(self, chosen: LinkedInSettings, keyring: Keyring, *, timeout_s: float = 9.0) -> None:
        self.name, self.lag = chosen.key, chosen.lag_s
        self._chosen, self._client = chosen, LinkedInClient(chosen, keyring, timeout_s=timeout_s)

    async def place(self, dest: str) -> str:
        """The page has one wall."""
        return dest

    async def send(self, place: str, thread: str | None, message: Message, key: str) -> Sent:
        """Publish; where LinkedIn says that the same post is there already, that post is ours."""
        self._chosen.admit(message)
        answer = await self._client.ask("POST", "/rest/posts", json=self._post(message))
        named = _duplicate(answer)
        if named:
            await self._adoptable(named, message)
        else:
            taken(answer)
        urn = named or answer.headers.get("x-restli-id", "")
        if not urn:
            raise Unknown("no id")
        return self._sent(urn, place)

    async def update(self, place: str, remote: str, message: Message) -> None:
        """Show this text instead. Raises Gone."""
        self._chosen.admit(message)
        patch = {"patch": {"$set": {"commentary": little(_words(message))}}}
        answer = await self._client.ask("POST", path_of(remote), method_name="PARTIAL_UPDATE", json=patch)
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise Gone(remote)
        taken(answer)

    async def remove(self, place: str, remote: str) -> None:
        """Delete the post; one that is not there is deleted."""
        answer = await self._client.ask("DELETE", path_of(remote), method_name="DELETE")
        if answer.status_code != httpx.codes.NOT_FOUND:
            taken(answer)

    async def find(
        self, place: str, thread: str | None, key: str, since: datetime, message: Message | None
    ) -> Sent | None:
        """The page's post made after ``since`` that says the same."""
        if message is None:
            raise CannotLook("no text to look for")
        try:
            async for post in self._client.own(since):
                if self._says(post, message):
                    return self._sent(str(post.get("id")), place)
        except Refused as refused:
            raise CannotLook(str(refused)) from refused
        return None

    async def ping(self) -> str:
        """The page's name on LinkedIn."""
        page = taken(await self._client.ask("GET", f"/rest/organizations/{self._chosen.organization}"))
        if not page.get("localizedName"):
            raise Unknown("a page without a name")
        return str(page["localizedName"])

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _adoptable(self, urn: str, message: Message) -> None:
        """Raise Refused when the post that LinkedIn names is gone or says something else: its memory is long.

        Who may not read takes LinkedIn's word for it. Everything else that may go wrong is raised as it
        is: nothing was published now, so trying again is safe.
        """
        answer = await self._client.ask("GET", path_of(urn))
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise Refused(DUPLICATE, f"{urn} is no longer there")
        if answer.is_success and not self._says(json_of(answer), message):
            raise Refused(DUPLICATE, f"{urn} says something else by now")
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            taken(answer)

    def _post(self, message: Message) -> dict[str, Any]:
        return {
            "author": self._client.author,
            "commentary": little(_words(message)),
            "visibility": "PUBLIC",
            "distribution": {
                "feedDistribution": "MAIN_FEED",
                "targetEntities": [],
                "thirdPartyDistributionChannels": [],
            },
            "lifecycleState": "PUBLISHED",
            "isReshareDisabledByAuthor": False,
        }

    def _says(self, post: dict[str, Any], message: Message) -> bool:
        """Is this the page's post with that text?"""
        author = post.get("author", self._client.author)
        return bool(
            author == self._client.author and said(plain(str(post.get("commentary")))) == said(_words(message))
        )

    def _sent(self, urn: str, place: str) -> Sent:
        return Sent(urn, place, self._client.address(urn))


def little(text: str) -> str:
    """``text`` in LinkedIn's little text format, where nothing of it means anything but itself."""
    return _RESERVED.sub(r"\\\1", text)


def plain(commentary: str) -> str:
    """What people read of a commentary in little text format."""
    return re.sub(r"\\(.)", r"\1", _HASHTAG.sub(r"\#\1", commentary), flags=re.DOTALL)


def _words(message: Message) -> str:
    """The text, with the link at its end where the text does not have it."""
    if not message.link or message.link in message.text:
        return message.text
    return f"{message.text}\n\n{message.link}"


def said(text: str) -> str:
    """What two writings of one text have in common."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def path_of(urn: str) -> str:
    """A post's own path."""
    return f"/rest/posts/{quote(urn, safe='')}"


def elements_of(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The listed posts. Raises CannotLook when the answer holds no list: that is not the same as none."""
    found = body.get("elements")
    if not isinstance(found, list):
        raise CannotLook("an answer without elements")
    return found


def _duplicate(answer: httpx.Response) -> str:
    """The post that LinkedIn has already and names in its refusal; "" when it is none."""
    if answer.status_code != httpx.codes.UNPROCESSABLE_ENTITY:
        return ""
    body = json_of(answer)
    named = _POST.search(str(body.get("message") or ""))
    return named[0] if named and ("duplicate" in str(body).lower()) else ""


def taken(answer: httpx.Response) -> dict[str, Any]:
    """The answer's JSON when LinkedIn did what was asked. Raises what it said otherwise."""
    if answer.is_success:
        return json_of(answer)
    word, detail = _problem(json_of(answer), answer.status_code)
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        raise TokenDead(word)
    if answer.is_redirect:
        raise Unknown(word)
    raise Refused(word, detail)


def _problem(body: dict[str, Any], status: int) -> tuple[str, str]:
    """LinkedIn's word and sentence; the word of an input error says more than that there is one."""
    details = body.get("errorDetails")
    listed = details.get("inputErrors") if isinstance(details, dict) else None
    first = listed[0] if listed and isinstance(listed[0], dict) else {}
    word = first.get("code") or body.get("code") or f"HTTP {status}"
    return str(word), str(first.get("description") or body.get("message") or "")[:DETAIL]
