"""Monthly reports: the numbers as frozen when the draft was made, and what the manager writes to them."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel, col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import base

DRAFT, SENT = "draft", "sent"
STATES = (DRAFT, SENT)


class MonthlyReport(SQLModel, table=True):
    """One month's report. ``month``: "2026-10"; ``comment`` and ``asks``: the manager's words to management.

    ``went_to``: Slack ids that were owed it when it was sent.
    """

    __table_args__ = (CheckConstraint(f"state IN ({base.one_of(STATES)})", name="ck_monthlyreport_state"),)

    id: int | None = Field(default=None, primary_key=True)
    month: str = Field(max_length=7, unique=True)
    numbers: dict[str, Any] = base.json_column()
    comment: str = ""
    asks: str = ""
    state: str = Field(default=DRAFT, max_length=8)
    version: int = 1
    made: datetime = base.instant()
    written_by: str | None = Field(default=None, max_length=32)
    sent: datetime | None = base.maybe_instant()
    sent_by: str | None = Field(default=None, max_length=32)
    went_to: list[str] = base.json_list()


async def add(session: AsyncSession, fresh: MonthlyReport) -> MonthlyReport | None:
    """Put it in; None when the month has one already."""
    values = fresh.model_dump(exclude={"id"})
    insert = base.inserting(session, MonthlyReport).values(**values).on_conflict_do_nothing()
    new_id = (await session.exec(insert.returning(col(MonthlyReport.id)))).scalar_one_or_none()
    return await session.get_one(MonthlyReport, new_id) if new_id else None


async def of_month(session: AsyncSession, month: str) -> MonthlyReport | None:
    """The month's report."""
    return (await session.exec(select(MonthlyReport).where(MonthlyReport.month == month))).first()


async def locked(session: AsyncSession, month: str) -> MonthlyReport | None:
    """The month's report, its row read anew and held until the transaction ends."""
    query = select(MonthlyReport).where(MonthlyReport.month == month).with_for_update()
    return (await session.exec(query.execution_options(populate_existing=True))).first()


async def change(session: AsyncSession, row: MonthlyReport, **values: Any) -> bool:
    """Compare state and version, then set; False when somebody was faster. The row shows what it now holds."""
    query = update(MonthlyReport).where(
        col(MonthlyReport.id) == row.id,
        col(MonthlyReport.state) == row.state,
        col(MonthlyReport.version) == row.version,
    )
    values = {**values, "version": row.version + 1}
    result = await session.exec(query.values(**values).execution_options(synchronize_session=False))
    await session.refresh(row)
    return bool(result.rowcount)
