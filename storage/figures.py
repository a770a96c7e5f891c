"""Figures: followers by day and reactions by post, as we measured them ourselves; never of a person.

A day that was not measured has no row, and is never made up afterwards.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base
from storage.comments import Comment
from storage.publications import Publication

LINK, WORDS = 500, 300  # characters kept
REMOTE = 300


class AccountFigures(SQLModel, table=True):
    """One channel on one local day. ``followers``: None where the platform does not tell."""

    channel: str = Field(primary_key=True, max_length=40)
    day: date = Field(primary_key=True)
    followers: int | None = None
    measured: datetime = base.instant()


class PostFigures(SQLModel, table=True):
    """One post as it stood when it was last seen; ``seen`` is the local day of that."""

    channel: str = Field(primary_key=True, max_length=40)
    remote: str = Field(primary_key=True, max_length=REMOTE)
    published: datetime = base.instant(index=True)
    seen: date
    reactions: int | None = None
    comments: int | None = None
    shares: int | None = None
    link: str = Field(default="", max_length=LINK)
    words: str = Field(default="", max_length=WORDS)


class FigureLook(SQLModel, table=True):
    """When a channel is measured next, and the last local day on which it was. ``trouble``: while it fails."""

    channel: str = Field(primary_key=True, max_length=40)
    next_at: datetime = base.instant()
    done: date | None = None
    failures: int = 0
    trouble: str = Field(default="", max_length=200)


async def claim(session: AsyncSession, channel: str, now: datetime, until: datetime) -> FigureLook | None:
    """The look, when it is due and nobody else has claimed it; the next one is not before ``until`` (UTC)."""
    fresh = base.inserting(session, FigureLook).values(channel=channel, next_at=now, failures=0, trouble="")
    await session.exec(fresh.on_conflict_do_nothing())
    query = update(FigureLook).where(col(FigureLook.channel) == channel, col(FigureLook.next_at) <= now)
    result = await session.exec(query.values(next_at=until).execution_options(synchronize_session=False))
    return await session.get(FigureLook, channel, populate_existing=True) if result.rowcount else None


async def look(session: AsyncSession, channel: str) -> FigureLook | None:
    """How measuring a channel goes."""
    return await session.get(FigureLook, channel, populate_existing=True)


async def keep_account(session: AsyncSession, row: AccountFigures) -> None:
    """Put the day in; measured twice, the later look counts."""
    values = row.model_dump()
    changed = {name: values[name] for name in ("followers", "measured")}
    query = base.inserting(session, AccountFigures).values(**values)
    await session.exec(query.on_conflict_do_update(index_elements=["channel", "day"], set_=changed))


async def keep_post(session: AsyncSession, row: PostFigures) -> None:
    """Put the post in, or bring it up to date. What the platform no longer tells stays as it was last told."""
    values = row.model_dump()
    changed = {name: value for name, value in values.items() if value not in (None, "")}
    query = base.inserting(session, PostFigures).values(**values)
    await session.exec(query.on_conflict_do_update(index_elements=["channel", "remote"], set_=changed))


async def of_accounts(session: AsyncSession, first: date, last: date) -> list[AccountFigures]:
    """Every measured day from ``first`` to ``last``, both included, by channel and day."""
    query = select(AccountFigures).where(col(AccountFigures.day) >= first, col(AccountFigures.day) <= last)
    return list((await session.exec(query.order_by(col(AccountFigures.channel), col(AccountFigures.day)))).all())


async def of_posts(session: AsyncSession, begins: datetime, ends: datetime) -> Sequence[PostFigures]:
    """Posts published from ``begins`` until before ``ends`` (UTC), in order."""
    query = select(PostFigures).where(col(PostFigures.published) >= begins, col(PostFigures.published) < ends)
    order = (col(PostFigures.published), col(PostFigures.channel), col(PostFigures.remote))
    return (await session.exec(query.order_by(*order))).all()


async def of_comments(session: AsyncSession, begins: datetime, ends: datetime, late: timedelta) -> Sequence[Any]:
    """Residents' comments written from ``begins`` until before ``ends`` (UTC), told of at most so ``late``.

    Each with account_id and channel of its post, written, state, topic, since, due, settled; no words, no author.
    """
    query = (
        sa.select(
            col(Publication.account_id),
            col(Publication.channel),
            col(Comment.written),
            col(Comment.state),
            col(Comment.topic),
            col(Comment.since),
            col(Comment.due),
            col(Comment.settled),
        )
        .join(Publication, col(Comment.publication_id) == col(Publication.id))
        .where(col(Comment.own).is_(False))
        .where(col(Comment.received) >= begins, col(Comment.received) < ends + late)
        .where(col(Comment.written) >= begins, col(Comment.written) < ends)
    )
    return (await (await session.connection()).execute(query)).all()
