"""Comments under an Instagram account's pictures: by webhook, and by reading as the net below it.

Instagram cannot be asked what is new, so a look compares what stands there with what stood there before.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.channels.conversation import Page
from bot.channels.elsewhere import Elsewhere, Kind
from bot.channels.heard import Heard, Unreadable, Verb
from bot.channels.instagram import InstagramSettings
from bot.channels.measuring import Figures, PostFigures
from bot.channels.meta import Missing, instant
from bot.channels.protocol import Sent
from bot.channels.settings import Keyring
from bot.channels.talk.meta import LATELY, MetaTalk, counted, seconds
from bot.channels.talk.reading import readable, told, upto
from bot.channels.talk.standing import Standing

BARE: Final = "id,text,timestamp,username,from{id,username},hidden,parent_id"
FIELDS: Final = f"{BARE},replies{{{BARE}}}"
MEDIA: Final = "id,caption,permalink,timestamp,comments_count,like_count"
TOLD: Final = frozenset({"comments", "live_comments"})
WATCHED: Final = timedelta(days=21)  # posts older than that get their comments by webhook alone
AT_ONCE: Final = 4  # requests beside each other
JSON = Mapping[str, Any]


class InstagramTalk(MetaTalk):
    """One account's comments."""

    _answers, _said, _at, _hides = "replies", "text", "timestamp", "hide"

    def __init__(self, chosen: InstagramSettings, keyring: Keyring, *, timeout_s: float = 9.0) -> None:
        super().__init__(chosen, keyring, timeout_s=timeout_s)
        self._chosen, self._username = chosen, chosen.username

    async def comments(self, cursor: JSON) -> Page:
        """What is new, changed or gone under the pictures of the last weeks; the first look begins an hour back."""
        now = datetime.now(UTC)
        standing, gate = Standing(cursor, now), asyncio.Semaphore(AT_ONCE)
        await self._account("id")
        posts, _ = await self._media(now - WATCHED)
        due = [one for one in posts if standing.due(str(one["id"]), instant(one.get("timestamp")), _count(one))]
        found = await asyncio.gather(*(self._under(post, standing, gate) for post in due))
        heard = sorted((one for some in found for one in some), key=lambda one: one.written or now)
        return Page(heard, standing.cursor({str(one["id"]) for one in posts}))

    async def _account(self, fields: str) -> JSON:
        """The account; its name is learned, by which its own comments are known."""
        said = await self._graph.ask("GET", f"/{self._chosen.account_id}", fields=f"{fields},username")
        self._username = str(said.get("username") or self._username)
        return said

    async def _media(self, since: datetime) -> tuple[list[dict[str, Any]], bool]:
        asked = {"fields": MEDIA, "since": int(since.timestamp())}
        return await upto(self._graph.each(f"/{self._chosen.account_id}/media", **asked))

    async def _under(self, post: JSON, standing: Standing, gate: asyncio.Semaphore) -> list[Heard]:
        async with gate:
            try:
                there = await self._there(post)
            except Missing:  # deleted in between
                return []
            return await told(standing, str(post["id"]), there, _count(post), self.look)

    async def _there(self, post: JSON) -> list[Heard]:
        """Everything below a post, with the answers below each."""
        threads, _ = await upto(self._graph.each(f"/{post['id']}/comments", fields=FIELDS))
        found = readable(self.name, threads, lambda one: self._heard(one, post))
        tops = {one.remote for one in found}
        for thread in threads:
            if isinstance(thread, dict) and str(thread.get("id")) in tops:
                found += await self._below(str(thread["id"]), thread, post)
        return sorted(found, key=lambda one: one.written or datetime.now(UTC))

    async def _below(self, top: str, thread: JSON, post: JSON) -> list[Heard]:
        replies = await self._replies(thread)
        return readable(self.name, replies, lambda one: self._heard(one, post, top))

    async def _replies(self, thread: JSON) -> list[Any]:
        """Those that came along; where there are more, all of them."""
        edge = thread.get("replies") or {}
        if not (edge.get("paging") or {}).get("next"):
            return list(edge.get("data") or ())
        return (await upto(self._graph.each(f"/{thread['id']}/replies", fields=BARE)))[0]

    def _heard(self, comment: JSON, post: JSON, parent: str = "") -> Heard:
        author = comment.get("from") or {}
        return Heard(
            remote=str(comment["id"]),
            post=str(post["id"]),
            verb=Verb.HIDE if comment.get("hidden") else Verb.SEEN,
            text=str(comment.get("text") or ""),
            author=str(comment.get("username") or author.get("username") or ""),
            parent=str(comment.get("parent_id") or parent),
            own=self._ours(comment),
            written=instant(comment.get("timestamp")),
            link=str(post.get("permalink") or ""),
            post_text=str(post.get("caption") or ""),
            post_link=str(post.get("permalink") or ""),
        )

    def _ours(self, comment: JSON) -> bool:
        author = {"username": comment.get("username"), **(comment.get("from") or {})}
        return ours(self._chosen, author, self._username)

    async def find_reply(self, remote: str, text: str, key: str, since: datetime) -> Sent | None:
        """Our own answer with this text since then, in that comment's thread: answers are one below another."""
        await self._account("id")
        try:
            asked = await self._graph.ask("GET", f"/{remote}", fields="id,parent_id")
        except Missing:
            return None
        below = str(asked.get("parent_id") or remote)
        found = await self._found(below, text, since, fields=BARE)
        return Sent(found, remote) if found else None

    async def look(self, remote: str) -> Heard | None:
        """The comment as it stands now."""
        try:
            one = await self._graph.ask("GET", f"/{remote}", fields=f"{BARE},media{{id,caption,permalink}}")
        except Missing:
            return None
        return self._heard(one, one.get("media") or {"id": ""})

    async def measure(self, since: datetime) -> Figures:
        """Followers, and the likes and comments of each post. Shares are not told without asking for each."""
        account = await self._account("followers_count")
        posts, _ = await self._media(since)
        return Figures(account.get("followers_count"), readable(self.name, posts, _figures))

    async def elsewhere(self) -> list[Elsewhere]:
        """Conversations with something unread, and pictures of others that tagged the account lately."""
        account = await self._account("id")
        profile = f"https://www.instagram.com/{account.get('username') or ''}"
        inbox = "https://www.instagram.com/direct/inbox/"
        return [
            *await self._messages(self._chosen.account_id, inbox, platform="instagram"),
            *await self._tagged(f"{profile}/tagged/"),
        ]

    async def _tagged(self, link: str) -> list[Elsewhere]:
        found = await self._edge(f"/{self._chosen.account_id}/tags", fields="id,timestamp")
        late = [instant(one.get("timestamp")) for one in found or ()]
        lately = [at for at in late if at >= datetime.now(UTC) - LATELY]
        return [] if found is None else [counted(Kind.MENTIONS, lately, link)]


def _count(post: JSON) -> int | None:
    found = post.get("comments_count")
    return found if isinstance(found, int) else None


def _figures(post: JSON) -> PostFigures:
    return PostFigures(
        remote=str(post["id"]),
        published=instant(post.get("timestamp")),
        reactions=post.get("like_count"),
        comments=_count(post),
        link=str(post.get("permalink") or ""),
        words=str(post.get("caption") or ""),
    )


def heard(chosen: InstagramSettings, change: Mapping[str, Any]) -> Heard | None:
    """What a webhook's change says of a comment; None for what is about something else.

    Instagram tells of new ones only: neither edits nor what was hidden or removed. Raises Unreadable when it
    says that it is a comment and is not one.
    """
    if change.get("field") not in TOLD:
        return None
    value = change.get("value")
    media = value.get("media") if isinstance(value, Mapping) else None
    if not isinstance(value, Mapping) or not isinstance(media, Mapping):
        raise Unreadable("a comment without a post")
    if not value.get("id") or not media.get("id"):
        raise Unreadable("a comment without id or post")
    author = value.get("from") if isinstance(value.get("from"), Mapping) else {}
    return Heard(
        remote=str(value["id"]),
        post=str(media["id"]),
        text=str(value.get("text") or ""),
        author=str((author or {}).get("username") or ""),
        parent=str(value.get("parent_id") or ""),
        own=ours(chosen, author or {}),
        written=seconds(change.get("time")),
    )


def ours(chosen: InstagramSettings, author: Mapping[str, Any], username: str = "") -> bool:
    """Is it the account itself? By its number, or by its name, for Meta numbers accounts anew for each app."""
    names = {one.removeprefix("@").casefold() for one in (username, chosen.username) if one}
    known = str(author.get("username") or "").casefold()
    return str(author.get("id") or "") == chosen.account_id or known in names
