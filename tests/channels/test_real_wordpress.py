"""The WordPress channel against a real WordPress."""

import asyncio

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels.errors import Refused
from bot.channels.message import Message
from tests.channels import wordpress_server
from tests.channels.wordpress_behaviour import SINCE, WATER, Behaviour, Site, key

__all__ = ["key"]
pytestmark = [pytest.mark.wordpress, pytest.mark.timeout(600)]  # the first run fetches 160 MB
KEPT = ("authorization", "content-type")


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """One WordPress for all tests of this file."""
    with wordpress_server.WordPress(tmp_path_factory.mktemp("wordpress"), permalinks="/%postname%/") as site:
        yield site


class Line:
    """The line to the site: carries every request over, and loses answers to new posts when told to."""

    def __init__(self, target: str) -> None:
        self.target, self.loses = target, False

    async def carry(self, request: web.Request) -> web.Response:
        headers = {name: request.headers[name] for name in KEPT if name in request.headers}
        body = await request.read()
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            address = f"{self.target}{request.raw_path}"
            answer = await client.request(request.method, address, content=body, headers=headers)
        if self.loses and request.method == "POST" and answer.status_code == 201:
            request.transport.abort()
        return web.Response(status=answer.status_code, text=answer.text, content_type="application/json")


@pytest.fixture
async def site(real):
    """The real site at the end of a line, with an empty banner; its channels are closed at the end."""
    line = Line(real.url)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", line.carry)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()

    def lose_answers(lost: bool) -> None:
        line.loses = lost

    base = f"http://127.0.0.1:{server.port}"
    made = Site(f"{base}/wp-json", "kanalvakt", real.passwords["kanalvakt"], real.banner, lose_answers)
    await made.channel().banner(None)
    yield made
    for channel in made.opened:
        await channel.close()
    await server.close()


class TestReal(Behaviour):
    """Against WordPress itself."""


async def test_the_address_with_plain_permalinks_does_as_well(site, real, key):
    """Where the site has no ``/wp-json``, its REST interface is a parameter."""
    channel = site.channel(api_url=f"{real.url}/?rest_route=", categories=(1,))
    assert "kanalvakt" == await channel.ping()
    sent = await channel.send("website", None, WATER, key)
    assert sent == await channel.find("website", None, key, SINCE, WATER)
    await channel.update("website", sent.remote, Message("Vattnet kan drickas."))
    assert ["<p>Vattnet kan drickas.</p>"] == [post["content"]["raw"] for post in await site.posts(key)]
    await channel.remove("website", sent.remote)
    assert ("", []) == (await site.banner(), await site.posts(key))


async def test_a_contributor_is_refused_in_wordpresss_words(site, real, key):
    """Both when publishing and, before it is needed, when asked."""
    site.user = "praktikant"
    channel = site.channel(password=real.passwords["praktikant"])
    with pytest.raises(Refused) as caught:
        await channel.send("website", None, WATER, key)
    assert "rest_cannot_publish" == caught.value.reason
    with pytest.raises(Refused, match="rest_cannot_publish"):
        await channel.ping()


async def test_a_visitor_sees_headline_list_and_link(site, real, key):
    """The page as a browser gets it, without any password."""
    sent = await site.channel().send("website", None, WATER, key)
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        page = (await client.get(sent.link)).text
    assert sent.link == f"{real.url}/kris-{key[:8]}/"
    assert "<title>Koka vattnet" in page
    assert "<ul>\n<li>Koka</li>\n<li>Hämta</li>\n</ul>" in page
    assert 'href="https://varberg.se/v"' in page


async def test_two_sent_at_the_same_time_leave_one(site, key):
    """Two replicas that both believe the lane theirs: whoever comes second gives way."""
    channel = site.channel(banner_page=None)
    both = await asyncio.gather(*(channel.send("website", None, WATER, key) for _ in range(2)))
    posts = await site.posts(key)
    assert {str(post["id"]) for post in posts} == {sent.remote for sent in both}
    assert 1 == len(posts)
