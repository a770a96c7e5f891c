"""Comments under a Facebook Page's posts: by webhook, and by reading as the net below it."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.channels.conversation import Page
from bot.channels.elsewhere import Elsewhere, Kind
from bot.channels.facebook import FacebookSettings
from bot.channels.heard import Heard, Unreadable, Verb
from bot.channels.measuring import Figures, PostFigures
from bot.channels.meta import Missing, instant
from bot.channels.protocol import Sent
from bot.channels.settings import Keyring
from bot.channels.talk.meta import LATELY, MetaTalk, counted, seconds, total
from bot.channels.talk.reading import readable, upto

FIELDS: Final = "id,message,created_time,from{id,name},parent{id},is_hidden,permalink_url,attachment,object{id}"
FIGURES: Final = (
    "id,message,created_time,permalink_url,shares,"
    "reactions.summary(total_count).limit(0),comments.summary(total_count).limit(0)"
)
WATCHED: Final = timedelta(days=21)  # posts older than that get their comments by webhook alone
OVERLAP: Final = timedelta(minutes=2)  # between Meta's clock and ours
Read = tuple[list[Heard], bool]
AT_ONCE: Final = 4  # requests beside each other
VERBS: Final = {
    "add": Verb.ADD,
    "edited": Verb.EDIT,
    "edit": Verb.EDIT,
    "remove": Verb.REMOVE,
    "hide": Verb.HIDE,
    "unhide": Verb.SHOW,
}


class FacebookTalk(MetaTalk):
    """One Page's comments."""

    _answers, _said, _at, _hides = "comments", "message", "created_time", "is_hidden"

    def __init__(self, chosen: FacebookSettings, keyring: Keyring, *, timeout_s: float = 9.0) -> None:
        super().__init__(chosen, keyring, timeout_s=timeout_s)
        self._page = chosen.page_id

    async def comments(self, cursor: Mapping[str, Any]) -> Page:
        """Comments since the cursor under the posts of the last weeks; the first look begins an hour back."""
        now = datetime.now(UTC)
        since = datetime.fromisoformat(cursor["since"]) if cursor else now - timedelta(hours=1)
        posts = [one async for one in self._posts(now - WATCHED)]
        gate = asyncio.Semaphore(AT_ONCE)
        found = await asyncio.gather(*(self._under(post, since, gate) for post in posts))
        heard = sorted((one for some, _ in found for one in some), key=lambda one: one.written or now)
        cut = [some[-1].written or since for some, whole in found if some and not whole]
        return Page(heard, {"since": min([now - OVERLAP, *cut]).isoformat()}, more=bool(cut))

    def _posts(self, since: datetime) -> Any:
        page = f"/{self._page}/published_posts"
        return self._graph.each(page, fields="id,message,permalink_url", since=int(since.timestamp()))

    async def _under(
        self, post: dict[str, Any], since: datetime, gate: asyncio.Semaphore
    ) -> tuple[list[Heard], bool]:
        """What was written below a post since then, oldest first, and whether that was all."""
        asked = {"filter": "stream", "order": "chronological", "since": int(since.timestamp()), "fields": FIELDS}
        async with gate:
            found, whole = await upto(self._graph.each(f"/{post['id']}/comments", **asked))
        return readable(self.name, found, lambda one: self._heard(one, post)), whole

    def _heard(self, comment: dict[str, Any], post: dict[str, Any]) -> Heard:
        author = comment.get("from") or {}
        return Heard(
            remote=str(comment["id"]),
            post=str(post["id"]),
            verb=Verb.HIDE if comment.get("is_hidden") else Verb.SEEN,
            text=str(comment.get("message") or ""),
            author=str(author.get("name") or ""),
            parent=str((comment.get("parent") or {}).get("id") or ""),
            own=self._ours(comment),
            written=instant(comment.get("created_time")),
            link=str(comment.get("permalink_url") or ""),
            post_text=str(post.get("message") or ""),
            post_link=str(post.get("permalink_url") or ""),
            attached=bool(comment.get("attachment")),
        )

    async def find_reply(self, remote: str, text: str, key: str, since: datetime) -> Sent | None:
        """The Page's own answer with this text since then, below that comment."""
        asked = {"order": "reverse_chronological", "fields": "id,message,created_time,from{id,name}"}
        found = await self._found(remote, text, since, **asked)
        return Sent(found, remote) if found else None

    def _ours(self, comment: Mapping[str, Any]) -> bool:
        return str((comment.get("from") or {}).get("id") or "") == self._page

    async def look(self, remote: str) -> Heard | None:
        """The comment as it stands now."""
        try:
            one = await self._graph.ask("GET", f"/{remote}", fields=FIELDS)
        except Missing:
            return None
        return self._heard(one, one.get("object") or {"id": ""})

    async def measure(self, since: datetime) -> Figures:
        """Followers, and the reactions, comments and shares of each post."""
        page = await self._graph.ask("GET", f"/{self._page}", fields="followers_count,fan_count")
        asked = {"fields": FIGURES, "since": int(since.timestamp())}
        posts, _ = await upto(self._graph.each(f"/{self._page}/published_posts", **asked))
        followers = page.get("followers_count", page.get("fan_count"))
        return Figures(followers, readable(self.name, posts, _figures))

    async def elsewhere(self) -> list[Elsewhere]:
        """Unread conversations, reviews, and posts of others on the Page or about it that it has not answered."""
        page = await self._graph.ask("GET", f"/{self._page}", fields="link")
        link = str(page.get("link") or "").rstrip("/")
        return [
            *await self._messages(self._page, f"{link}/inbox"),
            *await self._written(Kind.VISITORS, "visitor_posts", link),
            *await self._written(Kind.MENTIONS, "tagged", f"{link}/mentions"),
            *await self._reviews(f"{link}/reviews"),
        ]

    async def _written(self, kind: Kind, edge: str, link: str) -> list[Elsewhere]:
        fields = "id,created_time,from{id},comments.limit(25){from{id}}"
        found = await self._edge(f"/{self._page}/{edge}", fields=fields)
        times = readable(self.name, found or (), self._waits)
        return [] if found is None else [counted(kind, times, link)]

    def _waits(self, post: Mapping[str, Any]) -> datetime | None:
        """Since when a post of somebody else has waited; None for one that does not."""
        at = instant(post.get("created_time"))
        answers = (post.get("comments") or {}).get("data") or ()
        done = self._ours(post) or any(self._ours(one) for one in answers)
        return None if done or at < datetime.now(UTC) - LATELY else at

    async def _reviews(self, link: str) -> list[Elsewhere]:
        found = await self._edge(f"/{self._page}/ratings", fields="created_time,has_review")
        times = [instant(one.get("created_time")) for one in found or () if one.get("has_review")]
        late = [at for at in times if at >= datetime.now(UTC) - LATELY]
        return [] if found is None else [counted(Kind.REVIEWS, late, link)]


def _figures(post: Mapping[str, Any]) -> PostFigures:
    return PostFigures(
        remote=str(post["id"]),
        published=instant(post.get("created_time")),
        reactions=total(post.get("reactions")),
        comments=total(post.get("comments")),
        shares=int((post.get("shares") or {}).get("count") or 0),  # absent when there are none
        link=str(post.get("permalink_url") or ""),
        words=str(post.get("message") or ""),
    )


def heard(chosen: FacebookSettings, change: Mapping[str, Any]) -> Heard | None:
    """What a webhook's change says of a comment; None for what is about something else.

    Raises Unreadable when it says that it is a comment and is not one.
    """
    value = change.get("value")
    if change.get("field") != "feed" or not isinstance(value, Mapping) or value.get("item") != "comment":
        return None
    verb = VERBS.get(str(value.get("verb")))
    if verb is None:
        return None
    if not value.get("comment_id") or not value.get("post_id"):
        raise Unreadable("a comment without id or post")
    author = value.get("from") if isinstance(value.get("from"), Mapping) else {}
    post = value.get("post") if isinstance(value.get("post"), Mapping) else {}
    parent = str(value.get("parent_id") or "")
    return Heard(
        remote=str(value["comment_id"]),
        post=str(value["post_id"]),
        verb=verb,
        text=str(value.get("message") or ""),
        author=str((author or {}).get("name") or ""),
        parent="" if parent == str(value["post_id"]) else parent,
        own=str((author or {}).get("id") or "") == chosen.page_id,
        written=seconds(value.get("created_time")),
        link=str((post or {}).get("permalink_url") or ""),
        post_link=str((post or {}).get("permalink_url") or ""),
        attached=any(value.get(name) for name in ("photo", "video", "sticker", "attachment")),
    )
