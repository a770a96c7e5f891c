"""Health and metrics."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from prometheus_client.parser import text_string_to_metric_families

from bot.accounts import applying
from bot.desk import Desk
from storage import migrate
from storage.engine import Database
from tests import town
from tests.town import REQUESTER, Clock
from tests.web.conftest import Open, Parts, add

Site = TestClient[web.Request, web.Application]


@pytest.fixture
async def db(empty_url: str) -> Any:
    """A database as `run` leaves it: migrated."""
    database = Database(empty_url)
    await migrate.upgrade(database)
    yield database
    await database.close()


async def checks(site: Site) -> tuple[int, dict[str, Any]]:
    answer = await site.get("/readyz")
    body = await answer.json()
    assert body["ok"] is (answer.status == 200)
    return answer.status, body["checks"]


async def failing(site: Site) -> list[str]:
    status, found = await checks(site)
    assert status == 503
    return [name for name, check in found.items() if not check["ok"]]


async def test_all_is_well(site: Site) -> None:
    """Each check by name."""
    status, found = await checks(site)
    assert status == 200, found
    assert list(found) == ["database", "migrations", "slack", "tick", "delivery"]


async def test_a_database_that_is_away_fails_but_the_process_lives(site: Site, db: Database) -> None:
    """A restart would mend nothing, so livez stays green."""
    await db.close()
    db.engine = Database("postgresql://127.0.0.1:1/nowhere").engine
    assert await failing(site) == ["database", "migrations"]
    assert (await site.get("/livez")).status == 200
    await db.close()


async def test_an_old_schema_fails(site: Site, db: Database) -> None:
    """Somebody forgot `kanalvakt db upgrade`."""
    await migrate.downgrade(db, "base")
    assert await failing(site) == ["migrations"]


async def test_a_deaf_line_to_slack_fails(site: Site, parts: Parts) -> None:
    """With the reason."""
    parts.slack = "no pong for 50 s"
    assert await failing(site) == ["slack"]
    assert (await checks(site))[1]["slack"]["detail"] == "no pong for 50 s"


@pytest.mark.parametrize(("age", "status"), [(119, 200), (121, 503)])
async def test_a_tick_that_stays_away_fails(site: Site, parts: Parts, clock: Clock, age: int, status: int) -> None:
    """Four ticks missed."""
    parts.tick = clock() - timedelta(seconds=age)
    assert (await checks(site))[0] == status


async def test_before_the_first_tick_it_is_not_ready(site: Site, parts: Parts) -> None:
    """Starting up."""
    parts.tick = None
    assert await failing(site) == ["tick"]


async def test_a_lane_in_trouble_or_at_a_standstill_fails(site: Site, parts: Parts, clock: Clock) -> None:
    """But not one that the vendor asked to rest."""
    well = parts.lane
    parts.lane = replace(well, trouble="token_revoked")
    assert await failing(site) == ["delivery"]
    parts.lane = replace(well, waiting=4, oldest_waiting=clock() - timedelta(minutes=11))
    assert await failing(site) == ["delivery"]
    parts.lane = replace(parts.lane, pauses={"post": "ratelimited"})
    assert (await checks(site))[0] == 200


async def test_metrics_count_what_is_there(site: Site, desk: Desk, units: dict[str, int], parts: Parts) -> None:
    """Posts, accounts, applications, lanes, tick, and calls to Slack, in Prometheus' own format."""
    await add(desk, units["Skolan"], "Skolköket")
    await applying.submit(desk, REQUESTER, town.form(units["Biblioteket"]), now=desk.now())
    parts.tick = desk.now() - timedelta(seconds=7)
    parts.lane = replace(parts.lane, oldest_waiting=desk.now() - timedelta(seconds=9))
    answer = await site.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    found = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(await answer.text())
        for sample in family.samples
    }
    assert found["kanalvakt_accounts", "live"] == 1
    assert found["kanalvakt_applications", "waiting"] == 1
    assert found["kanalvakt_posts", "slack", "waiting"] >= 2
    assert found["kanalvakt_tick_age_seconds",] == 7
    assert found["kanalvakt_lane_oldest_waiting_seconds", "slack"] == 9
    assert found["kanalvakt_slack_line_up",] == 1
    assert found["kanalvakt_slack_calls_total", "chat.postMessage", "ok"] == 3


async def test_metrics_may_be_scraped_again_and_again(open_site: Open, units: Any) -> None:
    """Each scrape has a registry of its own."""
    site = await open_site()
    assert [(await site.get("/metrics")).status for _ in range(3)] == [200, 200, 200]
