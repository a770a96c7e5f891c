"""Hiding and removing: who decided it, why, and the evidence that was kept."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel, col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base

PROPOSED, ORDERED, DONE, BY_HAND, DECLINED = "proposed", "ordered", "done", "by_hand", "declined"
STATES = (PROPOSED, ORDERED, DONE, BY_HAND, DECLINED)
# A proposed act is carried out by the platform, or by a person where that does not work.
MOVES: Final[Mapping[str, frozenset[str]]] = {
    PROPOSED: frozenset({ORDERED, BY_HAND, DECLINED}),
    ORDERED: frozenset({DONE, BY_HAND}),
    BY_HAND: frozenset({DONE}),
    DONE: frozenset(),
    DECLINED: frozenset(),
}
SHOW: Final = "show"  # the act that takes a hiding back
GRAVE: Final = ("a", "b", "child")  # classes whose text stands nowhere in Slack, hidden there or not


class ForbiddenMove(Exception):
    """The transition table has no such move."""


class Moderation(SQLModel, table=True):
    """One act on one comment. ``klass``: a, b, c, d or child; ``evidence``: the comment as it stood, frozen.

    ``second`` agreed, where a second person is needed. ``shot``: where the picture of it is kept;
    ``no_shot``: why there is none. ``secrecy``: it holds what is secret, so it is registered: ``diary`` is the
    number, ``registrar`` when it was sent there. ``lifted``: it was shown again. ``next_at``: when somebody is
    reminded of what lacks. Instants are UTC.
    """

    __table_args__ = (CheckConstraint(f"state IN ({base.one_of(STATES)})", name="ck_moderation_state"),)

    id: int | None = Field(default=None, primary_key=True)
    comment_id: int = Field(foreign_key="comment.id", index=True)
    act: str = Field(max_length=8)
    klass: str = Field(max_length=8)
    why: str = ""
    shot: str = ""
    no_shot: str = ""
    diary: str = Field(default="", max_length=120)
    evidence: dict[str, Any] = base.json_column()
    digest: str = Field(default="", max_length=64)
    state: str = Field(max_length=16)
    reason: str = Field(default="", max_length=200)
    by: str = Field(max_length=32)
    at: datetime = base.instant()
    second: str | None = Field(default=None, max_length=32)
    seconded: datetime | None = base.maybe_instant()
    post_id: int | None = Field(default=None, foreign_key="post.id", unique=True)
    settled: datetime | None = base.maybe_instant()
    secrecy: bool | None = None
    registrar: datetime | None = base.maybe_instant()
    registrar_by: str | None = Field(default=None, max_length=32)
    platform_report: str | None = Field(default=None, max_length=120)
    police_report: str | None = Field(default=None, max_length=120)
    lifted: datetime | None = base.maybe_instant()
    lifted_by: str | None = Field(default=None, max_length=32)
    next_at: datetime | None = base.maybe_instant()

    @property
    def ref(self) -> str:
        """What the evidence is called: B-0012."""
        return f"B-{self.id or 0:04}"

    @property
    def grave(self) -> bool:
        """Its class keeps the comment's text out of Slack, whatever the platform shows."""
        return self.klass in GRAVE and self.lifted is None and self.state not in (PROPOSED, DECLINED)


async def get(session: AsyncSession, moderation_id: int) -> Moderation | None:
    """The act with this number."""
    return await session.get(Moderation, moderation_id, populate_existing=True)


async def newest(session: AsyncSession, comment_id: int) -> Moderation | None:
    """The last hiding or removal of a comment that was not declined."""
    query = select(Moderation).where(Moderation.comment_id == comment_id, Moderation.state != DECLINED)
    query = query.where(Moderation.act != SHOW).order_by(col(Moderation.id).desc())
    return (await session.exec(query.limit(1))).first()


async def of_comment(session: AsyncSession, comment_id: int) -> list[Moderation]:
    """Every act on a comment, oldest first."""
    query = select(Moderation).where(Moderation.comment_id == comment_id).order_by(col(Moderation.id))
    return list((await session.exec(query)).all())


async def grave(session: AsyncSession, ids: Collection[int]) -> set[int]:
    """Those of these comments whose text stands nowhere in Slack because of its class."""
    query = select(Moderation).where(col(Moderation.comment_id).in_(ids), col(Moderation.klass).in_(GRAVE))
    return {one.comment_id for one in (await session.exec(query)).all() if one.grave}


async def of_post(session: AsyncSession, post_id: int) -> Moderation | None:
    """The act that this delivery carries out."""
    return (await session.exec(select(Moderation).where(Moderation.post_id == post_id))).first()


async def due(session: AsyncSession, now: datetime) -> list[int]:
    """Those of which somebody is to be reminded now."""
    query = select(Moderation.id).where(col(Moderation.next_at) <= now).order_by(col(Moderation.id))
    return [one or 0 for one in (await session.exec(query)).all()]


async def move(session: AsyncSession, row: Moderation, after: str, **values: Any) -> bool:
    """The one mutator: checks MOVES, then compares and sets; False when somebody was faster.

    The row shows what it now holds. Raises ForbiddenMove for what MOVES lacks.
    """
    if after not in MOVES[row.state]:
        raise ForbiddenMove(f"{row.state} → {after}")
    return await _set(session, row, state=after, **values)


async def amend(session: AsyncSession, row: Moderation, **values: Any) -> bool:
    """Say more of an act without moving it; False when it was moved meanwhile."""
    return await _set(session, row, **values)


async def _set(session: AsyncSession, row: Moderation, **values: Any) -> bool:
    query = update(Moderation).where(col(Moderation.id) == row.id, col(Moderation.state) == row.state)
    result = await session.exec(query.values(**values).execution_options(synchronize_session=False))
    await session.refresh(row)
    return bool(result.rowcount)


async def forget(session: AsyncSession, comment_id: int) -> None:
    """Keep nothing but link and time of what the evidence and the reasons say."""
    for row in await of_comment(session, comment_id):
        kept = {name: row.evidence[name] for name in ("link", "written") if name in row.evidence}
        await amend(session, row, evidence=kept, why="", shot="", no_shot="", reason="")
