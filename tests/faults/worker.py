"""A desk reduced to its delivery room: owes a set piece of work and delivers it, until it is killed.

``python -m tests.faults.worker DATABASE_URL API_URL LOG [--blind]`` is a nursery of such desks.
"""

import argparse
import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channels.message import Message
from bot.channels.protocol import Sent
from bot.channels.slack import SlackCarrier
from bot.channels.slackapi import SlackApi
from bot.delivery import outbox
from bot.delivery.outbox import Priority
from bot.delivery.outcome import Drop, Later
from bot.delivery.room import Room
from bot.delivery.settings import Settings
from storage.engine import Database
from storage.posts import Post
from tests.faults import work
from tests.faults.nursery import nursery

SETTINGS = Settings(
    lease_s=1.0,
    http_timeout_s=0.5,
    skew_s=0.2,
    poll_s=0.05,
    look_waits=(0.4, 0.3, 0.3),
    card_interval_s=0.2,
    posts_per_minute=900,
    updates_per_minute=6000,
    reads_per_minute=6000,
    dest_interval_s=0.05,
    park_s=0.2,
)


def now() -> datetime:
    """The wall clock, aware."""
    return datetime.now(UTC)


class BlindCarrier(SlackCarrier):
    """What this house must not be: it sends again without looking."""

    async def find(
        self, place: str, thread: str | None, key: str, since: datetime, message: Message | None
    ) -> Sent | None:
        return None


async def render(session: AsyncSession, post: Post) -> Message | Drop | Later:
    """A card tells how many lines its thread has by the database; a line is what it was owed as."""
    if not post.card:
        return Message(post.args["text"])
    lines = await session.exec(select(func.count()).where(Post.thread_id == post.id))
    return Message(work.card_text(post.topic, lines.one()))


async def owe(db: Database) -> None:
    """Owe all the work, one transaction for each step; what was owed in an earlier life is left alone."""
    for number in range(work.THREADS):
        for line in range(work.LINES + 1):
            async with db.write() as session:
                await _owe_one(session, number, line)
            await asyncio.sleep(0.002)


async def _owe_one(session: AsyncSession, number: int, line: int) -> None:
    topic, dest = work.topic(number), work.dest(number)
    known = await session.exec(select(Post.id).where(Post.topic == work.line_topic(number, line)))
    if known.first() is not None:
        return
    common = {"dest": dest, "now": now(), "prio": list(Priority)[number % 6]}
    if line == 0:
        await outbox.send(session, kind="card", topic=topic, args={}, card=True, **common)
        return
    card = (await session.exec(select(Post).where(Post.topic == topic))).one()
    text = work.line_text(number, line)
    await outbox.send(
        session, kind="line", topic=work.line_topic(number, line), args={"text": text}, thread=card, **common
    )
    await outbox.follow(session, topic)


async def main(database_url: str, api_url: str, blind: bool) -> None:
    """Owe and deliver for ever."""
    db = Database(database_url)
    api = SlackApi("xoxb-sandbox", base_url=api_url, timeout_s=2)
    carrier = (BlindCarrier if blind else SlackCarrier)(api, lag=0.2)
    room = Room(db, [carrier], render, settings=SETTINGS, now=now, owner=str(os.getpid()))
    async with asyncio.TaskGroup() as group:
        group.create_task(room.run())
        group.create_task(owe(db))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("database_url")
    parser.add_argument("api_url")
    parser.add_argument("log", type=Path)
    parser.add_argument("--blind", action="store_true")
    given = parser.parse_args()
    nursery(lambda: asyncio.run(main(given.database_url, given.api_url, given.blind)), given.log)
