"""WordPress by its REST interface: a news item and, if there is one, the page that holds the warning banner.

Core knows no idempotency key, but a post's slug is ours to choose: it is made of the delivery's key, so
the finder is exact. A second post with the same slug would be given another one, and that tells on it.
"""

import asyncio
import dataclasses
import re
from datetime import datetime
from typing import Any, Final, Literal

import httpx
import structlog
from pydantic import PositiveInt

from bot.channels import html
from bot.channels.errors import ChannelError, Gone, Refused, Unknown
from bot.channels.http import json_of
from bot.channels.message import Message
from bot.channels.protocol import Can, Sent
from bot.channels.settings import Keyring
from bot.channels.wordpressapi import Rest, Site, listed

RESERVE_S: Final = 1.0  # of the time-out, for our own work: the caller's patience is just as long
NO_TRASH: Final = "HTTP 501"  # the site keeps no trash
_FIELDS: Final = "id,slug,status,link"
log = structlog.get_logger(__name__)


class WordPressSettings(Site):
    """A WordPress site. ``categories`` are ids.

    ``banner_page`` is the id of a page whose content the theme shows on top of every page; empty content
    means no warning.
    """

    platform: Literal["wordpress"] = "wordpress"
    categories: tuple[PositiveInt, ...] = ()
    sticky: bool = False
    banner_page: PositiveInt | None = None


class WordPress:
    """One WordPress site as a channel.

    A failing banner never changes what is said of the news item, which stands: it is logged,
    ``banner_behind`` is set, and `show_banner` or the next send or update sets it right. Only ``remove``
    insists.
    """

    can = frozenset({Can.PUBLISH, Can.UPDATE, Can.REMOVE, Can.FIND, Can.PING})
    idempotent = False
    lag = 1.0

    def __init__(self, chosen: WordPressSettings, keyring: Keyring, *, timeout_s: float = 9.0) -> None:
        self.name = chosen.key
        self.banner_behind = False  # the banner does not show the latest message
        self._chosen, self._timeout_s = chosen, timeout_s
        self._rest = Rest(chosen, keyring, timeout_s=timeout_s)

    async def place(self, dest: str) -> str:
        """The channel's own key: there is one place."""
        return dest

    async def send(self, place: str, thread: str | None, message: Message, key: str) -> Sent:
        """Publish a news item under a slug made of ``key``, then show the banner."""
        self._chosen.admit(message)
        ends = self._deadline()
        sent = await self._publish(place, slug_of(key), message)
        await self._show_banner(sent.remote, dataclasses.replace(message, link=sent.link or message.link), ends)
        return sent

    async def update(self, place: str, remote: str, message: Message) -> None:
        """Change the news item, then the banner. Raises Gone when it is in the trash or unpublished."""
        self._chosen.admit(message)
        ends = self._deadline()
        post = _post(await self._rest.call("POST", f"posts/{remote}", body=_content(message)))
        if post["status"] != "publish":
            raise Gone(f"status {post['status']}")
        link = str(post.get("link") or message.link)
        await self._show_banner(remote, dataclasses.replace(message, link=link), ends)

    async def remove(self, place: str, remote: str) -> None:
        """Put the news item in the trash and take the banner down, unless it speaks of another news item.

        The banner's errors are raised here: this may be repeated, and a warning must not stay for ever.
        """
        try:
            await self._discard(remote)
        except Gone:
            log.info("already removed", action="remove_gone", channel=self.name)
        if self._chosen.banner_page and await self._speaks_of(remote):
            await self.banner(None)

    async def find(
        self, place: str, thread: str | None, key: str, since: datetime, message: Message | None
    ) -> Sent | None:
        """The published news item with this key's slug; exact, so neither time nor text is looked at."""
        return await self._with_slug(place, slug_of(key))

    async def banner(self, message: Message | None) -> None:
        """Show this on the banner page, or nothing. Idempotent; does nothing where no page is set.

        For the end of a crisis, and for a banner that says something else than the news item: a later
        send or update puts its own text there.
        """
        if message:
            self._chosen.admit(message)
        await self._write_banner(_banner(message, "") if message else "")

    async def show_banner(self, remote: str, message: Message) -> None:
        """Show the message of that news item; when it is over, take the banner down if it speaks of it."""
        if not message.over:
            await self._write_banner(_banner(message, remote))
        elif self._chosen.banner_page and await self._speaks_of(remote):
            await self.banner(None)
        self.banner_behind = False

    async def ping(self) -> str:
        """The name of the user behind the password.

        Raises TokenDead for a wrong password, Refused when the user may not publish, a category does not
        exist (WordPress would leave it out without a word) or the banner's page cannot be edited.
        """
        asked = {"context": "edit", "_fields": "name,capabilities"}
        me = json_of(await self._rest.call("GET", "users/me", params=asked))
        if "name" not in me:
            raise Refused("not_wordpress", "the answer is not WordPress's")
        if not (me.get("capabilities") or {}).get("publish_posts"):
            raise Refused("rest_cannot_publish", "the user may not publish posts")
        await self._check_categories()
        if self._chosen.banner_page:
            await self._read_banner()
        return str(me["name"])

    async def close(self) -> None:
        """Close the connections."""
        await self._rest.close()

    async def _check_categories(self) -> None:
        wanted = self._chosen.categories
        if not wanted:
            return
        asked = {"include": ",".join(map(str, wanted)), "per_page": "100", "_fields": "id"}
        there = {category["id"] for category in listed(await self._rest.call("GET", "categories", params=asked))}
        if missing := set(wanted) - there:
            raise Refused("categories", f"there is no category {', '.join(map(str, sorted(missing)))}")

    async def _publish(self, place: str, slug: str, message: Message) -> Sent:
        given = _content(message) | {"status": "publish", "slug": slug}
        if self._chosen.categories:
            given["categories"] = list(self._chosen.categories)
        if self._chosen.sticky:
            given["sticky"] = True
        post = _post(await self._rest.call("POST", "posts", body=given))
        if post["status"] != "publish":
            raise Refused("not_published", f"status {post['status']}")  # an editorial plug-in wants a say
        sent = _sent(place, post)
        return sent if post.get("slug") == slug else await self._only_one(sent, slug)

    async def _only_one(self, later: Sent, slug: str) -> Sent:
        """Our slug was taken: an earlier try got through after all. The later post goes, the earlier stays."""
        try:
            earlier = await self._with_slug(later.place, slug)
            if earlier is None:
                return later
            await self._rest.call("DELETE", f"posts/{later.remote}", params={"force": "true"})
        except ChannelError as error:
            log.warning("maybe two", action="wordpress_twice", channel=self.name, error=type(error).__name__)
            return later
        return earlier

    async def _with_slug(self, place: str, slug: str) -> Sent | None:
        asked = {"slug": slug, "status": "publish", "context": "edit", "_fields": _FIELDS}
        posts = listed(await self._rest.call("GET", "posts", params=asked))
        return next((_sent(place, post) for post in posts if post.get("slug") == slug), None)

    async def _discard(self, remote: str) -> None:
        try:
            await self._rest.call("DELETE", f"posts/{remote}")
        except Unknown as unknown:
            if str(unknown) != NO_TRASH:
                raise
            await self._rest.call("POST", f"posts/{remote}", body={"status": "draft"})

    def _deadline(self) -> float:
        """When a request that began now must be over, by the loop's clock."""
        return asyncio.get_running_loop().time() + self._timeout_s - RESERVE_S

    async def _show_banner(self, remote: str, message: Message, ends: float) -> None:
        """As well as it can be done in time; the news item stands whatever happens here."""
        try:
            async with asyncio.timeout_at(ends):
                await self.show_banner(remote, message)
        except (ChannelError, TimeoutError) as error:
            self.banner_behind = True
            why = getattr(error, "reason", None) or type(error).__name__
            log.warning("banner not changed", action="banner_behind", channel=self.name, reason=why)

    async def _write_banner(self, content: str) -> None:
        if self._chosen.banner_page is None:
            return
        await self._rest.call("POST", f"pages/{self._chosen.banner_page}", body={"content": content})
        self.banner_behind = False

    async def _read_banner(self) -> str:
        asked = {"context": "edit", "_fields": "id,content"}
        try:
            page = json_of(await self._rest.call("GET", f"pages/{self._chosen.banner_page}", params=asked))
        except Gone:
            raise Refused("banner_page", f"there is no page {self._chosen.banner_page}") from None
        return str((page.get("content") or {}).get("raw", ""))

    async def _speaks_of(self, remote: str) -> bool:
        """Is the banner this news item's, or nobody's in particular?"""
        owner = re.search(r"\bkanalvakt-(\d+)\b", await self._read_banner())
        return owner is None or owner[1] == remote


def slug_of(key: str) -> str:
    """The slug of the news item of the delivery with that key."""
    return f"kris-{key[:8]}"


def _post(answer: httpx.Response) -> dict[str, Any]:
    """The post in the answer. Raises Unknown when a page or a PHP notice stands where it should be."""
    post = json_of(answer)
    if not post.get("id") or "status" not in post:
        raise Unknown("not a post")
    return post


def _sent(place: str, post: dict[str, Any]) -> Sent:
    return Sent(str(post["id"]), place, str(post.get("link") or ""))


def _content(message: Message) -> dict[str, Any]:
    title = html.escaped(html.headline(message))
    return {"title": _inert(title), "content": _inert(html.body(message))}


def _banner(message: Message, remote: str) -> str:
    """The whole message, for no advice is ever cut; marked with its news item's id, if it has one."""
    mark = f"kanalvakt kanalvakt-{remote}" if remote else "kanalvakt"
    title = f"<p><strong>{html.escaped(html.headline(message))}</strong></p>\n" if message.title else ""
    return _inert(f'<div class="{mark}">\n{title}{html.body(message)}\n</div>')


def _inert(text: str) -> str:
    """Square brackets would call short codes."""
    return text.replace("[", "&#91;").replace("]", "&#93;")
