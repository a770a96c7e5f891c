"""The queue stays quick behind a million done posts: by the database's own plan."""

import re
from datetime import datetime
from typing import Any

from sqlalchemy import event, text
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import posts, queue
from storage.engine import Database
from storage.posts import Post
from tests.delivery.conftest import Desk

DONE = 60_000


async def _history(session: AsyncSession, dialect: str) -> None:
    """Done posts by the thousand: each with a thread of its own among them."""
    numbers = (
        f"SELECT n FROM generate_series(1, {DONE}) AS s(n)"
        if dialect == "postgresql"
        else f"WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {DONE}) SELECT n FROM s"
    )
    true, false = ("true", "false") if dialect == "postgresql" else ("1", "0")
    await session.exec(  # type: ignore[call-overload]
        text(
            "INSERT INTO post (id, key, via, dest, thread_id, kind, args, card, quiet, prio, topic, seq, due,"
            " state, aside, tries, looks, remote, want, shown, created, verb, link, readback) "
            f"SELECT n, 'k' || n, 'slack', 'C' || (n % 500), CASE WHEN n % 5 = 0 THEN n - 4 END, 'line', '{{}}',"
            f" {true}, {false}, n % 6, 'case/' || n, 0, '2026-01-01 00:00:00.000000', 'done', {false}, 1, 0,"
            f" 'r', 1, 1, '2026-01-01 00:00:00.000000', 'send', '', {false} FROM ({numbers}) AS numbers"
        )
    )
    if dialect == "postgresql":
        await session.exec(text("SELECT setval('post_id_seq', max(id)) FROM post"))  # type: ignore[call-overload]


def _named(via: str, *flags: bool) -> tuple[str, ...]:
    """A lane and what it has to do."""
    return via, *(name for name, has in zip(queue.CHORES, flags, strict=True) if has)


async def _questions(db: Database, session: AsyncSession, now: datetime, card: Post) -> None:
    """Everything the room asks again and again, with the answers it should get."""
    assert [(one.id, one.replaced) for one in await queue.ready(db, "slack", now, 8, ["C7"])] == [(card.id, False)]
    assert [one.id for one in await queue.stale_cards(db, "slack", now, 8, [1])] == [77]
    assert not await queue.doubtful(session, "slack", now, 8)
    assert not await queue.unseen(session, "slack", now, 8)
    chores = await db.rows(queue.at_work(["slack", "x"]), now=now)
    assert [("slack", "queued", "waiting", "stale"), ("x",)] == [_named(*one) for one in chores]
    assert not await queue.abandoned(session, "slack", "me", [1])
    assert not await queue.dead(session, "slack", now)
    assert not await queue.stranded(session, "slack", now)
    assert not await queue.orphans(session, "slack")
    assert not await queue.asking(session, "slack")
    assert not await queue.stand_ins(session, 1)
    assert await queue.tally(session, "slack") == {"waiting": 21}
    assert await queue.oldest_waiting(session, "slack", now) == card.due
    assert [one.id for one in await posts.cards(session, "card")] == [card.id]


async def test_the_rooms_questions_never_walk_through_the_done_posts(desk: Desk) -> None:
    """Each is answered from an index: the database's own plan says so, on both."""
    async with desk.db.write() as session:
        await _history(session, desk.db.engine.dialect.name)
    card = await desk.send("C1", "card", kind="card", card=True)
    for number in range(20):
        await desk.send("C1", f"line {number}", thread=card)
    async with desk.db.write() as session:
        await posts.raise_want(session, "case/77")
    if desk.db.is_sqlite:  # which nobody analyses unless asked to
        await _expect_indexes(desk, card)
    async with desk.db.write() as session:
        await session.exec(text("ANALYZE"))  # type: ignore[call-overload]
    await _expect_indexes(desk, card)


async def _expect_indexes(desk: Desk, card: Post) -> None:
    asked: list[tuple[str, Any]] = []
    for engine in desk.db.watched:
        event.listen(engine, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))
    async with desk.db.read() as session:
        await _questions(desk.db, session, desk.clock(), card)
        plans = [await _plan(session, *one) for one in list(asked) if "FROM post" in one[0]]
    assert len(plans) == 14
    for plan in plans:
        assert "Seq Scan" not in plan
        assert re.search(r"SCAN (?!CONSTANT ROW|\(subquery|anon_1)", plan) is None, plan  # those are the lanes


async def _plan(session: AsyncSession, statement: str, values: Any) -> str:
    connection = await session.connection()
    word = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    rows = (await connection.exec_driver_sql(f"{word} {statement}", values)).all()
    return "\n".join(str(row[-1]) for row in rows)
