"""Taking in: one row per comment, whatever arrives twice or in whatever order."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.heard import Heard, Verb
from bot.comments import tell
from bot.comments.states import State
from storage import comments
from tests import town
from tests.comments.conftest import POST, Desks


async def test_a_question_waits_in_the_hands_of_the_accounts_owner(here: Desks) -> None:
    """It is due a working day later, and the account's register says who answers."""
    case = await here.comment()
    assert (State.WAITING, town.REQUESTER) == (case.state, case.hands.owner)
    assert (24, (town.REQUESTER,)) == ((case.due - here.clock()).total_seconds() / 3600, case.hands.first())  # type: ignore[operator]
    assert ("Biblioteket berättar", "Facebook", ("question",)) == (
        case.hands.account,
        case.hands.platform_name,
        case.marks,
    )


async def test_it_lands_under_the_posts_card(here: Desks) -> None:
    """One card for the post, and one in its thread for each comment that needs an answer."""
    await here.comment()
    await here.comment("👍")
    await here.comment("Finns det parkering?")
    [root], cards = await here.owed(tell.POST), await here.owed(tell.ONE)
    assert (town.CHANNEL, None) == (root.dest, root.thread_id)
    assert [(town.CHANNEL, root.id)] * 2 == [(one.dest, one.thread_id) for one in cards]


async def test_a_burst_is_one_card(here: Desks) -> None:
    """From the sixth within ten minutes one card stands for all but the urgent; an hour later each has its own."""
    for number in range(12):
        await here.comment(f"Fråga {number}?")
    assert (5, 1) == (len(await here.owed(tell.ONE)), len(await here.owed(tell.BURST)))
    await here.comment("Det är akut!")
    here.later(hours=1)
    await here.comment("En till?")
    assert 7 == len(await here.owed(tell.ONE))


async def test_told_twice_is_one(here: Desks) -> None:
    """A redelivered change changes nothing."""
    one = here.heard()
    await here.take(one, one)
    before = await here.case(one.remote)
    await here.take(one)
    assert before == await here.case(one.remote)
    assert 1 == len(await here.owed(tell.ONE))


async def test_an_edit_keeps_what_it_said(here: Desks) -> None:
    """And a remark that becomes a question starts the clock then."""
    case = await here.comment("Tack!")
    here.later(hours=2)
    edited = await here.edited(case, "Tack, men när öppnar ni?")
    assert (State.QUIET, State.WAITING, here.clock()) == (case.state, edited.state, edited.since)
    async with here.desk.db.read() as session:
        assert ["Tack!"] == [one.text for one in await comments.wordings(session, case.id)]


async def test_an_answer_in_the_platforms_own_app_counts(here: Desks) -> None:
    """The account's own comment below a question answers it, and needs nothing itself."""
    case = await here.comment()
    own = await here.comment("Klockan tio.", own=True, parent=case.remote)
    answered = await here.case(case.remote)
    assert (State.ANSWERED, State.QUIET, None) == (answered.state, own.state, answered.settled_by)


async def test_what_the_post_says_is_learned_later(here: Desks) -> None:
    """A webhook does not tell it; the first reading does, and the card follows."""
    case = await here.comment(post_text="")
    [before] = await here.owed(tell.POST)
    await here.take(here.heard(case.text, remote=case.remote, verb=Verb.SEEN, post_text="Nu är det öppet."))
    [after] = await here.owed(tell.POST)
    assert ("", "Nu är det öppet.") == (case.post_words, (await here.case(case.remote)).post_words)
    assert after.want > before.want


async def test_one_that_vanishes_is_reported(here: Desks) -> None:
    """Taken away there, and not by us: somebody is told, and the clock stops."""
    case = await here.comment()
    await here.take(here.heard(remote=case.remote, verb=Verb.REMOVE))
    assert State.GONE == (await here.case(case.remote)).state
    assert [case.id] == [one.args["comment"] for one in await here.owed(tell.REPORT)]


async def test_authorless_and_textless(here: Desks) -> None:
    """A platform that does not tell who, or a picture without words, is no reason to lose it."""
    case = await here.comment("", author="", attached=True, written=None)
    assert (State.WAITING, "", here.clock()) == (case.state, case.author, case.written)


async def test_one_told_of_first_when_it_goes(here: Desks) -> None:
    """The removal came before the addition: it stays gone."""
    gone = here.heard(verb=Verb.REMOVE, text="")
    await here.take(gone)
    await here.take(here.heard("När då?", remote=gone.remote))
    assert State.GONE == (await here.case(gone.remote)).state
    assert [] == await here.owed(tell.ONE)


STORY = (
    Heard(remote="1", post=POST, text="När öppnar ni?", author="A"),
    Heard(remote="1", post=POST, text="När öppnar ni på lördag?", author="A", verb=Verb.EDIT),
    Heard(remote="2", post=POST, text="Klockan tio.", parent="1", own=True),
    Heard(remote="3", post=POST, text="👍", parent="1"),
    Heard(remote="4", post=POST, text="Finns det parkering?", author="B"),
)


@pytest.mark.heavy
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(order=st.permutations([*STORY, *STORY]), cut=st.integers(0, 3))
async def test_any_order_and_any_repetition(here: Desks, order: list[Heard], cut: int) -> None:
    """However a story arrives, there is one row for each comment, and every question waits or is answered."""
    prefix = f"{id(order)}-{cut}-"
    told = [_named(one, prefix) for one in order]
    for at in range(0, len(told), cut + 1):
        await here.take(*told[at : at + cut + 1])
    found = {number: await here.case(f"{prefix}{number}") for number in "1234"}
    assert {"1", "2", "3", "4"} == set(found)
    assert (State.QUIET, State.QUIET, State.WAITING) == (found["2"].state, found["3"].state, found["4"].state)
    assert found["1"].state is State.ANSWERED
    assert "När öppnar ni på lördag?" == found["1"].text


def _named(one: Heard, prefix: str) -> Heard:
    parent = f"{prefix}{one.parent}" if one.parent else ""
    return Heard(**{**one.__dict__, "remote": f"{prefix}{one.remote}", "parent": parent})
