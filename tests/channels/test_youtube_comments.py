"""Comments on a local YouTube: newest threads first, answers where their number changed, and the day's quota."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.channels import registry
from bot.channels.errors import Gone, Refused, Throttled, TokenDead, Unknown
from bot.channels.heard import Heard, Verb
from bot.channels.protocol import Can
from bot.channels.settings import Keyring
from bot.channels.talk.youtube import YouTubeTalk
from bot.channels.youtube import YouTubeSettings
from bot.sandbox.platforms import youtube as vendor
from bot.sandbox.platforms.base import Item
from tests.channels.conftest import Listen

ENVIRON = {"YT": "youtube-local", "YT_ID": vendor.CLIENT_ID, "YT_SECRET": vendor.CLIENT_SECRET}


def settings(url: str, **more: Any) -> YouTubeSettings:
    given = {"key": "yt", "name": "YouTube", "api_url": url, "site_url": url, "token_url": f"{url}/token"}
    named = {"token_env": "YT", "client_id_env": "YT_ID", "client_secret_env": "YT_SECRET"}
    return YouTubeSettings.model_validate({**given, **named, "channel_id": vendor.CHANNEL, **more})


@pytest.fixture
def local() -> vendor.YouTube:
    return vendor.YouTube()


@pytest.fixture
async def talk(local: vendor.YouTube, listen: Listen) -> AsyncIterator[YouTubeTalk]:
    async with AsyncExitStack() as stack:
        one = YouTubeTalk(settings(await listen(local)), Keyring(ENVIRON), timeout_s=2)
        stack.push_async_callback(one.close)
        yield one


@pytest.fixture
def film(local: vendor.YouTube) -> Item:
    return local.add("Så byggs badhuset om.", title="Badhuset")


def recently() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=2)


async def _all(talk: YouTubeTalk, cursor: Mapping[str, Any]) -> tuple[list[Heard], Mapping[str, Any]]:
    heard: list[Heard] = []
    while True:
        page = await talk.comments(cursor)
        heard, cursor = [*heard, *page.heard], page.cursor
        if not page.more:
            return heard, cursor


async def test_comments_are_heard_with_their_film(talk: YouTubeTalk, local: vendor.YouTube, film: Item) -> None:
    """Name, words, address; the film's title is asked for once."""
    remark = local.remarks.add(film.id, "När öppnar det?", author="Förälder")
    [one], cursor = await _all(talk, {})
    assert (remark.id, film.id, "När öppnar det?", "Förälder", "") == (
        one.remote,
        one.post,
        one.text,
        one.author,
        one.parent,
    )
    assert ("Badhuset", Verb.SEEN, f"{local.base_url}/watch?v={film.id}&lc={remark.id}") == (
        one.post_text,
        one.verb,
        one.link,
    )
    local.remarks.add(film.id, "Och sedan?")
    await _all(talk, cursor)
    assert 1 == local.calls.count("videos")


async def test_it_catches_up_page_by_page(talk: YouTubeTalk, local: vendor.YouTube, film: Item) -> None:
    """The cursor moves past older pages only when they have been read; what comes meanwhile is there later."""
    _, cursor = await _all(talk, {})
    wrote = [local.remarks.add(film.id, f"Fråga {n}?").id for n in range(250)]
    first = await talk.comments(cursor)
    assert (True, 100, cursor["since"]) == (first.more, len(first.heard), first.cursor["since"])
    rest, cursor = await _all(talk, first.cursor)
    assert set(wrote) == {one.remote for one in (*first.heard, *rest)}
    late = local.remarks.add(film.id, "Under läsningen?")
    assert late.id in {one.remote for one in (await _all(talk, cursor))[0]}


async def test_a_new_answer_in_an_old_thread_is_heard(talk: YouTubeTalk, local: vendor.YouTube, film: Item) -> None:
    """The number of answers tells; all are read where not all come with the thread."""
    old = local.remarks.add(film.id, "När?")
    old.at -= 90_000
    _, cursor = await _all(talk, {})
    for n in range(8):
        local.remarks.add(film.id, f"Svar {n}", parent=old.id, own=n == 7)
    heard, _ = await _all(talk, cursor)
    assert {f"Svar {n}" for n in range(8)} == {one.text for one in heard}
    assert {old.id} == {one.parent for one in heard}
    assert ["Svar 7"] == [one.text for one in heard if one.own]


async def test_an_edit_is_heard(talk: YouTubeTalk, local: vendor.YouTube, film: Item) -> None:
    """By when it was changed last."""
    remark = local.remarks.add(film.id, "När?")
    remark.at -= 3000
    _, cursor = await _all(talk, {})
    local.remarks.edit(remark, "När på lördag?")
    assert [(remark.id, "När på lördag?")] == [(one.remote, one.text) for one in (await _all(talk, cursor))[0]]


async def test_an_answer_stands_in_the_thread(talk: YouTubeTalk, local: vendor.YouTube, film: Item) -> None:
    """Also one to somebody who answered there."""
    top = local.remarks.add(film.id, "När?")
    local.remarks.add(film.id, "Ja, när?", parent=top.id)
    _, below = (await _all(talk, {}))[0]
    sent = [await talk.reply(remote, "Klockan tio.", "k") for remote in (top.id, below.remote)]
    stands = [one for one in local.remarks.below(top.id) if one.own]
    assert [f"{top.id}.{one.id}" for one in stands] == [one.remote for one in sent]


async def test_a_lost_answer_is_found_and_not_sent_again(
    talk: YouTubeTalk, local: vendor.YouTube, film: Item
) -> None:
    """By its words in that thread, since then."""
    top = local.remarks.add(film.id, "När?")
    local.faults.set(drop_after_store=1.0)
    with pytest.raises(Unknown):
        await talk.reply(top.id, "Klockan  tio.", "k")
    local.faults.set(drop_after_store=0.0)
    found = await talk.find_reply(top.id, "Klockan tio.", "k", recently())
    [stands] = local.remarks.below(top.id)
    assert found is not None
    assert f"{top.id}.{stands.id}" == found.remote
    assert None is await talk.find_reply(top.id, "Annat.", "k", recently())
    assert None is await talk.find_reply(top.id, "Klockan tio.", "k", datetime.now(UTC) + timedelta(minutes=1))


async def test_hiding_showing_and_removing(talk: YouTubeTalk, local: vendor.YouTube, film: Item) -> None:
    """Held for review is hidden, rejected is removed; twice is once."""
    remark = local.remarks.add(film.id, "Dumt.")
    for hidden, verb in ((True, Verb.HIDE), (True, Verb.HIDE), (False, Verb.SEEN)):
        await talk.hide(remark.id, hidden=hidden)
        seen = await talk.look(remark.id)
        assert (hidden, verb) == (remark.hidden, seen.verb if seen else None)
    await talk.take_down(remark.id)
    await talk.take_down(remark.id)
    assert (True, None) == (remark.removed, await talk.look(remark.id))
    with pytest.raises(Gone):
        await talk.hide(remark.id, hidden=True)
    with pytest.raises(Gone):
        await talk.reply(remark.id, "Svar", "k")
    assert None is await talk.find_reply(remark.id, "Svar", "k", recently())


async def test_an_answer_of_our_own_is_deleted(talk: YouTubeTalk, local: vendor.YouTube, film: Item) -> None:
    """Rejecting is for others' comments."""
    top = local.remarks.add(film.id, "När?")
    sent = await talk.reply(top.id, "Klockan tio.", "k")
    await talk.take_down(sent.remote)
    assert ([], 1) == (local.remarks.below(top.id), local.calls.count("comment.delete"))


async def test_a_spent_quota_is_waited_for(talk: YouTubeTalk, local: vendor.YouTube, film: Item) -> None:
    """Surely not sent; the cursor stands, and the next day everything is heard."""
    _, cursor = await _all(talk, {})
    remark = local.remarks.add(film.id, "När?")
    local.units = 0
    with pytest.raises(Throttled, match="quotaExceeded") as spent:
        await talk.comments(cursor)
    with pytest.raises(Throttled):
        await talk.reply(remark.id, "Klockan tio.", "k")
    local.units = vendor.QUOTA
    local.faults.set(throttle=1.0)
    with pytest.raises(Throttled, match="rateLimitExceeded"):
        await talk.comments(cursor)
    local.faults.set(throttle=0.0)
    assert ([], True) == (local.remarks.below(remark.id), 0 < spent.value.retry_after <= 3600)
    assert ["När?"] == [one.text for one in (await _all(talk, cursor))[0]]


async def test_a_look_costs_little(talk: YouTubeTalk, local: vendor.YouTube, film: Item) -> None:
    """One unit when nothing is new: a day of looks every two minutes is 720 of 10 000."""
    local.remarks.add(film.id, "När?")
    _, cursor = await _all(talk, {})
    before = local.units
    await _all(talk, cursor)
    assert 1 == before - local.units


async def test_one_token_serves_for_an_hour(talk: YouTubeTalk, local: vendor.YouTube, film: Item) -> None:
    """A new one comes when Google has taken the old one back."""
    _, cursor = await _all(talk, {})
    await _all(talk, cursor)
    assert 1 == local.calls.count("token")
    local.tokens += 1  # somebody else's is the newest now
    await _all(talk, cursor)
    assert 2 == local.calls.count("token")


async def test_a_dead_refresh_token_is_told(talk: YouTubeTalk, local: vendor.YouTube, film: Item) -> None:
    """Whether it was good before or never; and when it is mended, reading goes on."""
    _, cursor = await _all(talk, {})
    local.faults.set(revoked=True)
    with pytest.raises(TokenDead, match="invalid_grant"):
        await talk.comments(cursor)
    local.faults.set(revoked=False)
    local.remarks.add(film.id, "När?")
    assert ["När?"] == [one.text for one in (await _all(talk, cursor))[0]]


async def test_a_missing_secret_is_a_dead_token(local: vendor.YouTube, listen: Listen) -> None:
    """Nothing is asked of anybody."""
    async with AsyncExitStack() as stack:
        talk = YouTubeTalk(settings(await listen(local)), Keyring({"YT": "x"}), timeout_s=2)
        stack.push_async_callback(talk.close)
        with pytest.raises(TokenDead, match="YT_ID"):
            await talk.comments({})
    assert [] == local.calls


async def test_what_google_refuses_is_refused(talk: YouTubeTalk, local: vendor.YouTube, film: Item) -> None:
    """With its own word."""
    top = local.remarks.add(film.id, "När?")
    with pytest.raises(Refused, match="commentTextTooLong"):
        await talk.reply(top.id, "a" * 10_001, "k")


async def test_figures_of_the_channel_and_its_films(talk: YouTubeTalk, local: vendor.YouTube, film: Item) -> None:
    """Strings become numbers; films of before are left out."""
    old = local.add("Förr", title="Förr")
    old.at -= 40 * 86_400
    local.audience.followers, local.audience.hearts[film.id] = 321, 9
    local.remarks.add(film.id, "När?")
    found = await talk.measure(datetime.now(UTC) - timedelta(days=30))
    [figures] = found.posts
    assert (321, film.id, 9, 1, None, "Badhuset") == (
        found.followers,
        figures.remote,
        figures.reactions,
        figures.comments,
        figures.shares,
        figures.words,
    )


async def test_odd_shapes_are_passed_over(talk: YouTubeTalk, local: vendor.YouTube, film: Item) -> None:
    """A thread without its comment, a comment without author, time or film."""
    for n in range(3):
        local.remarks.add(film.id, f"{n}")
    told, everything = local._thread, local.remarks.everything

    def odd(top: Any) -> dict[str, Any]:
        if top is everything[0]:
            return {"id": "x", "snippet": None}
        thread = told(top)
        if top is everything[1]:
            thread["snippet"]["topLevelComment"]["snippet"] |= {"authorChannelId": None, "authorDisplayName": None}
            thread["snippet"]["videoId"] = None
        return thread

    local._thread = odd  # type: ignore[method-assign]
    found = {one.text: one.author for one in (await _all(talk, {}))[0]}
    assert {"1": "", "2": "Invånare"} == found


async def test_ping_gives_the_channels_name(talk: YouTubeTalk, local: vendor.YouTube) -> None:
    """So `check` can tell that the keys fit."""
    assert "Kommunen" == await talk.ping()


def test_it_only_talks() -> None:
    """Crisis mode neither publishes there nor asks anybody to."""
    chosen = settings("http://youtube.test")
    talks = registry.talks([chosen], Keyring({}), timeout_s=1)
    [outlet] = registry.outlets([chosen], [], talks)
    assert (True, False, True) == (outlet.talk_only, outlet.by_hand, Can.REPLY in outlet.can)
