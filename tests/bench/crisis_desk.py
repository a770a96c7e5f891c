"""The desk in a crisis, in a process of its own, told on standard input what happens.

``python -m tests.bench.crisis_desk DATABASE_URL PORT TOLD POSTS_PER_MINUTE``. "site" and "all" approve a
message for the website alone, or for everything; the answer is the instant of the commit. "waits" tells how
many posts wait; "counts" how many Slack has taken and how many it has refused as too fast, and the
processor time used (seconds).
"""

import asyncio
import dataclasses
import json
import sys
import time
from dataclasses import dataclass
from typing import Any

from bot import app as roof
from bot.channels.settings import Keyring
from bot.crisis import deciding
from bot.demo import outside
from bot.desk import Desk
from bot.settings import Environment
from bot.texts import Texts
from storage import facts, migrate
from tests.bench.load import HOST, SECRET
from tests.faults import crisis_work

POST = "chat.postMessage"


@dataclass
class Bench:
    """The running desk, and what may be asked of it."""

    desk: roof.Kanalvakt
    texts: Texts

    async def answer(self, word: str) -> dict[str, Any]:
        """Do what was asked; says how that went."""
        match word:
            case "site":
                return await self._approve(_silent(self.desk.desk), crisis_work.WEBSITE)
            case "all":
                return await self._approve(self.desk.desk, None)
            case "waits":
                lanes = (await self.desk.room.state()).lanes
                return {"waits": sum(lane.waiting + lane.unsure for lane in lanes)}
        counted = self.desk.api.counts
        return {
            "ok": counted[POST, "ok"],
            "throttled": counted[POST, "throttled"],
            "cpu": time.process_time(),
        }

    async def _approve(self, desk: Desk, only: str | None) -> dict[str, Any]:
        yes = await crisis_work.propose(desk, self.texts, only=only)
        await deciding.approve(desk, yes, now=desk.now())
        return {"committed": time.time()}  # nothing is awaited between the commit's end and here


def _silent(desk: Desk) -> Desk:
    """The same desk, which announces nothing in Slack."""
    crisis = desk.settings.crisis.model_copy(update={"announce": False})
    return dataclasses.replace(desk, settings=desk.settings.model_copy(update={"crisis": crisis}))


async def serve(database_url: str, port: int, told: dict[str, Any], per_minute: float) -> None:
    """The whole desk over HTTP, until its input ends."""
    environment = Environment(
        slack_bot_token="xoxb-sandbox",
        slack_signing_secret=SECRET,
        slack_api_url=f"{told['url']}/api/",
        database_url=database_url,
        host=HOST,
        port=port,
        public_url=f"http://{HOST}:{port}",
        log_key="k" * 64,
    )
    settings = crisis_work.settings(told["channels"], hurry=False)
    tuning = dataclasses.replace(roof.delivery_settings(settings), posts_per_minute=per_minute)
    desk = roof.build(settings, environment, tuning=tuning, keyring=Keyring(outside.KEYS))
    await migrate.upgrade(desk.db)
    await crisis_work.settle(desk.db)
    async with desk.db.write() as session:
        await facts.put(session, facts.SEEDED, True)
    await desk.start()
    bench = Bench(desk, Texts.load())
    while word := (await asyncio.to_thread(sys.stdin.readline)).strip():
        print(json.dumps(await bench.answer(word)), file=sys.stderr, flush=True)
    await desk.stop()


if __name__ == "__main__":
    database_url, port, told, per_minute = sys.argv[1:5]
    asyncio.run(serve(database_url, int(port), json.loads(told), float(per_minute)))
