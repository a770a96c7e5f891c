"""Before a drill: the contact centre and the officer on call know of it first."""

from dataclasses import replace
from typing import Any

import pytest

from bot.channels.message import Message
from bot.channels.outlet import Outlet
from bot.channels.protocol import Can
from bot.crisis import ahead, drills, handling, publishing
from bot.crisis.board import Fate
from bot.crisis.facts import Kind
from handlers.cards import crisis as cards
from handlers.crisis_life import LifeRenderer
from storage import duties, posts
from storage.duties import Duty
from tests import town
from tests.crisis.conftest import SIGN, Staff
from tests.crisis.test_drills import ENDS, PRACTICE
from tests.test_texts import SV

CENTRE, OFFICER, NOBODY = "u0other@exempel.example", town.HEAD, "tib@exempel.example"
LIST = Outlet("mejl-kc", "Kontaktcenter", "mail", frozenset({Can.PUBLISH}), audience="contact_centre")


def _told(staff: Staff, *who: str, **more: Any) -> None:
    chosen = {"drill_channels": (PRACTICE,), "drill_told": who, **more}
    crisis = staff.desk.settings.crisis.model_copy(update=chosen)
    staff.desk = replace(staff.desk, settings=staff.desk.settings.model_copy(update={"crisis": crisis}))


async def _centre(staff: Staff, who: str) -> None:
    async with staff.desk.db.write() as session:
        session.add(Duty(role=duties.CONTACT_CENTRE, who=who, name="Kontaktcenter"))


async def _drawn(staff: Staff, number: int = -1, kind: str = ahead.AHEAD) -> Message:
    post = (await staff.rows(kind))[number]
    async with staff.desk.db.read() as session:
        drawn = await LifeRenderer(staff.desk).kinds[post.kind](session, post, SV)
    assert isinstance(drawn, Message)
    return drawn


async def test_they_are_told_and_everything_else_waits_for_that(staff: Staff) -> None:
    """The sign, and the announcement in the drill's channels."""
    _told(staff, OFFICER)
    await _centre(staff, CENTRE)
    case = await staff.publish(drill=True, ends_at=ENDS)
    told = await staff.rows(ahead.AHEAD)
    assert [town.HEAD, town.OTHER] == [one.dest for one in told]
    assert [None, told[0].id] == [one.after_id for one in told]
    drill = [*await staff.rows(publishing.TEXT), *await staff.rows(publishing.SPREAD)]
    assert [told[1].id] * 2 == [one.after_id for one in drill]
    assert {SIGN: Fate.GATE} == await staff.fates(case.incident)


async def test_the_board_of_a_drill_says_whom_it_waits_for(staff: Staff) -> None:
    """Nobody looks for a fault in a website that has no part in it."""
    _told(staff, OFFICER)
    case = await staff.publish(drill=True, ends_at=ENDS)
    shown = cards.Incident(SV, await staff.board(case.incident), None).message()
    assert "*Infartsskylten* Väntar tills alla som ska förvarnas vet" in shown.text
    assert "webbplatsen" not in shown.text
    assert "Gå utan att vänta" in str(shown.blocks)
    await handling.override_gate(staff.desk, town.COMMS, case.id, "Hon är på semester", now=staff.clock())
    assert {SIGN: Fate.SENDING} == await staff.fates(case.incident)


async def test_once_they_know_the_drill_begins(staff: Staff) -> None:
    """The delivery room keeps the order."""
    _told(staff, OFFICER)
    case = await staff.publish(drill=True, ends_at=ENDS)
    async with staff.at_work():
        assert [] == staff.shown(SIGN)
        [told] = await staff.rows(ahead.AHEAD)
        async with staff.desk.db.write() as session:
            await posts.move(session, told.id or 0, posts.WAITING, posts.DONE, remote="1.1")
        await staff.until(case.incident, **{SIGN: Fate.ACCEPTED})
    assert 1 == len(staff.shown(SIGN))


async def test_they_learn_what_where_and_until_when(staff: Staff) -> None:
    """And that it has not happened."""
    _told(staff, OFFICER)
    await staff.publish(drill=True, ends_at=ENDS, where="Söder & <Norr>")
    said = (await _drawn(staff)).text
    assert said.startswith("ÖVNING · Krisläge: Dricksvatten, Söder &amp; &lt;Norr&gt;\n")
    assert "Det här har inte hänt. Övningen pågår till måndag 23 november kl. 13.00." in said
    assert "Den syns bara i Infartsskylten, märkt ÖVNING." in said


async def test_the_real_thing_tells_nobody_beforehand(staff: Staff) -> None:
    """It waits for no one."""
    _told(staff, OFFICER)
    await staff.publish()
    assert [] == await staff.rows(ahead.AHEAD)


async def test_a_drill_that_goes_on_is_told_of_once(staff: Staff) -> None:
    """Its updates wait for nothing."""
    _told(staff, OFFICER)
    case = await staff.publish(drill=True, ends_at=ENDS)
    await staff.publish(Kind.UPDATE, incident=case.incident, drill=True, ends_at=ENDS, news="Mer.")
    assert 1 == len(await staff.rows(ahead.AHEAD))


async def test_a_contact_centre_outside_slack_gets_a_letter(staff: Staff) -> None:
    """By its own mailing list, which is not used by the drill otherwise."""
    _told(staff)
    await _centre(staff, "kontaktcenter@exempel.example")
    staff.desk = replace(staff.desk, outlets=(*staff.desk.outlets, LIST))
    await staff.publish(drill=True, ends_at=ENDS, where="Söder & Norr")
    [told] = await staff.rows(ahead.AHEAD)
    assert ("mejl-kc", "mejl-kc") == (told.via, told.dest)
    letter = await _drawn(staff)
    assert "ÖVNING · Krisläge: Dricksvatten, Söder & Norr" == letter.title
    assert not letter.drill
    assert "säg att det är en övning" in letter.text


@pytest.mark.parametrize("gone", [NOBODY, town.GONE])
async def test_whom_nothing_reaches_the_department_tells(staff: Staff, gone: str) -> None:
    """By name, before the drill."""
    _told(staff, gone)
    await staff.publish(drill=True, ends_at=ENDS)
    [told] = await staff.rows(ahead.AHEAD)
    assert town.CHANNEL == told.dest
    assert f"Vi når inte {gone} härifrån. Säg till dem" in (await _drawn(staff)).text


async def test_who_was_told_hears_that_it_is_broken_off(staff: Staff) -> None:
    """And which drill it was."""
    _told(staff, OFFICER)
    case = await staff.publish(drill=True, ends_at=ENDS)
    await drills.abort(staff.desk, town.COMMS2, case.incident, now=staff.clock())
    assert [PRACTICE, town.HEAD] == [one.dest for one in await staff.rows(drills.ABORTED)]
    said = (await _drawn(staff, kind=drills.ABORTED)).text
    assert said.startswith("*Övningen är avbruten: ÖVNING · Krisläge: Dricksvatten, Centrum.*")
