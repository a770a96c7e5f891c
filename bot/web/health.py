"""Health: is the process alive, and is everything it needs as it should be."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from aiohttp import web
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.delivery.room import Facts, LaneFacts
from bot.desk import Desk
from storage import migrate

log = structlog.get_logger(__name__)
PATIENCE_S: Final = 3.0
LATE_TICK: Final = timedelta(seconds=120)  # the tick comes every 30 s
LATE_POST: Final = timedelta(minutes=10)


@dataclass(frozen=True)
class Pulse:
    """What the running parts say of themselves, asked anew each time; the roof hands it in.

    ``tick``: when the last tick ended (UTC), None before the first. ``slack``: what is wrong with the line
    to Slack, None when it is fresh. ``calls``: Web API calls by method and outcome since the start.
    """

    room: Callable[[], Awaitable[Facts]]
    tick: Callable[[], datetime | None]
    slack: Callable[[], str | None]
    calls: Callable[[], Mapping[tuple[str, str], int]]


@dataclass(frozen=True)
class Check:
    """One thing looked at. ``detail`` is English and holds no secrets and no people."""

    ok: bool
    detail: str = ""


class Health:
    """`/livez` for who restarts the process, `/readyz` for who watches it."""

    def __init__(self, desk: Desk, pulse: Pulse) -> None:
        self._desk, self._pulse = desk, pulse

    def mount(self, router: web.UrlDispatcher) -> None:
        """Where they stand."""
        router.add_get("/livez", self.livez)
        router.add_get("/readyz", self.readyz)

    async def livez(self, _request: web.Request) -> web.StreamResponse:
        """The process turns round. Nothing else is asked, so that a slow database restarts nobody."""
        return web.json_response({"ok": True})

    async def readyz(self, _request: web.Request) -> web.StreamResponse:
        """Every check; 503 when one fails."""
        checks = await self.checks()
        ok = all(check.ok for check in checks.values())
        body = {"ok": ok, "checks": {name: asdict(check) for name, check in checks.items()}}
        return web.json_response(body, status=200 if ok else 503)

    async def checks(self) -> dict[str, Check]:
        """Every check by name."""
        probes: dict[str, Callable[[], Awaitable[Check]]] = {
            "database": self._database,
            "migrations": self._migrations,
            "slack": self._slack,
            "tick": self._tick,
            "delivery": self._delivery,
        }
        results = await asyncio.gather(*(_patiently(name, probe) for name, probe in probes.items()))
        return dict(zip(probes, results, strict=True))

    async def _database(self) -> Check:
        async with self._desk.db.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
        return Check(True)

    async def _migrations(self) -> Check:
        here, newest = await migrate.current(self._desk.db), migrate.head()
        return Check(here == newest, f"at {here or 'nothing'}, newest is {newest}")

    async def _slack(self) -> Check:
        trouble = self._pulse.slack()
        return Check(trouble is None, trouble or "")

    async def _tick(self) -> Check:
        last = self._pulse.tick()
        if last is None:
            return Check(False, "no tick yet")
        age = self._desk.now() - last
        return Check(age <= LATE_TICK, f"{age.total_seconds():.0f} s ago")

    async def _delivery(self) -> Check:
        facts = await self._pulse.room()
        wrong = {lane.via: why for lane in facts.lanes if (why := self._wrong(lane))}
        return Check(not wrong, "; ".join(f"{via}: {why}" for via, why in wrong.items()))

    def _wrong(self, lane: LaneFacts) -> str | None:
        """Trouble of its own, or a post that could have gone long ago and nobody asked the lane to rest."""
        if lane.trouble:
            return lane.trouble
        since = lane.oldest_waiting
        late = since is not None and self._desk.now() - since > LATE_POST
        return f"{lane.waiting} waiting since {since:%Y-%m-%dT%H:%MZ}" if late and not lane.pauses else None


async def _patiently(name: str, probe: Callable[[], Awaitable[Check]]) -> Check:
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await probe()
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        log.warning("check failed", action="check_failed", check=name, error=type(error).__name__)
        return Check(False, type(error).__name__)
