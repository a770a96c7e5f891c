"""What conversations on Facebook and Instagram share: answering, hiding, counting, and their webhooks' shape."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog

from bot.channels.elsewhere import Elsewhere, Kind
from bot.channels.errors import Gone, Refused
from bot.channels.heard import Unreadable
from bot.channels.meta import Graph, MetaSettings, Missing, instant, normal
from bot.channels.protocol import Can, Sent
from bot.channels.settings import Keyring
from bot.channels.talk.reading import upto

log = structlog.get_logger(__name__)
LATELY: Final = timedelta(days=14)  # what nobody answered for so long waits for nobody any more


class MetaTalk:
    """What can be done to comments on both. Subclasses say how the platform calls it."""

    can = frozenset({Can.COMMENTS, Can.REPLY, Can.HIDE, Can.TAKE_DOWN, Can.LOOK, Can.METRICS, Can.ELSEWHERE})
    _answers: str  # the edge with a comment's answers
    _said: str  # the field with its text
    _at: str  # the field with its time
    _hides: str  # the field that hides it

    def __init__(self, chosen: MetaSettings, keyring: Keyring, *, timeout_s: float = 9.0) -> None:
        self.name, self.lag = chosen.key, chosen.lag_s
        self._graph = Graph(chosen, keyring, timeout_s=timeout_s)

    async def reply(self, remote: str, text: str, key: str) -> Sent:
        """Answer a comment. Raises Gone when it is not there any more."""
        try:
            return Sent(await self._graph.create(f"/{remote}/{self._answers}", message=text), remote)
        except Missing as missing:
            raise Gone(missing.reason) from None

    async def _found(self, below: str, text: str, since: datetime, **asked: Any) -> str | None:
        """Our own answer below that comment with this text, written since then. Raises CannotLook."""
        first = since.replace(microsecond=0)  # Meta counts whole seconds
        async for one in self._graph.each(f"/{below}/{self._answers}", **asked):
            same = normal(str(one.get(self._said) or "")) == normal(text)
            if same and self._ours(one) and instant(one.get(self._at)) >= first:
                return str(one["id"])
        return None

    def _ours(self, comment: Mapping[str, Any]) -> bool:
        raise NotImplementedError

    async def hide(self, remote: str, *, hidden: bool) -> None:
        """Hide it, or show it again. Raises Gone."""
        try:
            await self._graph.change("POST", f"/{remote}", **{self._hides: "true" if hidden else "false"})
        except Missing as missing:
            raise Gone(missing.reason) from None

    async def take_down(self, remote: str) -> None:
        """Delete the comment."""
        try:
            await self._graph.change("DELETE", f"/{remote}")
        except Missing:
            return

    async def close(self) -> None:
        """Close the connections."""
        await self._graph.close()

    async def _messages(self, account: str, link: str, **asked: Any) -> list[Elsewhere]:
        """Conversations with something unread."""
        fields = "id,unread_count,updated_time"
        found = await self._edge(f"/{account}/conversations", fields=fields, **asked)
        times = [instant(one.get("updated_time")) for one in found or () if one.get("unread_count")]
        return [] if found is None else [counted(Kind.MESSAGES, times, link)]

    async def _edge(self, path: str, **asked: Any) -> list[dict[str, Any]] | None:
        """A list; None where the token may not read it, for then this kind is not counted."""
        try:
            return (await upto(self._graph.each(path, **asked)))[0]
        except Refused as refused:
            log.info("not counted", action="elsewhere_refused", channel=self.name, reason=refused.reason)
            return None


def counted(kind: Kind, times: Sequence[datetime], link: str) -> Elsewhere:
    """So many wait, the oldest since then."""
    return Elsewhere(kind, len(times), min(times, default=None), link)


def total(value: Any) -> int | None:
    """The figure in Meta's ``{"summary": {"total_count": 3}}``; None where it does not tell."""
    summary = value.get("summary") if isinstance(value, Mapping) else None
    found = summary.get("total_count") if isinstance(summary, Mapping) else None
    return found if isinstance(found, int) else None


def changes(body: Mapping[str, Any], about: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each change of a webhook's body with the number of the account it is about.

    ``about``: the body's object, "page" or "instagram". Raises Unreadable for what is no such body.
    """
    entries = body.get("entry")
    if body.get("object") != about or not isinstance(entries, list):
        raise Unreadable(f"no {about} entries")
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("changes"), list):
            raise Unreadable("an entry without changes")
        for change in entry["changes"]:
            yield str(entry.get("id") or ""), {"time": entry.get("time"), **change}


def seconds(value: Any) -> datetime | None:
    """Seconds since 1970 as aware UTC; None for what is no such number."""
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
