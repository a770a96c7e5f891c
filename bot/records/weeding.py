"""Weeding (gallring): by a board's decision, a little in every tick, with minutes; else nothing goes."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.accounts import register
from bot.clock import ZONE
from bot.comments import forgetting
from bot.desk import Desk
from bot.people import Role
from bot.record_settings import Rule
from storage import comments, log, weeding
from storage.comments import Comment
from storage.weeding import Due, Weeding

A_FEW: Final = 50  # comments in one transaction, and in one tick


@dataclass(frozen=True)
class Shelf:
    """One board: its rule if there is one, what is due by it, or what is older than the list counts from."""

    board: str
    rule: Rule | None
    before: date
    due: Due


@dataclass(frozen=True)
class Listed:
    """What `/komm gallring` shows."""

    shelves: tuple[Shelf, ...]
    minutes: tuple[Weeding, ...]


class Weeder:
    """Weeds until nothing is due, and looks again the next day."""

    def __init__(self) -> None:
        self._done: dict[str, date] = {}

    async def tick(self, desk: Desk, now: datetime) -> None:
        """A few comments of each board that has decided."""
        today = desk.office.local_date(now)
        for rule in desk.settings.records.rules:
            if self._done.get(rule.board) != today and not await weed(desk, rule, now):
                self._done[rule.board] = today


async def weed(desk: Desk, rule: Rule, now: datetime) -> bool:
    """A few of what is due by this rule; whether there may be more. One transaction with its minutes."""
    today, home = desk.office.local_date(now), desk.settings.records.home
    async with desk.db.write() as session:
        due = await weeding.due(session, rule.board, home, before(today, rule.months), A_FEW)
        rows = [row for one in due if (row := await comments.locked(session, one)) and row.forgotten is None]
        for row in rows:
            await forgetting.everything(session, row, now)
            await comments.change(session, row, link="")
        if rows:
            await _write_down(session, rule, today, rows, now)
    return len(due) == A_FEW


async def _write_down(session: AsyncSession, rule: Rule, today: date, rows: list[Comment], now: datetime) -> None:
    """How many, how old, by whose decision; nothing of what they said."""
    ended = sorted(row.settled or row.received for row in rows)
    fresh = Weeding(
        board=rule.board,
        day=today,
        months=rule.months,
        decided=rule.decided,
        paragraph=rule.paragraph,
        oldest=ended[0],
        newest=ended[-1],
    )
    page = await weeding.minutes(session, fresh)
    page.comments += len(rows)
    page.oldest, page.newest = min(page.oldest, ended[0]), max(page.newest, ended[-1])
    session.add(page)
    await log.append(
        session,
        case=f"weeding:{rule.board}"[:60],
        at=now,
        actor=Role.DESK,
        role=Role.DESK,
        action="comment.weeded",
        comments=len(rows),
        decided=rule.decided.isoformat(),
        paragraph=rule.paragraph,
    )


def before(today: date, months: int) -> datetime:
    """What came to rest before this instant (UTC) is that many months old."""
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    day = min(today.day, monthrange(year, month + 1)[1])
    return datetime.combine(date(year, month + 1, day), time(), ZONE).astimezone(UTC)


async def listed(desk: Desk, actor_id: str, *, now: datetime) -> Listed:
    """Board by board what goes, or would go if it had decided. Raises Refused for all but the department."""
    chosen, today = desk.settings.records, desk.office.local_date(now)
    rules = {one.board: one for one in chosen.rules}
    async with desk.db.read() as session:
        register.only_department(await people.actor(session, actor_id, now))
        shelves = []
        for board in sorted({*await weeding.boards(session, chosen.home), *rules}):
            rule = rules.get(board)
            limit = before(today, rule.months if rule else chosen.older_than_months)
            due = await weeding.count(session, board, chosen.home, limit)
            shelves.append(Shelf(board, rule, desk.office.local_date(limit), due))
        return Listed(tuple(shelves), tuple(await weeding.latest(session)))
