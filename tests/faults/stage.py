"""The stage: the sandbox and the workers as processes of their own, and what the two ends say."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from sqlmodel import col, func, select

from bot.channels.slackapi import SlackApi
from storage import lanes, posts
from storage.engine import Database
from storage.posts import Post
from tests.faults import work
from tests.faults.nursery import PROJECT

FAULTS = {
    "drop_after_store": {"probability": 0.12},
    "error_5xx": {"probability": 0.12, "stored": 0.5},
    "slow_ms": {"probability": 0.15, "ms": 650},  # longer than the workers wait for an answer
    "throttle": {"probability": 0.02, "methods": ["chat.postMessage", "chat.update"]},
    "history_lag_s": 0.2,
    "limits": {"on": False},
    "seed": 11,
}
CALM = {"drop_after_store": 0, "error_5xx": 0, "slow_ms": 0, "throttle": 0, "history_lag_s": 0}


@contextmanager
def sandbox(folder: Path) -> Iterator[str]:
    """A workspace in a process of its own, with misfortune switched on; gives its address."""
    work.seed().save(folder / "seed.json")
    command = [sys.executable, "-m", "bot.sandbox"]
    command += ["--seed", str(folder / "seed.json"), "--state", str(folder / "state.json")]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            switch(url, FAULTS)
            yield url
        finally:
            process.terminate()


def switch(url: str, faults: dict[str, Any]) -> None:
    """Set the sandbox's faults."""
    httpx.post(f"{url}/door/faults", json=faults).raise_for_status()


async def progress(db: Database) -> tuple[int, int]:
    """How many posts have come to an end, and how many things are left to do."""
    async with db.read() as session:
        ended = await session.exec(select(func.count()).select_from(Post).where(col(Post.state).in_(posts.ENDS)))
        stale = await session.exec(
            select(func.count()).select_from(Post).where(Post.state == posts.DONE, col(Post.want) > col(Post.shown))
        )
        done = ended.one()
        return done, work.POSTS - done + stale.one()


async def sender(db: Database) -> int | None:
    """The process that holds the lane, by the lane's own row."""
    async with db.read() as session:
        lane = await lanes.get(session, "slack")
    return int(lane.owner.partition("/")[0]) if lane is not None and lane.owner else None


async def threads_in(url: str) -> dict[str, list[tuple[str, str]]]:
    """Every thread of the workspace by its card's delivery id: (delivery id, text) in order."""
    api = SlackApi("xoxb-sandbox", base_url=f"{url}/api/")
    found: dict[str, list[tuple[str, str]]] = {}
    for dest in work.DESTS:
        place = await _entered(api, dest)
        async for message in api.pages(
            "conversations.history", "messages", channel=place, include_all_metadata=True
        ):
            if "metadata" in message and message.get("thread_ts", message["ts"]) == message["ts"]:
                found.setdefault(_key(message), []).extend(await _thread(api, place, message["ts"]))
    await api.close()
    return found


async def _entered(api: SlackApi, dest: str) -> str:
    if dest.startswith("U"):
        return str((await api.call("conversations.open", users=dest))["channel"]["id"])
    await api.call("conversations.join", channel=dest)
    return dest


async def _thread(api: SlackApi, place: str, ts: str) -> list[tuple[str, str]]:
    pages = api.pages("conversations.replies", "messages", channel=place, ts=ts, include_all_metadata=True)
    return [(_key(message), message["text"]) async for message in pages]


def _key(message: dict[str, Any]) -> str:
    return str(message["metadata"]["event_payload"]["id"])
