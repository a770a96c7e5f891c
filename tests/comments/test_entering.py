"""Comments entered by hand: the same queue, the same clock, once however often the form is sent."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot.channels.outlet import Outlet
from bot.comment_settings import Comments
from bot.comments import entering, replying, tell
from bot.comments.entering import Entry
from bot.comments.rules import Case
from bot.comments.states import State
from bot.errors import Invalid, Problem, Refused
from storage import log, replies
from storage.comments import Comment
from tests import town
from tests.comments.conftest import ADDRESS, Desks


async def _enter(
    here: Desks, text: str = "När öppnar ni?", key: str = "k1", actor: str = town.OTHER_HEAD, **more: Any
) -> Case:
    entry = Entry(account=more.pop("account", here.account), text=text, **more)
    return await entering.enter(here.desk, actor, entry, key, now=here.clock())


async def _all(here: Desks) -> list[Comment]:
    async with here.desk.db.read() as session:
        return list((await session.exec(select(Comment))).all())


async def test_it_waits_in_the_hands_of_the_accounts_owner(here: Desks) -> None:
    """Anybody employed brings it in; it has a card, a clock, and the register says who answers."""
    case = await _enter(here, author="Förälder", post="Nu har vi öppet.", link=f"{ADDRESS}/posts/1")
    assert (State.WAITING, (town.REQUESTER,), "Biblioteket berättar") == (
        case.state,
        case.hands.first(),
        case.hands.account,
    )
    assert ("Förälder", "Nu har vi öppet.", f"{ADDRESS}/posts/1") == (case.author, case.post_words, case.link)
    assert [case.id] == [one.args["comment"] for one in await here.owed(tell.ONE)]


async def test_the_log_says_who_brought_it_and_nothing_of_the_resident(here: Desks) -> None:
    """Neither text nor name of a resident goes into the log."""
    case = await _enter(here, text="Hemlig fråga?", author="Förälder")
    async with here.desk.db.read() as session:
        [entry] = await log.of_case(session, f"comment:{case.id}")
    assert (town.OTHER_HEAD, "comment.entered", "requester") == (entry.actor, entry.action, entry.role)
    assert not {"Hemlig", "Förälder"} & set(str(entry.detail).replace("?", " ").split())


async def test_the_clock_counts_from_when_it_was_written(here: Desks) -> None:
    """A question that lay for a day has a day less."""
    earlier = here.clock() - timedelta(hours=3)
    case = await _enter(here, written=earlier)
    assert (earlier, earlier) == (case.written, case.since)


async def test_sent_twice_is_one(here: Desks) -> None:
    """Also when both arrive at the same moment; and the second says what the first said."""
    first, second = await asyncio.gather(_enter(here), _enter(here))
    assert (first.id, 1) == (second.id, len(await _all(here)))
    assert 1 == len(await here.owed(tell.ONE))


async def test_another_form_is_another_comment(here: Desks) -> None:
    """Two residents may ask the same."""
    first, second = await _enter(here), await _enter(here, key="k2")
    assert first.id != second.id


async def test_thanks_wait_too_when_somebody_brings_them_in(here: Desks) -> None:
    """Whoever put it into the queue thought that it needs an answer."""
    case = await _enter(here, "Tack!")
    assert (State.WAITING, True) == (case.state, case.due is not None)
    assert [case.id] == [one.args["comment"] for one in await here.owed(tell.ONE)]


async def test_comments_on_the_same_post_stand_below_one_card(here: Desks) -> None:
    """By what the post says, else by the link; one that tells neither has a card of its own."""
    cases = [
        await _enter(here, key="1", post="Nu har vi ÖPPET."),
        await _enter(here, key="2", post="nu har vi öppet. "),
        await _enter(here, key="3", link=f"{ADDRESS}/posts/1"),
        await _enter(here, key="4"),
        await _enter(here, key="5"),
    ]
    posts = [one.publication for one in cases]
    assert (posts[0], 4) == (posts[1], len(set(posts)))


async def test_the_answer_is_put_there_by_hand(here: Desks) -> None:
    """No interface brought it, so none takes the answer: *Klart* says that it stands."""
    case = await _enter(here)
    writing = await replying.begin(here.desk, town.REQUESTER, case.id, now=here.clock())
    reply = await replying.send(here.desk, town.REQUESTER, case.id, "Klockan tio.", now=here.clock())
    assert (True, replies.BY_HAND, None) == (writing.by_hand, reply.state, reply.post_id)
    await replying.done_by_hand(here.desk, town.REQUESTER, reply.id or 0, now=here.clock())
    assert State.ANSWERED == (await here.case(case.remote)).state


async def test_it_is_as_sensitive_as_what_its_channel_brings(here: Desks) -> None:
    """An account whose comments are shown nowhere is not opened by the form."""
    place = {"key": "radgivning", "sensitive": True}
    chosen = here.desk.settings.model_copy(update={"comments": Comments.model_validate({"places": [place]})})
    outlet = Outlet("radgivning", "Rådgivningen", "facebook", account=f"{ADDRESS}/")
    closed = replace(here, desk=replace(here.desk, settings=chosen, outlets=(outlet,)))
    assert (False, True) == ((await _enter(here)).hands.sensitive, (await _enter(closed, key="2")).hands.sensitive)


@pytest.mark.parametrize("actor", [town.GUEST, town.GONE, town.STRANGER, "U0NOBODY"])
async def test_guests_do_not(here: Desks, actor: str) -> None:
    """Nor those who have left, nor those of another workspace."""
    with pytest.raises(Refused, match=r"comment\.new\.guest"):
        await _enter(here, actor=actor)
    with pytest.raises(Refused, match=r"comment\.new\.guest"):
        await entering.admit(here.desk, actor, now=here.clock())
    assert [] == await _all(here)


@pytest.mark.parametrize(
    ("given", "field", "problem"),
    [
        ({"account": None}, "account", Problem("form.needed")),
        ({"account": 4711}, "account", Problem("comment.new.account_gone")),
        ({"text": " \n"}, "text", Problem("form.needed")),
        ({"author": "x" * 201}, "author", Problem("form.long", limit=200, n=201)),
        ({"link": "facebook.com/x"}, "link", Problem("comment.new.link.wrong")),
        ({"link": "https://x.example/a b"}, "link", Problem("comment.new.link.wrong")),
        ({"link": "https://x.example/" + "a" * 500}, "link", Problem("form.long", limit=500, n=518)),
        ({"written": town.MONDAY + timedelta(hours=1)}, "written", Problem("comment.new.written.ahead")),
        ({"written": town.MONDAY - timedelta(days=400)}, "written", Problem("comment.new.written.old")),
    ],
)
async def test_bad_input_stands_at_its_field(
    here: Desks, given: dict[str, Any], field: str, problem: Problem
) -> None:
    """And nothing is kept."""
    with pytest.raises(Invalid) as wrong:
        await _enter(here, **given)
    assert ({field: problem}, []) == (wrong.value.problems, await _all(here))


async def test_every_problem_is_said_at_once(here: Desks) -> None:
    """Nobody is sent round the form field by field."""
    with pytest.raises(Invalid) as wrong:
        await _enter(here, text="", account=None, link="x")
    assert {"account", "text", "link"} == set(wrong.value.problems)


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("", ["Biblioteket berättar"]),
        ("bibliotek FACE", ["Biblioteket berättar"]),
        ("berattar", ["Biblioteket berättar"]),
        ("skolan", []),
    ],
)
async def test_accounts_are_found_by_any_of_their_words(here: Desks, typed: str, names: list[str]) -> None:
    """Name, platform, unit or address, without å ä ö if need be."""
    assert names == [one.name for one, _ in await entering.suggestions(here.desk, typed)]
