"""A local Bluesky server (PDS) with one account."""

from __future__ import annotations

import hashlib
import itertools
import re
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bot.sandbox.platforms.attached import Attached, dumped, loaded
from bot.sandbox.platforms.base import Item
from bot.sandbox.platforms.thread_remarks import GATE, POST, ThreadRemarks, cid, error

GRAPHEMES, BYTES = 300, 3000
PICTURE = 2_000_000  # bytes
ACCESS_LASTS_S = 7200.0
DID = "did:plc:kommunenkommunenkommunen"
HANDLE = "kommunen.example"
_TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")
_GRAPHEME = re.compile("(?s).(?:\u200d.|[\u0300-\u036f\ufe0f\u20e3\U0001f3fb-\U0001f3ff])*")
_RECORD = {"$type", "text", "createdAt", "langs", "facets", "embed", "reply"}


class Bluesky(ThreadRemarks):
    """Sessions by app password, and records that the client names itself."""

    name = "bluesky"
    title = "Bluesky"
    color = "#0a5fb4"
    did, handle = DID, HANDLE

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._sessions: dict[str, float] = {}  # access token → when it runs out
        self._renewals: set[str] = set()
        self._numbers = itertools.count(1)
        self.blobs: dict[str, Attached] = {}

    def routes(self) -> list[web.RouteDef]:
        """The vendor's interface, below this platform's address."""
        server, repo = "/xrpc/com.atproto.server", "/xrpc/com.atproto.repo"
        return [
            web.post(f"{server}.createSession", self.call("createSession", self._open, open_to_all=True)),
            web.post(f"{server}.refreshSession", self.call("refreshSession", self._refresh, open_to_all=True)),
            web.get(f"{server}.getSession", self.call("getSession", self._me)),
            web.post(f"{repo}.putRecord", self.call("putRecord", self._put, stores=True)),
            web.post(f"{repo}.uploadBlob", self.call("uploadBlob", self._upload, stores=True)),
            web.get("/blob/{id}", self._file),
            web.get(f"{repo}.getRecord", self.call("getRecord", self._get)),
            web.get(f"{repo}.listRecords", self.call("listRecords", self._list)),
            web.post(f"{repo}.deleteRecord", self.call("deleteRecord", self._delete, stores=True)),
            *self.remark_routes(),
        ]

    def authorized(self, request: web.Request) -> bool:
        """Does the request carry a session that has not run out?"""
        return self._sessions.get(_bearer(request), 0.0) > self.clock()

    def dead_token(self) -> web.Response:
        """What the vendor says to a session that has run out: not 401."""
        return error("ExpiredToken", "Token has expired")

    def throttled(self) -> web.Response:
        """What the vendor says to who is too fast."""
        answer = error("RateLimitExceeded", "Rate Limit Exceeded", 429)
        answer.headers["RateLimit-Limit"] = "3000"
        answer.headers["RateLimit-Remaining"] = "0"
        answer.headers["RateLimit-Reset"] = str(int(datetime.now().astimezone().timestamp()) + 3)
        answer.headers["RateLimit-Policy"] = "3000;w=300"
        return answer

    def broken(self) -> web.Response:
        """What the vendor says when it is ill itself."""
        return error("InternalServerError", "Internal Server Error", 500)

    def expire(self) -> None:
        """Two hours pass for every session."""
        self._sessions = dict.fromkeys(self._sessions, 0.0)

    async def _open(self, request: web.Request) -> web.Response:
        given = await _given(request)
        known = given.get("identifier") == HANDLE and given.get("password") == self.token
        if self.faults.revoked or not known:
            return error("AuthenticationRequired", "Invalid identifier or password", 401)
        return self._session()

    async def _refresh(self, request: web.Request) -> web.Response:
        token = _bearer(request)
        if self.faults.revoked or token not in self._renewals:
            return error("ExpiredToken", "Token has been revoked")
        self._renewals.discard(token)
        return self._session()

    def _session(self) -> web.Response:
        number = next(self._numbers)
        access, refresh = f"{self.name}-access-{number}", f"{self.name}-refresh-{number}"
        self._sessions[access] = self.clock() + ACCESS_LASTS_S
        self._renewals.add(refresh)
        known = {"did": DID, "handle": HANDLE, "active": True}
        return web.json_response({**known, "accessJwt": access, "refreshJwt": refresh})

    async def _me(self, request: web.Request) -> web.Response:
        return web.json_response({"did": DID, "handle": HANDLE, "active": True})

    async def _put(self, request: web.Request) -> web.Response:
        given = await _given(request)
        if given.get("repo") == DID and given.get("collection") == GATE:
            return self.keep_gate(given)
        if refused := _checked(given):
            return refused
        if refused := self._lacking(given["record"]):
            return refused
        name, record = given["rkey"], given["record"]
        if answered := self.answer(name, record):
            return web.json_response(answered)
        item = self.get(name)
        if item and item.more["cid"] != cid(record) and "swapRecord" in given:
            return error("InvalidSwap", f"Record was at {item.more['cid']}")
        if item is None:
            external = (record.get("embed") or {}).get("external") or {}
            link = external.get("uri") or _first_link(record)
            item = self.add(record["text"], id=name, key=name, link=link, parent=_parent(record))
        elif item.more["cid"] != cid(record):
            self.edit(item, record["text"])
        item.more |= {"record": record, "cid": cid(record)}
        for one in _pictures(record)[:1]:
            item.image, item.alt = f"{self.base_url}/blob/{_blob(one)}", one["alt"]
        return web.json_response(_address(item) | {"validationStatus": "valid"})

    def publish(self, text: str, title: str = "") -> Item:
        """As the app does: a record under a name that tells the time."""
        at = datetime.fromtimestamp(self.clock(), UTC).isoformat().replace("+00:00", "Z")
        record = {"$type": POST, "text": text, "createdAt": at}
        name = f"3l{self.next_id():2>11}"
        return self.add(text, id=name, key=name, more={"record": record, "cid": cid(record)})

    async def _upload(self, request: web.Request) -> web.Response:
        body = await request.read()
        if not body:
            return error("InvalidRequest", "Request encoding (Content-Type) required")
        name = "bafkrei" + hashlib.sha256(body).hexdigest()[:52]
        one = self.blobs[name] = Attached(name, request.content_type, body)
        blob = {"$type": "blob", "ref": {"$link": name}, "mimeType": one.kind, "size": len(body)}
        return web.json_response({"blob": blob})

    async def _file(self, request: web.Request) -> web.Response:
        one = self.blobs.get(request.match_info["id"])
        return error("BlobNotFound", "Blob not found") if one is None else one.shown()

    def _lacking(self, record: dict[str, Any]) -> web.Response | None:
        """What is wrong with the pictures that a record embeds."""
        for one in _pictures(record):
            blob = self.blobs.get(_blob(one))
            if blob is None:
                return error("InvalidRequest", f"Could not find blob: {_blob(one)}")
            if len(blob.body) > PICTURE or not blob.kind.startswith("image/"):
                return error("BlobTooLarge", f"This file is too large. It is {len(blob.body)} bytes")
            if not isinstance(one.get("alt"), str):
                return error("InvalidRequest", f"Invalid {POST} record: Record/embed/images/0 must have alt")
        return None

    def kept(self) -> dict[str, Any]:
        """Its pictures, too."""
        return super().kept() | {"blobs": dumped(self.blobs)}

    def restore(self, state: dict[str, Any]) -> None:
        """As it was."""
        super().restore(state)
        self.blobs = loaded(state["blobs"])

    async def _get(self, request: web.Request) -> web.Response:
        asked = request.query
        name, item = asked.get("rkey", ""), self.get(asked.get("rkey", ""))
        if asked.get("repo") == DID and asked.get("collection") == GATE:
            return self.read_gate(name)
        ours = asked.get("repo") == DID and asked.get("collection") == POST
        if ours and (own := self.remarks.get(self.uri(name))):
            return web.json_response({"uri": own.id, "cid": cid(self.record(own)), "value": self.record(own)})
        if not ours or item is None or item not in self.visible():
            return error("RecordNotFound", f"Could not locate record: at://{DID}/{POST}/{asked.get('rkey')}")
        return web.json_response(_address(item) | {"value": item.more["record"]})

    async def _list(self, request: web.Request) -> web.Response:
        """By name, the newest first; the cursor is the last name of the page before."""
        asked = request.query
        if asked.get("repo") != DID or asked.get("collection") != POST:
            return error("InvalidRequest", "Could not find repo")
        limit, before = min(int(asked.get("limit", 50)), 100), asked.get("cursor", "~")
        known = sorted((one for one in self.visible() if one.id < before), key=lambda one: one.id, reverse=True)
        page = known[:limit]
        more = {"cursor": page[-1].id} if len(known) > limit else {}
        shown = [_address(one) | {"value": one.more["record"]} for one in page]
        return web.json_response({"records": shown, **more})

    async def _delete(self, request: web.Request) -> web.Response:
        given = await _given(request)
        if given.get("repo") != DID or given.get("collection") != POST:
            return error("InvalidRequest", "Could not find repo")
        if item := self.get(str(given.get("rkey"))):
            item.removed = True
        if own := self.remarks.get(self.uri(str(given.get("rkey")))):
            self.remarks.remove(own)
        return web.json_response({})


async def _given(request: web.Request) -> dict[str, Any]:
    if not request.can_read_body:
        return {}
    found = await request.json()
    return found if isinstance(found, dict) else {}


def _checked(given: dict[str, Any]) -> web.Response | None:
    """What the server would not take."""
    record = given.get("record")
    if given.get("repo") != DID or given.get("collection") != POST:
        return error("InvalidRequest", "Could not find repo")
    if not _TID.fullmatch(str(given.get("rkey"))):
        return error("InvalidRequest", "Invalid rkey: not a TID")
    if "swapRecord" in given and given["swapRecord"] is not None:
        return error("InvalidSwap", "Record is not the one named")
    problem = _problem(record) if isinstance(record, dict) else "must be an object"
    return error("InvalidRequest", f"Invalid {POST} record: Record{problem}") if problem else None


def _problem(record: dict[str, Any]) -> str:
    """What the lexicon says against a record; empty when nothing."""
    text = record.get("text")
    if record.get("$type") != POST or not isinstance(text, str):
        return " must have the property text"
    if unknown := set(record) - _RECORD:
        return f" has unknown properties {', '.join(sorted(unknown))}"
    if _graphemes(text) > GRAPHEMES:
        return f"/text must not be longer than {GRAPHEMES} graphemes"
    if len(text.encode()) > BYTES:
        return f"/text must not be longer than {BYTES} bytes"
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", str(record.get("createdAt"))):
        return "/createdAt must be an valid atproto datetime"
    return "" if all(_fits(text, facet) for facet in record.get("facets", ())) else "/facets/0/index is off"


def _graphemes(text: str) -> int:
    """Near enough: marks, joiners and what they join belong to the character before."""
    return len(_GRAPHEME.findall(text))


def _fits(text: str, facet: dict[str, Any]) -> bool:
    """Do the byte offsets cut out exactly the address? The real one would show half a link."""
    index, feature = facet["index"], facet["features"][0]
    cut = text.encode()[index["byteStart"] : index["byteEnd"]]
    return bool(cut == str(feature["uri"]).encode())


def _pictures(record: dict[str, Any]) -> list[dict[str, Any]]:
    embed = record.get("embed") or {}
    return list(embed.get("images") or []) if embed.get("$type") == "app.bsky.embed.images" else []


def _blob(picture: dict[str, Any]) -> str:
    return str(((picture.get("image") or {}).get("ref") or {}).get("$link", ""))


def _first_link(record: dict[str, Any]) -> str:
    return next((str(one["features"][0]["uri"]) for one in record.get("facets", ())), "")


def _parent(record: dict[str, Any]) -> str:
    parent = (record.get("reply") or {}).get("parent") or {}
    return str(parent.get("uri", "")).rpartition("/")[2]


def _address(item: Item) -> dict[str, Any]:
    return {"uri": f"at://{DID}/{POST}/{item.id}", "cid": item.more["cid"]}


def _bearer(request: web.Request) -> str:
    return request.headers.get("Authorization", "").removeprefix("Bearer ")
