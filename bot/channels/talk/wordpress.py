"""Comments on a WordPress site's posts, also those that wait for approval there.

Core tells of nothing by itself and cannot be asked what was changed, so a look reads the comments of the last
weeks and compares. One that waits for approval is new to us; holding it later is hiding.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

import httpx

from bot.channels import html
from bot.channels.conversation import Page
from bot.channels.errors import Gone, Refused, Unknown
from bot.channels.heard import Heard, Unreadable, Verb
from bot.channels.http import json_of
from bot.channels.mastodonapi import normal, plain
from bot.channels.measuring import Figures, PostFigures
from bot.channels.protocol import Can, Sent
from bot.channels.settings import Keyring
from bot.channels.talk.reading import readable, told
from bot.channels.talk.standing import Standing
from bot.channels.wordpress import NO_TRASH, WordPressSettings
from bot.channels.wordpressapi import Rest, listed

WATCHED: Final = timedelta(days=21)
ZONES: Final = timedelta(hours=26)  # ``after`` is compared with the site's own time, wherever it is
EACH, PAGES = 100, 30
COMMENT: Final = "id,post,parent,author,author_name,date_gmt,content,link,status,type"
HOLD, APPROVED = "hold", "approved"
AWAY: Final = ("spam", "trash")
JSON = Mapping[str, Any]


class WordPressTalk:
    """One site's comments. Whoever has published on the site speaks for it."""

    can = frozenset({Can.COMMENTS, Can.REPLY, Can.HIDE, Can.TAKE_DOWN, Can.LOOK, Can.METRICS})
    lag = 1.0

    def __init__(self, chosen: WordPressSettings, keyring: Keyring, *, timeout_s: float = 9.0) -> None:
        self.name = chosen.key
        self._rest = Rest(chosen, keyring, timeout_s=timeout_s)
        self._staff: frozenset[int] = frozenset()

    async def comments(self, cursor: JSON) -> Page:
        """What is new, changed, held or gone among the comments of the last weeks."""
        now = datetime.now(UTC)
        standing = Standing(cursor, now)
        self._staff = await self._speakers()
        raw = await self._since(now - WATCHED, status="all")
        there = sorted(readable(self.name, raw, self._heard), key=attrgetter("post"))
        below = {post: list(some) for post, some in groupby(there, key=attrgetter("post"))}
        posts = {*below, *standing.posts}
        words = await self._posts(sorted(posts))
        heard = [one for post in posts for one in await self._news(standing, post, below.get(post, ()), words)]
        return Page(sorted(heard, key=lambda one: one.written or now), standing.cursor(posts))

    async def _news(
        self, standing: Standing, post: str, there: Sequence[Heard], words: Mapping[str, tuple[str, str]]
    ) -> list[Heard]:
        unknown = {one.remote for one in there if not standing.known(post, one.remote)}
        text, link = words.get(post, ("", ""))
        return [
            replace(one, post_text=text, post_link=link, verb=_arrives(one) if one.remote in unknown else one.verb)
            for one in await told(standing, post, there, None, self.look, oldest=standing.now - WATCHED)
        ]

    async def _speakers(self) -> frozenset[int]:
        me = json_of(await self._rest.call("GET", "users/me", params={"_fields": "id"}))
        others = listed(await self._rest.call("GET", "users", params={"_fields": "id", "per_page": str(EACH)}))
        return frozenset({int(me.get("id") or 0), *(int(one["id"]) for one in others)} - {0})

    async def _since(self, since: datetime, **asked: str) -> list[dict[str, Any]]:
        """Comments since then, newest first: what arrives meanwhile is read twice, not passed over."""
        after = (since - ZONES).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        params = {"after": after, "order": "desc", "per_page": str(EACH), "context": "edit", "_fields": COMMENT}
        found: list[dict[str, Any]] = []
        for number in range(1, PAGES + 1):
            answer = await self._rest.call("GET", "comments", params=params | asked | {"page": str(number)})
            found += listed(answer)
            if number >= _pages(answer):
                break
        return found

    async def _posts(self, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Title and address of each post."""
        found: dict[str, tuple[str, str]] = {}
        for at in range(0, len(ids), EACH):
            some = ",".join(ids[at : at + EACH])
            asked = {"include": some, "per_page": str(EACH), "_fields": "id,link,title"}
            for one in listed(await self._rest.call("GET", "posts", params=asked)):
                found[str(one["id"])] = (_rendered(one.get("title")), str(one.get("link") or ""))
        return found

    def _heard(self, comment: JSON) -> Heard | None:
        """None for what is no comment, such as a pingback, and for what is thrown away."""
        status = str(comment.get("status"))
        if comment.get("type", "comment") != "comment" or status in AWAY:
            return None
        if not comment.get("post"):
            raise Unreadable("a comment without a post")
        return Heard(
            remote=str(comment["id"]),
            post=str(comment["post"]),
            verb=Verb.HIDE if status == HOLD else Verb.SEEN,
            text=_rendered(comment.get("content")),
            author=str(comment.get("author_name") or ""),
            parent=str(comment.get("parent") or ""),
            own=comment.get("author") in self._staff,
            written=datetime.fromisoformat(str(comment["date_gmt"])).replace(tzinfo=UTC),
            link=str(comment.get("link") or ""),
        )

    async def reply(self, remote: str, text: str, key: str) -> Sent:
        """Answer a comment; one that waits for approval is approved with it. Raises Gone.

        The same answer below the same comment is refused by WordPress: then it stands there already.
        """
        asked = await self._standing(remote)
        body = {"post": asked["post"], "parent": int(remote), "content": _content(text)}
        try:
            made = json_of(await self._rest.call("POST", "comments", body=body))
        except Refused as refused:
            if refused.reason != "comment_duplicate":
                raise
            raise Unknown(refused.reason) from None
        if not made.get("id"):
            raise Unknown("an answer without a comment")
        if asked.get("status") == HOLD:
            await self._set(remote, APPROVED)
        return Sent(str(made["id"]), remote, str(made.get("link") or ""))

    async def find_reply(self, remote: str, text: str, key: str, since: datetime) -> Sent | None:
        """Our answer with this text below that comment."""
        asked = {"parent": remote, "status": "all", "context": "edit", "per_page": str(EACH), "_fields": COMMENT}
        self._staff = await self._speakers()
        for one in readable(self.name, listed(await self._rest.call("GET", "comments", params=asked)), self._heard):
            if one.own and normal(one.text) == normal(text):
                return Sent(one.remote, remote, one.link)
        return None

    async def hide(self, remote: str, *, hidden: bool) -> None:
        """Hold it, or approve it. Raises Gone for one that is in the trash, too."""
        wanted = HOLD if hidden else APPROVED
        if (await self._standing(remote)).get("status") != wanted:  # WordPress fails to set what is set
            await self._set(remote, wanted)

    async def _set(self, remote: str, status: str) -> None:
        await self._rest.call("POST", f"comments/{remote}", body={"status": status})

    async def take_down(self, remote: str) -> None:
        """Put it in the trash; where the site has none, delete it."""
        try:
            await self._rest.call("DELETE", f"comments/{remote}")
        except Gone:
            return
        except Unknown as unknown:
            if str(unknown) != NO_TRASH:
                raise
            await self._rest.call("DELETE", f"comments/{remote}", params={"force": "true"})

    async def look(self, remote: str) -> Heard | None:
        """The comment as it stands now; None when it is in the trash."""
        self._staff = self._staff or await self._speakers()
        found = await self._comment(remote)
        return None if found is None else self._heard(found)

    async def _standing(self, remote: str) -> dict[str, Any]:
        """The comment, unless it is thrown away. Raises Gone."""
        found = await self._comment(remote)
        if found is None or found.get("status") in AWAY:
            raise Gone("no such comment")
        return found

    async def _comment(self, remote: str) -> dict[str, Any] | None:
        asked = {"context": "edit", "_fields": COMMENT}
        try:
            found = json_of(await self._rest.call("GET", f"comments/{remote}", params=asked))
        except Gone:
            return None
        if not found.get("id"):
            raise Unknown("not a comment")
        return found

    async def measure(self, since: datetime) -> Figures:
        """The comments of each post; core counts neither readers nor hearts, and has no followers."""
        posts = [one for one in await self._published(since) if _gmt(one) >= since]
        written = await self._since(since, status="approve") if posts else []
        below = [str(one.get("post")) for one in written]
        return Figures(None, [_figures(one, below.count(str(one["id"]))) for one in posts])

    async def _published(self, since: datetime) -> Iterable[dict[str, Any]]:
        after = (since - ZONES).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        asked = {"after": after, "per_page": str(EACH), "_fields": "id,link,title,date_gmt"}
        return listed(await self._rest.call("GET", "posts", params=asked))

    async def close(self) -> None:
        """Close the connections."""
        await self._rest.close()


def _arrives(one: Heard) -> Verb:
    """Waiting for approval: to us that is a comment like any other."""
    return Verb.SEEN if one.verb is Verb.HIDE else one.verb


def _pages(answer: httpx.Response) -> int:
    try:
        return int(answer.headers.get("x-wp-totalpages", "1"))
    except ValueError:
        return 1


def _rendered(field: Any) -> str:
    """Raw where the user may see it, else as it is shown, without its HTML."""
    if not isinstance(field, Mapping):
        return ""
    return plain(str(field.get("raw") or field.get("rendered") or "")).strip()


def _content(text: str) -> str:
    """Comments may hold HTML: ours says what it says."""
    return html.escaped(text)


def _gmt(post: JSON) -> datetime:
    try:
        return datetime.fromisoformat(str(post["date_gmt"])).replace(tzinfo=UTC)
    except (KeyError, ValueError):
        raise Unknown("a post without a time") from None


def _figures(post: JSON, comments: int) -> PostFigures:
    words, link = _rendered(post.get("title")), str(post.get("link") or "")
    return PostFigures(str(post["id"]), _gmt(post), comments=comments, link=link, words=words)
