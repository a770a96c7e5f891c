"""The picture beside the text on Mastodon and Bluesky: with its alternative text, and never at the text's cost."""

import asyncio
from typing import Any

import pytest

from bot.channels.attaching import Source
from bot.channels.bluesky import Bluesky, BlueskySettings, rkey
from bot.channels.mastodon import Mastodon, MastodonSettings
from bot.channels.message import Message
from bot.channels.picture import NoFont, NotPicturable
from bot.channels.settings import Keyring
from bot.sandbox.platforms.base import Platform
from bot.sandbox.platforms.bluesky import HANDLE
from bot.sandbox.platforms.bluesky import Bluesky as LocalBluesky
from bot.sandbox.platforms.mastodon import Mastodon as LocalMastodon
from tests.channels.conftest import Listen

KEY = "0b2f6a3c9d1e4f58a7b6c5d4e3f20119"
IMAGE = "https://kommunen.example/kris/bild/1-0123456789ab.jpg"
ALT = "Vit text: Koka vattnet i Åsbo."
WATER = Message("Koka vattnet i Åsbo.", image=IMAGE, alt=ALT)
JPEG = b"\xff\xd8\xff\xe0 a picture"
UPLOAD = {"mastodon": "media.upload", "bluesky": "uploadBlob"}


async def drawn(image: str) -> bytes | None:
    assert IMAGE == image
    return JPEG


def channel_to(platform: Platform, pictures: Source = drawn, timeout_s: float = 2.0) -> Any:
    keys = Keyring({"TOKEN": platform.token})
    given: dict[str, Any] = {"name": "Kanalen", "api_url": platform.base_url, "token_env": "TOKEN"}
    if platform.name == "mastodon":
        chosen = MastodonSettings(key="mastodon", **given)
        return Mastodon(chosen, keys, timeout_s=timeout_s, pictures=pictures)
    sky = BlueskySettings(key="bluesky", site_url=platform.base_url, identifier=HANDLE, **given)
    return Bluesky(sky, keys, timeout_s=timeout_s, pictures=pictures)


@pytest.fixture(params=[LocalMastodon, LocalBluesky])
async def local(request: pytest.FixtureRequest, listen: Listen) -> Platform:
    platform: Platform = request.param()
    await listen(platform)
    return platform


async def sent(local: Platform, message: Message = WATER, pictures: Source = drawn, **more: Any) -> Any:
    """The item that stands on the platform afterwards."""
    channel = channel_to(local, pictures, **more)
    try:
        await channel.send(local.name, None, message, KEY)
    finally:
        await channel.close()
    [item] = local.items
    return item


async def test_the_picture_stands_beside_the_text_with_its_words(local: Platform) -> None:
    """Whoever cannot see it is read the same."""
    item = await sent(local)
    assert (WATER.text, ALT) == (item.text, item.alt)
    assert item.image.startswith(f"{local.base_url}/")


async def test_without_a_picture_nothing_is_uploaded(local: Platform) -> None:
    """The message has none, or nobody has it."""

    async def nobody(image: str) -> None:
        return None

    item = await sent(local, Message(WATER.text))
    assert "" == item.image
    local.items.clear()
    assert "" == (await sent(local, pictures=nobody)).image
    assert UPLOAD[local.name] not in local.calls


@pytest.mark.parametrize("fault", ["error_5xx", "throttle", "drop_after_store"])
async def test_a_picture_that_cannot_be_uploaded_leaves_the_text(local: Platform, fault: str) -> None:
    """The text goes out without it."""
    local.faults.set(**{fault: {"probability": 1.0, "methods": [UPLOAD[local.name]]}})
    item = await sent(local)
    assert (WATER.text, "") == (item.text, item.image)


async def test_a_slow_upload_does_not_take_the_texts_time(local: Platform) -> None:
    """Half of the time at most."""
    local.faults.set(slow_ms={"probability": 1.0, "methods": [UPLOAD[local.name]], "ms": 3000})
    async with asyncio.timeout(1.9):
        item = await sent(local, timeout_s=2.0)
    assert (WATER.text, "") == (item.text, item.image)


@pytest.mark.parametrize("error", [NotPicturable("arabiska"), NoFont("DejaVu Sans")])
async def test_a_picture_that_cannot_be_drawn_leaves_the_text(local: Platform, error: Exception) -> None:
    """No font is no reason to stay silent."""

    async def clumsy(image: str) -> bytes:
        raise error

    assert (WATER.text, "") == ((item := await sent(local, pictures=clumsy)).text, item.image)


async def test_sending_again_is_still_once(local: Platform) -> None:
    """The second try uploads the picture anew, and the first post stands."""
    await sent(local)
    assert ALT == (await sent(local)).alt


async def test_an_edited_status_gets_the_new_picture(listen: Listen) -> None:
    """The old one showed what was wrong; a mark without a picture takes it away."""
    local = LocalMastodon()
    await listen(local)
    await sent(local)
    channel, before = channel_to(local), local.items[0].image
    await channel.update("mastodon", local.items[0].id, Message("Rätt.", image=IMAGE, alt="Rätt."))
    assert ("Rätt.", True) == (local.items[0].alt, local.items[0].image != before)
    await channel.update("mastodon", local.items[0].id, Message("Nyare finns."))
    assert "" == local.items[0].image
    await channel.close()


async def test_a_server_that_reads_a_picture_slowly_is_waited_for(listen: Listen) -> None:
    """It says 202, then 206, then 200; a status that names it earlier would be refused."""
    local = LocalMastodon()
    await listen(local)
    local.slow_media = 2
    assert ALT == (await sent(local, timeout_s=4.0)).alt
    assert 2 == local.calls.count("media.read")


async def test_a_link_that_the_text_lacks_goes_before_the_picture(listen: Listen) -> None:
    """Bluesky has room for one of them."""
    local = LocalBluesky()
    await listen(local)
    linked = Message(WATER.text, link="https://kommunen.example/vatten", image=IMAGE, alt=ALT)
    item = await sent(local, linked)
    assert (linked.link, "") == (item.link, item.image)
    assert rkey(KEY) == item.id


async def test_too_large_a_picture_is_not_even_uploaded(listen: Listen) -> None:
    """Bluesky takes two million bytes."""

    async def large(image: str) -> bytes:
        return bytes(2_000_001)

    local = LocalBluesky()
    await listen(local)
    assert "" == (await sent(local, pictures=large)).image
    assert "uploadBlob" not in local.calls
