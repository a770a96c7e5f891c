"""When what is on changes, the clocks of what already waits change with it: a crisis, a watch, a session."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.comments import cases, tell, timing
from bot.desk import Desk
from storage import comments, facts, watches
from storage.comments import Comment

FACT: Final = "comments.pace"  # what was on when all clocks were set last, and when they are looked at again
AGAIN: Final = timedelta(minutes=1)  # what came in at the very instant may still have the clock of before
PAGE: Final = 200


async def tick(desk: Desk, now: datetime) -> None:
    """Compare what is on with what was; when they differ go through everything that waits, and once again soon.

    It is said to be done when it is: a desk that stops half-way begins anew, and nothing is changed twice.
    """
    async with desk.db.read() as session:
        on, known = await _on(session), await facts.get(session, FACT)
    again = datetime.fromisoformat(known["again"]) if known and known["again"] else None
    same = known is not None and known["on"] == on
    if same and (again is None or now < again):
        return
    await _everything(desk, now)
    fresh: dict[str, Any] = {"on": on, "again": None if same else (now + AGAIN).isoformat()}
    async with desk.db.write() as session:
        await facts.put(session, FACT, fresh)


async def _on(session: AsyncSession) -> str:
    since = await timing.crisis_since(session)
    return f"{since.isoformat() if since else '-'} {await watches.edition(session)}"


async def _everything(desk: Desk, now: datetime) -> None:
    """Each in a transaction of its own, which decides anew."""
    last = 0
    while True:
        async with desk.db.read() as session:
            rows = await comments.waiting_after(session, last, PAGE)
            wrong = await _wrong(session, desk, rows, now)
        for number in wrong:
            async with desk.db.write() as session:
                await one(session, desk, number, now)
        if len(rows) < PAGE:
            return
        last = rows[-1].id or 0


async def _wrong(session: AsyncSession, desk: Desk, rows: Sequence[Comment], now: datetime) -> list[int]:
    """Those whose answer is due at another time by now."""
    found, posts = await timing.read(session, desk, now), {row.publication_id for row in rows}
    plans = {post: await timing.live(session, post) for post in posts}
    return [
        row.id or 0
        for row in rows
        if row.since and timing.counted(desk, row, found, plans[row.publication_id]).due != row.due
    ]


async def one(session: AsyncSession, desk: Desk, comment_id: int, now: datetime) -> None:
    """Set one comment's clock by what is on now; its cards follow."""
    row = await cases.take(session, comment_id)
    if row.since is None:
        return
    count = await timing.count(session, desk, row, now)
    if await cases.retime(session, desk, row, count, now):
        await tell.changed(session, row)


async def under(session: AsyncSession, desk: Desk, publication_id: int, now: datetime) -> None:
    """Everything that waits under a post, whose plan has changed."""
    for number in await comments.waiting_under(session, publication_id):
        await one(session, desk, number, now)
