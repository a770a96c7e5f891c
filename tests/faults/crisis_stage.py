"""The stage of the crisis: the town and the desks as processes, and how far they have come."""

import json
import random
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import ColumnElement, and_, not_, or_
from sqlalchemy import select as sql_select
from sqlalchemy.orm import aliased
from sqlmodel import col, func, select

from bot.desk import utc_now
from bot.sandbox.journal import Journal
from storage import posts
from storage.engine import Database
from storage.lanes import Lane
from storage.posts import Post
from tests.faults import crisis_work
from tests.faults.nursery import PROJECT

SOON = timedelta(minutes=1)  # what is due later (the next decider is asked) is no work of ours
SLACK = {
    "drop_after_store": {"probability": 0.08, "methods": ["chat.postMessage", "chat.update"]},
    "error_5xx": {"probability": 0.08, "stored": 0.5},
    "slow_ms": {"probability": 0.06, "ms": 950},  # longer than the desks wait for an answer
    "throttle": {"probability": 0.005},
    "history_lag_s": 0.2,
    "limits": {"on": False},
    "seed": 11,
}
PLATFORM = {
    "drop_after_store": {"probability": 0.35},
    "error_5xx": {"probability": 0.25, "stored": 0.5},
    "slow_ms": {"probability": 0.1, "ms": 950},
    "history_lag_s": 0.2,
}
PATIENT = ("facebook", "instagram", "x", "mastodon", "bluesky")  # who says, or is told, to come back soon
MAIL = {"drop_after_store": {"probability": 0.35}, "error_5xx": {"probability": 0.3, "stored": 1.0}}


@dataclass
class Town:
    """The town as it told of itself, and where it keeps what was said in Slack."""

    told: dict[str, Any]
    state: Path

    @property
    def url(self) -> str:
        """Where it listens."""
        return str(self.told["url"])

    def trouble(self, chance: random.Random) -> None:
        """Switch every vendor's misfortune on."""
        post(f"{self.url}/door/faults", SLACK)
        for name in self.walls():
            faults = MAIL if name == "mail" else PLATFORM
            throttle = {"throttle": {"probability": 0.1}} if name in PATIENT else {}
            post(f"{self.url}/street/{name}/faults", {**faults, **throttle, "seed": chance.randrange(1000)})

    def walls(self) -> dict[str, list[dict[str, Any]]]:
        """Everything on every platform, what was removed too."""
        answer = httpx.get(f"{self.url}/street.json").raise_for_status()
        return {one["name"]: one["items"] for one in answer.json()["platforms"]}

    def messages(self) -> list[dict[str, Any]]:
        """Everything that was ever said in Slack, in order, once the town has closed."""
        journal = Journal(self.state)
        kept = [value for (kind, _), value in journal.open().items() if kind == "message"]
        journal.close()
        return kept


def post(url: str, body: dict[str, Any]) -> None:
    httpx.post(url, json=body).raise_for_status()


@contextmanager
def town(folder: Path, many: int = crisis_work.CHANNELS) -> Iterator[Town]:
    """A town in a process of its own, without misfortune."""
    seed, state = folder / "town.json", folder / "town.state"
    crisis_work.seed(many).save(seed)
    command = [sys.executable, "-m", "tests.faults.crisis_town", str(seed), "--state", str(state)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Town(json.loads(process.stdout.readline()), state)
        finally:
            process.terminate()


_parent = aliased(Post)
ASKED = sql_select(col(_parent.id)).where(col(_parent.state) == posts.ASKING)


def unfinished() -> ColumnElement[bool]:
    """Rows that a desk still has to do something about, soon; a change of what a person is asked about waits."""
    held = and_(col(Post.thread_id).is_not(None), col(Post.thread_id).in_(ASKED))
    owed = and_(col(Post.state) == posts.WAITING, col(Post.due) < utc_now() + SOON, not_(held))
    stale = and_(col(Post.state) == posts.DONE, col(Post.want) > col(Post.shown))
    unread = and_(col(Post.state) == posts.DONE, col(Post.readback).is_(True))
    return or_(owed, stale, unread, col(Post.state).in_((posts.SENDING, posts.UNKNOWN)))


@dataclass(frozen=True)
class Glance:
    """How it stands: posts at their end, things left to do, and who has lanes with something left."""

    ended: int
    left: int
    at_work: frozenset[int] = frozenset()
    posting: frozenset[int] = frozenset()  # in the middle of a request to a platform


ENDED = select(func.count()).select_from(Post).where(col(Post.state).in_((*posts.ENDS, posts.ASKING)))


async def glance(db: Database) -> Glance:
    """A look that costs the desks little."""
    query = (
        sql_select(col(Post.via), col(Post.state), col(Lane.owner), func.count())
        .outerjoin(Lane, col(Lane.via) == col(Post.via))
        .where(unfinished())
        .group_by(col(Post.via), col(Post.state), col(Lane.owner))
    )
    found: list[Any] = list(await db.rows(query))
    posting = [owner for via, state, owner, _ in found if state == posts.SENDING and via != "slack"]
    return Glance(
        int((await db.rows(ENDED))[0][0]),
        sum(count for *_, count in found),
        _pids(owner for _, _, owner, _ in found),
        _pids(posting),
    )


def _pids(owners: Iterable[str | None]) -> frozenset[int]:
    return frozenset(int(owner.partition("/")[0]) for owner in owners if owner)


async def rows(db: Database) -> list[Post]:
    """Every post, in order."""
    async with db.read() as session:
        return list((await session.exec(select(Post).order_by(col(Post.id)))).all())
