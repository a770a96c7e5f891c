"""Weeding: which comments have been settled for so long that a board's decision lets them go, and the minutes."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Field, SQLModel, UniqueConstraint, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base
from storage.accounts import Account
from storage.comments import Comment
from storage.moderations import Moderation
from storage.publications import Publication
from storage.units import Unit

SETTLED = ("quiet", "answered", "closed", "gone")


class Weeding(SQLModel, table=True):
    """One day's minutes (gallringsprotokoll): what went, by which decision. Holds nothing of what it said."""

    __table_args__ = (UniqueConstraint("board", "day"),)

    id: int | None = Field(default=None, primary_key=True)
    board: str = Field(max_length=120)
    day: date
    months: int
    decided: date
    paragraph: str = Field(max_length=40)
    comments: int = 0
    oldest: datetime = base.instant()
    newest: datetime = base.instant()


@dataclass(frozen=True)
class Due:
    """How much would go, and when the oldest of it was settled (UTC)."""

    comments: int = 0
    oldest: datetime | None = None


def _ended() -> Any:
    """When a comment came to rest: an answer that was given later counts from then."""
    return func.coalesce(col(Comment.settled), col(Comment.received))


def _due(columns: Any, board: str, home: str, before: datetime) -> Any:
    """Comments of a board that came to rest before then. What was moderated is evidence, and stays."""
    evidence = select(Moderation.id).where(Moderation.comment_id == Comment.id).exists()
    joined = (
        columns.select_from(Comment)
        .join(Publication, col(Publication.id) == col(Comment.publication_id))
        .outerjoin(Account, col(Account.id) == col(Publication.account_id))
        .outerjoin(Unit, col(Unit.id) == col(Account.unit_id))
    )
    fresh = col(Comment.state).in_(SETTLED) & col(Comment.forgotten).is_(None)
    whose = func.coalesce(func.nullif(col(Unit.board), ""), home)
    return joined.where(fresh, _ended() < before, whose == board, ~evidence)


async def due(session: AsyncSession, board: str, home: str, before: datetime, limit: int) -> list[int]:
    """The oldest of them."""
    query = _due(select(Comment.id), board, home, before).order_by(_ended()).limit(limit)
    return [one or 0 for one in (await session.exec(query)).all()]


async def count(session: AsyncSession, board: str, home: str, before: datetime) -> Due:
    """How many, and since when the oldest."""
    query = _due(select(func.count(), func.min(_ended())), board, home, before)
    number, oldest = (await session.exec(query)).one()
    return Due(number, oldest)


async def boards(session: AsyncSession, home: str) -> list[str]:
    """Every board that has units, and the one at home."""
    found = (await session.exec(select(Unit.board).distinct())).all()
    return sorted({home, *(one for one in found if one)})


async def minutes(session: AsyncSession, fresh: Weeding) -> Weeding:
    """The day's minutes of a board, held until the transaction ends; made when they are the first."""
    insert = base.inserting(session, Weeding).values(**fresh.model_dump(exclude={"id"}))
    await session.exec(insert.on_conflict_do_nothing())
    query = select(Weeding).where(Weeding.board == fresh.board, Weeding.day == fresh.day).with_for_update()
    return (await session.exec(query)).one()


async def latest(session: AsyncSession, limit: int = 12) -> list[Weeding]:
    """The last minutes, newest first."""
    query = select(Weeding).where(Weeding.comments > 0).order_by(col(Weeding.day).desc(), col(Weeding.board))
    return list((await session.exec(query.limit(limit))).all())
