"""Comments on X: answers to the account's posts, read from its mentions, each of which costs a little.

X lets most apps answer only who named the account; see ``XSettings.replies``. A single post is not looked up,
for that costs too. Nobody tells us what was removed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final

import httpx

from bot.channels.conversation import Page
from bot.channels.elsewhere import Elsewhere, Kind
from bot.channels.errors import Gone, Refused, Unknown
from bot.channels.heard import Heard, Verb
from bot.channels.measuring import Figures, PostFigures
from bot.channels.protocol import Can, Sent
from bot.channels.settings import Keyring
from bot.channels.weighted import LIMIT, weigh
from bot.channels.x import PAGE, PAGES, XClient, XSettings, data_of, moment, said, taken, written

WATCHED: Final = timedelta(days=21)  # whose posts are known by their words
FIRST: Final = timedelta(hours=1)  # so far back the first look begins
KNOWN: Final = 100  # of our posts, the newest
LATELY: Final = timedelta(days=7)
GONE: Final = "deleted or not visible"
_NAMED: Final = re.compile(r"@(\w{1,15})(?:\s+|$)")


class XTalk:
    """One account's conversations."""

    can = frozenset({Can.COMMENTS, Can.REPLY, Can.HIDE, Can.METRICS, Can.ELSEWHERE})

    def __init__(self, chosen: XSettings, keyring: Keyring, *, timeout_s: float = 9.0) -> None:
        self.name, self.lag = chosen.key, chosen.lag_s
        self._chosen, self._client = chosen, XClient(chosen, keyring, timeout_s=timeout_s)

    async def comments(self, cursor: Mapping[str, Any]) -> Page:
        """One page of mentions since the cursor, and our own answers; the first look begins an hour back."""
        begun = str(cursor.get("begun") or moment(datetime.now(UTC) - FIRST))
        fresh: dict[str, Any] = {**cursor, "begun": begun, "posts": dict(cursor.get("posts") or {})}
        own = [] if "until" in cursor else await self._ours(fresh)
        page = taken(await self._client.ask("GET", await self._path("mentions"), params=self._asked(fresh)))
        heard = [*own, *self._heard(page, fresh["posts"], await self._client.account())]
        more = _onward(fresh, page)
        return Page(sorted(heard, key=lambda one: one.written or datetime.now(UTC)), fresh, more)

    async def _path(self, what: str) -> str:
        return f"/2/users/{await self._client.account()}/{what}"

    def _asked(self, cursor: Mapping[str, Any]) -> dict[str, Any]:
        since = {"since_id": cursor["since"]} if cursor.get("since") else {"start_time": cursor["begun"]}
        until = {"until_id": cursor["until"]} if "until" in cursor else {}
        return {
            f"{self._chosen.fields}.fields": self._wanted(),
            "expansions": "author_id",
            "user.fields": "name,username",
            "max_results": PAGE,
            **since,
            **until,
        }

    def _wanted(self) -> str:
        word = self._chosen.fields
        refers = f"conversation_id,in_reply_to_user_id,referenced_{word}s,edit_history_{word}_ids"
        return f"author_id,created_at,entities,attachments,{refers}"

    async def _ours(self, cursor: dict[str, Any]) -> list[Heard]:
        """Our own answers since the last look; what our posts say is remembered on the way."""
        asked: dict[str, Any] = {f"{self._chosen.fields}.fields": self._wanted(), "max_results": PAGE}
        begun = datetime.fromisoformat(cursor["begun"])
        asked |= {"since_id": cursor["own"]} if cursor.get("own") else {"start_time": moment(begun - WATCHED)}
        found = await self._newest(asked)
        roots = {str(one["id"]): written(one) for one in found if not _answers(one)}
        cursor["posts"] = dict(islice((roots | cursor["posts"]).items(), KNOWN))
        cursor["own"] = max([cursor.get("own") or "", *(str(one["id"]) for one in found)], key=_number)
        answers = [one for one in found if _answers(one) and _made(one) >= begun]
        return [self._one(one, cursor["posts"], own=True) for one in answers]

    async def _newest(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for _ in range(PAGES):
            page = taken(await self._client.ask("GET", await self._path("tweets"), params=asked))
            found += _listed(page)
            if not (following := (page.get("meta") or {}).get("next_token")):
                break
            asked = asked | {"pagination_token": following}
        return found

    def _heard(self, page: Mapping[str, Any], posts: Mapping[str, str], me: str) -> Iterator[Heard]:
        names = {str(one.get("id")): one for one in (page.get("includes") or {}).get("users") or []}
        for one in _listed(page):
            if str(one.get("author_id")) != me and _below_ours(one, posts, me):
                author = names.get(str(one.get("author_id")), {})
                yield self._one(one, posts, author=str(author.get("name") or author.get("username") or ""))

    def _one(
        self, one: Mapping[str, Any], posts: Mapping[str, str], *, author: str = "", own: bool = False
    ) -> Heard:
        first, root, above = _first(one), str(one.get("conversation_id") or one["id"]), _answers(one)
        return Heard(
            remote=first,
            post=root,
            verb=Verb.SEEN,
            text=_words(one),
            author=author,
            parent="" if above == root else above,
            own=own,
            written=_made(one),
            link=self._client.address(str(one["id"])),
            post_text=posts.get(root, ""),
            post_link=self._client.address(root),
            attached=bool((one.get("attachments") or {}).get("media_keys")),
        )

    async def reply(self, remote: str, text: str, key: str) -> Sent:
        """Answer once. Raises Refused for who did not name the account, Gone for what is not there any more."""
        if weigh(text) > LIMIT:
            raise Refused("too_long", f"{weigh(text)} of {LIMIT}")
        given = {"text": text, "reply": {"in_reply_to_tweet_id": remote}}
        try:
            data = data_of(await self._client.ask("POST", "/2/tweets", json=given))
        except Refused as refused:
            if GONE in refused.detail:
                raise Gone(remote) from None
            raise
        if not data.get("id"):
            raise Unknown("no id")
        return Sent(str(data["id"]), remote, self._client.address(str(data["id"])))

    async def find_reply(self, remote: str, text: str, key: str, since: datetime) -> Sent | None:
        """Our own answer to that comment with this text since then."""
        async for one in self._client.own(since, f"created_at,entities,referenced_{self._chosen.fields}s"):
            if _answers(one) == remote and said(_words(one)) == said(text):
                return Sent(str(one["id"]), remote, self._client.address(str(one["id"])))
        return None

    async def hide(self, remote: str, *, hidden: bool) -> None:
        """Hide an answer below our post, or show it again. Raises Gone."""
        answer = await self._client.ask("PUT", f"/2/tweets/{remote}/hidden", json={"hidden": hidden})
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise Gone(remote)
        if data_of(answer).get("hidden") is not hidden:
            raise Refused("not_hidden")

    async def take_down(self, remote: str) -> None:
        """Delete an answer of our own; others' stay, and X says so."""
        answer = await self._client.ask("DELETE", f"/2/tweets/{remote}")
        if answer.status_code != httpx.codes.NOT_FOUND and not data_of(answer).get("deleted"):
            raise Refused("not_deleted")

    async def look(self, remote: str) -> Heard | None:
        """Nothing is looked up: it is not in ``can``."""
        raise Refused("cannot_look")

    async def measure(self, since: datetime) -> Figures:
        """Followers, and the account's own posts since then."""
        me = await self._client.me(**{"user.fields": "public_metrics"})
        wanted = f"created_at,entities,public_metrics,referenced_{self._chosen.fields}s"
        posts = [self._figures(one) async for one in self._client.own(since, wanted) if not _refers(one)]
        return Figures((me.get("public_metrics") or {}).get("followers_count"), posts)

    def _figures(self, one: Mapping[str, Any]) -> PostFigures:
        told = one.get("public_metrics") or {}
        shares = told.get("retweet_count", told.get("repost_count"))
        return PostFigures(
            remote=str(one["id"]),
            published=_made(one),
            reactions=told.get("like_count"),
            comments=told.get("reply_count"),
            shares=None if shares is None else int(shares) + int(told.get("quote_count") or 0),
            link=self._client.address(str(one["id"])),
            words=written(dict(one)),
        )

    async def elsewhere(self) -> Sequence[Elsewhere]:
        """Posts of the last week that name the account without answering it."""
        me, since = await self._client.account(), datetime.now(UTC) - LATELY
        asked = self._asked({"begun": moment(since)})
        page = taken(await self._client.ask("GET", await self._path("mentions"), params=asked))
        apart = [one for one in _listed(page) if not _below_ours(one, {}, me)]
        oldest = min((_made(one) for one in apart), default=None)
        return [Elsewhere(Kind.MENTIONS, len(apart), oldest, f"{self._chosen.site_url}/notifications/mentions")]

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def _onward(cursor: dict[str, Any], page: Mapping[str, Any]) -> bool:
    """Move the cursor past what was read: to older pages first, and past all of it when there are no more."""
    ids = sorted((str(one["id"]) for one in _listed(page)), key=_number)
    top = max([str(cursor.get("top") or ""), *ids], key=_number)
    if ids and (page.get("meta") or {}).get("next_token"):
        cursor.update(top=top, until=ids[0])
        return True
    cursor["since"] = max([str(cursor.get("since") or ""), top], key=_number)
    cursor.pop("top", None)
    cursor.pop("until", None)
    return False


def _listed(page: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The posts of an answer; what has no id is none."""
    found = page.get("data")
    return [one for one in found if isinstance(one, dict) and one.get("id")] if isinstance(found, list) else []


def _number(post: str) -> int:
    return int(post) if post.isdigit() else 0


def _refers(one: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What it refers to, in either of X's spellings."""
    return list(one.get("referenced_tweets") or one.get("referenced_posts") or [])


def _answers(one: Mapping[str, Any]) -> str:
    """The post it answers; "" when it answers none."""
    return next((str(ref.get("id")) for ref in _refers(one) if ref.get("type") == "replied_to"), "")


def _below_ours(one: Mapping[str, Any], posts: Mapping[str, str], me: str) -> bool:
    """Does it answer us, or somebody below one of our posts?"""
    answers = bool(_answers(one))
    return answers and (str(one.get("in_reply_to_user_id")) == me or str(one.get("conversation_id")) in posts)


def _first(one: Mapping[str, Any]) -> str:
    """An edited post gets a new id; the first one stays its name here."""
    history = one.get("edit_history_tweet_ids") or one.get("edit_history_post_ids") or []
    return str(history[0]) if history else str(one["id"])


def _words(one: Mapping[str, Any]) -> str:
    """What was written, without those X puts before an answer, each once: who is named stands there twice."""
    text, put = written(dict(one)).strip(), set[str]()
    while _answers(one) and (named := _NAMED.match(text)) and named[1].lower() not in put:
        put.add(named[1].lower())
        text = text[named.end() :]
    return text


def _made(one: Mapping[str, Any]) -> datetime:
    try:
        return datetime.fromisoformat(str(one.get("created_at"))).astimezone(UTC)
    except ValueError:
        return datetime.now(UTC)
