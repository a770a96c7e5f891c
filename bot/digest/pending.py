"""Applications that wait, and for whom."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.accounts import cases
from bot.accounts.rules import Case
from bot.accounts.states import State
from bot.desk import Desk
from storage import applications, decisions

OPEN = (State.WAITING, State.RETURNED, State.APPROVED)


@dataclass(frozen=True)
class Pending:
    """One application. ``names``: who keeps it waiting; ``department``: so does the department.

    ``deciders``: Slack ids of those who may give the head's decision now, while it is missing.
    """

    number: int
    account: str
    unit: str
    unit_id: int
    asked: datetime | None
    names: tuple[str, ...] = ()
    department: bool = False
    deciders: frozenset[str] = frozenset()


async def everything(session: AsyncSession, desk: Desk, now: datetime) -> list[Pending]:
    """Every application that has not ended, oldest first."""
    rows = await applications.in_state(session, *OPEN)
    return [_seen(await cases.view(session, desk, row, now), row.unit_id) for row in rows]


def _seen(case: Case, unit_id: int) -> Pending:
    asked = case.state is State.WAITING and case.head.outcome == decisions.WAITING
    deciders = case.head.deciders if asked else ()
    return Pending(
        case.id,
        str(case.content.get("name") or ""),
        case.unit,
        unit_id,
        case.asked,
        _names(case) if asked or case.state is not State.WAITING else (),
        department=case.state is State.WAITING and case.comms.outcome == decisions.WAITING,
        deciders=frozenset(one.id for one in deciders),
    )


def _names(case: Case) -> tuple[str, ...]:
    """The head's deciders; of one that was sent back or approved whoever asked for it."""
    if case.state is not State.WAITING:
        return (case.requester_name,)
    return tuple(one.name for one in case.head.deciders) or (case.head_name,)
