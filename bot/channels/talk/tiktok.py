"""Comments under a TikTok business account's films.

TikTok cannot be asked what is new: a film's comments are read when their number has changed, and those of the
newest films at each look. A comment's name here is its film and itself, for TikTok wants both.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.channels.conversation import Page
from bot.channels.errors import CannotLook, Gone, Refused, Unknown
from bot.channels.heard import Heard, Verb
from bot.channels.measuring import Figures, PostFigures
from bot.channels.protocol import Can, Sent
from bot.channels.settings import Keyring
from bot.channels.tiktok import TikTokClient, TikTokSettings

FIRST: Final = timedelta(hours=1)
OVERLAP: Final = timedelta(minutes=2)
FILMS: Final = 20  # in one answer
COMMENTS: Final = 30
NEWEST: Final = 3  # films whose comments are read at each look: one removed and one new leave the number
WATCHED: Final = timedelta(days=60)  # older films are not asked about
AT_ONCE: Final = 12  # films in one look; TikTok takes 40 calls a minute
PAGES: Final = 10
TOLD: Final = '["item_id","create_time","caption","share_url","likes","comments","shares"]'


class TikTokTalk:
    """One account's comments."""

    can = frozenset({Can.COMMENTS, Can.REPLY, Can.HIDE, Can.METRICS})

    def __init__(self, chosen: TikTokSettings, keyring: Keyring, *, timeout_s: float = 9.0) -> None:
        self.name, self.lag = chosen.key, chosen.lag_s
        self._chosen, self._client = chosen, TikTokClient(chosen, keyring, timeout_s=timeout_s)

    async def comments(self, cursor: Mapping[str, Any]) -> Page:
        """Comments since the cursor under films that have new ones; the first look begins an hour back.

        Each film has a count and an instant of its own in the cursor; ``more`` while some are still to be read.
        """
        now = datetime.now(UTC)
        begun = cursor.get("begun") or (now - FIRST).isoformat()
        known: dict[str, Any] = dict(cursor.get("films") or {})
        films = [one async for one in self._films(now - WATCHED)]
        due = [film for n, film in enumerate(films) if _due(film, known, n, again="pending" in cursor)]
        heard: list[Heard] = []
        for film in due[:AT_ONCE]:
            since = datetime.fromisoformat((known.get(_id(film)) or {}).get("read") or begun)
            heard += [one async for one in self._under(film, since)]
            known[_id(film)] = {"n": film.get("comments"), "read": (now - OVERLAP).isoformat()}
        here = {_id(film) for film in films}
        fresh: dict[str, Any] = {"begun": begun, "films": {key: one for key, one in known.items() if key in here}}
        more = len(due) > AT_ONCE
        return Page(
            sorted(heard, key=lambda one: one.written or now), fresh | ({"pending": 1} if more else {}), more
        )

    async def _films(self, since: datetime) -> AsyncIterator[dict[str, Any]]:
        """The account's films since then, newest first."""
        cursor: Any = None
        for _ in range(PAGES):
            paged = {"cursor": cursor} if cursor else {}
            page = await self._client.look("video/list", fields=TOLD, max_count=FILMS, **paged)
            found = _listed(page, "videos")
            for one in found:
                if _at(one) >= since:
                    yield one
            cursor = page.get("cursor")
            if not page.get("has_more") or not found or _at(found[-1]) < since:
                return

    async def _under(self, film: Mapping[str, Any], since: datetime) -> AsyncIterator[Heard]:
        """What was written since then below a film, newest first, with what was answered to it."""
        async for one in self._all("comment/list", film, include_replies="true", sort_field="create_time"):
            heard = self._heard(one, film)
            below = [self._heard(each, film, heard.remote) for each in _listed(one, "reply_list")]
            if _whole(one.get("replies")) > len(below):
                below = [each async for each in self._answers(film, str(one["comment_id"]), heard.remote)]
            for each in (heard, *below):
                if (each.written or since) >= since:
                    yield each

    async def _answers(self, film: Mapping[str, Any], comment: str, parent: str) -> AsyncIterator[Heard]:
        async for one in self._all("comment/reply/list", film, comment_id=comment):
            yield self._heard(one, film, parent)

    async def _all(self, what: str, film: Mapping[str, Any], **asked: Any) -> AsyncIterator[dict[str, Any]]:
        cursor: Any = None
        for _ in range(PAGES):
            paged = {"cursor": cursor} if cursor else {}
            page = await self._client.look(what, video_id=_id(film), max_count=COMMENTS, **asked, **paged)
            for one in _listed(page, "comments"):
                yield one
            cursor = page.get("cursor")
            if not page.get("has_more") or not cursor:
                return

    def _heard(self, one: Mapping[str, Any], film: Mapping[str, Any], parent: str = "") -> Heard:
        above = parent or (f"{_id(film)}_{one['parent_comment_id']}" if one.get("parent_comment_id") else "")
        link = str(film.get("share_url") or "")
        return Heard(
            remote=f"{above or _id(film)}_{one['comment_id']}",
            post=_id(film),
            verb=Verb.HIDE if str(one.get("status") or "").upper() == "HIDDEN" else Verb.SEEN,
            text=str(one.get("text") or ""),
            author=str(one.get("display_name") or one.get("username") or ""),
            parent=above,
            own=one.get("owner") is True,
            written=_at(one),
            link=link,
            post_text=str(film.get("caption") or ""),
            post_link=link,
        )

    async def reply(self, remote: str, text: str, key: str) -> Sent:
        """Answer below the comment. Raises Gone when it is not there any more."""
        film, comment = _places(remote)
        made = await self._client.tell("comment/reply/create", video_id=film, comment_id=comment, text=text)
        if not made.get("comment_id"):
            raise Unknown("no id")
        return Sent(f"{film}_{comment}_{made['comment_id']}", remote)

    async def find_reply(self, remote: str, text: str, key: str, since: datetime) -> Sent | None:
        """The account's own answer with this text since then, below that comment."""
        film, comment = _places(remote)
        try:
            found = [one async for one in self._answers({"item_id": film}, comment, f"{film}_{comment}")]
        except Gone:
            return None
        if len(found) >= PAGES * COMMENTS:
            raise CannotLook("too many answers")
        first, words = since.replace(microsecond=0), text.split()
        ours = (one for one in found if one.own and (one.written or since) >= first)
        return next((Sent(one.remote, remote) for one in ours if one.text.split() == words), None)

    async def hide(self, remote: str, *, hidden: bool) -> None:
        """Hide it, or show it again. Raises Gone."""
        film, act = remote.partition("_")[0], "HIDE" if hidden else "UNHIDE"
        comment = remote.rpartition("_")[2]
        await self._client.tell("comment/hide", video_id=film, comment_id=comment, action=act)

    async def take_down(self, remote: str) -> None:
        """Delete an answer of our own; TikTok lets nobody delete another's comment."""
        await self._client.tell("comment/delete", comment_id=remote.rpartition("_")[2])

    async def look(self, remote: str) -> Heard | None:
        """Nothing is looked up: TikTok lists comments, and gives no single one."""
        raise Refused("cannot_look")

    async def ping(self) -> str:
        """The account's name."""
        return str((await self._client.look("get", fields='["display_name"]')).get("display_name") or "")

    async def measure(self, since: datetime) -> Figures:
        """Followers, and the films since then."""
        told = await self._client.look("get", fields='["followers_count"]')
        films = [self._figures(one) async for one in self._films(since)]
        count = told.get("followers_count")
        return Figures(int(count) if isinstance(count, int) else None, films)

    def _figures(self, film: Mapping[str, Any]) -> PostFigures:
        likes, comments, shares = (film.get(name) for name in ("likes", "comments", "shares"))
        return PostFigures(
            remote=_id(film),
            published=_at(film),
            reactions=_maybe(likes),
            comments=_maybe(comments),
            shares=_maybe(shares),
            link=str(film.get("share_url") or ""),
            words=str(film.get("caption") or ""),
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def _due(film: Mapping[str, Any], known: Mapping[str, Any], number: int, *, again: bool) -> bool:
    """Is it time to read what stands below it? ``again``: the newest were read a moment ago."""
    before = known.get(_id(film))
    changed = before is None or before.get("n") != film.get("comments")
    return changed or (number < NEWEST and not again)


def _places(remote: str) -> tuple[str, str]:
    """The film, and the comment below which answers go: an answer's own answers stand below its comment."""
    film, comment, *_ = [*remote.split("_"), ""]
    return film, comment


def _id(film: Mapping[str, Any]) -> str:
    return str(film.get("item_id") or "")


def _listed(page: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A list in an answer; what has no id of its own is none of it."""
    found = page.get(name)
    listed = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return [one for one in listed if one.get("item_id") or one.get("comment_id")]


def _at(one: Mapping[str, Any]) -> datetime:
    """When it was made: seconds since 1970, as a string; what cannot be read is long ago."""
    try:
        return datetime.fromtimestamp(float(one.get("create_time") or 0), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return datetime(1970, 1, 1, tzinfo=UTC)


def _whole(value: Any) -> int:
    return int(value) if isinstance(value, int | str) and str(value).isdigit() else 0


def _maybe(value: Any) -> int | None:
    return _whole(value) if value is not None else None
