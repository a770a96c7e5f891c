"""Comments under a Facebook Page's posts: by webhook, and by reading as the net below it."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.channels.conversation import Page
from bot.channels.errors import Gone
from bot.channels.facebook import FacebookSettings
from bot.channels.heard import Heard, Unreadable, Verb
from bot.channels.meta import Graph, Missing, instant, normal
from bot.channels.protocol import Can, Sent
from bot.channels.settings import Keyring

FIELDS: Final = "id,message,created_time,from{id,name},parent{id},is_hidden,permalink_url,attachment,object{id}"
WATCHED: Final = timedelta(days=21)  # posts older than that get their comments by webhook alone
OVERLAP: Final = timedelta(minutes=2)  # between Meta's clock and ours
AT_ONCE: Final = 4  # requests beside each other
VERBS: Final = {
    "add": Verb.ADD,
    "edited": Verb.EDIT,
    "edit": Verb.EDIT,
    "remove": Verb.REMOVE,
    "hide": Verb.HIDE,
    "unhide": Verb.SHOW,
}


class FacebookTalk:
    """One Page's comments."""

    can = frozenset({Can.COMMENTS, Can.REPLY, Can.HIDE, Can.TAKE_DOWN, Can.LOOK})

    def __init__(self, chosen: FacebookSettings, keyring: Keyring, *, timeout_s: float = 9.0) -> None:
        self.name, self.lag = chosen.key, chosen.lag_s
        self._page = chosen.page_id
        self._graph = Graph(chosen, keyring, timeout_s=timeout_s)

    async def comments(self, cursor: Mapping[str, Any]) -> Page:
        """Comments since the cursor under the posts of the last weeks; the first look begins an hour back."""
        now = datetime.now(UTC)
        since = datetime.fromisoformat(cursor["since"]) if cursor else now - timedelta(hours=1)
        posts = [one async for one in self._posts(now - WATCHED)]
        gate = asyncio.Semaphore(AT_ONCE)
        found = await asyncio.gather(*(self._under(post, since, gate) for post in posts))
        heard = sorted((one for page in found for one in page), key=lambda one: one.written or now)
        return Page(heard, {"since": (now - OVERLAP).isoformat()})

    def _posts(self, since: datetime) -> Any:
        page = f"/{self._page}/published_posts"
        return self._graph.each(page, fields="id,message,permalink_url", since=int(since.timestamp()))

    async def _under(self, post: dict[str, Any], since: datetime, gate: asyncio.Semaphore) -> list[Heard]:
        asked = {"filter": "stream", "order": "chronological", "since": int(since.timestamp()), "fields": FIELDS}
        async with gate:
            found = [one async for one in self._graph.each(f"/{post['id']}/comments", **asked)]
        return [self._heard(one, post) for one in found]

    def _heard(self, comment: dict[str, Any], post: dict[str, Any]) -> Heard:
        author = comment.get("from") or {}
        return Heard(
            remote=str(comment["id"]),
            post=str(post["id"]),
            verb=Verb.HIDE if comment.get("is_hidden") else Verb.SEEN,
            text=str(comment.get("message") or ""),
            author=str(author.get("name") or ""),
            parent=str((comment.get("parent") or {}).get("id") or ""),
            own=str(author.get("id") or "") == self._page,
            written=instant(comment.get("created_time")),
            link=str(comment.get("permalink_url") or ""),
            post_text=str(post.get("message") or ""),
            post_link=str(post.get("permalink_url") or ""),
            attached=bool(comment.get("attachment")),
        )

    async def reply(self, remote: str, text: str, key: str) -> Sent:
        """Answer a comment. Raises Gone when it is not there any more."""
        try:
            return Sent(await self._graph.create(f"/{remote}/comments", message=text), remote)
        except Missing as missing:
            raise Gone(missing.reason) from None

    async def find_reply(self, remote: str, text: str, key: str, since: datetime) -> Sent | None:
        """The Page's own answer with this text since then, below that comment."""
        asked = {"order": "reverse_chronological", "fields": "id,message,created_time,from{id,name}"}
        async for one in self._graph.each(f"/{remote}/comments", **asked):
            if instant(one.get("created_time")) < since.replace(microsecond=0):
                return None
            ours = str((one.get("from") or {}).get("id") or "") == self._page
            if ours and normal(str(one.get("message") or "")) == normal(text):
                return Sent(str(one["id"]), remote)
        return None

    async def hide(self, remote: str, *, hidden: bool) -> None:
        """Hide it, or show it again. Raises Gone."""
        try:
            await self._graph.change("POST", f"/{remote}", is_hidden="true" if hidden else "false")
        except Missing as missing:
            raise Gone(missing.reason) from None

    async def take_down(self, remote: str) -> None:
        """Delete the comment."""
        try:
            await self._graph.change("DELETE", f"/{remote}")
        except Missing:
            return

    async def look(self, remote: str) -> Heard | None:
        """The comment as it stands now."""
        try:
            one = await self._graph.ask("GET", f"/{remote}", fields=FIELDS)
        except Missing:
            return None
        return self._heard(one, one.get("object") or {"id": ""})

    async def close(self) -> None:
        """Close the connections."""
        await self._graph.close()


def changes(body: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each change of a webhook's body with the Page it is about. Raises Unreadable for what is no such body."""
    entries = body.get("entry")
    if body.get("object") != "page" or not isinstance(entries, list):
        raise Unreadable("no page entries")
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("changes"), list):
            raise Unreadable("an entry without changes")
        for change in entry["changes"]:
            yield str(entry.get("id") or ""), {"time": entry.get("time"), **change}


def heard(page: str, change: Mapping[str, Any]) -> Heard | None:
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
        own=str((author or {}).get("id") or "") == page,
        written=_when(value.get("created_time")),
        link=str((post or {}).get("permalink_url") or ""),
        post_link=str((post or {}).get("permalink_url") or ""),
        attached=any(value.get(name) for name in ("photo", "video", "sticker", "attachment")),
    )


def _when(value: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
