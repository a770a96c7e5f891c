"""The LinkedIn channel against a local LinkedIn over real HTTP: each answer becomes what the desk does next."""

import logging
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.channels import linkedin
from bot.channels.errors import CannotLook, ChannelError, Gone, Refused, Throttled, TokenDead, Unknown
from bot.channels.linkedin import LinkedIn, LinkedInSettings
from bot.channels.message import Message
from bot.channels.settings import Keyring
from bot.sandbox.platforms import linkedin as vendor
from tests.channels.conftest import Listen

ENVIRON = {"LINKEDIN_TOKEN": "linkedin-local"}
WATER = Message("Koka vattnet (gäller Norr) #vatten @kommunen *nu* {a|b} <c> [d] ~e_f\\ https://kommun.se/a_b")
CORRECTED = Message("Rättelse: koka inte vattnet (gäller Söder).")
LINK = "https://kommun.se/kris"


def settings(url: str, **more: Any) -> LinkedInSettings:
    own = {"key": "linkedin", "name": "LinkedIn", "api_url": url, "site_url": url, "token_env": "LINKEDIN_TOKEN"}
    return LinkedInSettings.model_validate(own | {"organization": vendor.ORGANIZATION} | more)


def just_now() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=2)


@pytest.fixture
def local() -> vendor.LinkedIn:
    return vendor.LinkedIn()


@pytest.fixture
async def page(local: vendor.LinkedIn, listen: Listen) -> AsyncIterator[LinkedIn]:
    async with AsyncExitStack() as stack:
        channel = LinkedIn(settings(await listen(local)), Keyring(ENVIRON), timeout_s=2)
        stack.push_async_callback(channel.close)
        yield channel


async def test_a_post_is_read_as_it_was_written(page: LinkedIn, local: vendor.LinkedIn) -> None:
    """Every sign that means something in little text format arrives as itself; nobody is mentioned."""
    sent = await page.send(await page.place("linkedin"), None, WATER, "k1")
    assert [WATER.text] == [item.text for item in local.visible()]
    assert local.items[0].id == sent.remote
    assert f"{local.base_url}/feed/update/{sent.remote}" == sent.link


@given(st.text(max_size=80))
def test_little_text_is_read_back_as_it_was_written(text: str) -> None:
    """By our reading and by the neighbour's, for any text."""
    assert text == linkedin.plain(linkedin.little(text))
    assert text == vendor.read(linkedin.little(text))


def test_a_hashtag_template_reads_as_a_hashtag() -> None:
    """LinkedIn may give back its own form of one."""
    assert "Se #vatten nu" == linkedin.plain("Se {hashtag|\\#|vatten} nu")


def test_the_neighbour_cuts_what_is_not_escaped() -> None:
    """So the tests above would see a forgotten escape."""
    assert "Koka " == vendor.read("Koka (nu)")


async def test_the_link_is_added_once(page: LinkedIn, local: vendor.LinkedIn) -> None:
    """At the end, where the text does not have it."""
    for text in ("Kort.", f"Har den: {LINK}"):
        await page.send("linkedin", None, Message(text, link=LINK), "k")
    assert [f"Kort.\n\n{LINK}", f"Har den: {LINK}"] == [item.text for item in local.items]


async def test_a_correction_is_shown_in_place(page: LinkedIn, local: vendor.LinkedIn) -> None:
    """The post keeps its address."""
    sent = await page.send("linkedin", None, WATER, "k1")
    await page.update("linkedin", sent.remote, CORRECTED)
    await page.update("linkedin", sent.remote, CORRECTED)
    assert [(sent.remote, CORRECTED.text)] == [(item.id, item.text) for item in local.visible()]


async def test_what_is_gone_cannot_be_corrected_but_counts_as_removed(
    page: LinkedIn, local: vendor.LinkedIn
) -> None:
    """Removing again succeeds."""
    sent = await page.send("linkedin", None, WATER, "k1")
    await page.remove("linkedin", sent.remote)
    assert [] == local.visible()
    await page.remove("linkedin", sent.remote)
    with pytest.raises(Gone):
        await page.update("linkedin", sent.remote, CORRECTED)


async def test_the_finder_tells_near_posts_apart(page: LinkedIn) -> None:
    """One letter is a difference, white space is none."""
    await page.send("linkedin", None, Message(WATER.text.replace("Norr", "norr")), "k0")
    sent = await page.send("linkedin", None, WATER, "k1")
    await page.send("linkedin", None, Message(WATER.text + "."), "k2")
    respaced = Message(WATER.text.replace(" ", "\n", 1))
    assert sent == await page.find("linkedin", None, "k1", just_now(), WATER)
    assert sent == await page.find("linkedin", None, "k1", just_now(), respaced)


async def test_an_older_post_of_the_same_words_is_not_ours(page: LinkedIn, local: vendor.LinkedIn) -> None:
    """Only what was made since the attempt counts, though it may have been changed since."""
    await page.send("linkedin", None, CORRECTED, "k0")
    local.items[0].at -= 3600
    await page.update("linkedin", local.items[0].id, WATER)
    assert await page.find("linkedin", None, "k", just_now(), WATER) is None


async def test_the_finder_turns_pages_and_says_when_there_is_no_end(page: LinkedIn, local: vendor.LinkedIn) -> None:
    """Who finds five full pages does not pretend to have looked."""
    ours = await page.send("linkedin", None, WATER, "k1")
    for number in range(70):
        local.add(f"Annat {number}", more={"commentary": f"Annat {number}", "changed": local.clock()})
    assert ours == await page.find("linkedin", None, "k1", just_now(), WATER)
    for number in range(200):
        local.add(f"Mera {number}", more={"commentary": f"Mera {number}", "changed": local.clock()})
    with pytest.raises(CannotLook, match="too many"):
        await page.find("linkedin", None, "k", just_now(), Message("Finns inte"))


@pytest.mark.parametrize("fault", ["drop_after_store", "error_5xx"])
async def test_a_lost_answer_is_unknown_and_the_finder_finds_exactly_that_one(
    page: LinkedIn, local: vendor.LinkedIn, fault: str
) -> None:
    """The post stands, and is recognised by its text."""
    local.faults.set(**{fault: {"probability": 1, "methods": ["posts.create"], "stored": 1}})
    with pytest.raises(Unknown):
        await page.send("linkedin", None, WATER, "k1")
    local.faults.set(**{fault: 0})
    await page.send("linkedin", None, CORRECTED, "k2")
    found = await page.find("linkedin", None, "k1", just_now(), WATER)
    assert found is not None
    assert local.items[0].id == found.remote
    assert 2 == len(local.items)


async def test_a_post_behind_in_the_list_is_not_found_yet(page: LinkedIn, local: vendor.LinkedIn) -> None:
    """The list lags behind; the channel says by how much."""
    await page.send("linkedin", None, WATER, "k1")
    local.faults.set(history_lag_s=60)
    assert await page.find("linkedin", None, "k1", just_now(), WATER) is None
    assert 30.0 == page.lag


async def test_a_slow_answer_is_unknown(local: vendor.LinkedIn, listen: Listen) -> None:
    """Patience ends before the answer; what happened is not known."""
    channel = LinkedIn(settings(await listen(local)), Keyring(ENVIRON), timeout_s=0.2)
    local.faults.set(slow_ms=400)
    with pytest.raises(Unknown):
        await channel.send("linkedin", None, WATER, "k1")
    await channel.close()


async def test_a_duplicate_is_the_post_that_is_there(page: LinkedIn, local: vendor.LinkedIn) -> None:
    """LinkedIn names it, so a lost answer is healed by sending again."""
    sent = await page.send("linkedin", None, WATER, "k1")
    assert sent == await page.send("linkedin", None, WATER, "k1")
    assert 1 == len(local.items)


async def test_a_duplicate_of_a_removed_post_is_a_refusal(page: LinkedIn) -> None:
    """LinkedIn remembers longer than the post stands; nothing is there, and nobody may say so."""
    sent = await page.send("linkedin", None, WATER, "k1")
    await page.remove("linkedin", sent.remote)
    with pytest.raises(Refused, match="no longer there") as refused:
        await page.send("linkedin", None, WATER, "k2")
    assert "DUPLICATE_POST" == refused.value.reason


async def test_a_duplicate_that_says_something_else_by_now_is_a_refusal(
    page: LinkedIn, local: vendor.LinkedIn
) -> None:
    """The post was corrected since; it does not show what was to be sent."""
    await page.send("linkedin", None, WATER, "k1")
    local.items[0].more["commentary"] = "Rättat"
    local._twin = lambda _commentary: vendor.LinkedIn._twin(local, "Rättat")  # type: ignore[method-assign]
    with pytest.raises(Refused, match="something else"):
        await page.send("linkedin", None, WATER, "k2")


@pytest.mark.parametrize("trouble", ["throttle", "error_5xx"])
async def test_a_duplicate_that_cannot_be_read_now_is_not_adopted(
    page: LinkedIn, local: vendor.LinkedIn, trouble: str
) -> None:
    """Trying again is safe: nothing was published by this attempt."""
    await page.send("linkedin", None, WATER, "k1")
    local.faults.set(**{trouble: {"probability": 1, "methods": ["posts.get"]}})
    with pytest.raises((Throttled, Unknown)):
        await page.send("linkedin", None, WATER, "k1")
    assert 1 == len(local.items)


class Curt(vendor.LinkedIn):
    """Gives one prepared answer to every question of one kind, and another to the rest."""

    def __init__(self, status: int, body: Any, *, reading: int = 404) -> None:
        super().__init__()
        self._status, self._body, self._reading = status, body, reading

    def routes(self) -> list[web.RouteDef]:
        async def answer(request: web.Request) -> web.Response:
            if request.match_info["any"].startswith("rest/posts/"):
                return web.json_response({"code": "ACCESS_DENIED"}, status=self._reading)
            if isinstance(self._body, str):
                return web.Response(status=self._status, text=self._body)
            return web.json_response(self._body, status=self._status)

        return [web.route("*", "/{any:.*}", answer)]


def duplicate_of(urn: str) -> dict[str, Any]:
    return {"message": f"Content is a duplicate of {urn}", "status": 422}


@pytest.mark.parametrize("urn", ["urn:li:share:7", "urn:li:ugcPost:7", "urn:li:activity:7"])
async def test_who_may_not_read_takes_linkedins_word_for_a_duplicate(listen: Listen, urn: str) -> None:
    """A token without the right to read can still heal a lost answer."""
    channel = LinkedIn(settings(await listen(Curt(422, duplicate_of(urn), reading=403))), Keyring(ENVIRON))
    assert urn == (await channel.send("linkedin", None, WATER, "k1")).remote
    await channel.close()


async def test_a_token_that_dies_between_two_questions_adopts_nothing(listen: Listen) -> None:
    """The refusal stands, its proof cannot be had."""
    channel = LinkedIn(
        settings(await listen(Curt(422, duplicate_of("urn:li:share:7"), reading=401))), Keyring(ENVIRON)
    )
    with pytest.raises(TokenDead):
        await channel.send("linkedin", None, WATER, "k1")
    await channel.close()


@pytest.mark.parametrize(
    ("status", "body", "error", "words"),
    [
        (422, duplicate_of("urn:li:person:abc"), Refused, "duplicate of urn:li:person"),
        (422, duplicate_of("urn:li:share:7"), Refused, "DUPLICATE_POST: urn:li:share:7 is no longer there"),
        (422, {"message": "No such urn:li:share:7"}, Refused, "No such"),
        (422, {"errorDetails": {"inputErrors": [{"code": "X", "description": "y"}]}}, Refused, "X: y"),
        (401, {"code": "EXPIRED_ACCESS_TOKEN", "serviceErrorCode": 65602}, TokenDead, "EXPIRED_ACCESS_TOKEN"),
        (403, {"code": "ACCESS_DENIED", "message": "Not enough permissions"}, Refused, "ACCESS_DENIED: Not enough"),
        (404, "", Refused, "HTTP 404"),
        (409, {"message": "Conflict"}, Refused, "HTTP 409: Conflict"),
        (302, "", Unknown, "HTTP 302"),
        (201, "", Unknown, "no id"),
        (502, "<html>", Unknown, "502"),
        (429, {"code": "TOO_MANY_REQUESTS"}, Throttled, "retry after 30 s"),
    ],
)
async def test_every_shape_of_refusal_has_its_type(
    listen: Listen, status: int, body: Any, error: type[ChannelError], words: str
) -> None:
    """A person's name in a refusal is no proof of a post."""
    channel = LinkedIn(settings(await listen(Curt(status, body))), Keyring(ENVIRON))
    with pytest.raises(error, match=re.escape(words)):
        await channel.send("linkedin", None, WATER, "k1")
    await channel.close()


@pytest.mark.parametrize("body", ["<html>gateway</html>", {}, {"elements": None}])
async def test_a_meaningless_answer_is_never_taken_for_an_empty_list(listen: Listen, body: Any) -> None:
    """Nothing found must mean that somebody looked; a page has a name."""
    channel = LinkedIn(settings(await listen(Curt(200, body))), Keyring(ENVIRON))
    with pytest.raises(CannotLook):
        await channel.find("linkedin", None, "k", just_now(), WATER)
    with pytest.raises(Unknown):
        await channel.ping()
    await channel.close()


@pytest.mark.parametrize(
    ("version", "word"), [("202401", "NONEXISTENT_VERSION"), ("202712", "NONEXISTENT_VERSION")]
)
async def test_a_sunset_version_is_refused_in_the_vendors_word(
    local: vendor.LinkedIn, listen: Listen, version: str, word: str
) -> None:
    """The file names the version; it is renewed yearly, and ping tells when it is time."""
    channel = LinkedIn(settings(await listen(local), version=version), Keyring(ENVIRON))
    for attempt in (channel.ping(), channel.send("linkedin", None, WATER, "k1")):
        with pytest.raises(Refused) as refused:
            await attempt
        assert word == refused.value.reason
    await channel.close()


async def test_the_usual_version_is_one_that_is_served(page: LinkedIn) -> None:
    """Nobody has to know about versions to begin."""
    assert "Kommunen" == await page.ping()


async def test_a_text_too_long_is_refused(page: LinkedIn) -> None:
    """In the vendor's word."""
    with pytest.raises(Refused, match="FIELD_LENGTH_TOO_LONG"):
        await page.send("linkedin", None, Message("a" * 3001), "k1")


async def test_a_lost_permission_refuses_and_cannot_look(page: LinkedIn, local: vendor.LinkedIn) -> None:
    """Neither is a sure no."""
    local.permitted = False
    with pytest.raises(Refused, match="ACCESS_DENIED"):
        await page.send("linkedin", None, WATER, "k1")
    with pytest.raises(CannotLook, match="ACCESS_DENIED"):
        await page.find("linkedin", None, "k1", just_now(), WATER)


async def test_a_drill_never_reaches_the_public(page: LinkedIn, local: vendor.LinkedIn) -> None:
    """Neither as a post nor as a change of one."""
    drill = Message("ÖVNING", drill=True)
    for attempt in (page.send("linkedin", None, drill, "k1"), page.update("linkedin", "urn:li:share:1", drill)):
        with pytest.raises(Refused, match="drill"):
            await attempt
    assert [] == local.calls


async def test_without_a_text_nobody_can_look(page: LinkedIn) -> None:
    """LinkedIn keeps no key of ours."""
    with pytest.raises(CannotLook):
        await page.find("linkedin", None, "k", just_now(), None)


async def test_no_secret_is_said_in_errors_or_logs(
    local: vendor.LinkedIn, listen: Listen, caplog: pytest.LogCaptureFixture
) -> None:
    """Not even at the most talkative level."""
    caplog.set_level(logging.DEBUG)
    local.token = "a-secret-nobody-says"
    channel = LinkedIn(settings(await listen(local)), Keyring({"LINKEDIN_TOKEN": local.token}))
    await channel.send("linkedin", None, WATER, "k1")
    local.faults.set(revoked=True)
    with pytest.raises(TokenDead) as dead:
        await channel.ping()
    assert "REVOKED_ACCESS_TOKEN" == dead.value.reason
    assert local.token not in caplog.text + repr(dead.value)
    await channel.close()


@pytest.mark.parametrize("more", [{"version": "2026-07"}, {"version": "202613"}, {"organization": "urn:li:x:1"}])
def test_odd_settings_are_refused(more: dict[str, Any]) -> None:
    """A malformed setting stops the start, not the crisis."""
    with pytest.raises(ValidationError):
        settings("https://api.linkedin.com", **more)
