"""Comments: one row for each that a platform told of, with the people who have it in hand.

Residents' text stands here and nowhere else; the log holds a keyed hash of it.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, func, text
from sqlmodel import Field, SQLModel, col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base

WAITING = "waiting"
STATES = ("quiet", WAITING, "answered", "closed", "hidden", "removed", "gone")


class Comment(SQLModel, table=True):
    """One comment; unique by channel and the vendor's id. Instants are UTC.

    ``author``: the name as shown, which is evidence and never counted by. ``since``: when the clock was
    started; ``due``: when an answer is; ``told``: the ladder's last step; ``next_at``: when the next one is.
    ``watch_told``: a later step of which only whoever watches outside office hours was told.
    ``taken``: who has it in hand; ``later``: until when they asked to be left alone with it.
    """

    __table_args__ = (
        UniqueConstraint("channel", "remote"),
        Index("ix_comment_parent", "channel", "parent"),
        CheckConstraint(f"state IN ({base.one_of(STATES)})", name="ck_comment_state"),
        # However many lie behind, the open ones are few: every question of clock, queue and digest asks these.
        Index(
            "ix_comment_next",
            "next_at",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_comment_open",
            "due",
            "id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    channel: str = Field(max_length=40)
    remote: str = Field(max_length=300)
    publication_id: int = Field(foreign_key="publication.id", index=True)
    parent: str = Field(default="", max_length=300)
    author: str = Field(default="", max_length=200)
    own: bool = False
    text: str = ""
    link: str = Field(default="", max_length=500)
    marks: list[str] = base.json_list()
    topic: str | None = Field(default=None, max_length=40)  # by the settings' word lists, for figures alone
    written: datetime = base.instant()
    received: datetime = base.instant(index=True)
    edited: datetime | None = base.maybe_instant()
    state: str = Field(max_length=16)
    version: int = 1
    since: datetime | None = base.maybe_instant()
    due: datetime | None = base.maybe_instant()
    told: str | None = Field(default=None, max_length=16)
    watch_told: str | None = Field(default=None, max_length=16)
    next_at: datetime | None = base.maybe_instant()
    taken: str | None = Field(default=None, max_length=32)
    taken_at: datetime | None = base.maybe_instant()
    later: datetime | None = base.maybe_instant()
    writing: str | None = Field(default=None, max_length=32)  # who opened the form for an answer last
    writing_at: datetime | None = base.maybe_instant()
    settled: datetime | None = base.maybe_instant(index=True)
    settled_by: str | None = Field(default=None, max_length=32)
    forgotten: datetime | None = base.maybe_instant()  # suspected child abuse: what it said is never kept again


class Wording(SQLModel, table=True):
    """What a comment said before it was edited on the platform."""

    id: int | None = Field(default=None, primary_key=True)
    comment_id: int = Field(foreign_key="comment.id", index=True)
    text: str
    until: datetime = base.instant()


async def get(session: AsyncSession, comment_id: int) -> Comment | None:
    """The comment with this number."""
    return await session.get(Comment, comment_id)


async def locked(session: AsyncSession, comment_id: int) -> Comment | None:
    """The comment, its row read anew and held until the transaction ends."""
    return await session.get(Comment, comment_id, with_for_update=True, populate_existing=True)


async def by_remote(session: AsyncSession, channel: str, remote: str) -> Comment | None:
    """The comment the vendor calls so, its row held until the transaction ends."""
    query = select(Comment).where(Comment.channel == channel, Comment.remote == remote).with_for_update()
    return (await session.exec(query.execution_options(populate_existing=True))).first()


async def add(session: AsyncSession, fresh: Comment) -> Comment | None:
    """Put it in; None when it is there already."""
    values = fresh.model_dump(exclude={"id"})
    insert = base.inserting(session, Comment).values(**values).on_conflict_do_nothing()
    new_id = (await session.exec(insert.returning(col(Comment.id)))).scalar_one_or_none()
    return await session.get_one(Comment, new_id) if new_id else None


async def change(session: AsyncSession, row: Comment, **values: Any) -> bool:
    """Compare state and version, then set; False when somebody was faster. The row shows what it now holds."""
    query = update(Comment).where(
        col(Comment.id) == row.id, col(Comment.state) == row.state, col(Comment.version) == row.version
    )
    values = {**values, "version": row.version + 1}
    result = await session.exec(query.values(**values).execution_options(synchronize_session=False))
    await session.refresh(row)
    return bool(result.rowcount)


async def keep_wording(session: AsyncSession, row: Comment, until: datetime) -> None:
    """Keep what it says now, before it is changed."""
    session.add(Wording(comment_id=row.id or 0, text=row.text, until=until))


async def forget(session: AsyncSession, row: Comment, now: datetime) -> None:
    """Keep nothing of what it said, nor of who said it, also when the platform tells it once more."""
    await session.exec(delete(Wording).where(col(Wording.comment_id) == row.id))
    await change(session, row, text="", author="", marks=[], topic=None, forgotten=now)


async def forgotten(session: AsyncSession, channel: str, remotes: Collection[str]) -> set[str]:
    """Those of these of which nothing may be kept, by the vendor's id."""
    query = select(Comment.remote).where(Comment.channel == channel, col(Comment.remote).in_(remotes))
    return set((await session.exec(query.where(col(Comment.forgotten).is_not(None)))).all())


async def wordings(session: AsyncSession, comment_id: int) -> list[Wording]:
    """What it said earlier, oldest first."""
    query = select(Wording).where(Wording.comment_id == comment_id).order_by(col(Wording.id))
    return list((await session.exec(query)).all())


async def due_steps(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Comments whose next step on the ladder is due."""
    query = select(Comment.id).where(text("state = 'waiting'"), col(Comment.next_at) <= now)
    return [one or 0 for one in (await session.exec(query.order_by(col(Comment.next_at)).limit(limit))).all()]


async def waiting(session: AsyncSession, limit: int = 1000) -> list[Comment]:
    """All that wait for an answer, what is due first at the top."""
    query = select(Comment).where(text("state = 'waiting'")).order_by(col(Comment.due), col(Comment.id))
    return list((await session.exec(query.limit(limit))).all())


async def waiting_after(session: AsyncSession, comment_id: int, limit: int) -> list[Comment]:
    """Those that wait with higher numbers than this, by number: to go through all of them."""
    query = select(Comment).where(text("state = 'waiting'"), col(Comment.id) > comment_id)
    return list((await session.exec(query.order_by(col(Comment.id)).limit(limit))).all())


async def topics_under(session: AsyncSession, publication_id: int) -> dict[str, int]:
    """How many of residents' comments under a post have each topic."""
    query = select(Comment.topic, func.count()).where(Comment.publication_id == publication_id)
    query = query.where(col(Comment.own).is_(False), col(Comment.topic).is_not(None)).group_by(col(Comment.topic))
    return {name or "": n for name, n in (await session.exec(query)).all()}


async def waiting_under(session: AsyncSession, publication_id: int) -> list[int]:
    """Those under a post that wait, oldest first."""
    query = select(Comment.id).where(text("state = 'waiting'"), Comment.publication_id == publication_id)
    return [one or 0 for one in (await session.exec(query.order_by(col(Comment.id)))).all()]


async def taken_by(session: AsyncSession, person: str) -> list[int]:
    """Those that wait and that this person has taken."""
    query = select(Comment.id).where(text("state = 'waiting'"), Comment.taken == person)
    return [one or 0 for one in (await session.exec(query.order_by(col(Comment.id)))).all()]


async def takers(session: AsyncSession) -> set[str]:
    """Everybody who has taken something that waits."""
    query = select(Comment.taken).where(text("state = 'waiting'"), col(Comment.taken).is_not(None))
    return {one or "" for one in (await session.exec(query.distinct())).all()}


async def of_publication(session: AsyncSession, publication_id: int) -> list[Comment]:
    """Everything under a post, in the order it was written."""
    query = select(Comment).where(Comment.publication_id == publication_id)
    return list((await session.exec(query.order_by(col(Comment.written), col(Comment.id)))).all())


async def tally(session: AsyncSession, publication_id: int) -> dict[str, int]:
    """How many comments under a post are in each state."""
    query = select(Comment.state, func.count()).where(Comment.publication_id == publication_id)
    return dict((await session.exec(query.where(col(Comment.own).is_(False)).group_by(Comment.state))).all())


async def conversation(session: AsyncSession, channel: str, root: str) -> list[Comment]:
    """A comment by the vendor's id and what was answered to it, in order."""
    beside = (col(Comment.parent) == root) | (col(Comment.remote) == root)
    query = select(Comment).where(Comment.channel == channel, beside)
    return list((await session.exec(query.order_by(col(Comment.written), col(Comment.id)))).all())
