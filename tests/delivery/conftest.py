"""A delivery room with a vendor in memory, on both databases."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channels.message import Message
from bot.delivery import outbox
from bot.delivery.outcome import Drop, Later
from bot.delivery.room import Room
from bot.delivery.settings import Settings
from storage.engine import Database
from storage.posts import Post
from tests.delivery.vendor import Clock, Vendor

QUICK = Settings(
    lease_s=5,
    http_timeout_s=2,
    skew_s=0.2,
    poll_s=0.02,
    look_waits=(0.02, 0.03, 0.03),
    card_interval_s=0.05,
    posts_per_minute=60_000,
    updates_per_minute=60_000,
    reads_per_minute=60_000,
    dest_interval_s=0.001,
    park_s=0.05,
    token_s=0.2,
)

PATIENCE_S = 60.0  # of wall clock: a busy machine proves nothing


@dataclass
class Desk:
    """What a test holds in its hands: the database, the vendor, the clock, and how posts are rendered."""

    db: Database
    vendor: Vendor = field(default_factory=Vendor)
    clock: Clock = field(default_factory=Clock)
    settings: Settings = QUICK
    says: dict[str, Any] = field(default_factory=dict)  # by kind: a callable(post) → Message | Drop | Later
    fallbacks: dict[str, list[str]] = field(default_factory=dict)
    office: Any = None

    async def render(self, session: AsyncSession, post: Post) -> Message | Drop | Later:
        said = self.says.get(post.kind, lambda post: Message(post.args.get("text", post.kind)))(post)
        assert isinstance(said, Message | Drop | Later)
        return said

    async def fallback(self, session: AsyncSession, name: str) -> list[str]:
        return self.fallbacks.get(name, [])

    def room(self, owner: str = "here", db: Database | None = None, **tuned: Any) -> Room:
        return Room(
            db or self.db,
            [self.vendor],
            self.render,
            settings=replace(self.settings, **tuned),
            fallback=self.fallback,
            office=self.office,
            now=self.clock,
            owner=owner,
        )

    @asynccontextmanager
    async def at_work(self, **tuned: Any) -> AsyncIterator[Room]:
        """A room that works while the block runs."""
        room = self.room(**tuned)
        task = asyncio.create_task(room.run())
        try:
            yield room
        finally:
            await room.stop(2)
            await task

    async def send(self, dest: str = "C1", text: str = "", **more: Any) -> Post:
        """Owe a message; the topic is the text unless it is given."""
        given = {"kind": "line", "topic": text or "topic", "args": {"text": text}, "now": self.clock()}
        async with self.db.write() as session:
            return await outbox.send(session, dest=dest, **{**given, **more})

    async def post(self, post: Post) -> Post:
        """The row as it stands."""
        async with self.db.read() as session:
            return await session.get_one(Post, post.id)

    async def posts(self) -> list[Post]:
        async with self.db.read() as session:
            return list((await session.exec(select(Post).order_by(col(Post.id)))).all())

    async def becomes(self, post: Post, state: str) -> Post:
        """Wait until the post is in a state."""
        return await self.until(post, lambda row: row.state == state)

    async def until(self, post: Post, holds: Callable[[Post], bool], seconds: float = PATIENCE_S) -> Post:
        row = await self.post(post)
        for _ in range(int(seconds / 0.02)):
            if holds(row):
                return row
            await asyncio.sleep(0.02)
            row = await self.post(post)
        raise AssertionError(f"post {row.id} stays {row.state} ({row.reason}), due {row.due}")

    async def settled(self, hurry: bool = False) -> list[Post]:
        """Wait until every post has come to an end; in a hurry the clock jumps to the next instant one is due."""
        for _ in range(int(PATIENCE_S / 0.02)):
            rows = await self.posts()
            going = [row for row in rows if row.state not in ("done", "refused", "dropped")]
            if not going:
                return rows
            await asyncio.sleep(0.02)
            if hurry:
                self.clock.push(max(0, (min(row.due for row in going) - self.clock()).total_seconds()))
        raise AssertionError([(row.id, row.state, row.reason) for row in rows])


@pytest.fixture
async def desk(db: Database) -> Desk:
    return Desk(db)
