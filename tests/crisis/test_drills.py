"""A drill that is broken off because something real happens; and who has paused."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.crisis import drills, handling, pauses, publishing
from bot.crisis.board import Board, Fate
from bot.crisis.states import Kind, State
from bot.errors import Refused
from handlers.cards import crisis as cards
from handlers.cards import crisis_board
from storage import incidents, posts, units
from storage.accounts import Account
from tests import town
from tests.crisis.conftest import SIGN, SITE, Staff
from tests.test_texts import SV

PRACTICE = "C0OVNING"
ENDS = town.MONDAY + timedelta(hours=3)


@pytest.fixture
def staff(staff: Staff) -> Staff:
    """With a channel where drills are announced."""
    crisis = staff.desk.settings.crisis.model_copy(update={"drill_channels": (PRACTICE,)})
    settings = staff.desk.settings.model_copy(update={"crisis": crisis})
    staff.desk = replace(staff.desk, settings=settings)
    return staff


async def _drill(staff: Staff) -> int:
    return (await staff.publish(drill=True, ends_at=ENDS)).incident


async def _abort(staff: Staff, incident: int, by: str = town.COMMS2) -> None:
    await drills.abort(staff.desk, by, incident, now=staff.clock())


async def test_everybody_in_the_drill_hears_that_it_is_broken_off(staff: Staff) -> None:
    """In the channels of the drill and in the thread; the incident is over."""
    incident = await _drill(staff)
    await _abort(staff, incident)
    assert [PRACTICE] == [one.dest for one in await staff.rows(drills.ABORTED)]
    [line] = [one for one in await staff.rows("crisis.life") if one.args["what"] == "aborted"]
    assert (town.CHANNEL, True) == (line.dest, line.thread_id is not None)
    assert incidents.OVER == (await staff.board(incident)).incident.state


async def test_nothing_more_of_the_drill_goes_out(staff: Staff) -> None:
    """What waits is dropped, what waits for a colleague is taken back."""
    case = await staff.publish(drill=True, ends_at=ENDS)
    asked = await staff.submit(incident=case.incident, kind=Kind.UPDATE, drill=True, news="Mer.")
    await _abort(staff, case.incident)
    assert State.WITHDRAWN is (await staff.case(asked.id)).state
    assert {posts.DROPPED} == {one.state for one in await staff.rows(publishing.TEXT)}
    assert {posts.DROPPED} == {one.state for one in await staff.rows(publishing.SPREAD)}
    with pytest.raises(Refused):
        await staff.approve(asked)


async def test_what_the_drill_showed_is_taken_away(staff: Staff) -> None:
    """The sign is given back for the real thing."""
    case = await staff.publish(drill=True, ends_at=ENDS)
    async with staff.at_work():
        await staff.until(case.incident, **{SIGN: Fate.ACCEPTED})
        assert 1 == len(staff.shown(SIGN))
        await _abort(staff, case.incident)
        await staff.until(case.incident, **{SIGN: Fate.REMOVED})
    assert [] == staff.shown(SIGN)


async def test_a_drill_that_nobody_heard_of_ends_quietly(staff: Staff) -> None:
    """It was only proposed."""
    case = await staff.submit(drill=True, ends_at=ENDS)
    await _abort(staff, case.incident)
    assert [] == await staff.rows(drills.ABORTED)
    assert incidents.DROPPED == (await staff.board(case.incident)).incident.state


async def test_only_a_drill_is_broken_off_and_only_once(staff: Staff) -> None:
    """A real incident has no such button, and the second click is told."""
    real = (await staff.publish()).incident
    with pytest.raises(Refused, match=r"drill\.over"):
        await _abort(staff, real)
    drill = await _drill(staff)
    with pytest.raises(Refused, match=r"err\.right"):
        await _abort(staff, drill, by=town.HEAD)
    await _abort(staff, drill)
    with pytest.raises(Refused, match=r"drill\.over"):
        await _abort(staff, drill)
    assert 1 == len(await staff.rows(drills.ABORTED))


async def test_the_button_stands_on_a_drills_board_alone(staff: Staff) -> None:
    """As the use case allows it."""
    real, drill = (await staff.publish()).incident, await _drill(staff)
    assert "Avbryt övningen" not in str(cards.Incident(SV, await staff.board(real), SITE).message().blocks)
    assert "Avbryt övningen" in str(cards.Incident(SV, await staff.board(drill), SITE).message().blocks)
    await _abort(staff, drill)
    after = str(cards.Incident(SV, await staff.board(drill), SITE).message().blocks)
    assert "Avbryt övningen" not in after
    assert "Visa rapporten" in after


async def _accounts(staff: Staff, many: int) -> None:
    unit = await _unit(staff)
    async with staff.desk.db.write() as session:
        for number in range(many):
            session.add(
                Account(
                    unit_id=unit,
                    platform="facebook",
                    name=f"Konto {number:02}",
                    address=f"https://www.facebook.com/{number}",
                    purpose="Visa.",
                    owner=town.HEAD if number == 0 else town.OTHER,
                    editors=[town.EDITOR] if number == 0 else [],
                    entered_by=town.COMMS,
                    entered=town.MONDAY,
                )
            )


async def _unit(staff: Staff) -> int:
    async with staff.desk.db.read() as session:
        found = await units.by_name(session, "Biblioteket")
    assert found is not None
    return found.id or 0


async def test_the_board_tells_who_has_paused_and_who_has_not_answered(staff: Staff) -> None:
    """One of an account's people answers for it."""
    await _accounts(staff, 2)
    incident = (await staff.publish()).incident
    assert [("Konto 00", "Enhetschef biblioteket"), ("Konto 01", "Handläggare")] == [
        (one.account, one.owner) for one in _pauses(await staff.board(incident)).silent
    ]
    await handling.paused(staff.desk, town.EDITOR, incident, now=staff.clock())
    board = await staff.board(incident)
    assert 1 == _pauses(board).answered
    said = crisis_board.status(SV, board)
    assert "1 person har pausat." in said
    assert "Har inte svarat: Konto 01 (Handläggare)." in said


async def test_many_silent_accounts_are_counted(staff: Staff) -> None:
    """The board stays readable."""
    await _accounts(staff, 40)
    said = crisis_board.status(SV, await staff.board((await staff.publish()).incident))
    assert any(one.endswith("Konto 09 (Handläggare) och 30 konton till.") for one in said)


async def test_a_drill_asks_nobody_to_pause(staff: Staff) -> None:
    """And once it is over nobody is asked any more."""
    await _accounts(staff, 1)
    assert (await staff.board(await _drill(staff))).pauses is None


def _pauses(board: Board) -> pauses.Pauses:
    assert board.pauses is not None
    return board.pauses
