"""Desks reduced to their delivery room, each a process that is killed at any instruction.

``python -m tests.faults.crisis_worker DATABASE_URL TOLD LOG [--blind]`` is a nursery: everything is imported
once, and every line "start" on its input is answered by the pid of a fresh process at work.
"""

import argparse
import asyncio
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.channels.message import Message
from bot.channels.protocol import Carrier, Sent
from bot.channels.slack import SlackCarrier
from bot.channels.slackapi import SlackApi
from bot.crisis.spread import Spreader
from bot.delivery.room import Room
from bot.delivery.settings import Settings
from bot.desk import utc_now
from bot.directory import Directory
from bot.texts import Texts
from handlers.render import Renderer
from storage import tables
from storage.engine import Database
from tests.faults import crisis_work
from tests.faults.nursery import nursery

assert tables.ALL
SETTINGS = Settings(
    lease_s=2.0,
    http_timeout_s=0.8,
    skew_s=0.1,
    poll_s=0.5,
    look_waits=(0.4, 0.3, 0.3),
    card_interval_s=1.0,
    posts_per_minute=1200,
    updates_per_minute=6000,
    reads_per_minute=6000,
    dest_interval_s=0.05,
    park_s=0.2,
)
LAG_S = 0.3  # of the workspace's history; the sandbox's own is shorter


class Blind:
    """What this house must not be: it finds nothing, so it sends again."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    def __getattr__(self, name: str) -> Any:
        return getattr(self._carrier, name)

    async def find(
        self, place: str, thread: str | None, key: str, since: datetime, message: Message | None
    ) -> Sent | None:
        return None


async def deliver(database_url: str, told: dict[str, Any], texts: Texts, *, blind: bool) -> None:
    """Carry out what is owed, for ever."""
    db = Database(database_url)
    chosen = crisis_work.settings(told["channels"])
    desk = crisis_work.desk(db, chosen, told["public_url"])
    api = SlackApi("xoxb-sandbox", base_url=f"{told['url']}/api/", timeout_s=SETTINGS.http_timeout_s)
    channels = crisis_work.carriers(db, chosen.channels, timeout_s=SETTINGS.http_timeout_s * 0.9)
    carriers: list[Any] = [SlackCarrier(api, lag=LAG_S), *channels]
    if blind:
        carriers = [Blind(one) for one in carriers]
    renderer = Renderer(desk, Directory(desk, api), texts)
    room = Room(
        db, [*carriers, Spreader(desk, api)], renderer, settings=SETTINGS, now=utc_now, owner=str(os.getpid())
    )
    await room.run()


def main() -> None:
    """The nursery, as asked for on the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("database_url")
    parser.add_argument("told", help="what the town says of itself, as JSON")
    parser.add_argument("log", type=Path)
    parser.add_argument("--blind", action="store_true")
    given = parser.parse_args()
    texts, told = Texts.load(), json.loads(given.told)

    def work() -> None:
        asyncio.run(deliver(given.database_url, told, texts, blind=given.blind))

    nursery(work, given.log)


if __name__ == "__main__":
    main()
