"""Reading what a platform lists: never stopped by one odd element, nor by a list without an end."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

import structlog

from bot.channels.errors import CannotLook, Unknown
from bot.channels.heard import Heard, Unreadable, Verb
from bot.channels.talk.standing import Standing

log = structlog.get_logger(__name__)
LOOKS: Final = 20  # comments that seem to be gone are looked at, so many at a time
T = TypeVar("T")
ODD: Final = (Unreadable, Unknown, KeyError, TypeError, ValueError, AttributeError)


def readable(channel: str, raw: Iterable[Any], make: Callable[[Any], T | None]) -> list[T]:
    """What can be made of the elements; one in a strange shape is logged, without what it says, and left out."""
    found = []
    for one in raw:
        try:
            made = make(one)
        except ODD as odd:
            log.warning("comment not understood", action="comment_odd", channel=channel, error=type(odd).__name__)
            continue
        if made is not None:
            found.append(made)
    return found


async def upto(many: AsyncIterator[T]) -> tuple[list[T], bool]:
    """As many as the channel reads, and whether that was all."""
    found = []
    try:
        async for one in many:
            found.append(one)
    except CannotLook:
        log.warning("list cut off", action="list_cut", read=len(found))
        return found, False
    return found, True


async def told(
    standing: Standing,
    post: str,
    there: Sequence[Heard],
    count: int | None,
    look: Callable[[str], Awaitable[Heard | None]],
    *,
    oldest: datetime | None = None,
) -> list[Heard]:
    """What is new below a post, and what is gone: whatever is missing is looked for by itself first.

    ``oldest`` (aware UTC): what was written before that is not listed any more, and only forgotten.
    """
    gone = []
    for remote in standing.missing(post, there)[:LOOKS]:
        found = await look(remote)
        if found is None:
            gone.append(Heard(remote=remote, post=post, verb=Verb.REMOVE))
        if found is None or (oldest and found.written and found.written < oldest):
            standing.forget(post, remote)
    return [*standing.news(post, there, count), *gone]
