"""The room at work: what arrives, in which order, how often, and what does not."""

import asyncio
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from bot.channels.errors import NotSent, Refused, Throttled, TokenDead
from bot.channels.message import Message
from bot.delivery.outbox import Priority
from bot.delivery.outcome import Drop, Later
from storage.posts import Post
from tests.delivery.conftest import Desk
from tests.delivery.vendor import LOST, Clock, StoredThen


async def test_a_thread_arrives_in_order_under_its_card(desk: Desk) -> None:
    """Replies carry their parent's remote id and stand in the order they were owed."""
    card = await desk.send("C1", "card", kind="card", card=True)
    for number in range(5):
        await desk.send("C1", f"line {number}", thread=card)
    async with desk.at_work():
        await desk.settled()
    assert desk.vendor.texts("C1") == ["card", *(f"line {number}" for number in range(5))]
    assert {one.thread for one in desk.vendor.stored[1:]} == {desk.vendor.stored[0].remote}


async def test_a_direct_message_keeps_the_place_it_was_put(desk: Desk) -> None:
    """The place is on the row before the request, so that the finder can look there."""
    desk.vendor.answers.append(StoredThen(LOST))
    post = await desk.send("U1", "hello")
    async with desk.at_work():
        done = await desk.becomes(post, "done")
    assert (done.place, done.remote) == ("D-U1", "1.0")
    assert desk.vendor.asked == ["send D-U1", "find D-U1"]


async def test_more_urgent_posts_go_first(desk: Desk) -> None:
    """By priority, then by age."""
    for prio in (Priority.DIGEST, Priority.REMINDER, Priority.CRISIS, Priority.PEOPLE):
        await desk.send(f"C{int(prio)}", prio.name, prio=prio)
    async with desk.at_work(in_flight=1):
        await desk.settled()
    assert [one.text for one in desk.vendor.stored] == ["CRISIS", "PEOPLE", "REMINDER", "DIGEST"]


async def test_several_destinations_at_once_and_each_one_at_a_time(desk: Desk) -> None:
    """A slow vendor is asked in parallel, but never twice at once for one channel."""
    desk.vendor.seconds = 0.1
    for number in range(12):
        await desk.send(f"C{number % 4}", f"{number}")
    async with desk.at_work(in_flight=3):
        await desk.settled()
    assert desk.vendor.most_at_once == 1
    assert desk.vendor.most_together == 3


async def test_posts_to_one_destination_keep_their_distance(desk: Desk) -> None:
    """Two at once, then one for each interval; other destinations do not wait with them."""
    desk.clock = Clock(still=True)
    for number in range(4):
        await desk.send("C1", f"{number}")
    other = await desk.send("C2", "other")
    async with desk.at_work(dest_interval_s=1.0):
        for arrived in (2, 3, 4):
            await desk.until(other, lambda _, n=arrived: len(desk.vendor.texts("C1")) == n)
            await asyncio.sleep(0.1)
            assert len(desk.vendor.texts("C1")) == arrived
            desk.clock.push(1.0)
    assert desk.vendor.texts("C2") == ["other"]


async def test_a_post_that_was_not_sent_costs_nothing_of_the_pace(desk: Desk) -> None:
    """With one request allowed, five that are no longer wanted leave it to the sixth."""
    desk.clock = Clock(still=True)
    desk.says["reminder"] = lambda post: Drop("already decided")
    for number in range(5):
        await desk.send(f"C{number}", f"{number}", kind="reminder")
    wanted, next_one = await desk.send("C5", "wanted"), await desk.send("C6", "next")
    async with desk.at_work(posts_per_minute=60):
        await desk.becomes(wanted, "done")
        await asyncio.sleep(0.1)
        assert (await desk.post(next_one)).state == "waiting"
        desk.clock.push(1.1)
        await desk.becomes(next_one, "done")


async def test_threads_never_wait_for_each_other(desk: Desk) -> None:
    """A thread whose fate is open holds back its own lines only."""
    stuck = await desk.send("C1", "stuck card", kind="card", card=True)
    held = await desk.send("C1", "held", thread=stuck)
    free = await desk.send("C1", "free card", kind="card", card=True)
    line = await desk.send("C1", "free line", thread=free)
    desk.vendor.answers.append(LOST)
    async with desk.at_work(look_waits=(30.0,)):
        await desk.becomes(line, "done")
        assert (await desk.post(stuck)).state == "unknown"
        assert (await desk.post(held)).state == "waiting"


async def test_a_line_waits_for_an_earlier_line_whose_fate_is_open(desk: Desk) -> None:
    """Order within a thread also holds when an answer was lost in the middle of it."""
    card = await desk.send("C1", "card", kind="card", card=True)
    first = await desk.send("C1", "first", thread=card)
    await desk.send("C1", "second", thread=card)
    desk.vendor.answers.extend([None, LOST])
    async with desk.at_work():
        await desk.becomes(first, "done")
        await desk.settled()
    assert desk.vendor.texts("C1") == ["card", "first", "second"]


async def test_a_line_whose_place_could_not_be_opened_keeps_its_turn(desk: Desk) -> None:
    """It was not put off on purpose: the next line waits, or the thread would be out of order."""
    card = await desk.send("U1", "card", kind="card", card=True)
    async with desk.at_work() as room:
        await desk.becomes(card, "done")
        desk.vendor.nowhere["U1"] = Throttled(0.3)
        first = await desk.send("U1", "first", thread=card)
        await desk.until(first, lambda row: row.reason == "ratelimited")
        del desk.vendor.nowhere["U1"]
        second = await desk.send("U1", "second", thread=card)
        room.wake()
        await desk.becomes(second, "done")
    assert desk.vendor.texts("D-U1") == ["card", "first", "second"]


async def test_a_line_owed_for_tomorrow_does_not_hold_back_todays(desk: Desk) -> None:
    """Its turn comes with its time."""
    card = await desk.send("C1", "card", kind="card", card=True)
    tomorrow = await desk.send("C1", "tomorrow", thread=card, due=desk.clock() + timedelta(days=1))
    today = await desk.send("C1", "today", thread=card)
    async with desk.at_work():
        await desk.becomes(today, "done")
        assert (await desk.post(tomorrow)).state == "waiting"
        desk.clock.push(86401)
        await desk.becomes(tomorrow, "done")


async def test_a_reminder_that_waits_for_the_office_does_not_hold_back_a_decision(desk: Desk) -> None:
    """What was put off before it was tried steps aside."""
    card = await desk.send("C1", "card", kind="card", card=True)
    desk.office = _Closed(desk.clock() + timedelta(hours=10))
    reminder = await desk.send("C1", "reminder", thread=card, quiet=True)
    decision = await desk.send("C1", "approved", thread=card)
    async with desk.at_work():
        await desk.becomes(decision, "done")
    row = await desk.post(reminder)
    assert (row.state, row.due, row.tries) == ("waiting", desk.office.opens, 0)


class _Closed:
    """An office that opens at one instant."""

    def __init__(self, opens: datetime) -> None:
        self.opens = opens

    def open_at(self, t: datetime) -> bool:
        return t >= self.opens

    def next_opening(self, t: datetime) -> datetime:
        return max(t, self.opens)


async def test_a_quiet_post_goes_out_when_the_office_opens(desk: Desk) -> None:
    """Deferred, not used up."""
    desk.office = _Closed(desk.clock() + timedelta(hours=10))
    quiet = await desk.send("C1", "quiet", quiet=True)
    async with desk.at_work():
        await desk.until(quiet, lambda row: row.due == desk.office.opens)
        assert desk.vendor.stored == []
        desk.clock.push(10 * 3600)
        await desk.becomes(quiet, "done")


async def test_a_post_that_is_no_longer_wanted_is_dropped_with_its_reason(desk: Desk) -> None:
    """The renderer is asked right before sending."""
    desk.says["line"] = lambda post: Drop("already decided")
    post = await desk.send("C1", "reminder")
    async with desk.at_work():
        row = await desk.becomes(post, "dropped")
    assert row.reason == "already decided"
    assert desk.vendor.asked == []


async def test_later_puts_a_post_off_without_using_it_up(desk: Desk) -> None:
    """It is asked again at the time it named, and then goes out."""
    until = desk.clock() + timedelta(hours=1)
    desk.says["line"] = lambda post: Later(until) if desk.clock() < until else Message("now")
    post = await desk.send("C1", "x")
    async with desk.at_work():
        row = await desk.until(post, lambda row: row.due == until)
        assert (row.state, row.tries) == ("waiting", 0)
        desk.clock.push(3601)
        await desk.becomes(post, "done")
    assert desk.vendor.texts("C1") == ["now"]


async def test_a_post_past_its_latest_time_is_dropped(desk: Desk) -> None:
    """Also one that waits behind a thread that is stuck."""
    card = await desk.send("C1", "card", kind="card", card=True)
    line = await desk.send("C1", "line", thread=card, dies=desk.clock() + timedelta(minutes=5))
    desk.vendor.answers.append(LOST)
    async with desk.at_work(look_waits=(1000.0,)):
        await desk.becomes(card, "unknown")
        desk.clock.push(301)
        assert (await desk.becomes(line, "dropped")).reason == "too late"


async def test_a_frozen_line_stays_what_it_was_when_the_renderer_changes(desk: Desk) -> None:
    """The record shows what was sent; a repeated sending says the same words."""
    desk.says["line"] = lambda post: Message("first wording")
    desk.vendor.answers.append(Throttled(0.2))
    post = await desk.send("C1", "x")
    async with desk.at_work():
        await desk.until(post, lambda row: row.tries == 1 and row.state == "waiting")
        desk.says["line"] = lambda post: Message("second wording")
        await desk.becomes(post, "done")
    assert desk.vendor.texts("C1") == ["first wording"]


async def test_a_throttled_post_waits_as_long_as_the_vendor_says_and_so_does_the_lane(desk: Desk) -> None:
    """Retry-After is honoured by everything, and survives a restart in the lane's row."""
    desk.vendor.answers.append(Throttled(60))
    first = await desk.send("C1", "first")
    async with desk.at_work(in_flight=1) as room:
        await desk.until(first, lambda row: row.tries == 1 and row.state == "waiting")
        assert (await room.state()).lanes[0].pauses == {"send": "ratelimited"}
    second = await desk.send("C2", "second")
    async with desk.at_work():
        await asyncio.sleep(0.2)
        assert (await desk.post(second)).state == "waiting"
        desk.clock.push(61)
        await desk.settled()
    assert desk.vendor.asked[0] == "send C1"
    assert sorted(desk.vendor.asked[1:]) == ["send C1", "send C2"]


@pytest.mark.parametrize(
    ("error", "reason"), [(NotSent("refused"), "unreachable"), (TokenDead("token_revoked"), "token_revoked")]
)
async def test_what_surely_was_not_sent_is_sent_later(desk: Desk, error: NotSent, reason: str) -> None:
    """No look is needed; the lane rests and says why."""
    desk.vendor.answers.append(error)
    post = await desk.send("C1", "x")
    async with desk.at_work(park_s=60, token_s=60) as room:
        await desk.until(post, lambda row: row.reason == reason)
        assert (await room.state()).lanes[0].pauses == {"all": reason}
        desk.clock.push(61)
        await desk.becomes(post, "done")
    assert desk.vendor.asked == ["send C1", "send C1"]


async def test_many_lost_answers_in_a_row_let_the_lane_rest(desk: Desk) -> None:
    """A vendor that is ill is not buried under posts that must all be looked for afterwards."""
    desk.vendor.answers.extend([LOST] * 100)
    for number in range(40):
        await desk.send(f"C{number}", "x")
    async with desk.at_work(in_flight=4, park_s=30.0, look_waits=(100.0,)):
        await asyncio.sleep(0.5)
    assert len(desk.vendor.asked) < 12


async def test_one_post_that_cannot_be_rendered_does_not_stop_the_others(desk: Desk) -> None:
    """It is parked with a reason, tried again with growing waits, and goes out once it can."""
    broken = True

    def render(post: Post) -> Message:
        if broken:
            raise KeyError("a person's words")
        return Message("mended")

    desk.says["broken"] = render
    card = await desk.send("C1", "card", kind="card", card=True)
    bad = await desk.send("C1", "bad", kind="broken", thread=card)
    good = await desk.send("C1", "good", thread=card)
    with capture_logs() as logs:
        async with desk.at_work() as room:
            await desk.becomes(good, "done")
            row = await desk.until(bad, lambda row: row.reason is not None)
            assert (row.state, (row.reason or "")[:8]) == ("waiting", "KeyError")
            parked = (await room.state()).parked[bad.id or 0]
            assert parked.kind == "broken"
            broken = False
            await desk.becomes(bad, "done")
            assert (await room.state()).parked == {}
    assert "a person's words" not in str(logs)
    assert "worker_failed" in [entry["action"] for entry in logs]


async def test_a_restart_in_the_middle_loses_and_doubles_nothing(desk: Desk) -> None:
    """Stopping finishes what is in flight; the next room goes on."""
    desk.vendor.seconds = 0.02
    sent = [await desk.send(f"C{n % 5}", f"{n}") for n in range(40)]
    for _ in range(4):
        async with desk.at_work():
            await asyncio.sleep(0.05)
    async with desk.at_work():
        await desk.settled()
    assert sorted(one.key for one in desk.vendor.stored) == sorted(post.key for post in sent)
    assert "find" not in " ".join(desk.vendor.asked)


async def test_stopping_cuts_off_what_takes_too_long_and_the_next_room_looks_for_it(desk: Desk) -> None:
    """A request that hangs past the deadline counts as unknown."""
    desk.vendor.seconds = 1.0
    post = await desk.send("C1", "slow")
    room = desk.room()
    task = asyncio.create_task(room.run())
    await desk.becomes(post, "sending")
    await room.stop(0.05)
    await task
    assert (await desk.post(post)).state == "sending"
    desk.vendor.seconds = 0
    desk.clock.push(6)
    async with desk.at_work():
        await desk.becomes(post, "done")
    assert [one.text for one in desk.vendor.stored] == ["slow"]
    assert "find C1" in desk.vendor.asked


async def test_a_commit_wakes_the_room(desk: Desk) -> None:
    """What is owed goes out at once, not at the next poll."""
    async with desk.at_work(poll_s=30.0):
        await asyncio.sleep(0.1)
        await desk.becomes(await desk.send("C1", "now"), "done")


async def test_each_transition_is_logged_by_action_without_anybodys_text(desk: Desk) -> None:
    """The log says which post went where, never what it said."""
    post = await desk.send("C1", "a secret of somebody", topic="t")
    with capture_logs() as logs:
        async with desk.at_work():
            await desk.becomes(post, "done")
            await asyncio.sleep(0.05)
    mine = [entry["action"] for entry in logs if entry.get("post") == post.id]
    assert mine == ["post_sending", "post_done"]
    assert "secret" not in str(logs)


async def test_status_tells_what_waits_and_what_was_refused(desk: Desk) -> None:
    """Numbers for /komm status, from the database."""
    desk.vendor.by_place["C9"] = Refused("is_archived")
    refused = await desk.send("C9", "x")
    future = await desk.send("C1", "y", due=desk.clock() + timedelta(hours=1))
    async with desk.at_work() as room:
        await desk.becomes(refused, "refused")
        lane = (await room.state()).lanes[0]
        assert (lane.via, lane.mine, lane.waiting, lane.refused, lane.asking) == ("slack", True, 1, 1, 0)
        assert lane.oldest_waiting is None
    desk.clock.push(3601)
    state = (await desk.room().state()).lanes[0]
    assert (state.mine, state.oldest_waiting) == (False, (await desk.post(future)).due)
    assert (await desk.post(refused)).reason == "is_archived"


def test_a_lease_shorter_than_a_request_is_refused() -> None:
    """Such a lease could not protect anything."""
    from bot.delivery.settings import Settings

    with pytest.raises(ValueError, match="lease_s"):
        Settings(lease_s=10, http_timeout_s=9)
