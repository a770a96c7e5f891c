"""The outbox: how the other rooms owe somebody a message, inside their own transaction.

Nothing here talks to a vendor. The row is the promise; the delivery room keeps it after the commit.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from storage import posts
from storage.posts import Post


class Priority(IntEnum):
    """Who goes first: the lower number."""

    CRISIS = 0  # crisis board and deciders
    PEOPLE = 1  # answers to people
    ALL_CLEAR = 2
    ANNOUNCEMENT = 3
    REMINDER = 4
    DIGEST = 5


@dataclass(frozen=True)
class Gate:
    """A post that must be there first; ``until`` (UTC) when it is waited for no longer."""

    post: int
    until: datetime | None = None


async def send(
    session: AsyncSession,
    *,
    kind: str,
    dest: str,
    topic: str,
    args: dict[str, Any],
    now: datetime,
    seq: int = 0,
    via: str = "slack",
    thread: Post | int | None = None,
    prio: Priority = Priority.PEOPLE,
    due: datetime | None = None,
    dies: datetime | None = None,
    card: bool = False,
    quiet: bool = False,
    fallback: str | None = None,
    verb: str = posts.SEND,
    after: Gate | None = None,
    readback: bool = False,
    watch: str | None = None,
) -> Post:
    """Owe ``dest`` a message; the row already there is given back when it was owed before.

    A post is the same when (kind, topic, dest, seq) are. A higher ``seq`` drops what still waits of the
    same topic and destination with a lower one, whatever its kind; so lines that must all arrive have
    topics of their own. ``thread`` is any post of the thread to answer in (same ``via`` and ``dest``).
    ``due`` and ``dies`` are UTC: not before, and not after. A ``quiet`` post goes out in office hours
    only. ``fallback`` names who gets it, and the replies to it, if the destination refuses. ``args``
    must be JSON. ``verb`` UPDATE or REMOVE is done to the thread's first message. The post waits
    for the gate ``after``. With ``readback`` it is looked for once it was
    sent. Cards of the topic ``watch`` are shown anew whenever it moves. Raises ValueError for a thread in
    another place.
    """
    root = await _root(session, thread, via, dest)
    post = Post(
        via=via,
        dest=dest,
        thread_id=root,
        kind=kind,
        args=args,
        card=card,
        quiet=quiet,
        prio=int(prio),
        topic=topic,
        seq=seq,
        due=due or now,
        aside=due is not None and due > now,
        dies=dies,
        fallback=fallback,
        verb=verb,
        after_id=after.post if after else None,
        after_until=after.until if after else None,
        readback=readback,
        watch=watch,
        created=now,
    )
    row = await posts.add(session, post)
    if row.key == post.key and seq:
        await posts.supersede(session, row)
    return row


async def _root(session: AsyncSession, thread: Post | int | None, via: str, dest: str) -> int | None:
    if thread is None:
        return None
    parent = thread if isinstance(thread, Post) else await session.get_one(Post, thread)
    if (parent.via, parent.dest) != (via, dest):
        raise ValueError(f"post {parent.id} is not in {via} {dest}")
    return parent.thread_id or parent.id


async def follow(session: AsyncSession, topic: str) -> None:
    """Every card of the topic, and of the topics under it ("topic/…"), is rendered and shown anew."""
    await posts.raise_want(session, topic)


async def cards(session: AsyncSession, topic: str) -> list[Post]:
    """The topic's live cards (neither refused nor dropped) that start a thread: lines go under them."""
    return await posts.cards(session, topic)


async def answer(session: AsyncSession, post_id: int, there: bool, now: datetime) -> bool:
    """A person has looked where the bot cannot: is the message ``there``? False: nobody was asking."""
    if there:
        return await posts.move(session, post_id, posts.ASKING, posts.DONE, reason="seen by a person")
    return await posts.move(
        session, post_id, posts.ASKING, posts.WAITING, due=now, looks=0, started=None, reason=None
    )
