"""What residents and newsrooms ask during an incident."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.crisis import answering, press, report
from bot.crisis.facts import Kind
from bot.crisis.press import Call
from bot.delivery.outcome import Drop
from bot.errors import Invalid, Refused
from bot.sandbox import blocks
from handlers.asking import AskingRenderer
from handlers.cards import answer as answer_cards
from handlers.cards import crisis_report
from handlers.cards import press as press_cards
from storage import log, presscalls
from storage.answers import Answer
from storage.posts import Post
from storage.presscalls import PressCall
from tests import town
from tests.crisis.conftest import Staff
from tests.test_texts import EN, SV

QUESTION, ANSWER = "Kan jag duscha?", "Ja, men låt inte små barn svälja vattnet."
DUE = town.MONDAY + timedelta(hours=1)
CALL = Call("P4 Exempel", "Nyhetsredaktören, 010-123 45 67", "Hur många berörs?", DUE, town.MANAGER)


async def _propose(staff: Staff, by: str = town.COMMS) -> Answer:
    return await answering.propose(staff.desk, by, QUESTION, ANSWER, now=staff.clock())


async def _approve(staff: Staff, row: Answer, by: str = town.MANAGER) -> None:
    await answering.approve(staff.desk, by, row.id or 0, now=staff.clock())


async def _book(staff: Staff, by: str = town.OTHER, wanted: str = "") -> list[str]:
    found = await answering.book(staff.desk, by, wanted, now=staff.clock())
    return [one.question for one in found.answers]


async def _drawn(staff: Staff, post: Post) -> Any:
    async with staff.desk.db.read() as session:
        return await AskingRenderer().kinds[post.kind](session, post, SV)


async def test_nobody_answers_so_before_a_colleague_has_read_it(staff: Staff) -> None:
    """Then everybody may, the contact centre too."""
    await staff.publish()
    row = await _propose(staff)
    assert [] == await _book(staff)
    await _approve(staff, row)
    assert [QUESTION] == await _book(staff)


@pytest.mark.parametrize(
    ("by", "key"), [(town.COMMS, "answer.own"), (town.OTHER, "err.right"), (town.GUEST, "err.right")]
)
async def test_who_may_not_approve(staff: Staff, by: str, key: str) -> None:
    """The writer, and whoever has no part in crisis mode."""
    await staff.publish()
    row = await _propose(staff)
    with pytest.raises(Refused, match=key.replace(".", r"\.")):
        await _approve(staff, row, by)
    assert [] == await _book(staff)


async def test_the_second_yes_changes_nothing(staff: Staff) -> None:
    """Whoever was first stands there."""
    await staff.publish()
    row = await _propose(staff)
    await _approve(staff, row)
    with pytest.raises(Refused, match=r"answer\.already\.approved"):
        await _approve(staff, row, town.COMMS2)
    async with staff.desk.db.read() as session:
        assert town.MANAGER == (await session.get_one(Answer, row.id)).approved_by


async def test_an_answer_that_is_withdrawn_is_not_given_any_more(staff: Staff) -> None:
    """Approved or not; an approval comes too late then."""
    await staff.publish()
    first, second = await _propose(staff), await _propose(staff)
    await _approve(staff, first)
    for row in (first, second):
        await answering.withdraw(staff.desk, town.COMMS, row.id or 0, now=staff.clock())
    assert [] == await _book(staff)
    with pytest.raises(Refused, match=r"answer\.already\.withdrawn"):
        await _approve(staff, second)


async def test_the_card_in_the_thread_follows(staff: Staff) -> None:
    """Buttons as long as they count."""
    await staff.publish()
    row = await _propose(staff)
    [post] = await staff.rows(answering.ANSWER)
    assert (town.CHANNEL, True) == (post.dest, post.thread_id is not None)
    assert "'Godkänn'" in str((await _drawn(staff, post)).blocks)
    await _approve(staff, row)
    drawn = await _drawn(staff, post)
    assert "Godkänt av Kommunikationschef. Skrivet av Kommunikatör ett." in drawn.text
    assert "'Godkänn'" not in str(drawn.blocks)
    assert post.want < (await staff.rows(answering.ANSWER))[0].want


async def test_answers_are_found_by_word(staff: Staff) -> None:
    """With å ä ö or without."""
    await staff.publish()
    await _approve(staff, await _propose(staff))
    assert [QUESTION] == await _book(staff, wanted="SVALJA barn")
    assert [] == await _book(staff, wanted="bastu")


async def test_no_answers_without_an_incident(staff: Staff) -> None:
    """And none for guests."""
    with pytest.raises(Refused, match=r"answer\.no_incident"):
        await _book(staff)
    await staff.publish()
    with pytest.raises(Refused, match=r"err\.right"):
        await _book(staff, town.GUEST)


async def test_an_answer_needs_both_halves(staff: Staff) -> None:
    """Each problem at its field."""
    await staff.publish()
    with pytest.raises(Invalid) as refused:
        await answering.propose(staff.desk, town.COMMS, " ", "x" * 2001, now=staff.clock())
    assert {"question": "form.needed", "answer": "form.long"} == {
        name: one.key for name, one in refused.value.problems.items()
    }


async def test_the_list_is_as_slack_takes_it(staff: Staff) -> None:
    """Many and long answers, in both languages; only who may propose has the button."""
    long = Answer(id=1, incident_id=1, question="<!here> " * 30, answer="å" * 2000, by="U1", at=town.MONDAY)
    for speak in (SV, EN):
        book = answering.Book(1, (long,) * 30, 3, True)
        assert [] == list(blocks.check_message({"blocks": answer_cards.listing(speak, book).blocks}))
        none = answer_cards.listing(speak, answering.Book(1, (), 0, False))
        assert answer_cards.NEW not in str(none.blocks)


async def _take(staff: Staff, **changed: Any) -> PressCall:
    return await press.take(staff.desk, town.COMMS, replace(CALL, **changed), now=staff.clock())


async def test_a_call_is_asked_of_the_one_who_answers(staff: Staff) -> None:
    """Now, and once more when it is due."""
    await staff.publish()
    await _take(staff)
    [post], [late] = await staff.rows(press.CALL), await staff.rows(press.LATE)
    assert [town.MANAGER, town.MANAGER] == [post.dest, late.dest]
    assert DUE == late.due
    said = (await _drawn(staff, post)).text
    assert (
        "Kan du svara *P4 Exempel*, Nyhetsredaktören, 010-123 45 67, senast måndag 23 november kl. 11.00?" in said
    )


async def test_who_took_the_call_is_nowhere(staff: Staff) -> None:
    """Neither in a row nor in the log nor in the report."""
    case = await staff.publish()
    before = await _entries(staff, case.incident)
    row = await press.take(staff.desk, town.COMMS2, CALL, now=staff.clock())
    await press.done(staff.desk, town.COMMS2, row.id or 0, now=staff.clock())
    async with staff.desk.db.read() as session:
        kept = await session.get_one(PressCall, row.id)
        said = "\n".join(crisis_report.plain(SV, await report.read(session, staff.desk, case.incident)))
    assert town.COMMS2 not in str(kept.model_dump())
    assert before == await _entries(staff, case.incident)
    assert "P4" not in said
    assert "Kommunikatör två" not in said


async def _entries(staff: Staff, incident: int) -> int:
    async with staff.desk.db.read() as session:
        return len(await log.of_case(session, f"incident:{incident}"))


async def test_klart_takes_it_off_the_list(staff: Staff) -> None:
    """The one who answers may, and whoever runs crisis mode; the reminder is not sent."""
    await staff.publish()
    row, other = await _take(staff, person=town.OTHER), await _take(staff, due=DUE + timedelta(hours=1))
    await press.done(staff.desk, town.OTHER, row.id or 0, now=staff.clock())
    listed = await press.listed(staff.desk, town.COMMS, now=staff.clock())
    assert [other.id] == [call.id for call, _ in listed.calls]
    assert 1 == listed.done
    late = (await staff.rows(press.LATE))[0]
    assert Drop("done") == await _drawn(staff, late)
    with pytest.raises(Refused, match=r"press\.done_already"):
        await press.done(staff.desk, town.COMMS, row.id or 0, now=staff.clock())
    with pytest.raises(Refused, match=r"err\.right"):
        await press.done(staff.desk, town.OTHER, other.id or 0, now=staff.clock())


async def test_the_most_urgent_call_comes_first_and_fits_slack(staff: Staff) -> None:
    """Many calls with long words."""
    await staff.publish()
    for number in range(20):
        words = {"newsroom": "<!channel> " * 10, "question": "å" * 2000}
        await _take(staff, due=DUE + timedelta(minutes=20 - number), **words)
    listed = await press.listed(staff.desk, town.COMMS, now=staff.clock())
    assert sorted(call.due for call, _ in listed.calls) == [call.due for call, _ in listed.calls]
    for speak in (SV, EN):
        shown = press_cards.listing(speak, listed)
        assert [] == list(blocks.check_message({"blocks": shown.blocks}))
        assert [] == list(blocks.check_view(press_cards.form(speak)))
        assert "<!channel>" not in shown.text


@pytest.mark.parametrize(
    ("changed", "field", "key"),
    [
        ({"newsroom": " "}, "newsroom", "form.needed"),
        ({"number": "0" * 121}, "number", "form.long"),
        ({"due": None}, "due", "form.needed"),
        ({"due": town.MONDAY}, "due", "facts.past"),
        ({"person": ""}, "person", "form.needed"),
        ({"person": town.GONE}, "person", "press.person"),
    ],
)
async def test_what_is_wrong_stands_at_its_field(
    staff: Staff, changed: dict[str, Any], field: str, key: str
) -> None:
    """Nothing is written."""
    case = await staff.publish()
    with pytest.raises(Invalid) as refused:
        await _take(staff, **changed)
    assert {field: key} == {name: one.key for name, one in refused.value.problems.items()}
    async with staff.desk.db.read() as session:
        assert [] == await presscalls.of_incident(session, case.incident)


async def test_newsrooms_ring_afterwards_too(staff: Staff) -> None:
    """The newest incident has the call, also when it is over; without any there is nothing to write it down for."""
    with pytest.raises(Refused, match=r"press\.no_incident"):
        await _take(staff)
    case = await staff.publish()
    await staff.publish(Kind.END, incident=case.incident, next_at=None)
    assert case.incident == (await _take(staff)).incident_id
