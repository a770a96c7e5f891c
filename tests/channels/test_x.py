"""The X channel against a local X over real HTTP: each answer of the vendor becomes what the desk does next."""

import logging
import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from pydantic import ValidationError

from bot.channels.errors import CannotLook, ChannelError, Refused, Throttled, TokenDead, Unknown
from bot.channels.message import Message
from bot.channels.settings import Keyring
from bot.channels.x import X, XSettings
from bot.sandbox.platforms import x as vendor
from tests.channels.conftest import Listen

ENVIRON = {
    "X_CONSUMER_KEY": "x-consumer",
    "X_CONSUMER_SECRET": "x-consumer-secret",
    "X_TOKEN": "x-local",
    "X_TOKEN_SECRET": "x-token-secret",
}
WATER = Message("Koka vattnet i Norr & Söder <nu>. Läs mer: https://kommun.se/vatten?a=1&b=2 och kommun.se/fråga.")
LINK = "https://kommun.se/kris"


def settings(url: str, **more: Any) -> XSettings:
    named = {
        "consumer_key_env": "X_CONSUMER_KEY",
        "consumer_secret_env": "X_CONSUMER_SECRET",
        "token_env": "X_TOKEN",
        "token_secret_env": "X_TOKEN_SECRET",
    }
    return XSettings.model_validate({"key": "x", "name": "X", "api_url": url, "site_url": url} | named | more)


def just_now() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=2)


@pytest.fixture(params=["tweet", "post"])
def local(request: pytest.FixtureRequest) -> vendor.X:
    """Both dialects: X renames its fields, and nobody knows when."""
    return vendor.X(fields=request.param)


@pytest.fixture
async def x(local: vendor.X, listen: Listen) -> AsyncIterator[X]:
    async with AsyncExitStack() as stack:
        channel = X(settings(await listen(local), fields=local.fields), Keyring(ENVIRON), timeout_s=2)
        stack.push_async_callback(channel.close)
        yield channel


async def test_a_post_stands_with_its_id_and_public_address(x: X, local: vendor.X) -> None:
    """The signature is accepted though the body is JSON, and the text arrives letter by letter."""
    sent = await x.send(await x.place("x"), None, WATER, "k1")
    assert [WATER.text] == [item.text for item in local.visible()]
    assert local.items[0].id == sent.remote
    assert "x" == sent.place
    assert f"{local.base_url}/i/status/{sent.remote}" == sent.link


async def test_the_link_is_added_where_the_text_lacks_it_and_there_is_room(x: X, local: vendor.X) -> None:
    """Never at the price of a refusal, never twice."""
    full = "a" * 280
    for text in ("Kort.", f"Har den: {LINK}", full):
        await x.send("x", None, Message(text, link=LINK), "k")
    assert [f"Kort.\n\n{LINK}", f"Har den: {LINK}", full] == [item.text for item in local.items]


async def test_a_removed_post_is_gone_and_removing_again_succeeds(x: X, local: vendor.X) -> None:
    """What is not there counts as removed."""
    sent = await x.send("x", None, WATER, "k1")
    await x.remove("x", sent.remote)
    assert [] == local.visible()
    await x.remove("x", sent.remote)


async def test_the_finder_reads_short_links_and_escapes_as_what_was_written(x: X, local: vendor.X) -> None:
    """X gives t.co addresses and &amp;; the one post is found among its neighbours."""
    await x.send("x", None, Message(WATER.text.replace("Norr", "Väst")), "k0")
    sent = await x.send("x", None, WATER, "k1")
    await x.send("x", None, Message(WATER.text.replace("b=2", "b=3")), "k2")
    assert sent == await x.find("x", None, "k1", just_now(), WATER)


@pytest.mark.parametrize(
    ("written", "expanded"),
    [
        ("kommun.se/x", "http://kommun.se/x"),
        ("https://malmö.se", "https://xn--malm-8qa.se/"),
        ("https://kommun.se/a  \n b", "https://kommun.se/a b"),
        ("https://kommun.se/a Va\u0308st", "https://kommun.se/a Väst"),
    ],
)
async def test_an_address_written_otherwise_is_the_same_address(
    x: X, local: vendor.X, written: str, expanded: str
) -> None:
    """X completes addresses, and writes the letters of a domain in its own way."""
    links = {"https://t.co/abc": expanded.partition(" ")[0]}
    item = local.add(f"Se {expanded}", more={"links": links})
    found = await x.find("x", None, "k", just_now(), Message(f"Se {written}"))
    assert found is not None
    assert item.id == found.remote


async def test_what_is_not_there_is_not_found(x: X, local: vendor.X) -> None:
    """An empty timeline and another text are both a sure no; case counts."""
    assert await x.find("x", None, "k", just_now(), WATER) is None
    local.add(WATER.text.upper())
    assert await x.find("x", None, "k", just_now(), WATER) is None


async def test_an_older_post_of_the_same_words_is_not_ours(x: X, local: vendor.X) -> None:
    """Only what was posted since the attempt counts."""
    local.add(WATER.text).at -= 3600
    assert await x.find("x", None, "k", just_now(), WATER) is None


async def test_the_finder_turns_pages_and_says_when_there_is_no_end(x: X, local: vendor.X) -> None:
    """A hundred a page; who finds five full pages does not pretend to have looked."""
    ours = local.add(WATER.text)
    for number in range(150):
        local.add(f"Annat {number}")
    found = await x.find("x", None, "k", just_now(), WATER)
    assert found is not None
    assert ours.id == found.remote
    for number in range(400):
        local.add(f"Mera {number}")
    with pytest.raises(CannotLook, match="too many"):
        await x.find("x", None, "k", just_now(), Message("Finns inte"))


@pytest.mark.parametrize("fault", ["drop_after_store", "error_5xx"])
async def test_a_lost_answer_is_unknown_and_the_finder_finds_exactly_that_one(
    x: X, local: vendor.X, fault: str
) -> None:
    """The post stands; sending blindly would be refused or double it."""
    local.faults.set(**{fault: {"probability": 1, "methods": ["tweets.create"], "stored": 1}})
    with pytest.raises(Unknown):
        await x.send("x", None, WATER, "k1")
    local.faults.set(**{fault: 0})
    await x.send("x", None, Message("Ett annat inlägg"), "k2")
    found = await x.find("x", None, "k1", just_now(), WATER)
    assert found is not None
    assert local.items[0].id == found.remote
    assert 2 == len(local.items)


async def test_a_slow_answer_is_unknown(local: vendor.X, listen: Listen) -> None:
    """Patience ends before the answer; what happened is not known."""
    channel = X(settings(await listen(local), fields=local.fields), Keyring(ENVIRON), timeout_s=0.2)
    local.faults.set(slow_ms=400)
    with pytest.raises(Unknown):
        await channel.send("x", None, WATER, "k1")
    await channel.close()


async def test_a_duplicate_is_unknown_so_that_the_finder_looks(x: X, local: vendor.X) -> None:
    """X says that it has the text, not where."""
    sent = await x.send("x", None, WATER, "k1")
    with pytest.raises(Unknown, match="duplicate"):
        await x.send("x", None, WATER, "k1")
    assert sent == await x.find("x", None, "k1", just_now(), WATER)


async def test_used_up_credits_are_a_refusal_in_the_vendors_word(x: X, local: vendor.X) -> None:
    """Waiting does not fill the account; somebody must pay."""
    local.credits = False
    with pytest.raises(Refused) as refused:
        await x.send("x", None, WATER, "k1")
    assert "CreditsDepleted" == refused.value.reason


async def test_a_text_too_long_is_refused_before_x_is_asked(x: X, local: vendor.X) -> None:
    """X would only say Forbidden."""
    with pytest.raises(Refused) as refused:
        await x.send("x", None, Message("å" * 281), "k1")
    assert ("too_long", "281 of 280") == (refused.value.reason, refused.value.detail)
    assert [] == local.calls


async def test_throttling_waits_until_the_window_opens(x: X, local: vendor.X) -> None:
    """X gives a time of day; the desk waits that long, and no longer."""
    local.faults.set(throttle=1)
    with pytest.raises(Throttled) as throttled:
        await x.send("x", None, WATER, "k1")
    assert 0 <= throttled.value.retry_after <= vendor.WINDOW_S


async def test_a_drill_never_reaches_the_public(x: X, local: vendor.X) -> None:
    """Neither as a post nor as a change of one."""
    drill = Message("ÖVNING", drill=True)
    for attempt in (x.send("x", None, drill, "k1"), x.update("x", "1", drill)):
        with pytest.raises(Refused, match="drill"):
            await attempt
    assert [] == local.calls


async def test_the_account_is_asked_once_and_not_at_all_when_the_file_names_it(
    x: X, local: vendor.X, listen: Listen
) -> None:
    """Every question costs money."""
    for _ in range(2):
        await x.find("x", None, "k", just_now(), WATER)
    assert 1 == local.calls.count("users.me")
    named = settings(local.base_url, fields=local.fields, user_id=vendor.ACCOUNT, username=vendor.HANDLE)
    channel = X(named, Keyring(ENVIRON))
    assert await channel.find("x", None, "k", just_now(), WATER) is None
    assert 1 == local.calls.count("users.me")
    assert f"/{vendor.HANDLE}/status/" in (await channel.send("x", None, WATER, "k")).link
    await channel.close()


async def test_ping_gives_the_accounts_name(x: X) -> None:
    """As X says it."""
    assert "Kommunen" == await x.ping()


@pytest.mark.parametrize("name", list(ENVIRON))
async def test_each_wrong_or_missing_key_is_a_dead_token(local: vendor.X, listen: Listen, name: str) -> None:
    """All four are needed, and a missing one never reaches the network."""
    url = await listen(local)
    for environ in (ENVIRON | {name: "fel"}, ENVIRON | {name: ""}):
        channel = X(settings(url), Keyring(environ))
        with pytest.raises(TokenDead):
            await channel.ping()
        await channel.close()
    assert ["users.me"] == local.calls


async def test_a_wrong_dialect_cannot_look_instead_of_finding_nothing(local: vendor.X, listen: Listen) -> None:
    """An error about the question is no answer to it."""
    other = "post" if local.fields == "tweet" else "tweet"
    channel = X(settings(await listen(local), fields=other), Keyring(ENVIRON))
    with pytest.raises(CannotLook, match="Invalid Request"):
        await channel.find("x", None, "k", just_now(), WATER)
    await channel.close()


async def test_an_unknown_account_cannot_be_looked_at_though_x_says_200(local: vendor.X, listen: Listen) -> None:
    """Errors may come with success as their status."""
    channel = X(settings(await listen(local), fields=local.fields, user_id="1"), Keyring(ENVIRON))
    with pytest.raises(CannotLook, match="Not Found"):
        await channel.find("x", None, "k", just_now(), WATER)
    await channel.close()


async def test_without_a_text_nobody_can_look(x: X) -> None:
    """X keeps no key of ours."""
    with pytest.raises(CannotLook):
        await x.find("x", None, "k", just_now(), None)


class Curt(vendor.X):
    """Gives one prepared answer to everything."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__()
        self._status, self._body = status, body

    def routes(self) -> list[web.RouteDef]:
        async def answer(_request: web.Request) -> web.Response:
            if isinstance(self._body, str):
                return web.Response(status=self._status, text=self._body)
            return web.json_response(self._body, status=self._status)

        return [web.route("*", "/{any:.*}", answer)]


@pytest.mark.parametrize(
    ("status", "body", "error", "words"),
    [
        (403, {"errors": [{"code": 187, "message": "Status is a duplicate."}]}, Unknown, "duplicate"),
        (403, {"errors": [{"code": 186, "message": "Tweet needs to be shorter."}]}, Refused, "186: Tweet needs"),
        (403, {"title": "Client Forbidden", "detail": "Enroll"}, Refused, "Client Forbidden: Enroll"),
        (403, {"title": "Unsupported Authentication"}, TokenDead, "Unsupported Authentication"),
        (401, {"title": "Unauthorized"}, TokenDead, "Unauthorized"),
        (404, "Not Found", Refused, "HTTP 404"),
        (302, "", Unknown, "HTTP 302"),
        (200, "<html>gateway</html>", Unknown, "without data"),
        (201, {"data": {}}, Unknown, "no id"),
        (200, {"errors": [{"title": "Forbidden", "detail": "No"}]}, Refused, "Forbidden: No"),
        (503, {}, Unknown, "503"),
        (400, {"errors": ["odd"]}, Refused, "HTTP 400"),
    ],
)
async def test_every_shape_of_refusal_has_its_type(
    listen: Listen, status: int, body: Any, error: type[ChannelError], words: str
) -> None:
    """Old and new ways of saying no, and answers that are none."""
    channel = X(settings(await listen(Curt(status, body))), Keyring(ENVIRON))
    with pytest.raises(error, match=re.escape(words)):
        await channel.send("x", None, WATER, "k1")
    await channel.close()


@pytest.mark.parametrize("body", ["<html>gateway</html>", {}, {"data": {}}])
async def test_a_meaningless_answer_is_never_taken_for_an_empty_timeline(listen: Listen, body: Any) -> None:
    """Nothing found must mean that somebody looked; a name needs an account."""
    channel = X(settings(await listen(Curt(200, body))), Keyring(ENVIRON))
    for question in (channel.find("x", None, "k", just_now(), WATER), channel.ping()):
        with pytest.raises(Unknown):
            await question
    await channel.close()


async def test_a_post_that_x_keeps_is_not_removed(listen: Listen) -> None:
    """X may answer 200 and still not have done it."""
    channel = X(settings(await listen(Curt(200, {"data": {"deleted": False}}))), Keyring(ENVIRON))
    with pytest.raises(Refused, match="not_deleted"):
        await channel.remove("x", "1")
    await channel.close()


async def test_no_secret_is_said_in_errors_or_logs(
    local: vendor.X, listen: Listen, caplog: pytest.LogCaptureFixture
) -> None:
    """Not even at the most talkative level."""
    caplog.set_level(logging.DEBUG)
    url = await listen(local)
    channel = X(settings(url, fields=local.fields), Keyring(ENVIRON))
    await channel.send("x", None, WATER, "k1")
    local.faults.set(revoked=True)
    with pytest.raises(TokenDead) as dead:
        await channel.ping()
    said = caplog.text + repr(dead.value) + str(dead.value)
    assert [] == [secret for secret in ENVIRON.values() if secret in said.replace(url, "")]
    await channel.close()


async def test_a_signature_is_good_once_and_for_its_moment_only(local: vendor.X, listen: Listen) -> None:
    """The local X checks as the vendor does, so the tests above prove the signing."""
    channel = X(settings(await listen(local)), Keyring(ENVIRON))
    await channel.ping()
    local.clock = lambda: time.time() + 2 * vendor.CLOCK_SKEW_S
    with pytest.raises(TokenDead):
        await channel.ping()
    await channel.close()


@pytest.mark.parametrize(
    "more", [{"user_id": "@kommunen"}, {"fields": "status"}, {"token_secret_env": ""}, {"username": "a b"}]
)
def test_odd_settings_are_refused(more: dict[str, Any]) -> None:
    """A malformed setting stops the start, not the crisis."""
    with pytest.raises(ValidationError):
        settings("https://api.x.com", **more)
