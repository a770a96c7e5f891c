"""Misfortune by switch."""

from __future__ import annotations

import time

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.driver import Admin, Person, Surprise
from bot.sandbox.faults import Faults
from bot.sandbox.server import Sandbox
from tests.sandbox.world import Clock


async def test_the_line_drops_after_the_message_was_stored(sandbox: Sandbox, client: AsyncWebClient, head: Person):
    """The client sees a closed connection and no answer; the message stands in the channel."""
    sandbox.hub.faults.set(drop_after_store=1)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.chat_postMessage(channel="C0KOMM", text="Kom fram")
    assert [said["text"] for said in await head.messages("C0KOMM")] == ["Kom fram"]


async def test_a_client_that_retries_by_itself_posts_twice(sandbox: Sandbox, head: Person):
    """Why the bot's clients are built without retries: the library's default doubles the message."""
    eager = AsyncWebClient(token="xoxb-sandbox", base_url=sandbox.api_url)
    sandbox.hub.faults.set(drop_after_store=1)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await eager.chat_postMessage(channel="C0KOMM", text="Kom fram")
    assert [said["text"] for said in await head.messages("C0KOMM")] == ["Kom fram"] * 2


async def test_reading_is_never_dropped_after_the_fact(sandbox: Sandbox, client: AsyncWebClient):
    sandbox.hub.faults.set(drop_after_store=1)
    assert (await client.conversations_history(channel="C0KOMM"))["ok"]


async def test_a_refused_post_is_answered_even_on_a_bad_line(sandbox: Sandbox, client: AsyncWebClient):
    sandbox.hub.faults.set(drop_after_store=1)
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await client.chat_postMessage(channel="C0NONE", text="x")


@pytest.mark.parametrize(("stored", "there"), [(0, 0), (1, 1)])
async def test_a_server_error_comes_before_or_after_the_work(
    sandbox: Sandbox, client: AsyncWebClient, head: Person, stored: float, there: int
):
    sandbox.hub.faults.set(error_5xx={"probability": 1, "stored": stored})
    with pytest.raises(SlackApiError) as failed:
        await client.chat_postMessage(channel="C0KOMM", text="x")
    assert failed.value.response.status_code == 503
    assert len(await head.messages("C0KOMM")) == there


async def test_a_throttled_call_leaves_nothing(sandbox: Sandbox, client: AsyncWebClient, head: Person):
    sandbox.hub.faults.set(throttle=1)
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel="C0KOMM", text="x")
    assert refused.value.response.headers["Retry-After"] == "1"
    assert await head.messages("C0KOMM") == []


async def test_a_slow_call_takes_its_time(sandbox: Sandbox, client: AsyncWebClient):
    sandbox.hub.faults.set(slow_ms=80)
    began = time.monotonic()
    await client.auth_test()
    assert time.monotonic() - began >= 0.08


async def test_a_fault_strikes_only_the_methods_named(sandbox: Sandbox, client: AsyncWebClient):
    sandbox.hub.faults.set(error_5xx={"probability": 1, "methods": ["chat.update"]})
    said = await client.chat_postMessage(channel="C0KOMM", text="x")
    with pytest.raises(SlackApiError):
        await client.chat_update(channel="C0KOMM", ts=said["ts"], text="y")


def test_the_same_seed_brings_the_same_misfortune():
    def run() -> list[bool]:
        faults = Faults()
        faults.set(throttle=0.3, seed=7)
        return [faults.strikes("throttle", "auth.test") is not None for _ in range(200)]

    first = run()
    assert first == run()
    assert 30 < sum(first) < 90


@pytest.mark.parametrize(
    "setting",
    [
        {"throttle": 1.5},
        {"throttle": "ofta"},
        {"throttle": {"share": 1}},
        {"weather": 1},
        {"slow_ms": {"probability": -1}},
    ],
)
def test_an_odd_switch_is_refused_and_changes_nothing(setting: dict):
    faults = Faults()
    before = faults.to_json()
    with pytest.raises(ValueError, match=r".+"):
        faults.set(**setting)
    assert faults.to_json() == before


async def test_the_switches_are_merged_at_the_door(sandbox: Sandbox, clock: Clock):
    admin = Admin(sandbox.base_url)
    await admin.faults(drop_after_store=0.2)
    told = await admin.faults(slow_ms=40, history_lag_s=2)
    assert (told["drop_after_store"]["probability"], told["slow_ms"]["ms"]) == (0.2, 40)
    assert told["history_lag_s"] == 2
    with pytest.raises(Surprise, match="unknown fault: weather"):
        await admin.faults(weather=1)
