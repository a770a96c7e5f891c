"""Answers on the local X: who may answer whom, who is told of it, what is hidden."""

from __future__ import annotations

import html
import re
import unicodedata
from datetime import datetime
from typing import Any, Final

from aiohttp import web

from bot.sandbox.platforms.base import Item
from bot.sandbox.platforms.remarks import Letter, Remark
from bot.sandbox.platforms.talking import Talking
from bot.sandbox.platforms.x_words import PROBLEMS, body_of, forbidden, invalid, made, missing, problem

ACCOUNT: Final = "2244994945"
HANDLE: Final = "kommunen"
_MENTIONS: Final = {"expansions", "user.fields"}


class Replies(Talking):
    """The account's answers and residents'. ``summoned_only``: it may answer only who named it, as X has it."""

    fields: str

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.summoned_only = True

    def reply_routes(self) -> list[web.RouteDef]:
        """The vendor's calls about answers."""
        return [
            web.get("/2/users/{id}/mentions", self.call("users.mentions", self._mentions)),
            web.put("/2/tweets/{id}/hidden", self.call("tweets.hidden", self._hide, stores=True)),
        ]

    def odd(self, account: str, asked: dict[str, str]) -> web.Response | None:
        """The refusal of a question for a list of posts."""
        takes = {"start_time", "end_time", "since_id", "until_id", "max_results", "pagination_token"}
        takes |= {f"{self.fields}.fields", *_MENTIONS}
        if unknown := set(asked) - takes:
            return invalid(min(unknown), f"The query parameter [{min(unknown)}] is not one of {sorted(takes)}")
        if not 5 <= int(asked.get("max_results", 10)) <= 100:
            return invalid("max_results", "max_results is not between 5 and 100")
        if account != ACCOUNT:  # X says this, too, with 200
            lost = {"title": "Not Found Error", "detail": "No such user", "type": f"{PROBLEMS}resource-not-found"}
            return web.json_response({"errors": [lost]})
        return None

    def page(self, asked: dict[str, str], posts: list[dict[str, Any]], users: Any = ()) -> web.Response:
        """One page of them, newest first, within what was asked for."""
        since = datetime.fromisoformat(asked.get("start_time", "2010-11-06T00:00:00Z"))
        found = [
            one
            for one in sorted(posts, key=lambda one: int(one["id"]), reverse=True)
            if datetime.fromisoformat(one["created_at"]) >= since
            and int(asked.get("since_id", 0)) < int(one["id"]) < int(asked.get("until_id", 10**19))
        ]
        first, count = int(asked.get("pagination_token", 0)), int(asked.get("max_results", 10))
        page, more = found[first : first + count], len(found) > first + count
        meta = {"result_count": len(page)} | ({"next_token": str(first + count)} if more else {})
        data = {"data": page} if page else {}  # none: no list at all
        return web.json_response(data | ({"includes": {"users": list(users)}} if users else {}) | {"meta": meta})

    def own_answers(self) -> list[dict[str, Any]]:
        """The account's own, as its timeline shows them."""
        return [self._told(one) for one in self.remarks.everything if one.own and not one.removed]

    def metrics(self, item: Item) -> dict[str, Any]:
        """What X counts of a post."""
        told = {
            "like_count": self.audience.hearts.get(item.id, 0),
            "reply_count": len(self.remarks.under(item.id)),
            "repost_count" if self.fields == "post" else "retweet_count": self.audience.shares.get(item.id, 0),
            "quote_count": 0,
        }
        return {"public_metrics": told}

    def answer(self, text: str, above: str) -> web.Response:
        """The account answers a post of its own or a resident's."""
        remark = self._find(above)
        if remark is None and self.get(above) is None:
            return forbidden("You attempted to reply to a Tweet that is deleted or not visible to you.")
        if remark and self.summoned_only and not remark.own and f"@{HANDLE}" not in remark.text.lower():
            return problem(403, "Forbidden", "Replies go to authors who mentioned you only", "client-forbidden")
        parent = remark.id if remark else ""
        if any(one.own and one.text == text and one.parent == parent for one in self.remarks.below(parent)):
            return forbidden("You are not allowed to create a Tweet with duplicate content.")
        fresh = self.remarks.add(remark.post if remark else above, text, author="Kommunen", parent=parent, own=True)
        told = {"id": fresh.id, "text": text, f"edit_history_{self.fields}_ids": [fresh.id]}
        return web.json_response({"data": told}, status=201)

    def delete_remark(self, remark_id: str) -> web.Response:
        """The account takes back an answer of its own."""
        remark = self._find(remark_id)
        if remark is None:
            return missing()
        if not remark.own:
            return forbidden("You are not allowed to delete this Tweet")
        self.remarks.remove(remark)
        return web.json_response({"data": {"deleted": True}})

    async def _hide(self, request: web.Request) -> web.Response:
        asked, remark = await body_of(request), self._find(request.match_info["id"])
        if asked is None or not isinstance(asked.get("hidden"), bool) or set(asked) != {"hidden"}:
            return invalid("hidden", "hidden must be true or false")
        if remark is None:
            return missing()
        if remark.own:
            return forbidden("You cannot hide your own reply")
        self.remarks.hide(remark, asked["hidden"])
        return web.json_response({"data": {"hidden": remark.hidden}})

    async def _mentions(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        if refused := self.odd(request.match_info["id"], asked):
            return refused
        heard = [one for one in self.remarks.everything if not one.own and not one.removed]
        letters = [one for one in self.audience.letters if one.kind == "mentions"]
        authors = dict.fromkeys([*(one.author for one in heard), *(one.author for one in letters)])
        posts = [*map(self._told, heard), *map(self._letter, letters)]
        return self.page(asked, posts, [_user(one) for one in authors])

    def _find(self, remark_id: str) -> Remark | None:
        return next(
            (one for one in self.remarks.everything if remark_id in self._ids(one) and not one.removed), None
        )

    def _ids(self, remark: Remark) -> list[str]:
        """Each edit gives a post a new id; people find it by any of them."""
        known: list[str] = remark.more.setdefault("ids", [remark.id])
        while len(known) <= len(remark.edits):
            known.append(self.next_id())
        return known

    def _told(self, remark: Remark) -> dict[str, Any]:
        above = self.remarks.get(remark.parent) if remark.parent else None
        to = [_user(above.author)["username"]] if above and not above.own else []
        named = to if remark.own else [*to, HANDLE]
        ids = self._ids(remark)
        return {
            "id": ids[-1],
            "text": html.escape(" ".join([*(f"@{one}" for one in named), remark.text]), quote=False),
            "author_id": ACCOUNT if remark.own else _user(remark.author)["id"],
            "created_at": made(remark.at),
            "conversation_id": remark.post,
            "in_reply_to_user_id": ACCOUNT if above is None or above.own else _user(above.author)["id"],
            f"referenced_{self.fields}s": [{"type": "replied_to", "id": remark.parent or remark.post}],
            f"edit_history_{self.fields}_ids": ids,
        }

    def _letter(self, letter: Letter) -> dict[str, Any]:
        return {
            "id": letter.id,
            "text": html.escape(letter.text, quote=False),
            "author_id": _user(letter.author)["id"],
            "created_at": made(letter.at),
            "conversation_id": letter.id,
            f"edit_history_{self.fields}_ids": [letter.id],
        }


def _user(author: str) -> dict[str, str]:
    """A resident as X knows them."""
    plain = unicodedata.normalize("NFKD", author.lower()).encode("ascii", "ignore").decode()
    handle = re.sub(r"\W", "", plain)[:15] or "nagon"
    return {"id": str(9000 + sum(map(ord, author))), "name": author, "username": handle}
