"""Comments under a YouTube channel's films.

YouTube cannot be asked what is new: at each look its hundred newest threads are read, and all their answers
where the number of them has changed. So an answer in an older thread is not heard; an edit of an answer is heard
while that is among the last five. A film's title is asked for once.
"""

import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final

from bot.channels.conversation import Page
from bot.channels.errors import CannotLook, Gone, Refused, Unknown
from bot.channels.heard import Heard, Verb
from bot.channels.measuring import Figures, PostFigures
from bot.channels.protocol import Can, Sent
from bot.channels.settings import Keyring
from bot.channels.youtube import YouTubeClient, YouTubeSettings

FIRST: Final = timedelta(hours=1)
OVERLAP: Final = timedelta(minutes=2)
MOST: Final = 100  # things in one answer; more cost another unit
FILMS: Final = 200  # titles remembered
THREADS: Final = 500  # counts of answers remembered
ANSWERED: Final = 5  # so many answers come with their thread
DEEP: Final = 10  # pages of answers, or of films
HIDDEN: Final = frozenset({"heldForReview", "rejected", "likelySpam"})


class YouTubeTalk:
    """One channel's comments. A look costs 1 unit of the day's 10 000, an answer or hiding 50."""

    can = frozenset({Can.COMMENTS, Can.REPLY, Can.HIDE, Can.TAKE_DOWN, Can.LOOK, Can.METRICS})

    def __init__(self, chosen: YouTubeSettings, keyring: Keyring, *, timeout_s: float = 9.0) -> None:
        self.name, self.lag = chosen.key, chosen.lag_s
        self._chosen, self._client = chosen, YouTubeClient(chosen, keyring, timeout_s=timeout_s)

    async def comments(self, cursor: Mapping[str, Any]) -> Page:
        """One page of threads, newest first, until those of before the cursor; the first look begins an hour back.

        ``more`` while older pages are to be read; only then is the cursor moved past them.
        """
        now = datetime.now(UTC)
        since = datetime.fromisoformat(cursor["since"]) if cursor else now - FIRST
        begun = cursor.get("begun") or now.isoformat()  # when this look's first page was read
        counts: dict[str, int] = dict(cursor.get("answers") or {})
        page = await self._threads(str(cursor.get("page") or ""))
        threads = _items(page)
        heard = [one for thread in threads async for one in self._under(thread, since, counts)]
        films = await self._titles(cursor.get("films") or {}, heard)
        fresh: dict[str, Any] = {"since": since.isoformat(), "answers": counts, "films": films}
        following = page.get("nextPageToken")
        more = bool(following and threads and _made(_top(threads[-1])) >= since)
        if more:
            fresh |= {"page": following, "begun": begun}
        else:
            fresh["since"] = (datetime.fromisoformat(begun) - OVERLAP).isoformat()
        fresh["answers"] = dict(list(counts.items())[-THREADS:])
        named = [_titled(one, films) for one in heard]
        return Page(sorted(named, key=lambda one: one.written or now), fresh, more)

    async def _threads(self, token: str) -> dict[str, Any]:
        asked = {
            "part": "snippet,replies",
            "allThreadsRelatedToChannelId": self._chosen.channel_id,
            "order": "time",
            "maxResults": MOST,
            "textFormat": "plainText",
        }
        return await self._client.ask("GET", "commentThreads", **asked | ({"pageToken": token} if token else {}))

    async def _under(
        self, thread: Mapping[str, Any], since: datetime, counts: dict[str, int]
    ) -> AsyncIterator[Heard]:
        """What is new of a thread: its first comment, its answers; ``counts`` follow."""
        top, snippet = _top(thread), thread.get("snippet") or {}
        film, number = str(snippet.get("videoId") or ""), int(snippet.get("totalReplyCount") or 0)
        known = counts.pop(str(thread.get("id")), 0)
        counts[str(thread.get("id"))] = number
        below = (thread.get("replies") or {}).get("comments") or []
        if number != known and number > min(len(below), ANSWERED):
            below = await self._all_answers(str(thread.get("id"))) or below
        for one in (top, *below):
            if one.get("id") and _changed(one) >= since:
                yield self._heard(one, film)

    async def _all_answers(self, thread: str) -> list[dict[str, Any]]:
        """As many as can be read; a thread that is gone meanwhile has none."""
        found = []
        with contextlib.suppress(CannotLook, Gone):
            async for one in self._answers(thread):
                found.append(one)
        return found

    async def _answers(self, thread: str) -> AsyncIterator[dict[str, Any]]:
        """Every answer below a comment. Raises CannotLook when there is no end, Gone when it is not there."""
        asked: dict[str, Any] = {"part": "snippet", "parentId": thread, "maxResults": MOST}
        asked["textFormat"] = "plainText"
        for _ in range(DEEP):
            page = await self._client.ask("GET", "comments", **asked)
            for one in _items(page):
                yield one
            if not page.get("nextPageToken"):
                return
            asked["pageToken"] = page["nextPageToken"]
        raise CannotLook("too many answers")

    async def _titles(self, known: Mapping[str, str], heard: Iterable[Heard]) -> dict[str, str]:
        """What films are called, with those that are new here."""
        asked = list(dict.fromkeys(one.post for one in heard if one.post and one.post not in known))[:50]
        if not asked:
            return dict(known)
        found = _items(await self._client.ask("GET", "videos", part="snippet", id=",".join(asked)))
        fresh = {str(one.get("id")): str((one.get("snippet") or {}).get("title") or "") for one in found}
        return dict(islice((dict.fromkeys(asked, "") | fresh | dict(known)).items(), FILMS))

    def _heard(self, comment: Mapping[str, Any], film: str) -> Heard:
        told = comment.get("snippet") or {}
        film = film or str(told.get("videoId") or "")
        watch = f"{self._chosen.site_url}/watch?v={film}" if film else ""
        return Heard(
            remote=str(comment["id"]),
            post=film or f"channel:{self._chosen.channel_id}",
            verb=Verb.HIDE if told.get("moderationStatus") in HIDDEN else Verb.SEEN,
            text=str(told.get("textOriginal") or told.get("textDisplay") or ""),
            author=str(told.get("authorDisplayName") or ""),
            parent=str(told.get("parentId") or ""),
            own=str((told.get("authorChannelId") or {}).get("value") or "") == self._chosen.channel_id,
            written=_made(comment),
            link=f"{watch}&lc={comment['id']}" if film else "",
            post_link=watch,
        )

    async def reply(self, remote: str, text: str, key: str) -> Sent:
        """Answer below the comment's thread. Raises Gone when it is not there any more."""
        given = {"snippet": {"parentId": _thread(remote), "textOriginal": text}}
        made = await self._client.ask("POST", "comments", part="snippet", json=given)
        if not made.get("id"):
            raise Unknown("no id")
        return Sent(str(made["id"]), remote)

    async def find_reply(self, remote: str, text: str, key: str, since: datetime) -> Sent | None:
        """The channel's own answer with this text since then, in that thread."""
        try:
            async for one in self._answers(_thread(remote)):
                heard = self._heard(one, "")
                ours = heard.own and _made(one) >= since.replace(microsecond=0)
                if ours and " ".join(heard.text.split()) == " ".join(text.split()):
                    return Sent(heard.remote, remote)
        except Gone:
            return None
        return None

    async def hide(self, remote: str, *, hidden: bool) -> None:
        """Hold it for review, where nobody sees it, or publish it again. Raises Gone."""
        await self._moderate(remote, "heldForReview" if hidden else "published")

    async def take_down(self, remote: str) -> None:
        """Reject somebody's comment for good; delete an answer of our own."""
        try:
            found = await self.look(remote)
            if found and found.own:
                await self._client.ask("DELETE", "comments", id=remote)
            elif found:
                await self._moderate(remote, "rejected")
        except Gone:
            return

    async def _moderate(self, remote: str, status: str) -> None:
        await self._client.ask("POST", "comments/setModerationStatus", id=remote, moderationStatus=status)

    async def look(self, remote: str) -> Heard | None:
        """The comment as it stands now; costs 1 unit."""
        try:
            found = await self._client.ask("GET", "comments", part="snippet", id=remote, textFormat="plainText")
        except Gone:
            return None
        return next((self._heard(one, "") for one in _items(found) if one.get("id")), None)

    async def ping(self) -> str:
        """The channel's name. Raises Refused when there is no such channel."""
        found = _items(await self._client.ask("GET", "channels", part="snippet", id=self._chosen.channel_id))
        if not found:
            raise Refused("channel_unknown")
        return str((found[0].get("snippet") or {}).get("title") or "")

    async def measure(self, since: datetime) -> Figures:
        """Subscribers as YouTube rounds them, unless the channel hides them, and the films since then."""
        asked = {"part": "statistics,contentDetails", "id": self._chosen.channel_id}
        found = _items(await self._client.ask("GET", "channels", **asked))
        if not found:
            raise Refused("channel_unknown")
        told = found[0].get("statistics") or {}
        followers = None if told.get("hiddenSubscriberCount") else _number(told.get("subscriberCount"))
        uploads = ((found[0].get("contentDetails") or {}).get("relatedPlaylists") or {}).get("uploads")
        films = [one async for one in self._films(str(uploads or ""), since)]
        return Figures(followers, films)

    async def _films(self, uploads: str, since: datetime) -> AsyncIterator[PostFigures]:
        asked: dict[str, Any] = {"part": "contentDetails", "playlistId": uploads, "maxResults": 50}
        for _ in range(DEEP if uploads else 0):
            page = await self._client.ask("GET", "playlistItems", **asked)
            ids = [str((one.get("contentDetails") or {}).get("videoId")) for one in _items(page)]
            told = await self._client.ask("GET", "videos", part="snippet,statistics", id=",".join(ids))
            films = [one for one in _items(told) if _made(one) >= since]
            for one in films:
                yield self._figures(one)
            if not page.get("nextPageToken") or len(films) < len(ids):
                return
            asked["pageToken"] = page["nextPageToken"]

    def _figures(self, film: Mapping[str, Any]) -> PostFigures:
        told = film.get("statistics") or {}
        return PostFigures(
            remote=str(film.get("id")),
            published=_made(film),
            reactions=_number(told.get("likeCount")),
            comments=_number(told.get("commentCount")),
            link=f"{self._chosen.site_url}/watch?v={film.get('id')}",
            words=str((film.get("snippet") or {}).get("title") or ""),
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def _titled(one: Heard, films: Mapping[str, str]) -> Heard:
    return Heard(**{**one.__dict__, "post_text": films.get(one.post, "")})


def _items(page: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = page.get("items")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _top(thread: Mapping[str, Any]) -> dict[str, Any]:
    return dict((thread.get("snippet") or {}).get("topLevelComment") or {})


def _thread(remote: str) -> str:
    """An answer's id is its thread's, a full stop, and its own; answers go to threads."""
    return remote.partition(".")[0]


def _made(one: Mapping[str, Any]) -> datetime:
    return _instant(one, "publishedAt")


def _changed(one: Mapping[str, Any]) -> datetime:
    """When it was written, or changed last."""
    return max(_made(one), _instant(one, "updatedAt"))


def _instant(one: Mapping[str, Any], name: str) -> datetime:
    """An instant of its snippet; one that cannot be read is long ago."""
    try:
        return datetime.fromisoformat(str((one.get("snippet") or {}).get(name))).astimezone(UTC)
    except ValueError:
        return datetime(1970, 1, 1, tzinfo=UTC)


def _number(value: Any) -> int | None:
    """Google writes numbers as strings; None where it does not tell."""
    return int(value) if isinstance(value, int | str) and str(value).isdigit() else None
