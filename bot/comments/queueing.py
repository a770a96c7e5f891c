"""The queue: everything that waits, over all accounts, the most urgent first."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.comments import hands
from bot.comments.hands import Hands
from bot.comments.marks import PRESSING
from bot.desk import Desk
from bot.people import Actor
from storage import comments, publications, replies
from storage.comments import Comment


async def upcoming(
    desk: Desk, actor_id: str, *, now: datetime, skip: Collection[int] = (), publication: int = 0
) -> int | None:
    """The next comment this person should look at; None when nothing waits for them.

    What somebody else has taken, or is being answered, is passed over.
    """
    async with desk.db.read() as session:
        actor = await people.actor(session, actor_id, now)
        waiting = [one for one in await comments.waiting(session) if publication in (0, one.publication_id)]
        answering = await replies.on_their_way(session)
        free = [one for one in waiting if one.taken in (None, actor_id) and one.id not in answering]
        left = [one for one in sorted(free, key=_urgency) if one.id not in skip]
        theirs = await _theirs(session, desk, actor, left, now)
    return theirs.id if theirs else None


def _urgency(one: Comment) -> tuple[bool, datetime | None, int]:
    return (not PRESSING & set(one.marks), one.due, one.id or 0)


async def _theirs(
    session: AsyncSession, desk: Desk, actor: Actor, rows: list[Comment], now: datetime
) -> Comment | None:
    posts = await publications.many(session, {one.publication_id for one in rows})
    known: dict[int, Hands] = {}
    for one in rows:
        if one.publication_id not in known:
            known[one.publication_id] = await hands.of(session, desk, posts[one.publication_id], now)
        if known[one.publication_id].role(actor) is not None:
            return one
    return None
