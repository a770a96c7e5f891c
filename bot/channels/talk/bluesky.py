"""Replies to a Bluesky account's posts: from its notifications, and from the threads themselves.

Notifications come newest first; they are walked back to where the last walk began, page by page, so an outage
loses nothing. Threads show the rest. A reply is hidden by the threadgate of the post that began the thread.
"""

import asyncio
import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.channels.bluesky import POST, BlueskySettings, record_of, rkey
from bot.channels.blueskyapi import REPO, AlreadyThere, Api, NoRecord
from bot.channels.conversation import Page
from bot.channels.elsewhere import Elsewhere, Kind
from bot.channels.errors import Gone, Refused, Throttled, Unknown
from bot.channels.heard import Heard, Unreadable, Verb
from bot.channels.measuring import Figures, PostFigures
from bot.channels.message import Message
from bot.channels.protocol import Can, Sent
from bot.channels.settings import Keyring
from bot.channels.talk.reading import readable, told
from bot.channels.talk.standing import Standing

FEED: Final = "app.bsky.feed"
GATE: Final = f"{FEED}.threadgate"
NOTIFICATIONS: Final = "app.bsky.notification.listNotifications"
WATCHED: Final = timedelta(days=21)  # threads older than that are heard of by notifications alone
OVERLAP: Final = timedelta(minutes=2)  # notifications may be listed a little late
LATELY: Final = timedelta(days=14)
AT_ONCE: Final = 4  # requests beside each other
MANY, DEPTH, PAGES = 100, 100, 10
AT_A_TIME: Final = 25  # posts that may be asked for at once
HIDDEN_AT_MOST: Final = 300
JSON = Mapping[str, Any]


class BlueskyTalk:
    """One account's threads."""

    can = frozenset({Can.COMMENTS, Can.REPLY, Can.HIDE, Can.LOOK, Can.METRICS, Can.ELSEWHERE})
    lag = 0.0

    def __init__(self, chosen: BlueskySettings, keyring: Keyring, *, timeout_s: float = 9.0) -> None:
        self.name, self._chosen = chosen.key, chosen
        self._api = Api(chosen, keyring, timeout_s=timeout_s)
        self._did = ""

    async def comments(self, cursor: JSON) -> Page:
        """What is new, hidden or gone in the threads, and who answered in older ones since the last look."""
        now = datetime.now(UTC)
        standing, gate = Standing(cursor, now), asyncio.Semaphore(AT_ONCE)
        self._did = (await self._api.session()).did
        posts = await self._posts(now - WATCHED)
        due = [one for one in posts if standing.due(one["uri"], _at(one), one.get("replyCount"))]
        threads = await asyncio.gather(*(self._thread(post, standing, gate) for post in due))
        replies, walk, more = await self._replies(cursor, now)
        heard = [one for some in threads for one in some]
        read = {one.remote for one in heard}
        heard += [one for one in replies if one.remote not in read and not standing.known(one.post, one.remote)]
        kept = standing.cursor({str(one["uri"]) for one in posts}) | walk
        return Page(sorted(heard, key=lambda one: one.written or now), kept, more)

    async def _posts(self, since: datetime) -> list[dict[str, Any]]:
        """The account's own posts since then, with their figures, newest first."""
        found: list[dict[str, Any]] = []
        asked: dict[str, Any] = {"actor": self._did, "filter": "posts_no_replies", "limit": MANY}
        for _ in range(PAGES):
            page = await self._api.view(f"{FEED}.getAuthorFeed", **asked)
            if not isinstance(page.get("feed"), list):
                raise Unknown("a feed that is no list")
            own = readable(self.name, page["feed"], _own)
            found += [one for one in own if _at(one) >= since]
            if not page.get("cursor") or not page["feed"] or (own and _at(own[-1]) < since):
                break
            asked["cursor"] = page["cursor"]
        return found

    async def _thread(self, post: JSON, standing: Standing, gate: asyncio.Semaphore) -> list[Heard]:
        async with gate:
            asked = {"uri": post["uri"], "depth": DEPTH, "parentHeight": 0}
            try:
                said = await self._api.view(f"{FEED}.getPostThread", **asked)
            except NoRecord:  # deleted in between
                return []
            hidden = set(((said.get("threadgate") or {}).get("record") or {}).get("hiddenReplies") or ())
            below = list(_below(said.get("thread") or {}))
            there = readable(self.name, below, lambda one: self._heard(one, post, hidden))
            return await told(standing, str(post["uri"]), there, post.get("replyCount"), self.look)

    async def _replies(self, cursor: JSON, now: datetime) -> tuple[list[Heard], dict[str, Any], bool]:
        """What notifications tell, where the walk stands, and whether it goes on.

        ``seen``: everything older has been read. ``top``: where the walk under way began, at ``page`` now.
        The first look reads nothing: the threads tell what came in the last hour.
        """
        if "seen" not in cursor:
            return [], {"seen": (now - OVERLAP).isoformat()}, False
        seen, top = datetime.fromisoformat(cursor["seen"]), str(cursor.get("top") or (now - OVERLAP).isoformat())
        asked: dict[str, Any] = {"reasons": ["reply", "mention"], "limit": MANY}
        page = await self._notified(asked | ({"cursor": cursor["page"]} if cursor.get("page") else {}))
        told_of = page["notifications"]
        fresh = [one for one in told_of if _at(one) >= seen]
        found = readable(self.name, fresh, self._answer)
        if page.get("cursor") and fresh and len(fresh) == len(told_of):
            return await self._worded(found), {"seen": cursor["seen"], "top": top, "page": page["cursor"]}, True
        return await self._worded(found), {"seen": top}, False

    async def _notified(self, asked: dict[str, Any]) -> dict[str, Any]:
        page = await self._api.view(NOTIFICATIONS, **asked)
        if not isinstance(page.get("notifications"), list):
            raise Unknown("notifications that are no list")
        return page

    def _answer(self, notification: JSON) -> Heard | None:
        """The comment it tells of; None when the thread is not ours."""
        root = _root(notification["record"])
        return self._heard(notification, {"uri": root}) if self._mine(root) else None

    async def _worded(self, found: Sequence[Heard]) -> list[Heard]:
        """The same with the words of the posts they stand under."""
        posts = {str(one["uri"]): one for one in await self._get(sorted({one.post for one in found}))}
        return [one if one.post not in posts else _with_post(one, self._words(posts[one.post])) for one in found]

    def _words(self, post: JSON) -> tuple[str, str]:
        return str((post.get("record") or {}).get("text") or ""), self._link(str(post["uri"]))

    def _heard(self, post: JSON, root: JSON, hidden: Collection[str] = ()) -> Heard:
        record, uri = post["record"], str(post["uri"])
        if not isinstance(record.get("text"), str):
            raise Unreadable("a reply without text")
        author = post.get("author") or {}
        parent = str(((record.get("reply") or {}).get("parent") or {}).get("uri") or "")
        words, link = self._words(root)
        return Heard(
            remote=uri,
            post=str(root["uri"]),
            verb=Verb.HIDE if uri in hidden else Verb.SEEN,
            text=record["text"],
            author=str(author.get("displayName") or author.get("handle") or ""),
            parent="" if parent == root["uri"] else parent,
            own=self._mine(uri),
            written=_at(post),
            link=self._link(uri),
            post_text=words,
            post_link=link,
            attached=bool(record.get("embed")),
        )

    def _mine(self, uri: str) -> bool:
        return bool(self._did) and uri.startswith(f"at://{self._did}/")

    def _link(self, uri: str) -> str:
        did, _, name = uri.removeprefix("at://").partition(f"/{POST}/")
        return f"{self._chosen.site_url.rstrip('/')}/profile/{did}/post/{name}" if name else ""

    async def reply(self, remote: str, text: str, key: str) -> Sent:
        """Answer a reply; sending again with the same key changes nothing. Raises Gone."""
        asked = await self._one(remote)
        if asked is None:
            raise Gone("no such post")
        parent = {"uri": asked["uri"], "cid": asked["cid"]}
        root = ((asked.get("record") or {}).get("reply") or {}).get("root") or parent
        record = record_of(Message(text), datetime.now(UTC)) | {"reply": {"root": root, "parent": parent}}
        with contextlib.suppress(AlreadyThere):  # an earlier try of ours
            await self._put(POST, rkey(key), record, None)
        return await self._sent(remote, key)

    async def find_reply(self, remote: str, text: str, key: str, since: datetime) -> Sent | None:
        """The post with the name that the key gives."""
        return await self._sent(remote, key) if await self._record(POST, rkey(key)) else None

    async def _sent(self, remote: str, key: str) -> Sent:
        uri = f"at://{(await self._api.session()).did}/{POST}/{rkey(key)}"
        return Sent(uri, remote, self._link(uri))

    async def hide(self, remote: str, *, hidden: bool) -> None:
        """Name it in the threadgate, or no longer. Raises Gone, and Refused when the gate is full."""
        post = await self._one(remote)
        if post is None:
            raise Gone("no such post")
        root = _root(post.get("record") or {})
        self._did = (await self._api.session()).did
        if not self._mine(root):
            raise Refused("cannot_hide", "the thread is somebody else's")
        name = root.rpartition("/")[2]
        there = await self._record(GATE, name)
        gate = dict((there or {}).get("value") or _gate(root))
        others = [one for one in gate.get("hiddenReplies") or () if one != remote]
        gate["hiddenReplies"] = [*others, remote] if hidden else others
        if len(gate["hiddenReplies"]) > HIDDEN_AT_MOST:
            raise Refused("too_many_hidden", f"a thread hides at most {HIDDEN_AT_MOST}")
        try:
            await self._put(GATE, name, gate, (there or {}).get("cid"))
        except AlreadyThere:  # somebody changed the gate in between: nothing was written
            raise Throttled(1.0, "InvalidSwap") from None

    async def take_down(self, remote: str) -> None:
        """Delete an answer of our own. Raises Refused for others' posts."""
        self._did = (await self._api.session()).did
        if not self._mine(remote):
            raise Refused("cannot_take_down")
        form = {"repo": self._did, "collection": POST, "rkey": remote.rpartition("/")[2]}
        await self._api.ask("POST", f"{REPO}.deleteRecord", json=form)

    async def look(self, remote: str) -> Heard | None:
        """The reply as it stands now; whether it is hidden is not asked."""
        self._did = (await self._api.session()).did
        post = await self._one(remote)
        return None if post is None else self._heard(post, {"uri": _root(post.get("record") or {})})

    async def _one(self, uri: str) -> dict[str, Any] | None:
        return next(iter(await self._get([uri])), None)

    async def _get(self, uris: Sequence[str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for at in range(0, len(uris), AT_A_TIME):
            page = await self._api.view(f"{FEED}.getPosts", uris=list(uris[at : at + AT_A_TIME]))
            found += page.get("posts") or ()
        return found

    async def _record(self, collection: str, name: str) -> dict[str, Any] | None:
        did = (await self._api.session()).did
        asked = {"repo": did, "collection": collection, "rkey": name}
        try:
            return await self._api.ask("GET", f"{REPO}.getRecord", params=asked)
        except NoRecord:
            return None

    async def _put(self, collection: str, name: str, record: JSON, swap: str | None) -> None:
        """Write it if what stands there is still that; None: nothing."""
        did = (await self._api.session()).did
        form = {"repo": did, "collection": collection, "rkey": name, "record": record, "swapRecord": swap}
        if "uri" not in await self._api.ask("POST", f"{REPO}.putRecord", json=form):
            raise Unknown("an answer without an address")

    async def measure(self, since: datetime) -> Figures:
        """Followers, and the likes, replies and shares of each post."""
        self._did = (await self._api.session()).did
        profile = await self._api.view("app.bsky.actor.getProfile", actor=self._did)
        posts = readable(self.name, await self._posts(since), self._figures)
        return Figures(profile.get("followersCount"), posts)

    def _figures(self, post: JSON) -> PostFigures:
        words, link = self._words(post)
        shares = int(post.get("repostCount") or 0) + int(post.get("quoteCount") or 0)
        return PostFigures(
            str(post["uri"]), _at(post), post.get("likeCount"), post.get("replyCount"), shares, link, words
        )

    async def elsewhere(self) -> list[Elsewhere]:
        """Mentions in others' threads that nobody has read in the app. Messages are not open to an app password."""
        self._did = (await self._api.session()).did
        page = await self._notified({"reasons": ["mention"], "limit": MANY})
        times = readable(self.name, page["notifications"], self._mentioned)
        link = f"{self._chosen.site_url.rstrip('/')}/notifications"
        return [Elsewhere(Kind.MENTIONS, len(times), min(times, default=None), link)]

    def _mentioned(self, notification: JSON) -> datetime | None:
        at = _at(notification)
        fresh = not notification.get("isRead") and at >= datetime.now(UTC) - LATELY
        return at if fresh and not self._mine(_root(notification["record"])) else None

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()


def _own(item: JSON) -> dict[str, Any] | None:
    """The post of a feed's item; None for what was shared from others."""
    _at(item["post"])
    return None if item.get("reason") else dict(item["post"])


def _at(shown: JSON) -> datetime:
    """When the network saw it: the author may claim any time. Raises Unknown when it does not say."""
    try:
        return datetime.fromisoformat(str(shown["indexedAt"])).astimezone(UTC)
    except (KeyError, ValueError):
        raise Unknown("a post without a time") from None


def _root(record: JSON) -> str:
    """The post that began the thread; empty for one that answers nobody."""
    return str(((record.get("reply") or {}).get("root") or {}).get("uri") or "")


def _below(thread: JSON) -> Iterator[JSON]:
    """Every reply of a thread; what is blocked or deleted has no post."""
    for one in thread.get("replies") or ():
        if isinstance(one, Mapping) and one.get("post"):
            yield one["post"]
            yield from _below(one)


def _gate(root: str) -> dict[str, Any]:
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"$type": GATE, "post": root, "createdAt": at}


def _with_post(one: Heard, said: tuple[str, str]) -> Heard:
    return replace(one, post_text=said[0], post_link=said[1])
