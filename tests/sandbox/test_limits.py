"""How often is too often."""

from __future__ import annotations

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.driver import Admin
from bot.sandbox.limits import POST_BURST, Limits, Tier
from bot.sandbox.server import Sandbox
from tests.sandbox.world import Clock


@pytest.mark.parametrize("tier", [tier for tier in Tier if tier is not Tier.POST])
def test_a_tier_allows_so_many_calls_a_minute(clock: Clock, tier: Tier):
    limits = Limits(clock)
    assert [limits.call("m", tier) for _ in range(tier.value)] == [None] * tier.value
    clock.forward(20)
    assert limits.call("m", tier) == 40
    assert limits.call("another", tier) is None
    clock.forward(40)
    assert limits.call("m", tier) is None


def test_a_channel_takes_a_burst_then_one_post_a_second(clock: Clock):
    limits = Limits(clock)
    burst = [limits.post("C1") for _ in range(int(POST_BURST) + 1)]
    assert burst == [None] * int(POST_BURST) + [1]
    assert limits.post("C2") is None
    clock.forward(1)
    assert (limits.post("C1"), limits.post("C1")) == (None, 1)


def test_the_workspace_as_a_whole_takes_so_many_posts_a_minute(clock: Clock):
    limits = Limits(clock)
    assert {limits.post(f"C{n}") for n in range(300)} == {None}
    assert limits.post("C301") == 60
    clock.forward(60)
    assert limits.post("C301") is None


def test_switched_off_nothing_is_counted(clock: Clock):
    limits = Limits(clock)
    limits.on = False
    assert {limits.post("C1") for _ in range(1_000)} == {None}
    assert {limits.call("m", Tier.TWO) for _ in range(1_000)} == {None}


async def test_too_many_posts_are_answered_with_429(client: AsyncWebClient, clock: Clock):
    """And the refused post is not there."""
    for _ in range(int(POST_BURST)):
        await client.chat_postMessage(channel="C0KOMM", text="x")
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel="C0KOMM", text="x")
    answer = refused.value.response
    assert (answer.status_code, answer.headers["Retry-After"], answer["error"]) == (429, "1", "ratelimited")
    assert len((await client.conversations_history(channel="C0KOMM"))["messages"]) == POST_BURST
    clock.forward(1)
    assert (await client.chat_postMessage(channel="C0KOMM", text="x"))["ok"]


async def test_too_many_calls_of_a_method_are_answered_with_429(client: AsyncWebClient):
    for _ in range(Tier.TWO.value):
        await client.users_list()
    with pytest.raises(SlackApiError) as refused:
        await client.users_list()
    assert refused.value.response.headers["Retry-After"] == "60"


async def test_the_limits_are_set_at_the_door(sandbox: Sandbox):
    admin = Admin(sandbox.base_url)
    told = await admin.faults(limits=False, workspace_per_min=7)
    assert told["limits"] == {"on": False, "workspace_per_min": 7}
    told = await admin.faults(limits={"on": True})
    assert told["limits"] == {"on": True, "workspace_per_min": 7}
