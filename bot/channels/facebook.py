"""Facebook: posts of the municipality's Page."""

import time
from datetime import datetime
from typing import Any, Final, Literal

from bot.channels.errors import CannotLook, Gone, Unknown
from bot.channels.message import Message
from bot.channels.meta import Duplicate, Graph, Id, MetaSettings, Missing, NoPreview, instant, normal, words
from bot.channels.protocol import Can, Sent
from bot.channels.scheduled import Published, Scheduled
from bot.channels.settings import Keyring

IN_TIME: Final = 0.9  # of the time-out; what is asked after the post itself must be answered by then

_STANDS: Final = "id,message,created_time,permalink_url"
_WAITS: Final = "id,message,scheduled_publish_time,permalink_url"


class FacebookSettings(MetaSettings):
    """``page_id`` is the Page's number; the token is the Page's, best from a system user."""

    platform: Literal["facebook"] = "facebook"
    page_id: Id


class Facebook:
    """One Page. The picture is left out: here the text itself is read.

    Facebook knows no threads of posts, so a follow-up is a post of its own. It takes no key either:
    after a lost answer the finder looks for the text among the Page's posts.
    """

    can = frozenset({Can.PUBLISH, Can.UPDATE, Can.REMOVE, Can.FIND, Can.PING, Can.TIMER, Can.RECENT})
    idempotent = False

    def __init__(self, chosen: FacebookSettings, keyring: Keyring, *, timeout_s: float = 9.0) -> None:
        self.name, self.lag = chosen.key, chosen.lag_s
        self._chosen, self._in_time_s = chosen, timeout_s * IN_TIME
        self._graph = Graph(chosen, keyring, timeout_s=timeout_s)

    async def place(self, dest: str) -> str:
        """The Page is the only place."""
        return dest

    async def send(self, place: str, thread: str | None, message: Message, key: str) -> Sent:
        """Publish; a duplicate of the last post is Unknown, for it may be an earlier try of ours."""
        self._chosen.admit(message)
        until = time.monotonic() + self._in_time_s
        try:
            remote = await self._publish(message)
        except Duplicate as duplicate:
            raise Unknown(str(duplicate)) from duplicate
        return Sent(remote, place, await self._graph.link(remote, "permalink_url", until - time.monotonic()))

    async def _publish(self, message: Message) -> str:
        """Post with a preview of the link; without one while the website cannot be opened by Facebook."""
        path, text = f"/{self._chosen.page_id}/feed", words(message)
        try:
            return await self._graph.create(path, message=text, link=message.link or None)
        except NoPreview:
            return await self._graph.create(path, message=text)

    async def update(self, place: str, remote: str, message: Message) -> None:
        """Change the text; only posts that this app made can be changed. Raises Gone."""
        self._chosen.admit(message)
        try:
            await self._graph.change("POST", f"/{remote}", message=words(message))
        except Missing as missing:
            raise Gone(missing.reason) from None

    async def remove(self, place: str, remote: str) -> None:
        """Delete the post; one that is gone counts as deleted. Also stops a scheduled one."""
        try:
            await self._graph.change("DELETE", f"/{remote}")
        except Missing:
            return

    async def find(
        self, place: str, thread: str | None, key: str, since: datetime, message: Message | None
    ) -> Sent | None:
        """The Page's own post with this text since then. Raises CannotLook for a message without text."""
        if message is None:
            raise CannotLook("no text to look for")
        wanted = normal(words(message))
        listed = self._graph.each(
            f"/{self._chosen.page_id}/published_posts",
            fields=_STANDS,
            since=int(since.timestamp()),
        )
        async for post in listed:
            if instant(post.get("created_time")) < since.replace(microsecond=0):
                return None  # newest first, and Meta counts whole seconds
            if normal(str(post.get("message") or "")) == wanted:
                return Sent(str(post["id"]), place, str(post.get("permalink_url") or ""))
        return None

    async def scheduled(self) -> list[Scheduled]:
        """What the Page will publish by itself, soonest first. Raises the errors of a channel."""
        listed = self._graph.each(f"/{self._chosen.page_id}/scheduled_posts", fields=_WAITS)
        return sorted([_scheduled(post) async for post in listed], key=lambda one: one.at)

    async def scheduled_one(self, remote: str) -> Scheduled | Published:
        """A post as it is now: still waiting, or out. Raises Gone."""
        try:
            post = await self._graph.ask("GET", f"/{remote}", fields=f"{_WAITS},{_STANDS},is_published")
        except Missing as missing:
            raise Gone(missing.reason) from None
        return _published(post) if post.get("is_published") is not False else _scheduled(post)

    async def reschedule(self, remote: str, at: datetime) -> None:
        """Let a waiting post go out ``at``: ten minutes to 75 days from now. Raises Gone, or Refused."""
        await self._set(remote, scheduled_publish_time=int(at.timestamp()))

    async def release(self, remote: str) -> None:
        """Let a waiting post go out now. Raises Gone, or Refused."""
        await self._set(remote, is_published="true")

    async def _set(self, remote: str, **fields: Any) -> None:
        try:
            await self._graph.change("POST", f"/{remote}", **fields)
        except Missing as missing:
            raise Gone(missing.reason) from None

    async def recent(self, since: datetime) -> list[Published]:
        """The Page's posts since then, oldest first. Raises the errors of a channel."""
        page = f"/{self._chosen.page_id}/published_posts"
        listed = self._graph.each(page, fields=_STANDS, since=int(since.timestamp()))
        found = [_published(post) async for post in listed]
        return sorted((one for one in found if one.at >= since.replace(microsecond=0)), key=lambda one: one.at)

    async def ping(self) -> str:
        """The Page's name."""
        said = await self._graph.ask("GET", f"/{self._chosen.page_id}", fields="name")
        return str(said.get("name") or "")

    async def close(self) -> None:
        """Close the connections."""
        await self._graph.close()


def _scheduled(post: dict[str, Any]) -> Scheduled:
    at = instant(post.get("scheduled_publish_time"))
    return Scheduled(str(post["id"]), str(post.get("message") or ""), at, str(post.get("permalink_url") or ""))


def _published(post: dict[str, Any]) -> Published:
    at = instant(post.get("created_time"))
    return Published(str(post["id"]), str(post.get("message") or ""), at, str(post.get("permalink_url") or ""))
