"""Instagram: a picture is published once, whatever becomes of the answers."""

import asyncio
import io
import logging
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from PIL import Image

from bot.channels.errors import CannotLook, NotSent, Refused, Throttled, TokenDead, Unknown
from bot.channels.instagram import Instagram, InstagramSettings
from bot.channels.message import Message
from bot.channels.picture import text_picture
from bot.channels.protocol import Can, Sent
from bot.channels.settings import Keyring
from bot.sandbox.platforms.instagram import ACCOUNT_ID, QUOTA, jpeg_size
from bot.sandbox.platforms.instagram import Instagram as Local
from tests.channels.conftest import Listen

KEY, OTHER = "0b2f6a3c9d1e4f58a7b6c5d4e3f20119", "ff2f6a3c9d1e4f58a7b6c5d4e3f20119"
TOKEN = "EAAhemligt"
TEXT = "Koka vattnet i Ängby.\n\nHämta dricksvatten vid torget."
NEAR = TEXT.replace("Ängby", "Ängsby")
LOSE_PUBLISH = {"drop_after_store": {"probability": 1, "methods": ["media.publish"]}}
CALM: dict[str, Any] = {"drop_after_store": 0, "error_5xx": 0, "throttle": 0, "slow_ms": 0}


class Notes:
    """Memory that a test can look into."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def get(self, key: str) -> str | None:
        return self.kept.get(key)

    async def put(self, key: str, value: str) -> None:
        self.kept[key] = value


def since() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=2)


def channel_to(url: str, notes: Notes, *, timeout_s: float = 2.0, now: Any = None, **more: Any) -> Instagram:
    chosen = {"key": "instagram", "name": "Instagram", "api_url": url, "account_id": ACCOUNT_ID}
    settings = InstagramSettings.model_validate(chosen | {"token_env": "INSTAGRAM"} | more)
    clock = {"now": now} if now else {}
    return Instagram(settings, Keyring({"INSTAGRAM": TOKEN}), memory=notes, timeout_s=timeout_s, **clock)


def jpeg(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height)).save(file, "JPEG")
    return file.getvalue()


def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (100, 100)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
async def site() -> AsyncIterator[str]:
    """The municipality's own site with pictures on it."""
    files = {
        "text.jpg": text_picture("Koka vattnet", TEXT, drill=False),
        "tall.jpg": jpeg(100, 300),
        "wide.jpg": jpeg(300, 100),
        "huge.jpg": jpeg(100, 100) + bytes(8 * 1024 * 1024),
        "picture.png": png(),
        "broken.jpg": b"\xff\xd8\xff",
    }

    async def give(request: web.Request) -> web.Response:
        if request.match_info["name"] == "moved.jpg":
            raise web.HTTPFound("/text.jpg")
        found = files.get(request.match_info["name"])
        return web.Response(body=found) if found else web.Response(status=404)

    app = web.Application()
    app.router.add_get("/{name}", give)
    async with TestServer(app, host="127.0.0.1") as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture
async def local(listen: Listen) -> Local:
    platform = Local(token=TOKEN)
    await listen(platform)
    return platform


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
async def channel(local: Local, notes: Notes) -> AsyncIterator[Instagram]:
    one = channel_to(local.base_url, notes)
    yield one
    await one.close()


@pytest.fixture
def water(site: str) -> Message:
    return Message(TEXT, image=f"{site}/text.jpg", alt=TEXT)


@pytest.fixture
def near(site: str) -> Message:
    return Message(NEAR, image=f"{site}/text.jpg", alt=NEAR)


def texts(local: Local) -> list[str]:
    return [item.text for item in local.visible()]


async def test_a_picture_is_published_with_its_text_as_caption_and_alternative(
    local: Local, channel: Instagram, water: Message
) -> None:
    """The picture rendered here is one that Instagram takes."""
    sent = await channel.send(await channel.place("instagram"), None, water, KEY)
    item = local.items[0]
    assert Sent(item.id, "instagram", f"{local.base_url}/p/{item.id}") == sent
    assert (TEXT, water.image, TEXT) == (item.text, item.image, item.alt)


async def test_the_container_is_remembered_before_it_is_published(
    local: Local, channel: Instagram, notes: Notes, water: Message
) -> None:
    """Whatever happens then, the next try knows where to look."""
    local.faults.set(error_5xx={"probability": 1, "stored": 0, "methods": ["media.publish"]})
    with pytest.raises(Unknown):
        await channel.send("instagram", None, water, KEY)
    assert {KEY: next(iter(local.containers))} == notes.kept
    assert [] == local.items


@pytest.mark.parametrize("first", [TEXT, NEAR])
async def test_a_lost_answer_is_unknown_and_exactly_that_post_is_found(
    local: Local, channel: Instagram, water: Message, near: Message, first: str
) -> None:
    """Two posts differ in one letter; the finder takes the right one, with its address."""
    before, lost = (water, near) if first == TEXT else (near, water)
    await channel.send("instagram", None, before, OTHER)
    local.faults.set(**LOSE_PUBLISH)
    with pytest.raises(Unknown):
        await channel.send("instagram", None, lost, KEY)
    found = await channel.find("instagram", None, KEY, since(), lost)
    stored = next(item for item in local.items if item.text == lost.text)
    assert Sent(stored.id, "instagram", f"{local.base_url}/p/{stored.id}") == found


async def test_sending_again_after_a_lost_answer_publishes_nothing_more(
    local: Local, channel: Instagram, water: Message
) -> None:
    """Even without a finder: the container says PUBLISHED, so its post is adopted."""
    local.faults.set(**LOSE_PUBLISH)
    with pytest.raises(Unknown):
        await channel.send("instagram", None, water, KEY)
    local.faults.set(**CALM)
    again = await channel.send("instagram", None, water, KEY)
    assert [again.remote] == [item.id for item in local.items]
    assert 1 == len(local.containers)


async def test_sending_again_while_the_list_lags_publishes_nothing_more(
    local: Local, channel: Instagram, water: Message
) -> None:
    """Published and not listed is unknown, never a reason to publish."""
    local.faults.set(**LOSE_PUBLISH, history_lag_s=60)
    with pytest.raises(Unknown):
        await channel.send("instagram", None, water, KEY)
    local.faults.set(**CALM)
    for _ in range(2):
        with pytest.raises(Unknown, match="not in the list"):
            await channel.send("instagram", None, water, KEY)
    assert 1 == len(local.items)


async def test_a_stale_state_does_not_publish_twice(
    local: Local, channel: Instagram, notes: Notes, water: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two requests cross: the container is published between our look and our act."""
    sent = await channel.send("instagram", None, water, KEY)
    real, answers = local.state, iter(["FINISHED"])
    monkeypatch.setattr(local, "state", lambda container: next(answers, None) or real(container))
    assert sent == await channel.send("instagram", None, water, KEY)
    assert 1 == len(local.items)
    assert 2 == local.calls.count("media.publish")


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_goes_wrong_there_is_one_post(
    local: Local, channel: Instagram, water: Message, seed: int
) -> None:
    """Sent again and again without ever looking: the container alone prevents a second post."""
    local.faults.set(seed=seed, drop_after_store=0.3, error_5xx=0.3, throttle=0.2)
    for _ in range(200):
        try:
            sent = await channel.send("instagram", None, water, KEY)
            break
        except (Unknown, NotSent, Throttled):
            continue
    assert [sent.remote] == [item.id for item in local.items]


async def test_unpublished_means_not_there_and_the_next_try_uses_the_same_container(
    local: Local, channel: Instagram, water: Message
) -> None:
    """The finder asks the container, not the list; nothing is made twice."""
    local.faults.set(error_5xx={"probability": 1, "stored": 0, "methods": ["media.publish"]})
    with pytest.raises(Unknown):
        await channel.send("instagram", None, water, KEY)
    local.faults.set(**CALM)
    assert await channel.find("instagram", None, KEY, since(), water) is None
    assert "media.list" not in local.calls
    await channel.send("instagram", None, water, KEY)
    assert (1, 1) == (len(local.containers), len(local.items))


async def test_published_but_not_listed_stays_unknown_for_an_hour(
    local: Local, notes: Notes, water: Message
) -> None:
    """The list may lag; after an hour somebody has taken the post away, and a person must say."""
    now = [datetime.now(UTC)]
    channel = channel_to(local.base_url, notes, now=lambda: now[0])
    started = now[0] - timedelta(minutes=2)
    await channel.send("instagram", None, water, KEY)
    local.faults.set(history_lag_s=60)
    with pytest.raises(Unknown):
        await channel.find("instagram", None, KEY, started, water)
    now[0] += timedelta(hours=1)
    with pytest.raises(CannotLook):
        await channel.find("instagram", None, KEY, started, water)
    await channel.close()


async def test_without_a_remembered_container_the_caption_is_looked_for(
    local: Local, channel: Instagram, notes: Notes, water: Message
) -> None:
    """A lost memory makes the finder slower, not blind."""
    sent = await channel.send("instagram", None, water, KEY)
    notes.kept.clear()
    assert sent == await channel.find("instagram", None, KEY, since(), water)
    assert await channel.find("instagram", None, KEY, datetime.now(UTC) + timedelta(seconds=5), water) is None
    with pytest.raises(CannotLook):
        await channel.find("instagram", None, KEY, since(), None)


async def test_a_container_that_meta_has_forgotten_is_looked_for_by_its_caption(
    local: Local, channel: Instagram, water: Message
) -> None:
    """Containers do not last for ever, posts do."""
    sent = await channel.send("instagram", None, water, KEY)
    local.containers.clear()
    assert sent == await channel.find("instagram", None, KEY, since(), water)


async def test_a_picture_that_takes_its_time_is_waited_for(listen: Listen, notes: Notes, water: Message) -> None:
    """The container is IN_PROGRESS for a moment, as it mostly is."""
    local = Local(token=TOKEN, reading_s=0.3)
    channel = channel_to(await listen(local), notes)
    await channel.send("instagram", None, water, KEY)
    assert [TEXT] == texts(local)
    assert local.calls.count("object.read") >= 3
    await channel.close()


async def test_a_picture_that_takes_too_long_is_surely_not_sent_and_continued_later(
    listen: Listen, notes: Notes, water: Message
) -> None:
    """Well within the time-out the lane is told to come back; the same container is published then."""
    now = [time.time()]
    local = Local(token=TOKEN, reading_s=60, clock=lambda: now[0])
    channel = channel_to(await listen(local), notes, timeout_s=1.0)
    with pytest.raises(Throttled) as throttled:
        await asyncio.wait_for(channel.send("instagram", None, water, KEY), 0.7)
    assert 5.0 == throttled.value.retry_after
    assert "media.publish" not in local.calls
    now[0] += 61
    await channel.send("instagram", None, water, KEY)
    assert (1, 1) == (len(local.containers), len(local.items))
    await channel.close()


@pytest.mark.parametrize("method", ["media.create", "object.read"])
async def test_what_is_lost_before_publishing_is_surely_not_sent(
    local: Local, channel: Instagram, water: Message, method: str
) -> None:
    """A container is invisible; making a second one is harmless."""
    local.faults.set(error_5xx={"probability": 1, "methods": [method]})
    with pytest.raises(NotSent):
        await channel.send("instagram", None, water, KEY)
    local.faults.set(**CALM)
    await channel.send("instagram", None, water, KEY)
    assert [TEXT] == texts(local)


async def test_an_expired_container_is_replaced(listen: Listen, notes: Notes, water: Message) -> None:
    """After a day an unpublished container is void; it was surely never published."""
    now = [time.time()]
    local = Local(token=TOKEN, clock=lambda: now[0])
    channel = channel_to(await listen(local), notes)
    local.faults.set(throttle={"probability": 1, "methods": ["media.publish"]})
    with pytest.raises(Throttled):
        await channel.send("instagram", None, water, KEY)
    local.faults.set(**CALM)
    now[0] += 86_500
    assert await channel.find("instagram", None, KEY, since(), water) is None
    await channel.send("instagram", None, water, KEY)
    assert (2, 1) == (len(local.containers), len(local.items))
    await channel.close()


async def test_a_container_that_fails_is_refused_with_metas_words(
    local: Local, channel: Instagram, water: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some faults show only when Instagram has read the picture."""
    monkeypatch.setattr(local, "state", lambda container: "ERROR")
    with pytest.raises(Refused, match="container ERROR"):
        await channel.send("instagram", None, water, KEY)
    assert [] == local.items


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing.jpg", "9004/2207052"),
        ("moved.jpg", "9004/2207052"),
        ("picture.png", "36001/2207005"),
        ("broken.jpg", "36001/2207005"),
        ("tall.jpg", "36003/2207009"),
        ("wide.jpg", "36003/2207009"),
        ("huge.jpg", "36000/2207004"),
    ],
)
async def test_a_picture_that_instagram_cannot_use_is_refused(
    local: Local, channel: Instagram, site: str, name: str, reason: str
) -> None:
    """Each with Meta's own numbers."""
    with pytest.raises(Refused) as refused:
        await channel.send("instagram", None, Message(TEXT, image=f"{site}/{name}"), KEY)
    assert reason == refused.value.reason
    assert [] == local.items


@pytest.mark.parametrize("address", ["http://192.0.2.1/text.jpg", "http://kommunen.example/text.jpg", "odd", "/x"])
async def test_the_local_platform_fetches_nothing_from_elsewhere(
    local: Local, channel: Instagram, address: str
) -> None:
    """The sandbox never leaves this machine."""
    with pytest.raises(Refused) as refused:
        await channel.send("instagram", None, Message(TEXT, image=address), KEY)
    assert "9004/2207052" == refused.value.reason


async def test_without_a_picture_there_is_no_post(local: Local, channel: Instagram) -> None:
    """Instagram has no posts of text alone."""
    with pytest.raises(Refused, match="no_image"):
        await channel.send("instagram", None, Message(TEXT), KEY)
    assert [] == local.calls


@pytest.mark.parametrize("text", ["x" * 2201, "#a " * 31, "@a " * 21], ids=["long", "hashtags", "mentions"])
async def test_a_caption_beyond_the_limits_is_refused(channel: Instagram, water: Message, text: str) -> None:
    """The composer keeps within them; the platform has the last word."""
    with pytest.raises(Refused, match="2207010"):
        await channel.send("instagram", None, Message(text, image=water.image), KEY)


async def test_the_days_quota_makes_the_lane_rest(local: Local, channel: Instagram, water: Message) -> None:
    """A hundred posts in a day; surely not sent."""
    for number in range(QUOTA):
        local.add(f"Bild {number}")
    with pytest.raises(Throttled) as throttled:
        await channel.send("instagram", None, water, KEY)
    assert (3600.0, "9/2207042") == (throttled.value.retry_after, throttled.value.reason)
    assert QUOTA == len(local.items)


async def test_too_fast_means_surely_not_sent(local: Local, channel: Instagram, water: Message) -> None:
    """With the bucket that is Instagram's."""
    local.regain_min = 2
    local.faults.set(throttle=1)
    with pytest.raises(Throttled) as throttled:
        await channel.send("instagram", None, water, KEY)
    assert (120.0, "80002") == (throttled.value.retry_after, throttled.value.reason)


async def test_a_failed_question_for_the_address_leaves_the_post_sent(
    local: Local, channel: Instagram, water: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The post stands whether or not Instagram says where."""
    shape = local._shape
    monkeypatch.setattr(local, "_shape", lambda item: shape(item) | {"permalink": ""})
    sent = await channel.send("instagram", None, water, KEY)
    assert Sent(local.items[0].id, "instagram", "") == sent


async def test_what_stands_cannot_be_edited(local: Local, channel: Instagram, water: Message) -> None:
    """Nor is editing promised."""
    assert Can.UPDATE not in channel.can
    with pytest.raises(Refused, match="cannot_edit"):
        await channel.update("instagram", "1", water)


async def test_deleting_is_off_until_it_has_been_tried(local: Local, channel: Instagram) -> None:
    """Meta's code has it, Meta's manual does not."""
    assert Can.REMOVE not in channel.can
    with pytest.raises(Refused, match="cannot_remove"):
        await channel.remove("instagram", "1")
    assert [] == local.calls


async def test_where_deleting_is_on_a_post_is_removed_and_removing_twice_is_no_error(
    local: Local, notes: Notes, water: Message
) -> None:
    """What is gone counts as removed."""
    channel = channel_to(local.base_url, notes, removable=True)
    sent = await channel.send("instagram", None, water, KEY)
    assert Can.REMOVE in channel.can
    await channel.remove("instagram", sent.remote)
    await channel.remove("instagram", sent.remote)
    assert [] == texts(local)
    await channel.close()


async def test_a_drill_reaches_nobody(local: Local, channel: Instagram, water: Message) -> None:
    """Not even a container is made."""
    with pytest.raises(Refused, match="drill"):
        await channel.send("instagram", None, Message("ÖVNING", image=water.image, drill=True), KEY)
    assert [] == local.calls


async def test_the_ping_gives_the_account_and_finds_a_dead_token(local: Local, channel: Instagram) -> None:
    """Before it is needed."""
    assert "@kommunen" == await channel.ping()
    local.faults.set(revoked=True)
    with pytest.raises(TokenDead, match="190/463"):
        await channel.ping()


async def test_nothing_secret_is_logged(
    channel: Instagram, water: Message, caplog: pytest.LogCaptureFixture
) -> None:
    """Though httpx logs every address."""
    with caplog.at_level(logging.DEBUG):
        await channel.send("instagram", None, water, KEY)
        await channel.find("instagram", None, KEY, since(), water)
    assert "HTTP Request" in caplog.text
    assert [] == [word for word in (TOKEN, "Ängby") if word in caplog.text]


@pytest.mark.parametrize("size", [(1080, 1350), (320, 200), (1, 1)])
def test_the_local_platform_reads_the_size_of_a_jpeg(size: tuple[int, int]) -> None:
    """From its frame header, plain or progressive."""
    plain, progressive = io.BytesIO(), io.BytesIO()
    Image.new("L", size).save(plain, "JPEG")
    Image.new("RGB", size).save(progressive, "JPEG", progressive=True)
    assert [size, size] == [jpeg_size(plain.getvalue()), jpeg_size(progressive.getvalue())]
