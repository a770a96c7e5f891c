"""The pace, on a clock that costs nothing."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.pace import Bucket, Pace


class FixedWindow:
    """A vendor that counts from the first call for a minute, then starts again."""

    def __init__(self, limit: int) -> None:
        self.limit, self.began, self.count, self.refused = limit, float("-inf"), 0, 0

    def call(self, at: float) -> bool:
        if at - self.began >= 60:
            self.began, self.count = at, 0
        self.count += 1
        self.refused += self.count > self.limit
        return self.count <= self.limit


class SlidingWindow:
    """A stricter vendor: never more than the limit in the last sixty seconds."""

    def __init__(self, limit: int) -> None:
        self.limit, self.calls, self.refused = limit, list[float](), 0

    def call(self, at: float) -> bool:
        self.calls = [one for one in self.calls if one > at - 60]
        if len(self.calls) >= self.limit:
            self.refused += 1
            return False
        self.calls.append(at)
        return True


@pytest.mark.parametrize("vendor", [FixedWindow, SlidingWindow])
@pytest.mark.parametrize("limit", [300, 600])
def test_nearly_all_of_what_is_permitted_and_hardly_ever_refused(
    vendor: type[FixedWindow | SlidingWindow], limit: int
) -> None:
    """At least 95 % of the pace over ten minutes, at most 1 % refused, though the network jitters."""
    chance, bucket, server = random.Random(7), Bucket.per_minute(limit), vendor(limit)
    arrivals, at = [], 0.0
    while at < 600:
        at += bucket.ready_in(at) + 0.002
        if bucket.take(at):
            arrivals.append(at + chance.uniform(0.01, 0.4))
    accepted = sum(server.call(arrival) for arrival in sorted(arrivals))
    assert accepted >= 0.95 * limit * 10
    assert server.refused <= 0.01 * len(arrivals)


def test_restarting_again_and_again_does_not_overstep() -> None:
    """A new process starts with little, so a crash loop is no burst."""
    server, sent = SlidingWindow(300), 0
    for second in range(60):
        bucket = Bucket.per_minute(300)
        while bucket.take(float(second)):
            sent += server.call(float(second))
    assert server.refused == 0
    assert sent == 60


@settings(deadline=None)  # a busy machine proves nothing
@given(
    limit=st.integers(20, 600),
    handful=st.sampled_from([None, 5.0, 15.0]),
    gaps=st.lists(st.floats(0, 20), min_size=1, max_size=300),
)
def test_no_minute_ever_holds_more_than_the_limit(limit: int, handful: float | None, gaps: list[float]) -> None:
    """Whatever the load: bursts, rests, bursts."""
    bucket, at, taken = Bucket.per_minute(limit, handful), 0.0, list[float]()
    for gap in gaps:
        at += gap
        while bucket.take(at):
            taken.append(at)
    assert all(sum(one <= other < one + 60 for other in taken) <= limit for one in taken)


def test_a_clock_that_goes_back_gives_no_tokens() -> None:
    """The wall clock was set back: wait, do not burst."""
    bucket = Bucket(rate=1, burst=2, tokens=1)
    assert bucket.take(100.0)
    assert not bucket.take(50.0)
    assert bucket.take(51.5)


def test_what_was_not_sent_gives_its_token_back() -> None:
    """But never above the burst."""
    bucket = Bucket(rate=1, burst=2, tokens=2)
    bucket.take(0.0)
    bucket.refund()
    bucket.refund()
    assert bucket.ready(0.0) == 2


def test_a_destination_rests_after_its_burst_and_is_forgotten_in_time() -> None:
    """Two at once, then one a second; a thousand quiet ones are not remembered for ever."""
    pace = Pace(Bucket(1, 1), Bucket(1, 1), Bucket(1, 1))
    pace.took("C1", 0.0)
    assert pace.resting(0.0) == set()
    pace.took("C1", 0.0)
    assert pace.resting(0.0) == {"C1"}
    assert pace.resting(1.0) == set()
    for number in range(1500):
        pace.took(f"D{number}", 10.0 + number)
    assert len(pace.dests) <= 1001


def test_a_pause_holds_its_verb_and_all_holds_everything() -> None:
    """The longer of two stands; past its end it is over."""
    now = datetime(2026, 11, 21, tzinfo=UTC)
    pace = Pace(Bucket(1, 1), Bucket(1, 1), Bucket(1, 1))
    pace.pause("send", now + timedelta(seconds=30), "ratelimited")
    pace.pause("send", now + timedelta(seconds=5), "ratelimited")
    assert (pace.paused("send", now), pace.paused("update", now)) == (True, False)
    assert pace.paused("send", now + timedelta(seconds=29))
    assert not pace.paused("send", now + timedelta(seconds=30))
    pace.pause("all", now + timedelta(seconds=9), "token_revoked")
    assert pace.paused("update", now)


def test_a_token_that_came_while_nobody_looked_is_not_slept_over() -> None:
    """Who asked in vain a moment ago is called at once; who did not ask is left alone."""
    pace = Pace(posts=Bucket(1, 1, 0.5, 0.0), updates=Bucket(1, 1, 0.0, 0.0), reads=Bucket(1, 1, 0.0, 0.0))
    assert not pace.posts.ready(0.499)
    assert 0.0 == pace.next_in(datetime.fromtimestamp(0.6, UTC), 1.0)
    assert pace.posts.ready(0.6)
    assert 1.0 == pace.next_in(datetime.fromtimestamp(0.6, UTC), 1.0)
