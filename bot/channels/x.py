"""X: short posts by the keys of one account. It cannot edit, and takes no key of ours: the text is the proof.

A post with a web link costs the municipality more than one without; credits that are used up are a refusal.
"""

import html
import logging
import re
import time
import unicodedata
from collections.abc import AsyncIterator, Generator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated, Any, Final, Literal

import httpx
from oauthlib import oauth1  # type: ignore[import-untyped]
from pydantic import Field

from bot.channels.errors import CannotLook, Refused, TokenDead, Unknown
from bot.channels.http import Http, json_of
from bot.channels.message import Message
from bot.channels.protocol import Can, Sent
from bot.channels.settings import ChannelSettings, Keyring, Text
from bot.channels.weighted import LIMIT, weigh

PAGE: Final = 100
PAGES: Final = 5  # of our own posts within minutes: more means that something else is wrong
DUPLICATE: Final = "187"  # X's own number, in its older way of saying no
DETAIL: Final = 200


class XSettings(ChannelSettings):
    """An account on X. ``token_env`` (or ``token_file``) holds the access token.

    ``fields``: what X calls a post in the names of its query fields; it is being renamed from tweet to
    post. ``user_id`` spares a question each start; ``username`` (without @) stands in the public address.
    ``replies``: X lets most apps answer only who named the account ("summoned"); the rest is put there by
    hand. "all" for an app that X has given more.
    """

    platform: Literal["x"] = "x"
    api_url: str = "https://api.x.com"
    site_url: str = "https://x.com"
    consumer_key_env: Text
    consumer_secret_env: Text
    token_secret_env: Text
    user_id: Annotated[str, Field(pattern=r"^\d*$")] = ""
    username: Annotated[str, Field(pattern=r"^\w{0,15}$")] = ""
    replies: Literal["summoned", "all"] = "summoned"
    fields: Literal["tweet", "post"] = "tweet"
    lag_s: Annotated[float, Field(ge=0)] = 10.0


class XClient:
    """Signed requests to X in one account's name."""

    def __init__(self, chosen: XSettings, keyring: Keyring, *, timeout_s: float = 9.0) -> None:
        self._chosen, self._keyring, self._user_id = chosen, keyring, chosen.user_id
        self._http = _Http(chosen.api_url, timeout_s=timeout_s)
        logging.getLogger("oauthlib").setLevel(logging.INFO)  # below that it tells tokens and signatures

    async def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        """One signed request."""
        return await self._http.ask(method, path, auth=self._signature(), **given)

    async def account(self) -> str:
        """The account's number; asked for once."""
        if not self._user_id:
            self._user_id = str((await self.me()).get("id") or "")
        return self._user_id

    async def me(self, **asked: str) -> dict[str, Any]:
        """The account as X tells of it. Raises Unknown for one without an id."""
        me = data_of(await self.ask("GET", "/2/users/me", params=asked or None))
        if not me.get("id"):
            raise Unknown("an account without an id")
        return me

    async def own(self, since: datetime, fields: str = "created_at,entities") -> AsyncIterator[dict[str, Any]]:
        """The account's posts since then (UTC), newest first. Raises CannotLook when there is no end."""
        path = f"/2/users/{await self.account()}/tweets"
        asked: dict[str, Any] = {
            f"{self._chosen.fields}.fields": fields,
            "max_results": PAGE,
            "start_time": moment(since),
        }
        for _ in range(PAGES):
            page = taken(await self.ask("GET", path, params=asked))
            for post in page.get("data") or []:
                yield post
            following = (page.get("meta") or {}).get("next_token")
            if not following:
                return
            asked["pagination_token"] = following
        raise CannotLook("too many posts")

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    def address(self, post: str) -> str:
        """Where people see a post."""
        return f"{self._chosen.site_url}/{self._chosen.username or 'i'}/status/{post}"

    def _signature(self) -> "_Signed":
        named, chosen = self._keyring.named, self._chosen
        return _Signed(
            oauth1.Client(
                named(chosen.consumer_key_env),
                client_secret=named(chosen.consumer_secret_env),
                resource_owner_key=self._keyring.token(chosen),
                resource_owner_secret=named(chosen.token_secret_env),
            )
        )


class X:
    """One account on X. Threads are not used: every post must be understood alone."""

    can = frozenset({Can.PUBLISH, Can.REMOVE, Can.FIND, Can.PING})
    idempotent = False

    def __init__(self, chosen: XSettings, keyring: Keyring, *, timeout_s: float = 9.0) -> None:
        self.name, self.lag = chosen.key, chosen.lag_s
        self._chosen, self._client = chosen, XClient(chosen, keyring, timeout_s=timeout_s)

    async def place(self, dest: str) -> str:
        """The account has one place."""
        return dest

    async def send(self, place: str, thread: str | None, message: Message, key: str) -> Sent:
        """Post the text. Raises Refused("too_long") before X does, which says it less clearly."""
        self._chosen.admit(message)
        words = _words(message)
        if weigh(words) > LIMIT:
            raise Refused("too_long", f"{weigh(words)} of {LIMIT}")
        data = data_of(await self._client.ask("POST", "/2/tweets", json={"text": words}))
        if not data.get("id"):
            raise Unknown("no id")
        return self._sent(str(data["id"]), place)

    async def update(self, place: str, remote: str, message: Message) -> None:
        """Nobody edits on X without paying for it: a correction is a new post."""
        self._chosen.admit(message)
        raise Refused("cannot_edit")

    async def remove(self, place: str, remote: str) -> None:
        """Delete the post; one that is not there is deleted."""
        answer = await self._client.ask("DELETE", f"/2/tweets/{remote}")
        if answer.status_code != httpx.codes.NOT_FOUND and not data_of(answer).get("deleted"):
            raise Refused("not_deleted")

    async def find(
        self, place: str, thread: str | None, key: str, since: datetime, message: Message | None
    ) -> Sent | None:
        """Our post after ``since`` that says the same, X's short links read as what they lead to."""
        if message is None:
            raise CannotLook("no text to look for")
        ours = said(_words(message))
        try:
            async for post in self._client.own(since):
                if said(written(post)) == ours:
                    return self._sent(str(post.get("id")), place)
        except Refused as refused:
            raise CannotLook(str(refused)) from refused
        return None

    async def ping(self) -> str:
        """The account's name on X."""
        me = await self._client.me()
        return str(me.get("name") or me.get("username") or "")

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    def _sent(self, post: str, place: str) -> Sent:
        return Sent(post, place, self._client.address(post))


class _Signed(httpx.Auth):
    """Signs method, address and query (OAuth 1.0a); a JSON body is no part of it."""

    def __init__(self, client: oauth1.Client) -> None:
        self._client = client

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        _, headers, _ = self._client.sign(str(request.url), http_method=request.method)
        request.headers["Authorization"] = headers["Authorization"]
        yield request


class _Http(Http):
    """X says when its window opens again, not how long that takes."""

    def __init__(self, base_url: str, *, timeout_s: float) -> None:
        super().__init__(base_url, timeout_s=timeout_s)
        self._client.event_hooks = {"response": [_in_seconds]}


async def _in_seconds(answer: httpx.Response) -> None:
    """Retry-After from ``x-rate-limit-reset`` (seconds since 1970), by X's own clock where it tells it."""
    reset = answer.headers.get("x-rate-limit-reset", "")
    if answer.status_code != httpx.codes.TOO_MANY_REQUESTS or not reset.isdigit():
        return
    try:
        now = parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (KeyError, ValueError):
        now = time.time()
    answer.headers.setdefault("retry-after", str(max(0.0, int(reset) - now)))


def _words(message: Message) -> str:
    """The text, with the link at its end where the text does not have it and there is room."""
    linked = f"{message.text}\n\n{message.link}"
    fits = message.link and message.link not in message.text and weigh(linked) <= LIMIT
    return linked if fits else message.text


def data_of(answer: httpx.Response) -> dict[str, Any]:
    """The answer's data; {} when it holds none. Raises what X said otherwise."""
    data = taken(answer).get("data")
    return data if isinstance(data, dict) else {}


def taken(answer: httpx.Response) -> dict[str, Any]:
    """The answer's JSON when X did what was asked. Raises what it said otherwise."""
    body = json_of(answer)
    if answer.is_success and ("data" in body or "meta" in body):
        return body
    if answer.is_success and not body.get("errors"):
        raise Unknown("an answer without data")
    word, detail = _problem(body, answer.status_code)
    if answer.status_code == httpx.codes.UNAUTHORIZED or word == "Unsupported Authentication":
        raise TokenDead(word)
    if answer.is_redirect:
        raise Unknown(word)
    if answer.status_code == httpx.codes.FORBIDDEN and (word == DUPLICATE or "duplicate content" in detail.lower()):
        raise Unknown("duplicate")  # it is there, or was: X does not say where
    raise Refused(word, detail)


def _problem(body: dict[str, Any], status: int) -> tuple[str, str]:
    """X's word and sentence, from its problem document or its older list of errors."""
    listed = body.get("errors")
    first = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}
    word = body.get("title") or first.get("title") or first.get("code") or f"HTTP {status}"
    detail = first.get("message") or first.get("detail") or body.get("detail") or ""
    return str(word), str(detail)[:DETAIL]


def moment(instant: datetime) -> str:
    """An instant as X's queries take it."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def written(post: dict[str, Any]) -> str:
    """A post's text as it was written: without X's escapes and short links."""
    text = html.unescape(str(post.get("text") or ""))
    for link in (post.get("entities") or {}).get("urls") or []:
        if link.get("expanded_url"):
            text = text.replace(str(link.get("url")), str(link["expanded_url"]))
    return text


def said(text: str) -> str:
    """What two writings of one text have in common: white space, and the way a web address is written."""
    text = re.sub(r"(?i)\bhttps?://", "", unicodedata.normalize("NFC", text))
    text = re.sub(r"(?i)\bxn--[a-z0-9-]+", _letters, text)
    return " ".join(re.sub(r"/(?=\s|$)", "", text).split())


def _letters(label: re.Match[str]) -> str:
    """The letters of a domain name's part (xn--malm-8qa: malmö)."""
    try:
        return label[0].encode("ascii").decode("idna")
    except UnicodeError:
        return label[0]
