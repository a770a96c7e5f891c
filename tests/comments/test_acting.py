"""What people do with a comment, by whose right, and once only."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta

import pytest

from bot.channels.heard import Verb
from bot.comments import acting, queueing, replying, tell
from bot.comments.states import State
from bot.errors import Invalid, Refused
from storage import posts, replies
from tests import town
from tests.comments.conftest import Desks

MAY = (town.REQUESTER, town.EDITOR, town.OTHER, town.HEAD, town.DEPUTY, town.PARENT, town.COMMS, town.MANAGER)
MAY_NOT = (town.OTHER_HEAD, town.GUEST, town.STRANGER, town.GONE, "U0NOBODY")
Deed = Callable[[Desks, str, int], Awaitable[object]]


async def _take(here: Desks, who: str, number: int) -> object:
    return await acting.take(here.desk, who, number, now=here.clock())


async def _close(here: Desks, who: str, number: int) -> object:
    return await acting.close(here.desk, who, number, now=here.clock())


async def _later(here: Desks, who: str, number: int) -> object:
    return await acting.later(here.desk, who, number, here.clock() + timedelta(hours=2), now=here.clock())


async def _hand_over(here: Desks, who: str, number: int) -> object:
    return await acting.hand_over(here.desk, who, number, town.EDITOR, now=here.clock())


async def _begin(here: Desks, who: str, number: int) -> object:
    return await replying.begin(here.desk, who, number, now=here.clock())


async def _send(here: Desks, who: str, number: int) -> object:
    return await replying.send(here.desk, who, number, "Klockan tio.", now=here.clock())


DEEDS: tuple[Deed, ...] = (_take, _close, _later, _hand_over, _begin, _send)


@pytest.mark.heavy
@pytest.mark.parametrize("deed", DEEDS)
async def test_every_role_against_every_act(here: Desks, deed: Deed) -> None:
    """Owner, substitute, editors, heads upwards and the department may; nobody else, and nothing changes then."""
    case = await here.comment()
    before = await here.row(case.id)
    for who in MAY_NOT:
        with pytest.raises(Refused) as refused:
            await deed(here, who, case.id)
        assert "err.right" == refused.value.key
    assert before == await here.row(case.id)
    for who in MAY:
        await deed(here, who, (await here.comment()).id)


async def test_taken_is_seen_by_others(here: Desks) -> None:
    """And the one who has it is not offered it twice."""
    case = await here.comment()
    await acting.take(here.desk, town.COMMS, case.id, now=here.clock())
    assert (town.COMMS, "Kommunikatör ett") == (
        (taken := await here.case(case.remote)).taken,
        taken.name(town.COMMS),
    )
    with pytest.raises(Refused, match="comment.yours"):
        await acting.take(here.desk, town.COMMS, case.id, now=here.clock())
    await acting.take(here.desk, town.COMMS2, case.id, now=here.clock())
    assert town.COMMS2 == (await here.case(case.remote)).taken


async def test_closed_twice_at_once_is_closed_once(here: Desks) -> None:
    """The second click hears who was faster."""
    case = await here.comment()
    both = (acting.close(here.desk, who, case.id, now=here.clock()) for who in (town.COMMS, town.COMMS2))
    results = await asyncio.gather(*both, return_exceptions=True)
    [refused] = [one for one in results if isinstance(one, Refused)]
    assert ("comment.already", State.CLOSED) == (refused.key, (await here.case(case.remote)).state)


async def test_the_whole_post_is_closed(here: Desks) -> None:
    """Everything under it that waits; what is answered stays as it is."""
    first, *others = [await here.comment() for _ in range(4)]
    await here.comment("Klockan tio.", own=True, parent=first.remote)
    assert 3 == await acting.close_all(here.desk, town.COMMS, first.publication, now=here.clock())
    assert State.ANSWERED == (await here.case(first.remote)).state
    assert {State.CLOSED} == {(await here.case(one.remote)).state for one in others}


async def test_needed_after_all(here: Desks) -> None:
    """What the rules thought quiet starts its clock when somebody says so."""
    case = await here.comment("❤️")
    here.later(hours=1)
    await acting.need(here.desk, town.COMMS, case.id, now=here.clock())
    needed = await here.case(case.remote)
    assert (State.WAITING, here.clock()) == (needed.state, needed.since)


async def test_later_is_never_after_it_is_due(here: Desks) -> None:
    """Asking for five days' peace gives peace until the answer is due."""
    case = await here.comment()
    until = await acting.later(
        here.desk, town.REQUESTER, case.id, here.clock() + timedelta(days=5), now=here.clock()
    )
    assert case.due == until == (await here.row(case.id)).next_at == (await here.case(case.remote)).later


async def test_whose_peace_it_was_it_is_no_longer(here: Desks) -> None:
    """Whoever gets it handed over has asked for nothing."""
    case, hour = await here.comment(), timedelta(hours=1)
    await acting.later(here.desk, town.COMMS, case.id, here.clock() + hour, now=here.clock())
    await acting.hand_over(here.desk, town.COMMS, case.id, town.OTHER, now=here.clock())
    assert None is (await here.case(case.remote)).later


async def test_handed_over_to_somebody_who_is_there(here: Desks) -> None:
    """Not to a stranger to the account, not to somebody who is away; the receiver is told."""
    case, day = await here.comment(), date(2026, 11, 23)
    await town.away(here.desk.db, town.EDITOR, day, day)
    for to, why in ((town.OTHER_HEAD, "comment.not_theirs"), (town.EDITOR, "comment.away")):
        with pytest.raises(Refused, match=why):
            await acting.hand_over(here.desk, town.COMMS, case.id, to, now=here.clock())
    await acting.hand_over(here.desk, town.COMMS, case.id, town.OTHER, now=here.clock())
    assert town.OTHER == (await here.case(case.remote)).taken
    assert [town.OTHER] == [one.dest for one in await here.owed(tell.HANDED)]


async def test_an_absence_gives_back_what_was_taken(here: Desks) -> None:
    """What somebody had taken waits for the others again."""
    case = await here.comment()
    await acting.take(here.desk, town.REQUESTER, case.id, now=here.clock())
    async with here.desk.db.write() as session:
        released = await acting.release(session, here.desk, town.REQUESTER, here.clock())
    assert ([case.id], None) == ([one.id for one in released], (await here.case(case.remote)).taken)


async def test_the_form_says_who_else_is_writing(here: Desks) -> None:
    """For a quarter of an hour; and it brings the conversation and what was said before an edit."""
    case = await here.comment()
    await here.comment("Jag undrar också!", parent=case.remote)
    await here.edited(case, "När öppnar ni på lördag?")
    await replying.begin(here.desk, town.COMMS, case.id, now=here.clock())
    writing = await replying.begin(here.desk, town.COMMS2, case.id, now=here.clock())
    assert ("Kommunikatör ett", ("När öppnar ni?",)) == (writing.other, writing.earlier)
    assert ["Jag undrar också!"] == [one.text for one in writing.turns]
    here.later(minutes=16)
    assert "" == (await replying.begin(here.desk, town.COMMS2, case.id, now=here.clock())).other


@pytest.mark.parametrize(("text", "key"), [("  ", "form.needed"), ("a" * 8001, "comment.too_long")])
async def test_a_text_that_does_not_fit_changes_nothing(here: Desks, text: str, key: str) -> None:
    """The error stands at the field; nothing is owed to anybody."""
    case = await here.comment()
    with pytest.raises(Invalid) as invalid:
        await replying.send(here.desk, town.COMMS, case.id, text, now=here.clock())
    assert (key, []) == (invalid.value.problems["text"].key, await here.owed(replying.ANSWER))


async def test_one_answer_at_a_time(here: Desks) -> None:
    """While one is on its way nobody sends another."""
    case = await here.comment()
    await replying.send(here.desk, town.COMMS, case.id, "Klockan tio.", now=here.clock())
    with pytest.raises(Refused, match="comment.answering"):
        await replying.send(here.desk, town.COMMS2, case.id, "Klockan elva.", now=here.clock())
    assert State.WAITING == (await here.case(case.remote)).state


@pytest.mark.parametrize(
    ("end", "state", "reply"),
    [
        (posts.DONE, State.ANSWERED, replies.SENT),
        (posts.REFUSED, State.WAITING, replies.REFUSED),
        (posts.DROPPED, State.WAITING, replies.REFUSED),
    ],
)
async def test_the_delivery_decides(here: Desks, end: str, state: State, reply: str) -> None:
    """The comment is answered when the answer stands, and waits on when it was refused."""
    case = await here.comment()
    await replying.send(here.desk, town.COMMS, case.id, "Klockan tio.", now=here.clock())
    [carried] = await here.owed(replying.ANSWER)
    async with here.desk.db.write() as session:
        await replying.settled(session, here.desk, carried, end)
    async with here.desk.db.read() as session:
        [found] = await replies.of_comment(session, case.id)
    assert (state, reply) == ((await here.case(case.remote)).state, found.state)


async def test_a_refused_answer_can_be_put_there_by_hand(here: Desks) -> None:
    """*Klart* makes the comment answered; pressed twice it says so."""
    case = await here.comment()
    sent = await replying.send(here.desk, town.COMMS, case.id, "Klockan tio.", now=here.clock())
    [carried] = await here.owed(replying.ANSWER)
    async with here.desk.db.write() as session:
        await replying.settled(session, here.desk, carried, posts.REFUSED)
    await replying.done_by_hand(here.desk, town.COMMS, sent.id or 0, now=here.clock())
    assert State.ANSWERED == (await here.case(case.remote)).state
    with pytest.raises(Refused):
        await replying.done_by_hand(here.desk, town.COMMS, sent.id or 0, now=here.clock())


async def test_the_queue_brings_the_most_urgent_first(here: Desks) -> None:
    """Marked ones, then by when they are due; not what others have, not what is being answered."""
    later = await here.comment("Var ligger ni?")
    urgent = await here.comment("Det är akut, det läcker vatten!")
    mine = await here.comment("Och när stänger ni?")
    order = []
    while found := await queueing.upcoming(here.desk, town.COMMS, now=here.clock(), skip=order):
        order.append(found)
    assert [urgent.id, later.id, mine.id] == order
    await acting.take(here.desk, town.COMMS2, urgent.id, now=here.clock())
    await replying.send(here.desk, town.COMMS2, later.id, "Vid torget.", now=here.clock())
    assert mine.id == await queueing.upcoming(here.desk, town.COMMS, now=here.clock())
    assert None is await queueing.upcoming(here.desk, town.OTHER_HEAD, now=here.clock())


async def test_nothing_is_done_to_what_is_gone(here: Desks) -> None:
    """The stale button hears why."""
    case = await here.comment()
    await here.take(here.heard(remote=case.remote, verb=Verb.REMOVE))
    with pytest.raises(Refused, match="err.stale"):
        await acting.close(here.desk, town.COMMS, case.id, now=here.clock())
