"""What the local Facebook and Instagram tell beside comments: figures, messages, mentions; and their webhooks."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any, ClassVar

from aiohttp import web

from bot.sandbox.platforms.graph import GraphPlatform, iso, listed
from bot.sandbox.platforms.remarks import Letter
from bot.sandbox.platforms.talking import Talking


class GraphAudience(Talking, GraphPlatform):
    """A part of the Graph on which residents write. ``secret`` signs its webhooks."""

    secret: str
    about: str  # the object of its webhooks
    edges: ClassVar[dict[str, str]]  # edge of the account → kind of letter

    def letter_routes(self) -> list[web.RouteDef]:
        """The account's edges with what is written elsewhere."""
        account = f"/{self.account}"
        found = [web.get(f"{account}/{edge}", self.call(edge, self._letters)) for edge in self.edges]
        return [web.get(f"{account}/conversations", self.call("conversations", self._conversations)), *found]

    async def _conversations(self, request: web.Request) -> web.Response:
        all_ = [one for one in self.audience.letters if one.kind == "messages"]
        whole = [
            {"id": f"t_{one.id}", "unread_count": int(not one.read), "updated_time": iso(one.at)}
            for one in sorted(all_, key=lambda one: one.at, reverse=True)
        ]
        return listed(request, whole, frozenset({"platform"}))

    async def _letters(self, request: web.Request) -> web.Response:
        kind = self.edges[request.path.rpartition("/")[2]]
        return listed(request, [self._letter(one) for one in self.audience.letters if one.kind == kind])

    def _letter(self, letter: Letter) -> dict[str, Any]:
        answered = [{"from": {"id": self.account}}] if letter.read else []
        return {
            "id": f"{self.account}_{letter.id}",
            "created_time": iso(letter.at),
            "timestamp": iso(letter.at),
            "has_review": True,
            "from": {"id": "9"},
            "comments": {"data": answered},
        }

    def signed(self, field: str, value: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
        """A webhook's body and signature; letters beyond ASCII are escaped, as Meta does."""
        entry = {"id": self.account, "time": int(self.clock()), "changes": [{"field": field, "value": value}]}
        body = json.dumps({"object": self.about, "entry": [entry]}).encode()
        digest = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        return body, {"X-Hub-Signature-256": f"sha256={digest}", "Content-Type": "application/json"}


def summary(count: int) -> dict[str, Any]:
    """A figure as an edge tells it."""
    return {"data": [], "summary": {"total_count": count}}
