"""Answers: what somebody wrote to a comment, and the delivery that carries it."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base

WRITTEN, SENT, REFUSED, BY_HAND = "written", "sent", "refused", "by_hand"


class Reply(SQLModel, table=True):
    """One answer. ``post_id`` is its row in the outbox; ``remote`` the vendor's id once it stands there."""

    id: int | None = Field(default=None, primary_key=True)
    comment_id: int = Field(foreign_key="comment.id", index=True)
    by: str = Field(max_length=32)
    text: str
    state: str = Field(default=WRITTEN, max_length=16, index=True)
    reason: str = Field(default="", max_length=200)
    post_id: int | None = Field(default=None, foreign_key="post.id", unique=True)
    remote: str = Field(default="", max_length=300)
    created: datetime = base.instant()
    settled: datetime | None = base.maybe_instant()
    holding: bool | None = None  # it only says that an answer will come: the clock goes on


async def get(session: AsyncSession, reply_id: int) -> Reply | None:
    """The answer with this number."""
    return await session.get(Reply, reply_id)


async def of_comment(session: AsyncSession, comment_id: int) -> list[Reply]:
    """All answers to a comment, oldest first."""
    query = select(Reply).where(Reply.comment_id == comment_id).order_by(col(Reply.id))
    return list((await session.exec(query)).all())


async def open_one(session: AsyncSession, comment_id: int) -> Reply | None:
    """The answer that is on its way, if there is one."""
    query = select(Reply).where(Reply.comment_id == comment_id, Reply.state == WRITTEN)
    return (await session.exec(query)).first()


async def on_their_way(session: AsyncSession) -> set[int]:
    """Comments whose answer is on its way."""
    return set((await session.exec(select(Reply.comment_id).where(Reply.state == WRITTEN))).all())


async def of_post(session: AsyncSession, post_id: int) -> Reply | None:
    """The answer that this delivery carries."""
    return (await session.exec(select(Reply).where(Reply.post_id == post_id))).first()


async def only_holds(session: AsyncSession, comment_id: int, remote: str, text: str) -> bool:
    """Is what stands on the platform an answer of ours that only says that one will come?"""
    query = select(Reply).where(Reply.comment_id == comment_id, col(Reply.holding).is_(True))
    said = " ".join(text.split())
    return any(one.remote == remote or " ".join(one.text.split()) == said for one in (await session.exec(query)))


async def forget(session: AsyncSession, comment_id: int, said: Collection[str]) -> None:
    """Keep nothing of answers that were not sent; of the others all but what they quote of what was ``said``."""
    for row in await of_comment(session, comment_id):
        kept = row.text if row.state == SENT else ""
        for one in sorted(filter(str.strip, said), key=len, reverse=True):
            kept = kept.replace(one, "[…]")
        row.text = kept
        session.add(row)
