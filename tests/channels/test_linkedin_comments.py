"""Comments on a local LinkedIn page: fresh posts at each look, older ones by turns, one level of answers."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from bot.channels.errors import CannotLook, Gone, Refused, Throttled, TokenDead, Unknown
from bot.channels.heard import Heard, Verb
from bot.channels.linkedin import LinkedInSettings
from bot.channels.protocol import Can
from bot.channels.settings import Keyring
from bot.channels.talk import linkedin
from bot.channels.talk.linkedin import LinkedInTalk
from bot.sandbox.platforms import linkedin as vendor
from bot.sandbox.platforms.base import Item
from bot.sandbox.platforms.remarks import Remark
from tests.channels.conftest import Listen

DAY_S = 86_400.0


@pytest.fixture
def local() -> vendor.LinkedIn:
    return vendor.LinkedIn()


@pytest.fixture
async def talk(local: vendor.LinkedIn, listen: Listen) -> AsyncIterator[LinkedInTalk]:
    async with AsyncExitStack() as stack:
        given = {"key": "li", "name": "L", "api_url": await listen(local), "organization": vendor.ORGANIZATION}
        chosen = LinkedInSettings.model_validate({**given, "site_url": local.base_url, "token_env": "LI"})
        one = LinkedInTalk(chosen, Keyring({"LI": "linkedin-local"}), timeout_s=2)
        stack.push_async_callback(one.close)
        yield one


def posted(local: vendor.LinkedIn, words: str = "Nu öppnar badhuset.", days_ago: float = 0) -> Item:
    """A post of the page, as old as that."""
    item = local.add(words, id=local._urn(), more={"commentary": words})
    item.at -= days_ago * DAY_S
    item.more["changed"] = item.at
    return item


def recently() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=2)


async def _look(talk: LinkedInTalk, cursor: Mapping[str, Any]) -> tuple[list[Heard], Mapping[str, Any]]:
    page = await talk.comments(cursor)
    return list(page.heard), page.cursor


async def test_comments_are_heard_with_their_post(talk: LinkedInTalk, local: vendor.LinkedIn) -> None:
    """Nobody is told who wrote: LinkedIn does not say."""
    post = posted(local)
    remark = local.remarks.add(post.id, "När då?", author="Förälder")
    [one], _ = await _look(talk, {})
    assert (remark.id, post.id, "När då?", "", Verb.SEEN) == (one.remote, one.post, one.text, one.author, one.verb)
    assert ("Nu öppnar badhuset.", f"{local.base_url}/feed/update/{post.id}") == (one.post_text, one.post_link)
    assert one.link.startswith(f"{one.post_link}?commentUrn=urn%3Ali%3Acomment")


async def test_a_restart_reads_on_where_it_was(talk: LinkedInTalk, local: vendor.LinkedIn) -> None:
    """What was heard before is at most told once more by the overlap; what is new is there, answers too."""
    post = posted(local)
    first = local.remarks.add(post.id, "Första?")
    first.at -= 600
    _, cursor = await _look(talk, {})
    local.remarks.add(post.id, "Andra?")
    local.remarks.add(post.id, "Svar från granne", parent=first.id)
    heard, cursor = await _look(talk, cursor)
    assert {("Andra?", ""), ("Svar från granne", first.id)} == {(one.text, one.parent) for one in heard}
    assert {post.id: {first.id: 1}} == {urn: one["below"] for urn, one in cursor["posts"].items()}


async def test_an_edit_is_heard(talk: LinkedInTalk, local: vendor.LinkedIn) -> None:
    """By when it was changed last."""
    post = posted(local)
    remark = local.remarks.add(post.id, "När?")
    remark.at -= 1800
    _, cursor = await _look(talk, {})
    local.remarks.edit(remark, "När på lördag?")
    assert [(remark.id, "När på lördag?")] == [(one.remote, one.text) for one in (await _look(talk, cursor))[0]]


async def test_our_own_answers_in_the_app_are_heard(talk: LinkedInTalk, local: vendor.LinkedIn) -> None:
    """With the comment they answer."""
    post = posted(local)
    question = local.remarks.add(post.id, "När?")
    local.remarks.add(post.id, "Klockan tio.", parent=question.id, own=True)
    _, own = (await _look(talk, {}))[0]
    assert (True, question.id) == (own.own, own.parent)


async def test_older_posts_have_their_turn(talk: LinkedInTalk, local: vendor.LinkedIn) -> None:
    """Each is read once in a round of looks, and then from where it was read last: a day's quota is small."""
    old = posted(local, days_ago=10)
    _, cursor = await _look(talk, {})
    local.remarks.add(old.id, "Gäller det här än?")
    heard: list[Heard] = []
    local.calls.clear()
    for _ in range(linkedin.TURNS):
        found, cursor = await _look(talk, cursor)
        heard += found
    assert (["Gäller det här än?"], 1) == ([one.text for one in heard], local.calls.count("comments.list"))


async def test_more_than_one_page_of_comments(talk: LinkedInTalk, local: vendor.LinkedIn) -> None:
    """None between the pages is lost."""
    post = posted(local)
    wrote = [local.remarks.add(post.id, f"Fråga {n}?").id for n in range(230)]
    assert set(wrote) == {one.remote for one in (await _look(talk, {}))[0]}


async def test_an_answer_stands_below_the_comment(talk: LinkedInTalk, local: vendor.LinkedIn) -> None:
    """An answer to an answer stands beside it: there is one level."""
    post = posted(local)
    question = local.remarks.add(post.id, "När?")
    below = local.remarks.add(post.id, "Ja, när?", parent=question.id)
    sent = [await talk.reply(one.id, f"Svar {n}", "k") for n, one in enumerate((question, below))]
    answers = [one for one in local.remarks.below(question.id) if one.own]
    assert [one.id for one in answers] == [one.remote for one in sent]


async def test_a_lost_answer_is_found_and_not_sent_again(talk: LinkedInTalk, local: vendor.LinkedIn) -> None:
    """By its words below that comment, since then."""
    question = local.remarks.add(posted(local).id, "När?")
    local.faults.set(drop_after_store=1.0)
    with pytest.raises(Unknown):
        await talk.reply(question.id, "Klockan  tio.", "k")
    local.faults.set(drop_after_store=0.0)
    found = await talk.find_reply(question.id, "Klockan tio.", "k", recently())
    [stands] = local.remarks.below(question.id)
    assert found is not None
    assert stands.id == found.remote
    assert None is await talk.find_reply(question.id, "Annat.", "k", recently())
    assert None is await talk.find_reply(question.id, "Klockan tio.", "k", datetime.now(UTC) + timedelta(minutes=1))


async def test_what_is_gone(talk: LinkedInTalk, local: vendor.LinkedIn) -> None:
    """It is not answered, not found, not seen; and it counts as removed."""
    question = local.remarks.add(posted(local).id, "När?")
    seen = await talk.look(question.id)
    assert seen is not None
    assert (question.id, "När?", Verb.SEEN) == (seen.remote, seen.text, seen.verb)
    await talk.take_down(question.id)
    await talk.take_down(question.id)
    assert (True, None) == (question.removed, await talk.look(question.id))
    assert None is await talk.find_reply(question.id, "Klockan tio.", "k", recently())
    with pytest.raises(Gone):
        await talk.reply(question.id, "Klockan tio.", "k")


async def test_nothing_can_be_hidden(talk: LinkedInTalk, local: vendor.LinkedIn) -> None:
    """And it says so."""
    question = local.remarks.add(posted(local).id, "När?")
    with pytest.raises(Refused):
        await talk.hide(question.id, hidden=True)
    assert Can.HIDE not in talk.can


async def test_a_name_that_is_no_comments_is_refused(talk: LinkedInTalk, local: vendor.LinkedIn) -> None:
    """Nothing is asked of LinkedIn."""
    for odd in ("1_2", "urn:li:share:1", "urn:li:comment:(x,1)"):
        with pytest.raises(Refused):
            await talk.look(odd)
    assert [] == local.calls


async def test_too_fast_dead_and_without_permission(talk: LinkedInTalk, local: vendor.LinkedIn) -> None:
    """The cursor stands, so what was written meanwhile is heard afterwards."""
    post = posted(local)
    _, cursor = await _look(talk, {})
    local.remarks.add(post.id, "När?")
    ailing: dict[type[Exception], dict[str, Any]] = {
        Throttled: {"throttle": 1.0},
        TokenDead: {"revoked": True},
        Unknown: {"error_5xx": 1.0},
    }
    for error, faults in ailing.items():
        local.faults.set(**faults)
        with pytest.raises(error):
            await talk.comments(cursor)
        local.faults.set(throttle=0.0, revoked=False, error_5xx=0.0)
    local.permitted = False
    with pytest.raises(Refused, match="ACCESS_DENIED"):
        await talk.comments(cursor)
    local.permitted = True
    assert ["När?"] == [one.text for one in (await _look(talk, cursor))[0]]


async def test_figures_of_the_page_and_its_posts(talk: LinkedInTalk, local: vendor.LinkedIn) -> None:
    """Followers, reactions of all kinds, comments; none of what LinkedIn does not tell."""
    post = posted(local)
    posted(local, "Äldre", days_ago=40)
    local.audience.followers, local.audience.hearts[post.id] = 815, 7
    local.remarks.add(post.id, "När?")
    found = await talk.measure(datetime.now(UTC) - timedelta(days=30))
    [figures] = found.posts
    assert (815, post.id, 7, 1, None) == (
        found.followers,
        figures.remote,
        figures.reactions,
        figures.comments,
        figures.shares,
    )


async def test_odd_shapes(talk: LinkedInTalk, local: vendor.LinkedIn) -> None:
    """A comment without a name is passed over, one without time or words is taken; no list is not an empty one."""
    post = posted(local)
    wrote = [local.remarks.add(post.id, f"{n}") for n in range(2)]
    told = local._told

    def odd(remark: Remark) -> dict[str, Any]:
        lacks = ("commentUrn",) if remark is wrote[0] else ("created", "lastModified", "message")
        return told(remark) | dict.fromkeys(lacks)

    local._told = odd  # type: ignore[method-assign]
    [one], cursor = await _look(talk, {})
    assert (wrote[1].id, "", None) == (one.remote, one.text, one.written)

    def nothing(*_: Any, **__: Any) -> web.Response:
        return web.json_response({"paging": {}})

    local.barred = nothing  # type: ignore[method-assign]
    with pytest.raises(CannotLook):
        await talk.comments(cursor)
