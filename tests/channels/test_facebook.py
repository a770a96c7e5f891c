"""Facebook: posts of a Page on the local platform, and Meta's errors as the delivery room needs them."""

import asyncio
import json
import logging
import socket
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from bot.channels import meta
from bot.channels.errors import CannotLook, ChannelError, Gone, NotSent, Refused, Throttled, TokenDead, Unknown
from bot.channels.facebook import Facebook, FacebookSettings
from bot.channels.message import Message
from bot.channels.protocol import Sent
from bot.channels.scheduled import Published, Scheduled
from bot.channels.settings import Keyring
from bot.sandbox.platforms.base import Item
from bot.sandbox.platforms.facebook import PAGE_ID
from bot.sandbox.platforms.facebook import Facebook as Local
from tests.channels.conftest import Listen

KEY = "0b2f6a3c9d1e4f58a7b6c5d4e3f20119"
TOKEN, SECRET = "EAAhemligt", "apphemlighet"
LINK = "https://kommunen.example/vatten?a=1&b=å"
WATER = Message("Koka vattnet i Ängby.\n\nHämta dricksvatten vid torget. 💧", link=LINK)
NEAR = Message(WATER.text.replace("Ängby", "Ängsby"), link=LINK)
SHOWN, SHOWN_NEAR = f"{WATER.text}\n\n{LINK}", f"{NEAR.text}\n\n{LINK}"


def since() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=2)


def channel_to(url: str, token: str = TOKEN, *, timeout_s: float = 2.0, **more: Any) -> Facebook:
    chosen = {"key": "facebook", "name": "Facebook", "api_url": url, "token_env": "FACEBOOK", "page_id": PAGE_ID}
    settings = FacebookSettings.model_validate(chosen | {"app_secret_env": "APP_SECRET"} | more)
    return Facebook(settings, Keyring({"FACEBOOK": token, "APP_SECRET": SECRET}), timeout_s=timeout_s)


@pytest.fixture
async def local(listen: Listen) -> Local:
    platform = Local(token=TOKEN, app_secret=SECRET)
    await listen(platform)
    return platform


@pytest.fixture
async def channel(local: Local) -> AsyncIterator[Facebook]:
    one = channel_to(local.base_url)
    yield one
    await one.close()


def texts(local: Local) -> list[str]:
    return [item.text for item in local.visible()]


def refusal(error: dict[str, Any], status: int = 400, headers: dict[str, str] | None = None) -> ChannelError:
    answer = httpx.Response(status, json={"error": error}, headers=headers)
    return meta.refusal(answer, secret=TOKEN, patience_s=30.0)


async def test_a_post_is_published_changed_and_removed(local: Local, channel: Facebook) -> None:
    """The link stands in the text and as a preview; the old text stays with the item."""
    sent = await channel.send(await channel.place("facebook"), None, WATER, KEY)
    assert Sent(local.items[0].id, "facebook", f"{local.base_url}/posts/{local.items[0].id}") == sent
    assert (SHOWN, LINK) == (local.items[0].text, local.items[0].link)
    await channel.update("facebook", sent.remote, NEAR)
    assert ([SHOWN_NEAR], [SHOWN]) == (texts(local), local.items[0].edits)
    await channel.remove("facebook", sent.remote)
    assert [] == texts(local)


async def test_what_is_gone_is_removed_already_and_cannot_be_changed(channel: Facebook) -> None:
    """Removing twice is no error; changing what is gone is Gone."""
    sent = await channel.send("facebook", None, WATER, KEY)
    await channel.remove("facebook", sent.remote)
    await channel.remove("facebook", sent.remote)
    with pytest.raises(Gone):
        await channel.update("facebook", sent.remote, NEAR)


async def test_a_post_of_another_app_is_refused_not_taken_for_gone(local: Local, channel: Facebook) -> None:
    """Meta answers alike for what is gone and what may not be touched; the post is still there."""
    sent = await channel.send("facebook", None, WATER, KEY)
    local.others.add(sent.remote)
    for request in (channel.update("facebook", sent.remote, NEAR), channel.remove("facebook", sent.remote)):
        with pytest.raises(Refused) as refused:
            await request
        assert "100/33" == refused.value.reason
    assert [SHOWN] == texts(local)


@pytest.mark.parametrize(("message", "expected"), [(WATER, SHOWN), (NEAR, SHOWN_NEAR)])
async def test_a_lost_answer_is_unknown_and_exactly_that_post_is_found(
    local: Local, channel: Facebook, message: Message, expected: str
) -> None:
    """Two posts that differ in one letter stand beside each other; the finder takes the right one."""
    await channel.send("facebook", None, NEAR if message is WATER else WATER, KEY)
    local.faults.set(drop_after_store={"probability": 1, "methods": ["feed.create"]})
    with pytest.raises(Unknown):
        await channel.send("facebook", None, message, KEY)
    found = await channel.find("facebook", None, KEY, since(), message)
    stored = next(item for item in local.items if item.text == expected)
    assert Sent(stored.id, "facebook", f"{local.base_url}/posts/{stored.id}") == found


async def test_a_duplicate_is_unknown_because_it_proves_an_earlier_success(local: Local, channel: Facebook) -> None:
    """Facebook refuses the same text twice in a row; the finder then finds the first."""
    first = await channel.send("facebook", None, WATER, KEY)
    with pytest.raises(Unknown, match="506"):
        await channel.send("facebook", None, WATER, KEY)
    assert first == await channel.find("facebook", None, KEY, since(), WATER)
    assert [SHOWN] == texts(local)


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_goes_wrong_there_is_one_post(local: Local, channel: Facebook, seed: int) -> None:
    """Another post follows each try, so Facebook's own guard against duplicates does not help."""
    local.faults.set(seed=seed, drop_after_store=0.3, error_5xx=0.3, throttle=0.2)
    sent: Sent | None = None
    for number in range(200):
        try:
            sent = await channel.send("facebook", None, WATER, KEY)
        except Throttled:
            continue
        except Unknown:
            local.add(f"Bild {number}")
            sent = await found_in_the_end(channel)
        if sent:
            break
    assert sent is not None
    assert [sent.remote] == [item.id for item in local.items if item.text == SHOWN]


async def found_in_the_end(channel: Facebook) -> Sent | None:
    """What the finder says once it gets an answer."""
    while True:
        try:
            return await channel.find("facebook", None, KEY, since(), WATER)
        except (Unknown, Throttled):
            continue


async def test_nothing_is_found_that_is_older_removed_or_not_listed_yet(local: Local, channel: Facebook) -> None:
    """None means: surely looked, and not there."""
    sent = await channel.send("facebook", None, WATER, KEY)
    assert await channel.find("facebook", None, KEY, datetime.now(UTC) + timedelta(seconds=5), WATER) is None
    local.faults.set(history_lag_s=60)
    assert await channel.find("facebook", None, KEY, since(), WATER) is None
    local.faults.set(history_lag_s=0)
    assert sent == await channel.find("facebook", None, KEY, since(), WATER)
    await channel.remove("facebook", sent.remote)
    assert await channel.find("facebook", None, KEY, since(), WATER) is None


async def test_the_finder_turns_pages_and_does_not_mind_white_space(local: Local, channel: Facebook) -> None:
    """The post is the oldest of 250, and Facebook has squeezed its empty lines."""
    wanted = local.add(" ".join(SHOWN.split()))
    for number in range(249):
        local.add(f"Bild {number}")
    found = await channel.find("facebook", None, KEY, since(), WATER)
    assert found is not None
    assert wanted.id == found.remote
    assert 3 == local.calls.count("published_posts")


async def test_too_many_posts_cannot_be_looked_through(
    local: Local, channel: Facebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look has an end; what lies behind it is not claimed to be absent."""
    monkeypatch.setattr(meta, "PAGE", 2)
    for number in range(21):
        local.add(f"Bild {number}")
    with pytest.raises(CannotLook):
        await channel.find("facebook", None, KEY, since(), WATER)


async def test_without_a_text_nobody_can_look(channel: Facebook) -> None:
    """Facebook keeps no key of ours."""
    with pytest.raises(CannotLook):
        await channel.find("facebook", None, KEY, since(), None)


@pytest.mark.parametrize(
    "fault",
    [
        {"error_5xx": {"probability": 1, "methods": ["post.read"]}},
        {"throttle": {"probability": 1, "methods": ["post.read"]}},
        {"slow_ms": {"probability": 1, "methods": ["post.read"], "ms": 600}},
    ],
)
async def test_a_failed_question_for_the_address_leaves_the_post_sent(local: Local, fault: dict[str, Any]) -> None:
    """The post stands whether or not Facebook says where, and the answer comes within the time-out."""
    channel = channel_to(local.base_url, timeout_s=0.5)
    local.faults.set(**fault)
    sent = await asyncio.wait_for(channel.send("facebook", None, WATER, KEY), 0.5)
    assert Sent(local.items[0].id, "facebook", "") == sent
    await channel.close()


async def test_a_website_that_cannot_be_opened_costs_only_the_preview(local: Local, channel: Facebook) -> None:
    """In a crisis the website may be down; the post goes out with the link in its text."""
    local.unscrapable.add(LINK)
    await channel.send("facebook", None, WATER, KEY)
    assert [(SHOWN, "")] == [(item.text, item.link) for item in local.items]


async def test_a_link_that_stands_in_the_text_is_not_repeated(local: Local, channel: Facebook) -> None:
    """The text goes out as it was approved."""
    await channel.send("facebook", None, Message(f"Läs på {LINK} nu.", link=LINK), KEY)
    assert [f"Läs på {LINK} nu."] == texts(local)


async def test_a_drill_reaches_nobody(local: Local, channel: Facebook) -> None:
    """Neither as a new post nor as a change of an old one."""
    drill = Message("ÖVNING. Koka vattnet.", drill=True)
    with pytest.raises(Refused, match="drill"):
        await channel.send("facebook", None, drill, KEY)
    with pytest.raises(Refused, match="drill"):
        await channel.update("facebook", f"{PAGE_ID}_1", drill)
    assert [] == local.calls


async def test_the_ping_gives_the_name_of_the_page(channel: Facebook) -> None:
    """It needs the token, and the app's signature."""
    assert "Kommunen" == await channel.ping()


@pytest.mark.parametrize("call", ["send", "find", "ping", "remove", "update", "scheduled"])
async def test_a_revoked_token_is_dead_for_every_call(local: Local, channel: Facebook, call: str) -> None:
    """Nothing else will succeed until a person mends it."""
    local.faults.set(revoked=True)
    calls = {
        "send": lambda: channel.send("facebook", None, WATER, KEY),
        "find": lambda: channel.find("facebook", None, KEY, since(), WATER),
        "ping": channel.ping,
        "remove": lambda: channel.remove("facebook", f"{PAGE_ID}_1"),
        "update": lambda: channel.update("facebook", f"{PAGE_ID}_1", WATER),
        "scheduled": channel.scheduled,
    }
    with pytest.raises(TokenDead) as dead:
        await calls[call]()
    assert "190/463" == dead.value.reason


async def test_a_call_that_the_app_did_not_sign_is_refused(local: Local) -> None:
    """The local platform checks the signature, so the tests above prove that it is right."""
    channel = channel_to(local.base_url, app_secret_env=None)
    with pytest.raises(Refused, match="appsecret_proof"):
        await channel.ping()
    await channel.close()


@pytest.mark.parametrize(("minutes", "expected"), [(0, 12.0), (3, 180.0), (600, 3600.0)])
async def test_who_is_too_fast_waits_as_long_as_the_header_says(
    local: Local, minutes: int, expected: float
) -> None:
    """The header counts in minutes; without an estimate the settings decide, and an hour is the most."""
    channel = channel_to(local.base_url, patience_s=12)
    local.regain_min = minutes
    local.faults.set(throttle=1)
    with pytest.raises(Throttled) as throttled:
        await channel.send("facebook", None, WATER, KEY)
    assert (expected, "80001") == (throttled.value.retry_after, throttled.value.reason)
    assert [] == local.items
    await channel.close()


async def test_a_broken_platform_leaves_the_post_unknown(local: Local, channel: Facebook) -> None:
    """A server error may come after the post was stored."""
    local.faults.set(error_5xx={"probability": 1, "stored": 1, "methods": ["feed.create"]})
    with pytest.raises(Unknown):
        await channel.send("facebook", None, WATER, KEY)
    assert [SHOWN] == texts(local)


async def test_a_slow_platform_leaves_the_post_unknown(local: Local) -> None:
    """The answer came too late to be heard."""
    channel = channel_to(local.base_url, timeout_s=0.2)
    local.faults.set(slow_ms={"probability": 1, "ms": 400, "methods": ["feed.create"]})
    with pytest.raises(Unknown):
        await channel.send("facebook", None, WATER, KEY)
    await channel.close()


async def test_nobody_listening_means_surely_not_sent() -> None:
    """A closed door is not an unknown outcome."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    channel = channel_to(f"http://127.0.0.1:{port}")
    with pytest.raises(NotSent):
        await channel.send("facebook", None, WATER, KEY)
    await channel.close()


@pytest.mark.parametrize(
    ("message", "reason"),
    [(Message(""), "100"), (Message("x" * 63_207), "100")],
    ids=["empty", "too long"],
)
async def test_what_the_platform_will_not_have_is_refused(
    local: Local, channel: Facebook, message: Message, reason: str
) -> None:
    """With Meta's number as the reason."""
    with pytest.raises(Refused) as refused:
        await channel.send("facebook", None, message, KEY)
    assert reason == refused.value.reason
    assert [] == local.items


@pytest.mark.parametrize(
    ("code", "subcode", "expected", "word"),
    [
        (190, 463, TokenDead, "190/463"),
        (190, 0, TokenDead, "190"),
        (102, 0, TokenDead, "102"),
        (4, 0, Throttled, "4"),
        (17, 0, Throttled, "17"),
        (32, 0, Throttled, "32"),
        (341, 0, Throttled, "341"),
        (613, 0, Throttled, "613"),
        (80001, 0, Throttled, "80001"),
        (80002, 0, Throttled, "80002"),
        (9, 2207042, Throttled, "9/2207042"),
        (9007, 2207027, Throttled, "9007/2207027"),
        (1, 0, Unknown, "1"),
        (2, 0, Unknown, "2"),
        (100, 1363047, Unknown, "100/1363047"),
        (100, 1609010, Unknown, "100/1609010"),
        (3, 0, Refused, "3"),
        (10, 0, Refused, "10"),
        (200, 0, Refused, "200"),
        (368, 0, Refused, "368"),
        (100, 0, Refused, "100"),
        (100, 33, meta.Missing, "100/33"),
        (24, 2207006, meta.Missing, "24/2207006"),
        (506, 0, meta.Duplicate, "506"),
        (1609005, 0, meta.NoPreview, "1609005"),
        (1390008, 0, Refused, "1390008"),
        (36003, 2207009, Refused, "36003/2207009"),
    ],
)
def test_every_number_of_metas_has_its_meaning(
    code: int, subcode: int, expected: type[ChannelError], word: str
) -> None:
    """The code and subcode decide, never the sentence."""
    found = refusal({"message": "m", "code": code, "error_subcode": subcode, "type": "OAuthException"})
    assert expected is type(found)
    assert word == getattr(found, "reason", str(found))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (httpx.Response(401, text="no"), TokenDead),
        (httpx.Response(403, text="<h1>firewall</h1>"), Refused),
        (httpx.Response(404, json={"error": "a string"}), Refused),
        (httpx.Response(400, json=["a list"]), Refused),
        (httpx.Response(400, json={"error": {"code": "odd", "is_transient": True}}), Unknown),
    ],
)
def test_an_answer_that_is_not_metas_is_typed_all_the_same(
    answer: httpx.Response, expected: type[ChannelError]
) -> None:
    """A gateway may answer in Meta's stead."""
    assert expected is type(meta.refusal(answer, secret=TOKEN, patience_s=1))


@pytest.mark.parametrize(
    ("usage", "minutes"),
    [
        ("", 0.0),
        ("not json", 0.0),
        ("[1]", 0.0),
        ('{"1": null}', 0.0),
        ('{"1": [{"estimated_time_to_regain_access": null}]}', 0.0),
        (json.dumps({"1": [{"type": "pages"}, {"estimated_time_to_regain_access": 4}]}), 4.0),
    ],
)
def test_an_odd_usage_header_is_no_accident(usage: str, minutes: float) -> None:
    """What cannot be read says nothing."""
    assert minutes == meta._regain_min(usage)


def test_the_token_is_not_repeated_though_meta_repeats_it() -> None:
    """Meta's sentence for a malformed token has the token in it."""
    found = refusal({"message": f"Malformed access token {TOKEN}", "code": 100})
    assert TOKEN not in repr(found)
    assert TOKEN not in str(found)


async def test_nothing_secret_is_logged(local: Local, channel: Facebook, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the token nor what residents and colleagues write, though httpx logs every address."""
    with caplog.at_level(logging.DEBUG):
        await channel.send("facebook", None, WATER, KEY)
        await channel.ping()
        await channel.find("facebook", None, KEY, since(), WATER)
    assert "HTTP Request" in caplog.text
    assert [] == [word for word in (TOKEN, SECRET, "Ängby") if word in caplog.text]


async def test_scheduled_posts_are_listed_soonest_first(local: Local, channel: Facebook) -> None:
    """What would go out by itself in the middle of a crisis."""
    soon, later = time.time() + 3600, time.time() + 7200
    cat = local.plan("Veckans katt", later)
    fair = local.plan("Marknad på torget", soon)
    expected = [
        Scheduled(fair.id, "Marknad på torget", datetime.fromtimestamp(int(soon), UTC), _address(local, fair)),
        Scheduled(cat.id, "Veckans katt", datetime.fromtimestamp(int(later), UTC), _address(local, cat)),
    ]
    assert expected == await channel.scheduled()
    assert [] == texts(local)


def _address(local: Local, item: Item) -> str:
    return f"{local.base_url}/posts/{item.id}"


async def test_a_scheduled_post_can_be_moved_or_let_out(local: Local, channel: Facebook) -> None:
    """And asked for: it waits, or it stands."""
    fair = local.plan("Marknad på torget", time.time() + 3600)
    later = datetime.fromtimestamp(int(time.time()) + 86_400, UTC)
    await channel.reschedule(fair.id, later)
    moved = Scheduled(fair.id, "Marknad på torget", later, _address(local, fair))
    assert moved == await channel.scheduled_one(fair.id)
    await channel.release(fair.id)
    await channel.release(fair.id)
    stands = await channel.scheduled_one(fair.id)
    assert isinstance(stands, Published)
    assert (["Marknad på torget"], fair.id) == (texts(local), stands.remote)


async def test_the_timer_says_what_it_will_not_do(local: Local, channel: Facebook) -> None:
    """Too soon or too late a time, another app's post, and one that is gone."""
    fair = local.plan("Marknad på torget", time.time() + 3600)
    for seconds in (60, 76 * 86_400):
        with pytest.raises(Refused, match="100/1363040"):
            await channel.reschedule(fair.id, datetime.now(UTC) + timedelta(seconds=seconds))
    local.others.add(fair.id)
    with pytest.raises(Refused, match="100/33"):
        await channel.release(fair.id)
    fair.removed = True
    for request in (channel.release(fair.id), channel.scheduled_one(fair.id)):
        with pytest.raises(Gone):
            await request
    assert [] == texts(local)


async def test_recent_posts_are_read_oldest_first_whoever_made_them(local: Local, channel: Facebook) -> None:
    """With address and time, and not what is older."""
    local.add("I förrgår").at -= 2 * 86_400
    ours = await channel.send("facebook", None, WATER, KEY)
    local.items[-1].at -= 10
    local.add("Veckans katt")
    found = await channel.recent(since())
    assert [SHOWN, "Veckans katt"] == [one.text for one in found]
    assert (ours.remote, ours.link) == (found[0].remote, found[0].link)
    assert all(isinstance(one, Published) and one.at >= since() for one in found)


async def test_a_scheduled_post_can_be_taken_away(local: Local, channel: Facebook) -> None:
    """Removing is the same as for a published post."""
    cat = local.plan("Veckans katt", time.time() + 3600)
    await channel.remove("facebook", cat.id)
    assert [] == await channel.scheduled()


async def test_a_scheduled_post_goes_out_when_its_time_comes(listen: Listen) -> None:
    """From then on it is published and no longer waits."""
    now = [time.time()]
    local = Local(token=TOKEN, clock=lambda: now[0])
    channel = channel_to(await listen(local))
    local.plan("Veckans katt", now[0] + 3600)
    now[0] += 3601
    assert ([], ["Veckans katt"]) == (await channel.scheduled(), texts(local))
    await channel.close()


@pytest.mark.parametrize("odd", ["kommunen", "1/feed", "", "../me"])
def test_a_page_is_named_by_its_number(odd: str) -> None:
    """Anything else would become part of an address."""
    with pytest.raises(ValidationError):
        channel_to("https://graph.example", page_id=odd)
