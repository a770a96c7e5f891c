"""Comments on a local TikTok: films whose number has changed are read; everything it says comes with 200."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from bot.channels import registry
from bot.channels.errors import Gone, Refused, Throttled, TokenDead, Unknown
from bot.channels.heard import Heard, Verb
from bot.channels.protocol import Can
from bot.channels.settings import Keyring
from bot.channels.talk import tiktok
from bot.channels.talk.tiktok import TikTokTalk
from bot.channels.tiktok import TikTokSettings
from bot.sandbox.platforms import tiktok as vendor
from bot.sandbox.platforms.base import Item
from bot.sandbox.platforms.remarks import Remark
from tests.channels.conftest import Listen


def settings(url: str) -> TikTokSettings:
    given = {"key": "tt", "name": "TikTok", "api_url": url, "token_env": "TT", "business_id": vendor.BUSINESS}
    return TikTokSettings.model_validate(given)


@pytest.fixture
def local() -> vendor.TikTok:
    return vendor.TikTok()


@pytest.fixture
async def talk(local: vendor.TikTok, listen: Listen) -> AsyncIterator[TikTokTalk]:
    async with AsyncExitStack() as stack:
        one = TikTokTalk(settings(await listen(local)), Keyring({"TT": "tiktok-local"}), timeout_s=2)
        stack.push_async_callback(one.close)
        yield one


@pytest.fixture
def film(local: vendor.TikTok) -> Item:
    return local.add("En dag på biblioteket")


def recently() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=2)


async def _all(talk: TikTokTalk, cursor: Mapping[str, Any]) -> tuple[list[Heard], Mapping[str, Any]]:
    heard: list[Heard] = []
    while True:
        page = await talk.comments(cursor)
        heard, cursor = [*heard, *page.heard], page.cursor
        if not page.more:
            return heard, cursor


async def test_comments_are_heard_with_their_film(talk: TikTokTalk, local: vendor.TikTok, film: Item) -> None:
    """A comment's name holds its film's: TikTok wants both for everything."""
    remark = local.remarks.add(film.id, "När öppnar ni?", author="Elev")
    [one], _ = await _all(talk, {})
    assert (f"{film.id}_{remark.id}", film.id, "När öppnar ni?", "Elev", Verb.SEEN) == (
        one.remote,
        one.post,
        one.text,
        one.author,
        one.verb,
    )
    assert ("En dag på biblioteket", "", f"{local.base_url}/video/{film.id}") == (
        one.post_text,
        one.parent,
        one.link,
    )


async def test_a_restart_reads_on_where_it_was(talk: TikTokTalk, local: vendor.TikTok, film: Item) -> None:
    """Answers of residents and our own in the app have the comment they answer."""
    first = local.remarks.add(film.id, "Första?")
    first.at -= 1800
    _, cursor = await _all(talk, {})
    for n in range(5):
        local.remarks.add(film.id, f"Svar {n}", parent=first.id, own=n == 4)
    heard, _ = await _all(talk, cursor)
    assert {f"Svar {n}" for n in range(5)} == {one.text for one in heard}
    assert {f"{film.id}_{first.id}"} == {one.parent for one in heard}
    assert ["Svar 4"] == [one.text for one in heard if one.own]


async def test_every_film_with_something_new_is_read(talk: TikTokTalk, local: vendor.TikTok) -> None:
    """Some at a time, for TikTok takes few questions a minute; those without news are left alone."""
    films = [local.add(f"Film {n}") for n in range(30)]
    _, cursor = await _all(talk, {})
    wrote = [local.remarks.add(one.id, "När?").post for one in films]
    first = await talk.comments(cursor)
    rest, cursor = await _all(talk, first.cursor)
    assert (True, tiktok.AT_ONCE) == (first.more, len(first.heard))
    assert sorted(wrote) == sorted(one.post for one in (*first.heard, *rest))
    local.calls.clear()
    await _all(talk, cursor)
    assert tiktok.NEWEST == local.calls.count("comment.list")


async def test_more_than_one_page_of_comments(talk: TikTokTalk, local: vendor.TikTok, film: Item) -> None:
    """None between the pages is lost."""
    wrote = {f"{film.id}_{local.remarks.add(film.id, f'{n}?').id}" for n in range(70)}
    assert wrote == {one.remote for one in (await _all(talk, {}))[0]}


async def test_an_answer_stands_below_the_comment(talk: TikTokTalk, local: vendor.TikTok, film: Item) -> None:
    """Also one to somebody who answered there."""
    top = local.remarks.add(film.id, "När?")
    local.remarks.add(film.id, "Ja, när?", parent=top.id)
    heard = (await _all(talk, {}))[0]
    sent = [await talk.reply(one.remote, f"Svar {n}", "k") for n, one in enumerate(heard)]
    stands = [one for one in local.remarks.below(top.id) if one.own]
    assert [f"{film.id}_{top.id}_{one.id}" for one in stands] == [one.remote for one in sent]


async def test_a_lost_answer_is_found_and_not_sent_again(
    talk: TikTokTalk, local: vendor.TikTok, film: Item
) -> None:
    """A second one would stand beside it: TikTok takes no key of ours."""
    remote = f"{film.id}_{local.remarks.add(film.id, 'När?').id}"
    local.faults.set(drop_after_store=1.0)
    with pytest.raises(Unknown):
        await talk.reply(remote, "Klockan  tio.", "k")
    local.faults.set(drop_after_store=0.0)
    found = await talk.find_reply(remote, "Klockan tio.", "k", recently())
    assert found is not None
    assert [found.remote.rpartition("_")[2]] == [one.id for one in local.remarks.everything if one.own]
    assert None is await talk.find_reply(remote, "Annat.", "k", recently())
    assert None is await talk.find_reply(remote, "Klockan tio.", "k", datetime.now(UTC) + timedelta(minutes=1))


async def test_hiding_and_showing_again(talk: TikTokTalk, local: vendor.TikTok, film: Item) -> None:
    """Twice is once, an answer too; hidden ones are told as hidden."""
    top = local.remarks.add(film.id, "Dumt.")
    below = local.remarks.add(film.id, "Dumt igen.", parent=top.id)
    for remark, remote in ((top, f"{film.id}_{top.id}"), (below, f"{film.id}_{top.id}_{below.id}")):
        for hidden in (True, True, False):
            await talk.hide(remote, hidden=hidden)
            assert hidden == remark.hidden
    local.remarks.hide(top, True)
    assert [Verb.HIDE, Verb.SEEN] == [one.verb for one in (await _all(talk, {}))[0]]


async def test_what_is_gone(talk: TikTokTalk, local: vendor.TikTok, film: Item) -> None:
    """It is neither answered nor hidden nor found."""
    remark = local.remarks.add(film.id, "När?")
    local.remarks.remove(remark)
    remote = f"{film.id}_{remark.id}"
    with pytest.raises(Gone):
        await talk.reply(remote, "Svar", "k")
    with pytest.raises(Gone):
        await talk.hide(remote, hidden=True)
    assert None is await talk.find_reply(remote, "Svar", "k", recently())


async def test_only_our_own_can_be_taken_away(talk: TikTokTalk, local: vendor.TikTok, film: Item) -> None:
    """So removing is not offered, nor looking: TikTok gives no single comment."""
    theirs = local.remarks.add(film.id, "Dumt.")
    sent = await talk.reply(f"{film.id}_{theirs.id}", "Svar", "k")
    await talk.take_down(sent.remote)
    with pytest.raises(Refused):
        await talk.take_down(f"{film.id}_{theirs.id}")
    assert ([], False) == (local.remarks.below(theirs.id), theirs.removed)
    assert not {Can.TAKE_DOWN, Can.LOOK} & talk.can


async def test_too_fast_dead_and_ill(talk: TikTokTalk, local: vendor.TikTok, film: Item) -> None:
    """All of it comes with 200; the cursor stands."""
    _, cursor = await _all(talk, {})
    local.remarks.add(film.id, "När?")
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
    assert ["När?"] == [one.text for one in (await _all(talk, cursor))[0]]


async def test_a_text_too_long_is_refused(talk: TikTokTalk, local: vendor.TikTok, film: Item) -> None:
    """150 signs is all there is room for."""
    remark = local.remarks.add(film.id, "När?")
    with pytest.raises(Refused, match="150"):
        await talk.reply(f"{film.id}_{remark.id}", "a" * 151, "k")


async def test_figures_of_the_account_and_its_films(talk: TikTokTalk, local: vendor.TikTok, film: Item) -> None:
    """Films of before are left out."""
    old = local.add("Förr")
    old.at -= 40 * 86_400
    local.audience.followers, local.audience.hearts[film.id], local.audience.shares[film.id] = 99, 5, 2
    local.remarks.add(film.id, "När?")
    found = await talk.measure(datetime.now(UTC) - timedelta(days=30))
    [figures] = found.posts
    assert (99, film.id, 5, 1, 2) == (
        found.followers,
        figures.remote,
        figures.reactions,
        figures.comments,
        figures.shares,
    )


async def test_odd_shapes(talk: TikTokTalk, local: vendor.TikTok, film: Item) -> None:
    """A comment without a name is passed over, one without words is taken; an answer without a code is none."""
    wrote = [local.remarks.add(film.id, f"{n}") for n in range(2)]
    told = local._told

    def odd(remark: Remark) -> dict[str, Any]:
        lacks = ("comment_id",) if remark is wrote[0] else ("text", "display_name", "reply_list")
        return told(remark) | dict.fromkeys(lacks)

    def nothing(asked: Any) -> web.Response | None:
        return web.json_response(["?"])

    local._told = odd  # type: ignore[method-assign]
    [one], cursor = await _all(talk, {})
    assert (f"{film.id}_{wrote[1].id}", "", "") == (one.remote, one.text, one.author)
    local._odd = nothing  # type: ignore[method-assign]
    with pytest.raises(Unknown):
        await talk.comments(cursor)


async def test_ping_gives_the_accounts_name(talk: TikTokTalk, local: vendor.TikTok) -> None:
    """So `check` can tell that the key fits."""
    assert "Kommunen" == await talk.ping()


def test_it_only_talks() -> None:
    """Crisis mode neither publishes there nor asks anybody to."""
    chosen = settings("http://tiktok.test")
    [outlet] = registry.outlets([chosen], [], registry.talks([chosen], Keyring({}), timeout_s=1))
    assert (True, False, True) == (outlet.talk_only, outlet.by_hand, Can.REPLY in outlet.can)
