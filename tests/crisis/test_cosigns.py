"""A sign that is shared: its co-owner hears when it shows something of ours, and when no longer."""

from dataclasses import replace
from typing import Any

from bot.channels.message import Message
from bot.crisis import cosigns, drills, handling, rules, submitting
from bot.crisis.board import Fate
from bot.crisis.cosigns import CoOwners
from bot.crisis.facts import Kind
from bot.crisis.handling import Touch
from bot.crisis.standings import Standings
from handlers.crisis_life import LifeRenderer
from tests import town
from tests.crisis.conftest import SIGN, Staff
from tests.crisis.test_drills import ENDS
from tests.test_texts import SV


def _shared(staff: Staff, co_owner: str = town.OTHER) -> None:
    """With somebody who shares the sign."""
    outlets = tuple(replace(one, co_owner=co_owner) if one.key == SIGN else one for one in staff.desk.outlets)
    staff.desk = replace(staff.desk, outlets=outlets)


async def _publish(staff: Staff, kind: Kind = Kind.FIRST, **changed: Any) -> rules.Bulletin:
    """A message with rows for the sign; at the end none, as the composer has it."""
    draft = staff.draft(kind, **changed)
    rows = [] if kind is Kind.END else ["KOKA VATTNET", "CENTRUM"]
    texts = {**draft.texts, SIGN: {"text": "\n".join(rows), "rows": rows}}
    given = replace(draft, texts=texts)
    case = await submitting.submit(staff.desk, town.COMMS, given, now=staff.clock())
    return await staff.approve(case)


async def _out(staff: Staff, incident: int, fate: Fate = Fate.ACCEPTED) -> None:
    async with staff.at_work():
        await staff.until(incident, **{SIGN: fate})


async def _told(staff: Staff) -> list[tuple[str, str]]:
    """Whom the next tick has told of what, so far."""
    await CoOwners(Standings(staff.desk, SV)).tick(staff.desk, staff.clock())
    return [(one.dest, one.args["what"]) for one in await staff.rows(cosigns.SIGN)]


async def _said(staff: Staff) -> str:
    post = (await staff.rows(cosigns.SIGN))[-1]
    async with staff.desk.db.read() as session:
        drawn = await LifeRenderer(staff.desk).kinds[post.kind](session, post, SV)
    assert isinstance(drawn, Message)
    return drawn.text


async def test_they_hear_once_that_it_is_taken_and_that_it_is_given_back(staff: Staff) -> None:
    """Not before it shows anything, and not again at every tick."""
    _shared(staff)
    incident = (await _publish(staff)).incident
    assert [] == await _told(staff)
    async with staff.at_work():
        await staff.until(incident, **{SIGN: Fate.ACCEPTED})
        assert [(town.OTHER, "taken")] == await _told(staff)
        assert "*Infartsskylten* visar nu: KOKA VATTNET / CENTRUM" in await _said(staff)
        assert 1 == len(await _told(staff))
        end = await _publish(staff, Kind.END, incident=incident, now="Bra.", next_at=None)
        await staff.until(end.incident, **{SIGN: Fate.ACCEPTED})
    assert [(town.OTHER, "taken"), (town.OTHER, "given")] == await _told(staff)
    assert "visar inte längre vårt meddelande" in await _said(staff)


async def test_a_drill_is_called_one_and_breaking_it_off_gives_the_sign_back(staff: Staff) -> None:
    """ÖVNING stands first."""
    _shared(staff)
    case = await _publish(staff, drill=True, ends_at=ENDS)
    await _out(staff, case.incident)
    assert [(town.OTHER, "taken")] == await _told(staff)
    assert (await _said(staff)).startswith("ÖVNING · Krisläge: Dricksvatten, Centrum")
    await drills.abort(staff.desk, town.COMMS2, case.incident, now=staff.clock())
    assert (town.OTHER, "given") == (await _told(staff))[-1]


async def test_taking_the_text_away_by_hand_is_told_too(staff: Staff) -> None:
    """Whatever way it went."""
    _shared(staff)
    case = await _publish(staff, drill=True, ends_at=ENDS)
    await _out(staff, case.incident)
    await _told(staff)
    await handling.remove(staff.desk, Touch(case.id, SIGN, town.COMMS), now=staff.clock())
    await _out(staff, case.incident, Fate.REMOVED)
    assert (town.OTHER, "given") == (await _told(staff))[-1]


async def test_a_co_owner_outside_slack_is_told_by_the_department(staff: Staff) -> None:
    """Which learns whom to ring."""
    _shared(staff, "trafik@exempel.example")
    await _out(staff, (await _publish(staff, drill=True, ends_at=ENDS)).incident)
    assert [(town.CHANNEL, "taken")] == await _told(staff)
    assert "Vi når inte trafik@exempel.example, som delar skylten, härifrån. Säg till." in await _said(staff)


async def test_a_sign_of_ones_own_tells_nobody(staff: Staff) -> None:
    """There is nobody to tell."""
    await _out(staff, (await _publish(staff, drill=True, ends_at=ENDS)).incident)
    assert [] == await _told(staff)
