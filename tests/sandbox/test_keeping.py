"""The local platforms over a restart by force: what residents saw, they see again."""

import asyncio
import smtplib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiohttp

from bot.demo import outside
from bot.sandbox.platforms import facebook, keeping, wordpress
from bot.sandbox.platforms.base import Platform
from bot.sandbox.platforms.mailbox import Mailbox
from bot.sandbox.seed import Seed
from bot.sandbox.server import Sandbox

JSON = dict[str, Any]
EDITOR = {"Authorization": aiohttp.encode_basic_auth(outside.KEYS["WEBB_USER"], outside.KEYS["WEBB_PASSWORD"])}
PAGE = {"Authorization": f"Bearer {outside.KEYS['FACEBOOK_TOKEN']}"}


@asynccontextmanager
async def street(folder: Path) -> AsyncIterator[tuple[aiohttp.ClientSession, dict[str, Platform]]]:
    """The demo's platforms, listening. Nothing is written when they stop: so it is for who is killed."""
    platforms = outside.platforms()
    keeping.keep(platforms, folder)
    sandbox = Sandbox(Seed(), platforms=platforms)
    await sandbox.start()
    try:
        async with aiohttp.ClientSession(sandbox.base_url, raise_for_status=True) as http:
            yield http, {one.name: one for one in platforms}
    finally:
        await sandbox.stop()


async def shown(http: aiohttp.ClientSession) -> dict[str, JSON]:
    async with http.get("/street.json") as answer:
        return {one["name"]: one for one in (await answer.json())["platforms"]}


async def publish(http: aiohttp.ClientSession) -> None:
    """A news item and a banner, a post with a remark, a post for later."""
    news = {"title": "Koka vattnet", "content": "<p>Åsbo</p>", "status": "publish", "slug": "kris-1"}
    site = f"/platform/wordpress{wordpress.ROOT}"
    await http.post(f"{site}/posts", json=news, headers=EDITOR)
    await http.post(f"{site}/pages/{wordpress.BANNER_PAGE}", json={"content": "<p>Koka</p>"}, headers=EDITOR)
    feed = f"/platform/facebook/{facebook.PAGE_ID}/feed"
    async with http.post(feed, data={"message": "Koka vattnet"}, headers=PAGE) as answer:
        post = (await answer.json())["id"]
    later = {"message": "Senare", "published": "false", "scheduled_publish_time": int(time.time()) + 3600}
    await http.post(feed, data=later, headers=PAGE)
    await http.post("/street/facebook/remarks", json={"post": post, "text": "Hur länge?"})


async def test_everything_stands_as_it_stood(tmp_path: Path) -> None:
    """Also after a kill: what was answered for is on the disk."""
    async with street(tmp_path) as (http, _):
        await publish(http)
        before = await shown(http)
    async with street(tmp_path) as (http, platforms):
        after = await shown(http)
        site = platforms["wordpress"]
        assert isinstance(site, wordpress.WordPress)
        assert "Koka" == site.banner()
        page = platforms["facebook"]
        assert isinstance(page, facebook.Facebook)
        assert ["Senare"] == [one.text for one in page.scheduled()]
    for name in ("wordpress", "facebook"):
        assert [one["text"] for one in before[name]["items"]] == [one["text"] for one in after[name]["items"]]
        assert before[name]["items"]
    assert ["Hur länge?"] == [one["text"] for one in after["facebook"]["remarks"]]


async def test_new_things_get_new_numbers(tmp_path: Path) -> None:
    """Nothing is given the id of what stood there before."""
    async with street(tmp_path) as (http, _):
        await publish(http)
    async with street(tmp_path) as (http, _):
        feed = f"/platform/facebook/{facebook.PAGE_ID}/feed"
        await http.post(feed, data={"message": "Igen"}, headers=PAGE)
        found = [one["id"] for one in (await shown(http))["facebook"]["items"]]
    assert 2 == len(set(found))


async def test_what_residents_wrote_is_kept_everywhere(tmp_path: Path) -> None:
    """Remarks, hearts and what is written elsewhere, on every platform where somebody can write."""
    places = ("instagram", "mastodon", "bluesky", "wordpress")
    async with street(tmp_path) as (http, platforms):
        for name in places:
            post = platforms[name].add("Koka vattnet", more={"status": "publish", "slug": "koka"}).id
            await http.post(f"/street/{name}/remarks", json={"post": post, "text": "Hur länge?"})
            await http.post(f"/street/{name}/hearts", json={"post": post})
            await http.post(f"/street/{name}/letters", json={"kind": "messages", "text": "Hej"})
        before = {name: platforms[name].kept() for name in places}
    async with street(tmp_path) as (_, platforms):
        assert before == {name: platforms[name].kept() for name in places}
    assert ["Hur länge?"] == [one["text"] for one in before["bluesky"]["remarks"]]


async def test_letters_are_kept_too(tmp_path: Path) -> None:
    """They come another way."""
    letter = EmailMessage()
    letter["Subject"], letter["Message-ID"] = "Koka vattnet", "<1@exempel.example>"
    letter.set_content("Åsbo")
    async with street(tmp_path) as (http, platforms):
        box = platforms["mail"]
        assert isinstance(box, Mailbox)
        await _sent(box, letter)
        assert 1 == len((await shown(http))["mail"]["items"])
    async with street(tmp_path) as (http, _):
        assert ["Koka vattnet"] == [one["title"] for one in (await shown(http))["mail"]["items"]]


async def _sent(box: Mailbox, letter: EmailMessage) -> None:
    def talk() -> None:
        with smtplib.SMTP(box.host, box.port) as line:
            line.send_message(letter, "kris@exempel.example", ["press@exempel.example"])

    await asyncio.to_thread(talk)


async def test_what_another_version_wrote_does_not_stop_the_demo(tmp_path: Path) -> None:
    """It begins anew there, and the others keep what they had."""
    async with street(tmp_path) as (http, _):
        await publish(http)
    (tmp_path / "wordpress.json").write_text('{"last_id": 5}')
    async with street(tmp_path) as (http, _):
        after = await shown(http)
    assert ([], 1) == (after["wordpress"]["items"], len(after["facebook"]["items"]))
