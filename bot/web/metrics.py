"""`/metrics` for Prometheus: read from the database at each scrape, in a registry of its own."""

from collections.abc import Iterable, Iterator

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.delivery.room import Facts
from bot.desk import Desk
from bot.web.health import Pulse
from storage import counts
from storage.counts import Counts

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Snapshot(Collector):
    """Metrics as they were a moment ago."""

    def __init__(self, found: Iterable[Metric]) -> None:
        self._found = list(found)

    def collect(self) -> list[Metric]:
        """Give them to the registry."""
        return self._found


class Metrics:
    """The metrics page."""

    def __init__(self, desk: Desk, pulse: Pulse) -> None:
        self._desk, self._pulse = desk, pulse

    def mount(self, router: web.UrlDispatcher) -> None:
        """Where it stands."""
        router.add_get("/metrics", self.page)

    async def page(self, _request: web.Request) -> web.StreamResponse:
        """Everything that is counted."""
        async with self._desk.db.read() as session:
            numbers = await counts.everything(session, self._desk.now())
        registry = CollectorRegistry()
        registry.register(Snapshot([*_rows(numbers), *self._lanes(await self._pulse.room()), *self._own()]))
        headers = {"Content-Type": CONTENT_TYPE}
        return web.Response(body=generate_latest(registry), headers=headers)

    def _own(self) -> Iterator[Metric]:
        last = self._pulse.tick()
        if last is not None:
            age = (self._desk.now() - last).total_seconds()
            yield GaugeMetricFamily("kanalvakt_tick_age_seconds", "Since the last tick", value=age)
        up = float(self._pulse.slack() is None)
        yield GaugeMetricFamily("kanalvakt_slack_line_up", "1 when the line to Slack is fresh", value=up)
        labels = ["method", "outcome"]
        calls = CounterMetricFamily("kanalvakt_slack_calls", "Calls to Slack's Web API", labels=labels)
        for names, number in sorted(self._pulse.calls().items()):
            calls.add_metric(list(names), number)
        yield calls

    def _lanes(self, facts: Facts) -> Iterator[Metric]:
        oldest = GaugeMetricFamily(
            "kanalvakt_lane_oldest_waiting_seconds",
            "How long the next post could have gone already",
            labels=["via"],
        )
        paused = GaugeMetricFamily("kanalvakt_lane_paused", "1 while the vendor wants less", labels=["via"])
        for lane in facts.lanes:
            since = lane.oldest_waiting
            oldest.add_metric([lane.via], (self._desk.now() - since).total_seconds() if since else 0)
            paused.add_metric([lane.via], float(bool(lane.pauses)))
        yield from (oldest, paused)


def _rows(numbers: Counts) -> Iterator[Metric]:
    posts = GaugeMetricFamily("kanalvakt_posts", "Messages by lane and state", labels=["via", "state"])
    for (via, state), number in sorted(numbers.posts.items()):
        posts.add_metric([via, state], number)
    yield posts
    for name, help_, label, found in (
        ("kanalvakt_accounts", "Accounts in the register by state", "state", numbers.accounts),
        ("kanalvakt_applications", "Applications by state", "state", numbers.applications),
        ("kanalvakt_comments", "Comments without an answer, in time or overdue", "state", numbers.comments),
        ("kanalvakt_odd_changes", "What webhooks brought and nobody understood", "source", numbers.odd),
    ):
        family = GaugeMetricFamily(name, help_, labels=[label])
        for state, number in sorted(found.items()):
            family.add_metric([state], number)
        yield family
