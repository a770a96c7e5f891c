"""Comments on a local X: read from mentions, answered where X allows it, hidden; nothing twice, nothing lost."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.channels import registry
from bot.channels.conversation import Page
from bot.channels.elsewhere import Kind
from bot.channels.errors import Gone, Refused, Throttled, TokenDead, Unknown
from bot.channels.heard import Heard, Verb
from bot.channels.protocol import Can
from bot.channels.settings import Keyring
from bot.channels.talk.x import XTalk
from bot.sandbox.platforms import x as vendor
from bot.sandbox.platforms.base import Item
from bot.sandbox.platforms.remarks import Letter
from tests.channels.conftest import Listen
from tests.channels.test_x import ENVIRON, settings


@pytest.fixture(params=["tweet", "post"])
def local(request: pytest.FixtureRequest) -> vendor.X:
    """Both dialects."""
    return vendor.X(fields=request.param)


@pytest.fixture
async def talk(local: vendor.X, listen: Listen) -> AsyncIterator[XTalk]:
    async with AsyncExitStack() as stack:
        chosen = settings(await listen(local), fields=local.fields, user_id=vendor.ACCOUNT)
        one = XTalk(chosen, Keyring(ENVIRON), timeout_s=2)
        stack.push_async_callback(one.close)
        yield one


@pytest.fixture
def post(local: vendor.X) -> Item:
    return local.add("Badhuset öppnar & välkomnar.")


def recently() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=2)


async def _all(talk: XTalk, cursor: Mapping[str, Any]) -> tuple[list[Heard], Mapping[str, Any]]:
    heard: list[Heard] = []
    while True:
        page: Page = await talk.comments(cursor)
        heard, cursor = [*heard, *page.heard], page.cursor
        if not page.more:
            return heard, cursor


async def test_answers_below_our_posts_are_heard_once(talk: XTalk, local: vendor.X, post: Item) -> None:
    """With words, name, post and address; whom X puts before the words is left out."""
    remark = local.remarks.add(post.id, "När & var?", author="Förälder")
    [one], cursor = await _all(talk, {})
    assert (remark.id, post.id, "När & var?", "Förälder", Verb.SEEN) == (
        one.remote,
        one.post,
        one.text,
        one.author,
        one.verb,
    )
    assert ("Badhuset öppnar & välkomnar.", "", False) == (one.post_text, one.parent, one.own)
    assert one.link == f"{local.base_url}/i/status/{remark.id}"
    assert [] == (await _all(talk, cursor))[0]


@pytest.mark.parametrize("said", ["@kommunen när?", "@Kommunen @granne när?", "När, @kommunen?"])
async def test_whom_a_resident_names_stays_in_the_words(
    talk: XTalk, local: vendor.X, post: Item, said: str
) -> None:
    """X puts us before every answer; named once more we are summoned, and may answer."""
    local.remarks.add(post.id, said)
    assert [said] == [one.text for one in (await _all(talk, {}))[0]]


async def test_it_catches_up_page_by_page(talk: XTalk, local: vendor.X, post: Item) -> None:
    """Whatever was written while nobody looked, oldest pages last, and nothing between them is lost."""
    _, cursor = await _all(talk, {})
    wrote = [local.remarks.add(post.id, f"Fråga {n}?").id for n in range(250)]
    first = await talk.comments(cursor)
    local.remarks.add(post.id, "Under läsningen?")
    rest, cursor = await _all(talk, first.cursor)
    assert (True, set(wrote)) == (first.more, {one.remote for one in (*first.heard, *rest)})
    assert ["Under läsningen?"] == [one.text for one in (await _all(talk, cursor))[0]]


async def test_an_edit_keeps_the_comments_name(talk: XTalk, local: vendor.X, post: Item) -> None:
    """X gives an edited post a new id."""
    remark = local.remarks.add(post.id, "När?")
    _, cursor = await _all(talk, {})
    local.remarks.edit(remark, "När på lördag?")
    [one], _ = await _all(talk, cursor)
    assert (remark.id, "När på lördag?") == (one.remote, one.text)


async def test_our_own_answers_in_the_app_are_heard(talk: XTalk, local: vendor.X, post: Item) -> None:
    """With the comment they answer; and residents' answers to residents have theirs."""
    question = local.remarks.add(post.id, "När?")
    _, cursor = await _all(talk, {})
    local.remarks.add(post.id, "Klockan tio.", parent=question.id, own=True)
    local.remarks.add(post.id, "Tack!", parent=question.id, author="Granne")
    ours, theirs = (await _all(talk, cursor))[0]
    assert (True, question.id, "Klockan tio.") == (ours.own, ours.parent, ours.text)
    assert (False, question.id, "Tack!", post.id) == (theirs.own, theirs.parent, theirs.text, theirs.post)


async def test_who_named_the_account_is_answered(talk: XTalk, local: vendor.X, post: Item) -> None:
    """The answer stands below the comment, and has an address."""
    remark = local.remarks.add(post.id, "Hej @Kommunen, när?")
    sent = await talk.reply(remark.id, "Klockan tio.", "k")
    [answer] = local.remarks.below(remark.id)
    assert (answer.id, "Klockan tio.", True) == (sent.remote, answer.text, answer.own)
    assert sent.link.endswith(f"/status/{answer.id}")


async def test_who_did_not_is_refused_by_x(talk: XTalk, local: vendor.X, post: Item) -> None:
    """So the answer is handed over; nothing was posted."""
    remark = local.remarks.add(post.id, "När?")
    with pytest.raises(Refused, match="mentioned"):
        await talk.reply(remark.id, "Klockan tio.", "k")
    assert [] == local.remarks.below(remark.id)


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("Hej @kommunen?", True),
        ("@KOMMUNEN", True),
        ("När?", False),
        ("a@kommunen.se", False),
        ("@kommunen2", False),
    ],
)
def test_the_desk_knows_before_whom_it_may_answer(said: str, answered: bool) -> None:
    """From the words of the comment, so the form says so at once."""
    chosen = settings("http://x.test", username="kommunen")
    talks = registry.talks([chosen], Keyring(ENVIRON), timeout_s=1)
    [outlet] = registry.outlets([chosen], [], talks)
    assert answered == outlet.answers(said)


def test_an_app_with_more_rights_answers_everybody() -> None:
    """As the municipality's file says; and without a name nobody can have named it."""
    for more, expected in (({"replies": "all"}, True), ({}, False)):
        chosen = settings("http://x.test", **more)
        [outlet] = registry.outlets([chosen], [], registry.talks([chosen], Keyring(ENVIRON), timeout_s=1))
        assert expected == outlet.answers("När?")


async def test_a_lost_answer_is_found_and_not_sent_again(talk: XTalk, local: vendor.X, post: Item) -> None:
    """Its text and the comment it answers are the proof; the same words below another one are not."""
    local.summoned_only = False
    first, second = (local.remarks.add(post.id, f"Fråga {n}?") for n in range(2))
    await talk.reply(first.id, "Klockan tio.", "k1")
    local.faults.set(drop_after_store=1.0)
    with pytest.raises(Unknown):
        await talk.reply(second.id, "Klockan  tio.", "k2")
    local.faults.set(drop_after_store=0.0)
    found = await talk.find_reply(second.id, "Klockan tio.", "k2", recently())
    [stands] = local.remarks.below(second.id)
    assert found is not None
    assert stands.id == found.remote
    assert None is await talk.find_reply(second.id, "Något annat.", "k3", recently())
    assert None is await talk.find_reply(second.id, "Klockan tio.", "k2", datetime.now(UTC) + timedelta(minutes=1))


async def test_hiding_and_showing_again(talk: XTalk, local: vendor.X, post: Item) -> None:
    """Twice is once; what is gone says so."""
    remark = local.remarks.add(post.id, "Dumt.")
    for hidden in (True, True, False):
        await talk.hide(remark.id, hidden=hidden)
        assert hidden == remark.hidden
    local.remarks.remove(remark)
    with pytest.raises(Gone):
        await talk.hide(remark.id, hidden=True)


async def test_only_our_own_can_be_taken_away(talk: XTalk, local: vendor.X, post: Item) -> None:
    """X lets nobody delete another's post, so it is not offered."""
    theirs = local.remarks.add(post.id, "Dumt.")
    ours = local.remarks.add(post.id, "Svar.", own=True)
    await talk.take_down(ours.id)
    await talk.take_down(ours.id)
    with pytest.raises(Refused):
        await talk.take_down(theirs.id)
    assert (True, False) == (ours.removed, theirs.removed)
    assert not {Can.TAKE_DOWN, Can.LOOK} & talk.can


async def test_one_who_took_it_back_is_not_answered(talk: XTalk, local: vendor.X, post: Item) -> None:
    """It is gone, not refused."""
    remark = local.remarks.add(post.id, "@kommunen när?")
    local.remarks.remove(remark)
    with pytest.raises(Gone):
        await talk.reply(remark.id, "Klockan tio.", "k")


async def test_too_fast_and_dead(talk: XTalk, local: vendor.X, post: Item) -> None:
    """The cursor stands, so a mended token catches up."""
    _, cursor = await _all(talk, {})
    local.remarks.add(post.id, "När?")
    local.faults.set(throttle=1.0)
    with pytest.raises(Throttled) as fast:
        await talk.comments(cursor)
    local.faults.set(throttle=0.0, revoked=True)
    with pytest.raises(TokenDead):
        await talk.comments(cursor)
    local.faults.set(revoked=False)
    assert (True, ["När?"]) == (
        0 <= fast.value.retry_after <= 3,
        [one.text for one in (await talk.comments(cursor)).heard],
    )


async def test_a_text_too_long_is_refused_before_x_is_asked(talk: XTalk, local: vendor.X, post: Item) -> None:
    """X says it less clearly."""
    with pytest.raises(Refused, match="too_long"):
        await talk.reply(post.id, "a" * 281, "k")
    assert [] == local.calls


async def test_figures_of_the_account_and_its_posts(talk: XTalk, local: vendor.X, post: Item) -> None:
    """Answers are no posts of their own."""
    local.audience.followers, local.audience.hearts[post.id] = 4711, 12
    question = local.remarks.add(post.id, "När?")
    local.remarks.add(post.id, "Klockan tio.", parent=question.id, own=True)
    found = await talk.measure(recently())
    [figures] = found.posts
    assert (4711, post.id, 12, 2, 0) == (
        found.followers,
        figures.remote,
        figures.reactions,
        figures.comments,
        figures.shares,
    )


async def test_mentions_elsewhere_are_counted_and_not_read(talk: XTalk, local: vendor.X, post: Item) -> None:
    """Who names the account without answering it does not land in the queue."""
    local.remarks.add(post.id, "När?")
    at = local.clock()
    local.audience.letters.append(Letter(local.next_id(), "mentions", "@kommunen är bäst", at))
    [waits] = await talk.elsewhere()
    assert (Kind.MENTIONS, 1, round(at)) == (waits.kind, waits.count, round(waits.oldest.timestamp()))  # type: ignore[union-attr]
    assert ["När?"] == [one.text for one in (await _all(talk, {}))[0]]


async def test_odd_shapes_are_taken_as_far_as_they_go(talk: XTalk, local: vendor.X, post: Item) -> None:
    """Nobody who wrote it, nothing attached, no history: what was said counts."""
    told = local._told

    def odd(remark: Any) -> dict[str, Any]:
        given = told(remark) | {"attachments": None, "entities": None}
        return {key: one for key, one in given.items() if key != "author_id" and not key.startswith("edit_")}

    local._told = odd  # type: ignore[method-assign]
    remark = local.remarks.add(post.id, "När?", author="Förälder")
    [one], _ = await _all(talk, {})
    assert (remark.id, "När?", "") == (one.remote, one.text, one.author)
