"""Residents' replies to the local Bluesky account, and what the network shows of them."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bot.sandbox.platforms.base import Item
from bot.sandbox.platforms.remarks import Letter, Remark
from bot.sandbox.platforms.talking import Talking

POST, GATE = "app.bsky.feed.post", "app.bsky.feed.threadgate"
RESIDENT_DID = "did:plc:invanareinvanareinvanare"
HIDDEN_AT_MOST = 300
JSON = dict[str, Any]


class ThreadRemarks(Talking):
    """What replies need of the server they stand on. ``did`` is the account's."""

    did: str
    handle: str

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.gates: dict[str, JSON] = {}  # by the post's name

    def remark_routes(self) -> list[web.RouteDef]:
        """What is asked of the network, by way of this server."""
        feed = "/xrpc/app.bsky.feed"
        return [
            web.get(f"{feed}.getAuthorFeed", self.call("getAuthorFeed", self._feed)),
            web.get(f"{feed}.getPostThread", self.call("getPostThread", self._thread)),
            web.get(f"{feed}.getPosts", self.call("getPosts", self._posts)),
            web.get("/xrpc/app.bsky.actor.getProfile", self.call("getProfile", self._profile)),
            web.get("/xrpc/app.bsky.notification.listNotifications", self.call("listNotifications", self._told)),
        ]

    def kept(self) -> JSON:
        """Its threadgates, too."""
        return super().kept() | {"gates": self.gates}

    def restore(self, state: JSON) -> None:
        """As it was."""
        super().restore(state)
        self.gates = state.get("gates", {})

    def remark_name(self, post: str) -> str:
        """An address in the resident's own repository."""
        return f"at://{RESIDENT_DID}/{POST}/3{Talking.remark_name(self, post):0>12}"

    def uri(self, name: str) -> str:
        """The address of the account's own post."""
        return f"at://{self.did}/{POST}/{name}"

    def answer(self, name: str, record: JSON) -> JSON | None:
        """Keep an answer of the account's own to a remark; None when it answers no remark."""
        reply = record.get("reply") or {}
        asked = self.remarks.get(str((reply.get("parent") or {}).get("uri")))
        if asked is None:
            return None
        known = self.remarks.get(self.uri(name))
        if known is None:
            more = {"record": record}
            known = self.remarks.add(
                asked.post,
                record["text"],
                id=self.uri(name),
                author="Kommunen",
                parent=asked.id,
                own=True,
                more=more,
            )
        return {"uri": known.id, "cid": cid(known.more["record"]), "validationStatus": "valid"}

    def keep_gate(self, given: JSON) -> web.Response:
        """Write a threadgate: what it names is hidden, what it no longer names is shown."""
        name, record = str(given.get("rkey")), given.get("record") or {}
        there = self.gates.get(name)
        if "swapRecord" in given and given["swapRecord"] != (cid(there) if there else None):
            return error("InvalidSwap", "Record is not the one named")
        hidden = record.get("hiddenReplies") or []
        if record.get("$type") != GATE or record.get("post") != self.uri(name) or len(hidden) > HIDDEN_AT_MOST:
            return error("InvalidRequest", f"Invalid {GATE} record")
        self.gates[name] = record
        for remark in self.remarks.under(name):
            self.remarks.hide(remark, remark.id in hidden)
        return web.json_response({"uri": f"at://{self.did}/{GATE}/{name}", "cid": cid(record)})

    def read_gate(self, name: str) -> web.Response:
        """A threadgate, if there is one."""
        gate = self.gates.get(name)
        if gate is None:
            return error("RecordNotFound", f"Could not locate record: at://{self.did}/{GATE}/{name}")
        return web.json_response({"uri": f"at://{self.did}/{GATE}/{name}", "cid": cid(gate), "value": gate})

    def record(self, remark: Remark) -> JSON:
        """A remark as its author's record."""
        if "record" in remark.more:
            return dict(remark.more["record"])
        root = {"uri": self.uri(remark.post), "cid": self._cid(remark.post)}
        above = self.remarks.get(remark.parent)
        parent = {"uri": above.id, "cid": cid(self.record(above))} if above else root
        return {
            "$type": POST,
            "text": remark.text,
            "createdAt": at(remark.at),
            "reply": {"root": root, "parent": parent},
        }

    def _cid(self, name: str) -> str:
        item = self.get(name)
        return str(item.more["cid"]) if item else ""

    async def _feed(self, request: web.Request) -> web.Response:
        """The account's own posts, newest first."""
        if request.query.get("actor") not in (self.did, self.handle):
            return error("InvalidRequest", "Profile not found")
        limit, start = min(int(request.query.get("limit", 50)), 100), int(request.query.get("cursor") or 0)
        own = [one for one in self.visible() if not one.parent]
        more = {"cursor": str(start + limit)} if len(own) > start + limit else {}
        shown = [{"post": self._shown_item(one)} for one in own[start : start + limit]]
        return web.json_response({"feed": shown, **more})

    async def _posts(self, request: web.Request) -> web.Response:
        wanted = request.query.getall("uris", [])
        if len(wanted) > 25:
            return error("InvalidRequest", "uris must not have more than 25 elements")
        return web.json_response({"posts": [one for uri in wanted if (one := self._shown(uri))]})

    def _shown(self, uri: str) -> JSON | None:
        if remark := self.remarks.get(uri):
            return self._shown_remark(remark)
        item = self.get(uri.rpartition("/")[2]) if uri.startswith(self.uri("")) else None
        return self._shown_item(item) if item else None

    async def _thread(self, request: web.Request) -> web.Response:
        name = request.query.get("uri", "").rpartition("/")[2]
        item = self.get(name)
        if item is None:
            return error("NotFound", f"Post not found: {request.query.get('uri')}")
        top = [one for one in self.remarks.under(name) if not one.parent]
        thread = _view(self._shown_item(item), [self._branch(one) for one in top])
        gate = {"threadgate": {"record": self.gates[name]}} if name in self.gates else {}
        return web.json_response({"thread": thread, **gate})

    def _branch(self, remark: Remark) -> JSON:
        return _view(self._shown_remark(remark), [self._branch(one) for one in self.remarks.below(remark.id)])

    def _shown_item(self, item: Item) -> JSON:
        figures = {
            "replyCount": sum(not one.parent for one in self.remarks.under(item.id)),
            "likeCount": self.audience.hearts.get(item.id, 0),
            "repostCount": self.audience.shares.get(item.id, 0),
            "quoteCount": 0,
        }
        record, author = item.more.get("record") or {"text": item.text}, self._author(own=True)
        known = {"uri": self.uri(item.id), "cid": item.more.get("cid", ""), "author": author}
        return {**known, "record": record, "indexedAt": at(item.at), **figures}

    def _shown_remark(self, remark: Remark) -> JSON:
        record, author = self.record(remark), self._author(own=remark.own, name=remark.author)
        known = {"uri": remark.id, "cid": cid(record), "author": author}
        return {**known, "record": record, "indexedAt": at(remark.at), "replyCount": 0, "likeCount": 0}

    def _author(self, *, own: bool, name: str = "Kommunen") -> JSON:
        if own:
            return {"did": self.did, "handle": self.handle, "displayName": name}
        return {"did": RESIDENT_DID, "handle": "invanare.example", "displayName": name}

    async def _profile(self, request: web.Request) -> web.Response:
        return web.json_response(self._author(own=True) | {"followersCount": self.audience.followers})

    async def _told(self, request: web.Request) -> web.Response:
        """Notifications, newest first; the cursor is the address of the last one."""
        reasons = set(request.query.getall("reasons", []))
        all_ = sorted(self._notices(), key=lambda one: (one["indexedAt"], one["uri"]), reverse=True)
        shown = [one for one in all_ if not reasons or one["reason"] in reasons]
        limit, after = min(int(request.query.get("limit", 50)), 100), request.query.get("cursor")
        start = next((n + 1 for n, one in enumerate(shown) if one["uri"] == after), 0)
        page = shown[start : start + limit]
        more = {"cursor": page[-1]["uri"]} if len(shown) > start + limit else {}
        return web.json_response({"notifications": page, **more})

    def _notices(self) -> list[JSON]:
        replies = [one for one in self.remarks.everything if not one.own and not one.removed]
        mentions = [one for one in self.audience.letters if one.kind == "mentions"]
        return [
            *(self._shown_remark(one) | {"reason": "reply", "isRead": False} for one in replies),
            *(self._mention(one) for one in mentions),
        ]

    def _mention(self, letter: Letter) -> JSON:
        record = {"$type": POST, "text": letter.text, "createdAt": at(letter.at)}
        known = {"uri": f"at://{RESIDENT_DID}/{POST}/{letter.id}", "cid": cid(record), "record": record}
        author = self._author(own=False, name=letter.author)
        return {**known, "author": author, "indexedAt": at(letter.at), "reason": "mention", "isRead": letter.read}


def _view(post: JSON, replies: list[JSON]) -> JSON:
    return {"$type": "app.bsky.feed.defs#threadViewPost", "post": post, "replies": replies}


def cid(record: JSON) -> str:
    """What a record is known by as it stands."""
    return "bafyrei" + hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:52]


def at(seconds: float) -> str:
    """A time as the network writes it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def error(word: str, message: str, status: int = 400) -> web.Response:
    """What the server says when it does not."""
    return web.json_response({"error": word, "message": message}, status=status)
