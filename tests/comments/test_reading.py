"""A colleague reads before it is sent: by whose right, bound to what was read, once, and nothing is lost."""

import asyncio
from datetime import date

import pytest

from bot.comments import acting, moderating, reading, replying, tell
from bot.comments.moderating import Given
from bot.comments.rules import Case
from bot.errors import Invalid, Refused
from storage import answer_drafts, readings, replies
from storage.readings import Reading
from storage.replies import Reply
from tests import town
from tests.comments.conftest import Desks

TEXT = "Vi öppnar klockan tio."


async def ask(here: Desks, case: Case, reader: str = town.EDITOR, text: str = TEXT) -> Reading:
    return await reading.ask(here.desk, town.REQUESTER, case.id, reader, text, now=here.clock())


async def approve(here: Desks, made: Reading, who: str = town.EDITOR, seen: str | None = None) -> Reply:
    seen = made.digest[:16] if seen is None else seen
    return await reading.approve(here.desk, who, made.id or 0, seen, now=here.clock())


async def kept(here: Desks, made: Reading) -> Reading:
    async with here.desk.db.read() as session:
        found = await readings.get(session, made.id or 0)
        assert found is not None
        return found


async def sent(here: Desks, case: Case) -> list[Reply]:
    async with here.desk.db.read() as session:
        return await replies.of_comment(session, case.id)


async def test_the_colleague_is_asked_and_nothing_is_sent(here: Desks) -> None:
    """A direct message to the one who was chosen, and a card in the thread that all see."""
    case = await here.comment()
    await ask(here, case)
    asked = await here.owed(reading.ASK)
    assert [town.EDITOR, town.CHANNEL] == [post.dest for post in asked]
    assert ([], []) == (await sent(here, case), await here.owed(replying.ANSWER))
    assert town.REQUESTER == (await here.case(case.remote)).taken


async def test_a_yes_sends_it_as_the_writers(here: Desks) -> None:
    """The answer is the writer's, and so is the card that says how it fares."""
    case = await here.comment()
    made = await ask(here, case)
    reply = await approve(here, made)
    assert (town.REQUESTER, TEXT) == (reply.by, reply.text)
    assert [town.REQUESTER] == [post.dest for post in await here.owed(tell.FARES)]
    settled = await kept(here, made)
    assert (readings.SENT, town.EDITOR) == (settled.state, settled.settled_by)


@pytest.mark.parametrize("who", [town.OTHER_HEAD, town.GUEST, town.STRANGER, town.GONE, "U0NOBODY"])
async def test_others_have_no_say(here: Desks, who: str) -> None:
    """Who does not answer on the account neither sends, changes nor gives back."""
    made = await ask(here, await here.comment())
    for act in (
        approve(here, made, who),
        reading.change(here.desk, who, made.id or 0, made.version, "Nej.", now=here.clock()),
        reading.give_back(here.desk, who, made.id or 0, "", now=here.clock()),
    ):
        with pytest.raises(Refused, match=r"err\.right"):
            await act
    assert made == await kept(here, made)


async def test_nobody_reads_their_own(here: Desks) -> None:
    """Neither asked of oneself nor sent by oneself."""
    case = await here.comment()
    with pytest.raises(Invalid) as refused:
        await ask(here, case, reader=town.REQUESTER)
    assert ["reader"] == list(refused.value.problems)
    made = await ask(here, case)
    with pytest.raises(Refused, match=r"reading\.own"):
        await approve(here, made, town.REQUESTER)


async def test_a_reader_who_may_and_is_there(here: Desks) -> None:
    """Said at the field, with the text still in the form."""
    case, day = await here.comment(), date(2026, 11, 23)
    await town.away(here.desk.db, town.EDITOR, day, day)
    for reader, key in ((town.OTHER_HEAD, "comment.not_theirs"), (town.EDITOR, "comment.away")):
        with pytest.raises(Invalid) as refused:
            await ask(here, case, reader)
        assert {"reader": key} == {name: one.key for name, one in refused.value.problems.items()}


async def test_a_yes_is_bound_to_what_was_read(here: Desks) -> None:
    """A click on an older text sends nothing; the newer one can be sent."""
    case = await here.comment()
    made = await ask(here, case)
    changed = await reading.change(
        here.desk, town.EDITOR, made.id or 0, made.version, "Vi öppnar elva.", now=here.clock()
    )
    for seen in (made.digest[:16], ""):
        with pytest.raises(Refused, match=r"reading\.changed"):
            await approve(here, made, seen=seen)
    assert [] == await sent(here, case)
    assert "Vi öppnar elva." == (await approve(here, changed)).text


async def test_two_changes_of_one_version(here: Desks) -> None:
    """The second is refused, and its text stays in its form."""
    made = await ask(here, await here.comment())
    await reading.change(here.desk, town.EDITOR, made.id or 0, made.version, "Elva.", now=here.clock())
    with pytest.raises(Refused, match=r"reading\.changed"):
        await reading.change(here.desk, town.REQUESTER, made.id or 0, made.version, "Tolv.", now=here.clock())
    assert "Elva." == (await kept(here, made)).text


async def test_two_clicks_send_once(here: Desks) -> None:
    """However near each other."""
    case = await here.comment()
    made = await ask(here, case)
    done = await asyncio.gather(
        *(approve(here, made, who) for who in (town.EDITOR, town.COMMS)), return_exceptions=True
    )
    [refused] = [one for one in done if isinstance(one, Refused)]
    assert ("reading.settled", 1) == (refused.key, len(await sent(here, case)))


async def test_given_back_with_a_note(here: Desks) -> None:
    """The writer hears what should be otherwise, and their text stands in the form."""
    case = await here.comment()
    made = await ask(here, case)
    await reading.give_back(here.desk, town.EDITOR, made.id or 0, "Skriv adressen också.", now=here.clock())
    [told] = await here.owed(reading.BACK)
    opened = await replying.begin(here.desk, town.REQUESTER, case.id, now=here.clock())
    assert (town.REQUESTER, TEXT, "") == (told.dest, opened.draft, opened.reading)
    assert "Skriv adressen också." == (await kept(here, made)).note
    with pytest.raises(Refused, match=r"reading\.settled"):
        await approve(here, made)
    await ask(here, case)


async def test_one_reading_at_a_time(here: Desks) -> None:
    """A second text would leave the first one nowhere; who opens the form is told."""
    case = await here.comment()
    await ask(here, case)
    with pytest.raises(Refused, match=r"reading\.already"):
        await ask(here, case)
    assert "Bibliotekarie" == (await replying.begin(here.desk, town.COMMS, case.id, now=here.clock())).reading


@pytest.mark.parametrize("how", ["closed", "hidden", "answered there", "answered here"])
async def test_what_was_settled_meanwhile_is_not_answered(here: Desks, how: str) -> None:
    """A sentence says so, and the text is kept."""
    case = await here.comment()
    made = await ask(here, case)
    here.later(minutes=5)
    match how:
        case "closed":
            await acting.close(here.desk, town.COMMS, case.id, now=here.clock())
        case "hidden":
            await moderating.order(here.desk, town.COMMS, case.id, "hide", Given("a"), now=here.clock())
        case "answered there":
            await here.take(here.heard("Tio.", own=True, parent=case.remote))
        case _:
            await replying.send(here.desk, town.COMMS, case.id, "Tio.", now=here.clock())
    before = len(await sent(here, case))
    with pytest.raises(Refused):
        await approve(here, made)
    assert (before, TEXT) == (len(await sent(here, case)), (await kept(here, made)).text)


async def test_a_text_that_does_not_fit_is_not_read(here: Desks) -> None:
    """Neither an empty one nor one that the platform has no room for."""
    case = await here.comment()
    for text in (" ", "a" * 8001):
        with pytest.raises(Invalid):
            await ask(here, case, text=text)
    made = await ask(here, case)
    with pytest.raises(Invalid):
        await reading.change(here.desk, town.EDITOR, made.id or 0, made.version, " ", now=here.clock())
    async with here.desk.db.read() as session:
        assert "" == await answer_drafts.text(session, case.id, town.REQUESTER)
