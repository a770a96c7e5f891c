"""A local YouTube with one channel: its films, their comments, and the day's quota."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web

from bot.sandbox.platforms.base import Item
from bot.sandbox.platforms.graph import given
from bot.sandbox.platforms.remarks import Remark
from bot.sandbox.platforms.talking import Talking

CHANNEL: Final = "UCexempelkommunen0000000"
UPLOADS: Final = "UUexempelkommunen0000000"
CLIENT_ID, CLIENT_SECRET = "youtube-client", "youtube-client-secret"
LONGEST: Final = 10_000
QUOTA: Final = 10_000
DEAR: Final = 50  # units of a change
SHOWN: Final = 5  # answers that come with their thread


class YouTube(Talking):
    """Comments are read, answered, held and rejected by the channel's owner. ``units``: what is left of today."""

    name = "youtube"
    title = "YouTube"
    color = "#ff0033"

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.units, self.tokens = QUOTA, 0

    def routes(self) -> list[web.RouteDef]:
        """The vendor's interface, below this platform's address."""
        api = "/youtube/v3"
        moderate = self._priced("moderate", self._moderate, DEAR)
        return [
            web.post("/token", self.call("token", self._token, open_to_all=True)),
            web.get(f"{api}/commentThreads", self._priced("threads", self._threads)),
            web.get(f"{api}/comments", self._priced("comments", self._comments)),
            web.post(f"{api}/comments", self._priced("comment.insert", self._insert, DEAR)),
            web.delete(f"{api}/comments", self._priced("comment.delete", self._delete, DEAR)),
            web.post(f"{api}/comments/setModerationStatus", moderate),
            web.get(f"{api}/videos", self._priced("videos", self._videos)),
            web.get(f"{api}/channels", self._priced("channels", self._channels)),
            web.get(f"{api}/playlistItems", self._priced("playlistItems", self._uploads)),
            web.get("/watch", self._wall),
        ]

    def authorized(self, request: web.Request) -> bool:
        """Does the request carry the newest token?"""
        return self.tokens > 0 and request.headers.get("Authorization") == f"Bearer {self._access()}"

    def _access(self) -> str:
        return f"ya29.local-{self.tokens}"

    def dead_token(self) -> web.Response:
        """What the vendor says to a wrong or revoked token."""
        return _error(401, "authError", "Invalid Credentials", "UNAUTHENTICATED")

    def throttled(self) -> web.Response:
        """What the vendor says to who is too fast."""
        return _error(403, "rateLimitExceeded", "The request rate is too high", "PERMISSION_DENIED")

    def broken(self) -> web.Response:
        """What the vendor says when it is ill itself."""
        return _error(503, "backendError", "Backend Error", "UNAVAILABLE")

    def _priced(self, name: str, handler: Any, units: int = 1) -> Any:
        """The call, for so many units of the day's quota."""

        async def priced(request: web.Request) -> web.Response:
            if self.units < units:
                return _error(403, "quotaExceeded", "You have exceeded your quota", "PERMISSION_DENIED")
            self.units -= units
            answer: web.Response = await handler(request)
            return answer

        return self.call(name, priced, stores=units == DEAR)

    async def _token(self, request: web.Request) -> web.Response:
        form = await given(request)
        ours = (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        if form.get("grant_type") != "refresh_token" or not ours:
            return web.json_response({"error": "invalid_client"}, status=401)
        if self.faults.revoked or form.get("refresh_token") != self.token:
            return web.json_response({"error": "invalid_grant", "error_description": "Token revoked."}, status=400)
        self.tokens += 1
        return web.json_response({"access_token": self._access(), "expires_in": 3599, "token_type": "Bearer"})

    async def _threads(self, request: web.Request) -> web.Response:
        asked = request.query
        if asked.get("allThreadsRelatedToChannelId") != CHANNEL or asked.get("order") != "time":
            return _error(400, "invalidParameter", "A channel and an order are needed", "INVALID_ARGUMENT")
        tops = [one for one in self.remarks.everything if not one.parent and self._public(one)]
        newest = sorted(tops, key=lambda one: (one.at, one.id), reverse=True)
        return _page(request, [self._thread(one) for one in newest])

    def _public(self, remark: Remark) -> bool:
        return not (remark.removed or remark.hidden) and self.get(remark.post) is not None

    def _thread(self, top: Remark) -> dict[str, Any]:
        below = [one for one in self.remarks.below(top.id) if self._public(one)]
        snippet = {
            "channelId": CHANNEL,
            "videoId": top.post,
            "topLevelComment": self._told(top),
            "canReply": True,
            "totalReplyCount": len(below),
            "isPublic": True,
        }
        replies = {"replies": {"comments": [self._told(one) for one in below[-SHOWN:]]}} if below else {}
        return {"kind": "youtube#commentThread", "id": top.id, "snippet": snippet} | replies

    async def _comments(self, request: web.Request) -> web.Response:
        if named := request.query.get("id"):
            found = self._find(named)
            return _page(request, [self._told(found)] if found else [])
        top = self._find(request.query.get("parentId", ""))
        if top is None:
            return _error(404, "commentNotFound", "The comment cannot be found", "NOT_FOUND")
        return _page(request, [self._told(one) for one in self.remarks.below(top.id) if self._public(one)])

    async def _insert(self, request: web.Request) -> web.Response:
        snippet = (await request.json()).get("snippet") or {}
        parent, text = self._find(str(snippet.get("parentId"))), str(snippet.get("textOriginal") or "")
        if parent is None or parent.parent:
            return _error(404, "parentCommentNotFound", "The parent comment cannot be found", "NOT_FOUND")
        if not text or len(text) > LONGEST:
            return _error(
                400, "commentTextTooLong" if text else "commentTextRequired", "Bad text", "INVALID_ARGUMENT"
            )
        made = self.remarks.add(parent.post, text, author="@exempelkommunen", parent=parent.id, own=True)
        return web.json_response(self._told(made))

    async def _moderate(self, request: web.Request) -> web.Response:
        remark, status = self._find(request.query.get("id", "")), request.query.get("moderationStatus")
        if remark is None:
            return _error(404, "commentNotFound", "The comment cannot be found", "NOT_FOUND")
        if status == "rejected":
            self.remarks.remove(remark)
        elif status in ("heldForReview", "published"):
            self.remarks.hide(remark, status == "heldForReview")
        else:
            return _error(400, "invalidParameter", "moderationStatus", "INVALID_ARGUMENT")
        return web.Response(status=204)

    async def _delete(self, request: web.Request) -> web.Response:
        remark = self._find(request.query.get("id", ""))
        if remark is None:
            return _error(404, "commentNotFound", "The comment cannot be found", "NOT_FOUND")
        if not remark.own:
            return _error(403, "forbidden", "Only the author deletes a comment", "PERMISSION_DENIED")
        self.remarks.remove(remark)
        return web.Response(status=204)

    async def _videos(self, request: web.Request) -> web.Response:
        wanted = request.query.get("id", "").split(",")
        return _page(request, [self._film(one) for one in self.visible() if one.id in wanted])

    def _film(self, item: Item) -> dict[str, Any]:
        told = {
            "viewCount": "100",
            "likeCount": str(self.audience.hearts.get(item.id, 0)),
            "commentCount": str(len(self.remarks.under(item.id))),
        }
        snippet = {"title": item.title, "description": item.text, "publishedAt": _iso(item.at)}
        return {"kind": "youtube#video", "id": item.id, "snippet": snippet, "statistics": told}

    async def _channels(self, request: web.Request) -> web.Response:
        if request.query.get("id") != CHANNEL:
            return _page(request, [])
        told = {"subscriberCount": str(self.audience.followers), "hiddenSubscriberCount": False}
        lists = {"relatedPlaylists": {"uploads": UPLOADS}}
        return _page(
            request,
            [{"id": CHANNEL, "snippet": {"title": "Kommunen"}, "statistics": told, "contentDetails": lists}],
        )

    async def _uploads(self, request: web.Request) -> web.Response:
        if request.query.get("playlistId") != UPLOADS:
            return _error(404, "playlistNotFound", "The playlist cannot be found", "NOT_FOUND")
        return _page(request, [{"contentDetails": {"videoId": one.id}} for one in self.visible()])

    def _find(self, named: str) -> Remark | None:
        """A comment by its name; an answer's begins with its thread's."""
        return self.remarks.get(named.rpartition(".")[2])

    def _told(self, remark: Remark) -> dict[str, Any]:
        author = CHANNEL if remark.own else "UCresident"
        snippet = {
            "videoId": remark.post,
            "textDisplay": remark.text,
            "textOriginal": remark.text,
            "authorDisplayName": remark.author,
            "authorChannelId": {"value": author},
            "likeCount": 0,
            "publishedAt": _iso(remark.at),
            "updatedAt": _iso(remark.edited or remark.at),
        }
        snippet |= {"parentId": remark.parent} if remark.parent else {}
        snippet |= {"moderationStatus": "heldForReview"} if remark.hidden else {}
        named = f"{remark.parent}.{remark.id}" if remark.parent else remark.id
        return {"kind": "youtube#comment", "id": named, "snippet": snippet}

    async def _wall(self, request: web.Request) -> web.Response:
        """The film for people: its place on the residents' page."""
        raise web.HTTPFound(f"{self.base_url}/wall#{self.name}-{request.query.get('v', '')}")


def _page(request: web.Request, found: list[dict[str, Any]]) -> web.Response:
    """One page of a list."""
    first, count = int(request.query.get("pageToken", 0)), int(request.query.get("maxResults", 5))
    more = {"nextPageToken": str(first + count)} if len(found) > first + count else {}
    return web.json_response({"items": found[first : first + count], **more})


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _error(code: int, reason: str, message: str, status: str) -> web.Response:
    listed = [{"message": message, "domain": "youtube", "reason": reason}]
    body = {"error": {"code": code, "message": message, "status": status, "errors": listed}}
    return web.json_response(body, status=code)
