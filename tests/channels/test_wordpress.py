"""The WordPress channel against the local vendor."""

import asyncio

import pytest
from aiohttp import web
from pydantic import ValidationError
from structlog.testing import capture_logs

from bot.channels.errors import NotSent, Refused, Throttled, TokenDead, Unknown
from bot.channels.message import Message
from bot.channels.settings import Keyring
from bot.channels.wordpress import WordPress, WordPressSettings
from bot.sandbox.platforms import wordpress as local
from tests.channels.wordpress_behaviour import SINCE, WATER, Behaviour, Site, key

__all__ = ["key"]
DRILL = Message("ÖVNING Koka vattnet", title="ÖVNING", drill=True)


def settings(address: str) -> WordPressSettings:
    return WordPressSettings(key="w", name="W", api_url=address, user_env="U", token_env="T")


@pytest.fixture
def vendor():
    return local.WordPress(token="abcd efgh ijkl")


@pytest.fixture
async def site(listen, vendor):
    """The local vendor, and the channels opened on it, closed at the end."""

    def lose_answers(lost: bool) -> None:
        vendor.faults.set(drop_after_store={"probability": float(lost), "methods": ["posts.create"]})

    base = await listen(vendor)
    made = Site(f"{base}/wp-json", vendor.user, vendor.token, local.BANNER_PAGE, lose_answers)
    yield made
    for channel in made.opened:
        await channel.close()


class TestLocal(Behaviour):
    """Against the local vendor."""


async def test_residents_of_the_sandbox_see_news_and_banner(site, vendor, key):
    """The wall beside the workspace shows plain text."""
    sent = await site.channel().send("website", None, WATER, key)
    [item] = vendor.visible()
    assert (sent.remote, "Koka vattnet") == (item.id, item.title)
    assert item.text == "Koka vattnet i Träslövsläge.\nKoka\nHämta\n\nvarberg.se/v"
    assert vendor.banner().startswith("Koka vattnet\nKoka vattnet i Träslövsläge.")


@pytest.mark.parametrize("act", ["send", "update", "banner"])
async def test_a_drill_never_reaches_the_site(site, vendor, key, act):
    """Not a single request is made."""
    channel = site.channel()
    asked = {
        "send": lambda: channel.send("website", None, DRILL, key),
        "update": lambda: channel.update("website", "1", DRILL),
        "banner": lambda: channel.banner(DRILL),
    }
    with pytest.raises(Refused, match="drill"):
        await asked[act]()
    assert [] == vendor.calls


async def test_a_site_marked_for_drills_takes_one(site, vendor, key):
    """The test site of the municipality, say."""
    await site.channel(drill=True).send("website", None, DRILL, key)
    assert ["ÖVNING"] == [item.title for item in vendor.visible()]


@pytest.mark.parametrize("stored", [0.0, 1.0])
async def test_a_server_error_is_unknown_whether_it_came_before_or_after_the_work(site, vendor, key, stored):
    """And the finder tells which."""
    channel = site.channel()
    vendor.faults.set(error_5xx={"probability": 1.0, "stored": stored})
    with pytest.raises(Unknown):
        await channel.send("website", None, WATER, key)
    vendor.faults.set(error_5xx=0.0)
    found = await channel.find("website", None, key, SINCE, WATER)
    assert bool(stored) == (found is not None)


async def test_too_fast_is_throttled_for_as_long_as_the_server_says(site, vendor, key):
    """The body is no JSON: core knows no throttling, the server in front of it does."""
    vendor.faults.set(throttle=1.0)
    with pytest.raises(Throttled) as caught:
        await site.channel().send("website", None, WATER, key)
    assert 7.0 == caught.value.retry_after


async def test_a_contributor_is_refused_in_the_vendors_words(site, vendor, key):
    """Both when publishing and, before it is needed, when asked."""
    vendor.may_publish = False
    channel = site.channel()
    with pytest.raises(Refused) as caught:
        await channel.send("website", None, WATER, key)
    assert ("rest_cannot_publish", True) == (caught.value.reason, "not allowed" in caught.value.detail)
    with pytest.raises(Refused, match="rest_cannot_publish"):
        await channel.ping()


class Porch(local.WordPress):
    """What stands in front of a WordPress and answers in its place."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status

    def routes(self):
        return [web.route("*", "/{any:.*}", self._answer)]

    async def _answer(self, _request):
        headers = {"Location": "https://www.kommun.se/"} if self.status == 301 else {}
        return web.Response(
            status=self.status, text="<h1>Underhåll</h1>", content_type="text/html", headers=headers
        )


@pytest.mark.parametrize(
    ("status", "act", "error"),
    [
        (200, "send", Unknown("not a post")),
        (200, "update", Unknown("not a post")),
        (200, "find", Unknown("not a list")),
        (200, "ping", Refused("not_wordpress", "the answer is not WordPress's")),
        (301, "send", Refused("redirect", "https://www.kommun.se/")),
        (403, "send", Refused("HTTP 403")),
        (408, "send", Unknown("HTTP 408")),
        (503, "find", Unknown("HTTP 503")),
    ],
)
async def test_what_stands_in_front_of_a_site_is_not_taken_for_it(listen, key, status, act, error):
    """A maintenance page with status 200 proves neither that the work was done nor that it was not."""
    base = await listen(Porch(status))
    channel = WordPress(settings(f"{base}/wp-json"), Keyring({"U": "u", "T": "t"}))
    asked = {
        "send": lambda: channel.send("w", None, WATER, key),
        "update": lambda: channel.update("w", "1", WATER),
        "find": lambda: channel.find("w", None, key, SINCE, WATER),
        "ping": channel.ping,
    }
    with pytest.raises(type(error)) as caught:
        await asked[act]()
    assert str(error) == str(caught.value)
    await channel.close()


async def test_a_site_without_a_trash_makes_it_a_draft(site, vendor, key):
    """Removed from sight all the same."""
    vendor.keeps_trash = False
    channel = site.channel()
    sent = await channel.send("website", None, WATER, key)
    await channel.remove("website", sent.remote)
    assert [] == vendor.visible()
    assert ["draft"] == [item.more["status"] for item in vendor.items]


@pytest.mark.parametrize(
    "fault",
    [
        {"error_5xx": {"probability": 1.0, "methods": ["pages.update"]}},
        {"throttle": {"probability": 1.0, "methods": ["pages.update"]}},
        {"drop_after_store": {"probability": 1.0, "methods": ["pages.update"]}},
        {"slow_ms": {"probability": 1.0, "methods": ["pages.update"], "ms": 5000}},
    ],
)
async def test_no_misfortune_of_the_banner_touches_the_news_item(site, vendor, key, fault):
    """It is sent, in time, and the log says that the banner is behind; nothing secret, no text in it."""
    vendor.faults.set(**fault)
    channel = site.channel()
    channel._timeout_s = 1.6
    with capture_logs() as lines:
        async with asyncio.timeout(1.6):
            sent = await channel.send("website", None, WATER, key)
    assert [sent.remote] == [item.id for item in vendor.visible()]
    [line] = [line for line in lines if line["action"] == "banner_behind"]
    assert "website" == line["channel"]
    assert not {"Koka", vendor.token, vendor.user} & set(str(line).replace("'", " ").split())
    vendor.faults.set(**dict.fromkeys(fault, 0.0))
    await channel.update("website", sent.remote, WATER)
    assert channel.banner_behind is False
    assert vendor.banner().startswith("Koka vattnet")


async def test_a_banner_that_cannot_be_emptied_makes_the_removal_fail(site, vendor, key):
    """It may be repeated until the warning is gone."""
    channel = site.channel()
    sent = await channel.send("website", None, WATER, key)
    vendor.faults.set(error_5xx={"probability": 1.0, "methods": ["pages.update"], "stored": 0.0})
    with pytest.raises(Unknown):
        await channel.remove("website", sent.remote)
    assert [] == vendor.visible()
    vendor.faults.set(error_5xx=0.0)
    await channel.remove("website", sent.remote)
    assert "" == vendor.banner()


async def test_without_a_banner_page_no_page_is_touched(site, vendor, key):
    """Not even asked for."""
    channel = site.channel(banner_page=None)
    sent = await channel.send("website", None, WATER, key)
    await channel.update("website", sent.remote, WATER)
    await channel.banner(WATER)
    await channel.ping()
    await channel.remove("website", sent.remote)
    assert ["posts.create", "posts.update", "users.me", "posts.delete"] == vendor.calls


async def test_a_later_post_that_cannot_be_cleared_away_is_reported_and_kept(site, vendor, key):
    """Whoever cannot tell says what is surely there."""
    channel = site.channel()
    first = await channel.send("website", None, WATER, key)
    vendor.faults.set(error_5xx={"probability": 1.0, "methods": ["posts.delete"], "stored": 0.0})
    with capture_logs() as lines:
        second = await channel.send("website", None, WATER, key)
    assert first.remote != second.remote
    assert "wordpress_twice" in [line["action"] for line in lines]


async def test_a_closed_door_is_surely_not_sent(key):
    """Nobody listens there."""
    channel = WordPress(settings("http://127.0.0.1:9/wp-json"), Keyring({"U": "u", "T": "t"}))
    with pytest.raises(NotSent):
        await channel.send("w", None, WATER, key)
    await channel.close()


@pytest.mark.parametrize("lacking", ["U", "T"])
async def test_a_missing_variable_is_a_dead_token_that_names_it(key, lacking):
    """The operator reads which."""
    environ = {name: "x" for name in "UT" if name != lacking}
    channel = WordPress(settings("http://127.0.0.1:9/wp-json"), Keyring(environ))
    with pytest.raises(TokenDead, match=f"^{lacking} is not set"):
        await channel.send("w", None, WATER, key)
    await channel.close()


@pytest.mark.parametrize("address", ["", "ftp://kommun.se", "https://user:pw@kommun.se/wp-json", "kommun.se"])
def test_an_address_must_be_http_and_hold_no_password(address):
    """A malformed setting stops before anything runs."""
    with pytest.raises(ValidationError):
        settings(address)


class Reviewed(local.WordPress):
    """A site where an editorial plug-in keeps every new post for review."""

    def _write(self, item, given):
        super()._write(item, given | ({"status": "pending"} if "status" in given else {}))


async def test_a_post_that_is_kept_for_review_is_refused_not_called_published(listen, key):
    """Nobody outside sees it, so the board must not say that they do; nor does the banner lead to it."""
    vendor = Reviewed(token="t", user="u")
    channel = WordPress(settings(f"{await listen(vendor)}/wp-json"), Keyring({"U": "u", "T": "t"}))
    with pytest.raises(Refused, match="not_published: status pending"):
        await channel.send("w", None, WATER, key)
    assert ["posts.create"] == vendor.calls
    await channel.close()
