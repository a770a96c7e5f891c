"""Comments under the posts of an organization's page on LinkedIn.

LinkedIn cannot be asked what is new, and counts every question against a day's quota: the posts of the last two
days are read at each look, older ones by turns. It does not tell who wrote, and nothing can be hidden there.
"""

import re
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

import httpx

from bot.channels.conversation import Page
from bot.channels.errors import Gone, Refused, Unknown
from bot.channels.heard import Heard, Verb
from bot.channels.http import json_of
from bot.channels.linkedin import LinkedInClient, LinkedInSettings, elements_of, plain, said, taken
from bot.channels.measuring import Figures, PostFigures
from bot.channels.protocol import Can, Sent
from bot.channels.settings import Keyring

WATCHED: Final = timedelta(days=21)
FRESH: Final = timedelta(days=2)  # posts that are read at each look
TURNS: Final = 8  # looks in which every older post is read once
FIRST: Final = timedelta(hours=1)
OVERLAP: Final = timedelta(minutes=2)
PAGE: Final = 100
PAGES: Final = 10
_PARTS: Final = re.compile(r"^urn:li:comment:\((urn:li:\w+:\d+),(\d+)\)$")


class LinkedInTalk:
    """One page's comments."""

    can = frozenset({Can.COMMENTS, Can.REPLY, Can.TAKE_DOWN, Can.LOOK, Can.METRICS})

    def __init__(self, chosen: LinkedInSettings, keyring: Keyring, *, timeout_s: float = 9.0) -> None:
        self.name, self.lag = chosen.key, chosen.lag_s
        self._chosen, self._client = chosen, LinkedInClient(chosen, keyring, timeout_s=timeout_s)

    async def comments(self, cursor: Mapping[str, Any]) -> Page:
        """Comments since each post was read last; the first look begins an hour back.

        The cursor holds when the desk began to listen, whose turn it is, and of each post when it was read and
        how many answers each of its comments had.
        """
        now = datetime.now(UTC)
        begun, turn = cursor.get("begun") or (now - FIRST).isoformat(), int(cursor.get("turn") or 0)
        posts = [one async for one in self._client.own(now - WATCHED)]
        known: dict[str, Any] = {
            str(one.get("id")): (cursor.get("posts") or {}).get(str(one.get("id"))) for one in posts
        }
        heard: list[Heard] = []
        for post in posts:
            if _its_turn(post, turn, now) or not known[str(post.get("id"))]:
                before = known[str(post.get("id"))] or {"read": begun, "below": {}}
                below: dict[str, int] = dict(before["below"])
                since = datetime.fromisoformat(before["read"])
                heard += [one async for one in self._under(post, since, below)]
                known[str(post.get("id"))] = {"read": (now - OVERLAP).isoformat(), "below": below}
        fresh = {"begun": begun, "turn": (turn + 1) % TURNS, "posts": known}
        return Page(sorted(heard, key=lambda one: one.written or now), fresh)

    async def _under(self, post: Mapping[str, Any], since: datetime, below: dict[str, int]) -> AsyncIterator[Heard]:
        """What is new below a post; ``below`` follows the number of answers."""
        async for one in self._listed(str(post.get("id"))):
            urn = str(one.get("commentUrn"))
            if _changed(one) >= since:
                yield self._heard(one, post)
            number = _answers(one)
            if number != below.get(urn, 0):
                async for answer in self._listed(urn):
                    if _changed(answer) >= since:
                        yield self._heard(answer, post)
                below[urn] = number

    async def _listed(self, urn: str) -> AsyncIterator[dict[str, Any]]:
        """Comments below a post or a comment; none when that is gone."""
        for page in range(PAGES):
            asked = {"start": page * PAGE, "count": PAGE}
            answer = await self._client.ask("GET", _path(urn), params=asked)
            if answer.status_code == httpx.codes.NOT_FOUND:
                return
            found = elements_of(taken(answer))
            for one in found:
                if isinstance(one, dict) and one.get("commentUrn"):
                    yield one
            if len(found) < PAGE:
                return

    def _heard(self, one: Mapping[str, Any], post: Mapping[str, Any]) -> Heard:
        urn = str(one["commentUrn"])
        above = _PARTS.match(urn)
        page = self._client.address(str(post.get("id") or (above[1] if above else "")))
        return Heard(
            remote=urn,
            post=str(post.get("id") or one.get("object") or ""),
            verb=Verb.SEEN,
            text=str((one.get("message") or {}).get("text") or ""),
            parent=str(one.get("parentComment") or ""),
            own=one.get("actor") == self._client.author,
            written=_instant(one.get("created")),
            link=f"{page}?commentUrn={quote(urn, safe='')}",
            post_text=plain(str(post.get("commentary") or "")),
            post_link=page,
            attached=bool(one.get("content")),
        )

    async def reply(self, remote: str, text: str, key: str) -> Sent:
        """Answer below the comment, or beside it where it is an answer itself. Raises Gone."""
        above = await self._above(remote)
        given = {
            "actor": self._client.author,
            "object": _parts(remote)[0],
            "message": {"text": text},
            "parentComment": above,
        }
        answer = await self._client.ask("POST", _path(above), json=given)
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise Gone(remote)
        made = str(taken(answer).get("commentUrn") or "")
        number = answer.headers.get("x-restli-id", "")
        if not made and not number:
            raise Unknown("no id")
        return Sent(made or f"urn:li:comment:({_parts(remote)[0]},{number})", remote)

    async def _above(self, remote: str) -> str:
        """The comment below which answers go: there is one level of them. Raises Gone."""
        one = await self._one(remote)
        if one is None:
            raise Gone(remote)
        return str(one.get("parentComment") or remote)

    async def _one(self, remote: str) -> dict[str, Any] | None:
        activity, number = _parts(remote)
        answer = await self._client.ask("GET", f"{_path(activity)}/{number}")
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        return taken(answer)

    async def find_reply(self, remote: str, text: str, key: str, since: datetime) -> Sent | None:
        """The page's own answer with this text since then, below that comment."""
        try:
            above = await self._above(remote)
        except Gone:
            return None
        first = since.replace(microsecond=0)
        async for one in self._listed(above):
            ours = one.get("actor") == self._client.author and (_instant(one.get("created")) or first) >= first
            if ours and said(str((one.get("message") or {}).get("text") or "")) == said(text):
                return Sent(str(one["commentUrn"]), remote)
        return None

    async def hide(self, remote: str, *, hidden: bool) -> None:
        """Nothing can be hidden there: it is not in ``can``."""
        raise Refused("cannot_hide")

    async def take_down(self, remote: str) -> None:
        """Remove a comment below the page's own post; one that is not there is removed."""
        activity, number = _parts(remote)
        asked = {"actor": self._client.author}
        answer = await self._client.ask("DELETE", f"{_path(activity)}/{number}", method_name="DELETE", params=asked)
        if answer.status_code != httpx.codes.NOT_FOUND:
            taken(answer)

    async def look(self, remote: str) -> Heard | None:
        """The comment as it stands now."""
        one = await self._one(remote)
        return self._heard({"commentUrn": remote, **one}, {}) if one is not None else None

    async def measure(self, since: datetime) -> Figures:
        """Followers, and the page's posts since then with what people did below them."""
        path = f"/rest/networkSizes/{quote(self._client.author, safe='')}"
        answer = await self._client.ask("GET", path, params={"edgeType": "COMPANY_FOLLOWED_BY_MEMBER"})
        size = taken(answer).get("firstDegreeSize")
        posts = [await self._figures(one) async for one in self._client.own(since)]
        return Figures(int(size) if isinstance(size, int) else None, posts)

    async def _figures(self, post: Mapping[str, Any]) -> PostFigures:
        urn = str(post.get("id"))
        answer = await self._client.ask("GET", f"/rest/socialMetadata/{quote(urn, safe='')}")
        told = json_of(answer) if answer.status_code == httpx.codes.NOT_FOUND else taken(answer)
        sums, counted = told.get("reactionSummaries"), (told.get("commentSummary") or {}).get("count")
        counts = [one.get("count") for one in sums.values()] if isinstance(sums, dict) else None
        return PostFigures(
            remote=urn,
            published=datetime.fromtimestamp(int(post.get("createdAt") or 0) / 1000, UTC),
            reactions=sum(int(one or 0) for one in counts) if counts is not None else None,
            comments=int(counted) if isinstance(counted, int) else None,
            link=self._client.address(urn),
            words=plain(str(post.get("commentary") or "")),
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def _its_turn(post: Mapping[str, Any], turn: int, now: datetime) -> bool:
    """Fresh ones always; each older one in one look out of TURNS, always the same."""
    made = int(post.get("createdAt") or 0)
    fresh = made / 1000 >= (now - FRESH).timestamp()
    return fresh or (made // 1000) % TURNS == turn


def _path(urn: str) -> str:
    return f"/rest/socialActions/{quote(urn, safe='')}/comments"


def _parts(remote: str) -> tuple[str, str]:
    """The activity below which a comment stands, and its number. Raises Refused for what is no comment."""
    found = _PARTS.match(remote)
    if found is None:
        raise Refused("no_comment_urn")
    return found[1], found[2]


def _answers(one: Mapping[str, Any]) -> int:
    told = one.get("commentsSummary")
    number = told.get("aggregatedTotalComments") if isinstance(told, dict) else None
    return int(number) if isinstance(number, int) else 0


def _changed(one: Mapping[str, Any]) -> datetime:
    """When it was written, or changed last; unknown counts as now."""
    now = datetime.now(UTC)
    return _instant(one.get("lastModified")) or _instant(one.get("created")) or now


def _instant(told: Any) -> datetime | None:
    """``{"time": milliseconds since 1970}`` as aware UTC."""
    try:
        return datetime.fromtimestamp(int(told["time"]) / 1000, UTC)
    except (TypeError, KeyError, ValueError, OverflowError, OSError):
        return None
