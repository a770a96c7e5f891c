"""Answers to a Mastodon account's statuses: from its notifications, and from the threads themselves.

Notifications are walked forward from the last one read, so an outage loses nothing; they tell of whoever
mentions the account. Threads show the rest, and what was edited or deleted. Nobody can hide others' statuses.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.channels.conversation import Page
from bot.channels.elsewhere import Elsewhere, Kind
from bot.channels.errors import Gone, Refused, Unknown
from bot.channels.heard import Heard, Unreadable, Verb
from bot.channels.http import json_of
from bot.channels.mastodon import MastodonSettings
from bot.channels.mastodonapi import Api, Missing, address, listed, made, normal, plain
from bot.channels.measuring import Figures, PostFigures
from bot.channels.protocol import Can, Sent
from bot.channels.settings import Keyring
from bot.channels.talk.reading import readable, told, upto
from bot.channels.talk.standing import Standing

WATCHED: Final = timedelta(days=21)  # threads older than that are heard of by notifications alone
LATELY: Final = timedelta(days=14)
AT_ONCE: Final = 4  # requests beside each other
MANY: Final = 40  # notifications at a time
STATUSES: Final = "/api/v1/statuses"
NOTIFICATIONS: Final = "/api/v1/notifications"
DIRECT: Final = "direct"  # a message, which nobody reads here
NARROWING: Final = ("public", "unlisted", "private", DIRECT)
JSON = Mapping[str, Any]


class MastodonTalk:
    """One account's threads."""

    can = frozenset({Can.COMMENTS, Can.REPLY, Can.LOOK, Can.METRICS, Can.ELSEWHERE})
    lag = 1.0

    def __init__(self, chosen: MastodonSettings, keyring: Keyring, *, timeout_s: float = 9.0) -> None:
        self.name, self._chosen = chosen.key, chosen
        self._api = Api(chosen, keyring, timeout_s=timeout_s)
        self._me = self._name = ""

    async def comments(self, cursor: JSON) -> Page:
        """What is new, changed or gone in the threads, and whoever mentioned the account since the last look."""
        now = datetime.now(UTC)
        standing, gate = Standing(cursor, now), asyncio.Semaphore(AT_ONCE)
        self._me = await self._account()
        own, _ = await upto(self._api.own(now - WATCHED))
        posts = [one for one in own if not one.get("in_reply_to_id") and one.get("visibility") != DIRECT]
        due = [one for one in posts if standing.due(str(one["id"]), made(one), one.get("replies_count"))]
        threads = await asyncio.gather(*(self._thread(post, standing, gate) for post in due))
        mentions, last, more = await self._mentions(str(cursor.get("min_id") or ""))
        read = {one.remote for some in threads for one in some}
        heard = [one for some in threads for one in some]
        heard += [one for one in mentions if one.remote not in read and not standing.known(one.post, one.remote)]
        kept = standing.cursor({str(one["id"]) for one in posts}) | {"min_id": last}
        return Page(sorted(heard, key=lambda one: one.written or now), kept, more)

    async def _account(self) -> str:
        """The account's number; its name is learned, too."""
        me = await self._api.me()
        self._name = str(me.get("username") or "")
        return str(me.get("id") or "")

    async def _thread(self, post: JSON, standing: Standing, gate: asyncio.Semaphore) -> list[Heard]:
        async with gate:
            try:
                context = await self._api.read(f"{STATUSES}/{post['id']}/context")
            except Missing:  # deleted in between
                return []
            there = readable(self.name, context.get("descendants") or (), lambda one: self._heard(one, post))
            return await told(standing, str(post["id"]), there, post.get("replies_count"), self.look)

    async def _mentions(self, after: str) -> tuple[list[Heard], str, bool]:
        """What notifications tell since that one, the id of the last, and whether there are more.

        The first look only learns where they end: the threads tell what came in the last hour.
        """
        asked: dict[str, Any] = {"types[]": "mention", "limit": MANY if after else 1}
        page = listed(
            await self._api.ask("GET", NOTIFICATIONS, params=asked | ({"min_id": after} if after else {}))
        )
        last = str(max([int(after or 0), *(int(one["id"]) for one in page)]))
        if not after:
            return [], last, False
        found = [await self._mention(one) for one in reversed(page)]
        return [one for one in found if one], last, len(page) >= MANY

    async def _mention(self, notification: JSON) -> Heard | None:
        """The comment that a notification tells of; None for a message, and for what is no answer to ours."""
        status = notification.get("status") or {}
        if status.get("visibility") == DIRECT or not status.get("in_reply_to_id"):
            return None
        try:
            above = (await self._api.read(f"{STATUSES}/{status['id']}/context")).get("ancestors") or [{}]
        except Missing:
            return None
        if not self._ours(above[0]):
            return None
        return next(iter(readable(self.name, [status], lambda one: self._heard(one, above[0]))), None)

    def _heard(self, status: JSON, post: JSON) -> Heard | None:
        if status.get("visibility") == DIRECT:
            return None
        parent = str(status.get("in_reply_to_id") or "")
        author = status.get("account") or {}
        return Heard(
            remote=str(status["id"]),
            post=str(post["id"]),
            verb=Verb.SEEN,
            text=_without(self._name, _text(status)),
            author=str(author.get("display_name") or author.get("acct") or ""),
            parent="" if parent == str(post["id"]) else parent,
            own=self._ours(status),
            written=made(status),
            link=address(status),
            post_text=plain(str(post.get("content") or "")).strip(),
            post_link=address(post),
            attached=bool(status.get("media_attachments")),
        )

    def _ours(self, status: JSON) -> bool:
        return bool(self._me) and str((status.get("account") or {}).get("id") or "") == self._me

    async def reply(self, remote: str, text: str, key: str) -> Sent:
        """Answer with a status that names who is answered, seen by no more people than theirs. Raises Gone."""
        asked = await self._status(remote)
        if asked is None:
            raise Gone("no such status")
        form = {
            "status": f"@{(asked.get('account') or {}).get('acct') or ''} {text}",
            "in_reply_to_id": remote,
            "visibility": max(self._chosen.visibility, str(asked.get("visibility")), key=_narrowness),
            "language": "sv",
        }
        status = json_of(await self._api.ask("POST", STATUSES, json=form, headers={"Idempotency-Key": key}))
        if "id" not in status:
            raise Unknown("an answer without a status")
        return Sent(str(status["id"]), remote, address(status))

    async def find_reply(self, remote: str, text: str, key: str, since: datetime) -> Sent | None:
        """Our own status with this text since then, in answer to that one."""
        async for status in self._api.own(since):
            _, _, said = normal(plain(str(status.get("content") or ""))).partition(" ")  # after the name
            if str(status.get("in_reply_to_id") or "") == remote and said == normal(text):
                return Sent(str(status["id"]), remote, address(status))
        return None

    async def hide(self, remote: str, *, hidden: bool) -> None:
        """Refused: on Mastodon only the author, or the author's server, takes a status away."""
        raise Refused("cannot_hide")

    async def take_down(self, remote: str) -> None:
        """Delete an answer of our own. Raises Refused for others' statuses."""
        self._me = self._me or await self._account()
        status = await self._status(remote)
        if status is None:
            return
        if not self._ours(status):
            raise Refused("cannot_take_down")
        await self._api.ask("DELETE", f"{STATUSES}/{remote}")

    async def look(self, remote: str) -> Heard | None:
        """The status as it stands now; which thread it belongs to is not asked."""
        status = await self._status(remote)
        return None if status is None else self._heard(status, {"id": ""})

    async def _status(self, remote: str) -> dict[str, Any] | None:
        try:
            return await self._api.read(f"{STATUSES}/{remote}")
        except Missing:
            return None

    async def measure(self, since: datetime) -> Figures:
        """Followers, and the favourites, answers and boosts of each status."""
        me = await self._api.me()
        own, _ = await upto(self._api.own(since))
        posts = [one for one in own if not one.get("in_reply_to_id") and one.get("visibility") != DIRECT]
        return Figures(me.get("followers_count"), readable(self.name, posts, _figures))

    async def elsewhere(self) -> list[Elsewhere]:
        """Unread conversations, and mentions in others' threads that nobody has read on the server itself."""
        base = self._chosen.api_url.rstrip("/")
        conversations = listed(await self._api.ask("GET", "/api/v1/conversations", params={"limit": MANY}))
        unread = readable(self.name, conversations, _unread)
        return [
            Elsewhere(Kind.MESSAGES, len(unread), min(unread, default=None), f"{base}/conversations"),
            await self._elsewhere_mentioned(f"{base}/notifications"),
        ]

    async def _elsewhere_mentioned(self, link: str) -> Elsewhere:
        self._me = await self._account()
        read = json_of(await self._api.ask("GET", "/api/v1/markers", params={"timeline[]": "notifications"}))
        seen = _order((read.get("notifications") or {}).get("last_read_id"))
        page = listed(await self._api.ask("GET", NOTIFICATIONS, params={"types[]": "mention", "limit": 2 * MANY}))
        fresh = [one for one in page if _order(one["id"]) > seen]
        times = readable(self.name, fresh, self._mentioned)
        return Elsewhere(Kind.MENTIONS, len(times), min(times, default=None), link)

    def _mentioned(self, notification: JSON) -> datetime | None:
        """When somebody named the account outside its own threads; None for anything else, and for what is old."""
        status, at = notification["status"], made(notification)
        elsewhere = str(status.get("in_reply_to_account_id") or "") != self._me
        return at if elsewhere and status.get("visibility") != DIRECT and at >= datetime.now(UTC) - LATELY else None

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()


def _narrowness(visibility: str) -> int:
    return NARROWING.index(visibility) if visibility in NARROWING else 0


def _order(number: Any) -> tuple[int, str]:
    """Ids grow, but not everywhere are they numbers."""
    return len(str(number or "")), str(number or "")


def _text(status: JSON) -> str:
    if "content" not in status:
        raise Unreadable("a status without content")
    warning = str(status.get("spoiler_text") or "")
    return "\n".join(part for part in (warning, plain(str(status["content"])).strip()) if part)


def _without(name: str, text: str) -> str:
    """The text after the account's own name, with which every answer to it begins."""
    first, _, rest = text.partition(" ")
    return rest if name and first.casefold() == f"@{name.casefold()}" else text


def _unread(conversation: JSON) -> datetime | None:
    """Since when a conversation waits; what was said in it is not looked at."""
    last = conversation.get("last_status")
    return made(last) if conversation.get("unread") and last else None


def _figures(status: JSON) -> PostFigures:
    return PostFigures(
        remote=str(status["id"]),
        published=made(status),
        reactions=status.get("favourites_count"),
        comments=status.get("replies_count"),
        shares=status.get("reblogs_count"),
        link=address(status),
        words=plain(str(status.get("content") or "")).strip(),
    )
