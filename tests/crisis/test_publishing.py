"""From a proposal to every channel: four eyes, the website first, nothing lost."""

import asyncio
from datetime import timedelta

import pytest

from bot.channels.errors import NotSent, Unknown
from bot.channels.errors import Refused as Turned
from bot.crisis import deciding, handling, publishing, submitting, tell
from bot.crisis.board import Fate
from bot.crisis.deciding import Yes
from bot.crisis.facts import Kind
from bot.crisis.handling import Touch
from bot.crisis.states import State
from bot.errors import Invalid, Refused
from storage import duties
from tests import town
from tests.crisis.conftest import FACEBOOK, SIGN, SITE, VIDEO, Staff, X

# The delivery room is tested on both databases elsewhere; here it only carries.
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_nothing_goes_out_before_a_colleague_has_approved(staff: Staff) -> None:
    """A proposal owes nothing but the board and the question."""
    case = await staff.submit()
    assert State.ASKED is case.state
    assert [] == await staff.rows(publishing.TEXT)
    assert [town.CHANNEL] == [one.dest for one in await staff.rows(tell.BOARD)]


async def test_who_is_asked_first_second_and_third(staff: Staff) -> None:
    """The submitter never; the others five minutes apart, and the delivery room drops what is decided."""
    await staff.submit(by=town.COMMS)
    asked = await staff.rows(tell.ASK)
    assert [(town.MANAGER, 0), (town.COMMS2, 5)] == [
        (one.dest, (one.due - staff.clock()).total_seconds() / 60) for one in asked
    ]


@pytest.mark.parametrize("person", [town.COMMS, town.HEAD, town.GUEST])
async def test_neither_the_submitter_nor_a_stranger_approves(staff: Staff, person: str) -> None:
    """The case stays as it was."""
    case = await staff.submit(by=town.COMMS)
    with pytest.raises(Refused):
        await staff.approve(case, by=person)
    assert State.ASKED is (await staff.case(case.id)).state


async def test_an_approval_of_another_text_counts_for_nothing(staff: Staff) -> None:
    """An edit voids what was asked; the click on the old text is told."""
    case = await staff.submit()
    changed = staff.draft(advice="Drick inte vattnet.")
    await submitting.edit(staff.desk, town.COMMS2, case.id, changed, now=staff.clock())
    with pytest.raises(Refused, match=r"crisis\.changed"):
        await staff.approve(case)
    assert [] == await staff.rows(publishing.TEXT)


async def test_who_edits_is_the_submitter_from_then_on(staff: Staff) -> None:
    """Otherwise the editor could approve a text of their own."""
    case = await staff.submit(by=town.COMMS)
    changed = staff.draft(advice="Drick inte vattnet.")
    edited = await submitting.edit(staff.desk, town.MANAGER, case.id, changed, now=staff.clock())
    with pytest.raises(Refused, match=r"crisis\.own"):
        await staff.approve(edited, by=town.MANAGER)
    assert State.APPROVED is (await staff.approve(edited, by=town.COMMS)).state


async def test_two_approvals_at_once_are_one(staff: Staff) -> None:
    """The second reads who was faster; nothing is owed twice."""
    case = await staff.submit()
    clicks = [staff.approve(case, by=who) for who in (town.MANAGER, town.COMMS2) * 3]
    answers = await asyncio.gather(*clicks, return_exceptions=True)
    assert 1 == sum(not isinstance(one, BaseException) for one in answers)
    assert {"crisis.already"} == {one.key for one in answers if isinstance(one, Refused)}
    assert [SITE, FACEBOOK, X, SIGN] == [one.via for one in await staff.rows(publishing.TEXT)]


@ONE_DATABASE
async def test_the_website_goes_first_and_the_others_follow(staff: Staff) -> None:
    """Nobody is sent anything while the website cannot be reached."""
    staff.vendors[SITE].by_place[SITE] = NotSent("refused")
    case = await staff.publish()
    async with staff.at_work():
        await staff.until(case.incident, webben=Fate.RETRYING, facebook=Fate.GATE, x=Fate.GATE)
        assert [] == staff.shown(FACEBOOK)
        del staff.vendors[SITE].by_place[SITE]
        await staff.until(
            case.incident, webben=Fate.CONFIRMED, facebook=Fate.CONFIRMED, x=Fate.CONFIRMED, skylt=Fate.ACCEPTED
        )
    assert [1] * 4 == [len(staff.shown(one)) for one in (SITE, FACEBOOK, X, SIGN)]


@ONE_DATABASE
async def test_the_others_go_on_without_the_website_when_that_was_allowed(staff: Staff) -> None:
    """After so many seconds, as the approver chose."""
    staff.vendors[SITE].by_place[SITE] = NotSent("refused")
    case = await staff.approve(await staff.submit(), without_site_s=60)
    async with staff.at_work():
        await staff.until(case.incident, webben=Fate.RETRYING, facebook=Fate.GATE)
        staff.clock.now += timedelta(seconds=61)
        await staff.until(case.incident, webben=Fate.RETRYING, facebook=Fate.CONFIRMED)


@ONE_DATABASE
async def test_the_gate_is_overridden_with_a_reason(staff: Staff) -> None:
    """The website is down; a person says go."""
    staff.vendors[SITE].by_place[SITE] = NotSent("refused")
    case = await staff.publish()
    with pytest.raises(Invalid):
        await handling.override_gate(staff.desk, town.COMMS, case.id, " ", now=staff.clock())
    async with staff.at_work():
        await staff.until(case.incident, facebook=Fate.GATE)
        await handling.override_gate(staff.desk, town.COMMS, case.id, "Webben ligger nere", now=staff.clock())
        await staff.until(case.incident, facebook=Fate.CONFIRMED)
    assert [] == staff.shown(SITE)


@ONE_DATABASE
async def test_a_poisoned_channel_holds_up_nobody(staff: Staff) -> None:
    """One refuses for ever, the others are there."""
    staff.vendors[FACEBOOK].by_place[FACEBOOK] = Turned("permission")
    case = await staff.publish()
    async with staff.at_work():
        await staff.until(case.incident, facebook=Fate.FAILED, x=Fate.CONFIRMED, skylt=Fate.ACCEPTED)
    assert (await staff.board(case.incident)).red


@ONE_DATABASE
async def test_what_was_refused_is_tried_again_when_somebody_asks(staff: Staff) -> None:
    """The right was given meanwhile."""
    staff.vendors[FACEBOOK].by_place[FACEBOOK] = Turned("permission")
    case = await staff.publish()
    async with staff.at_work():
        await staff.until(case.incident, facebook=Fate.FAILED)
        del staff.vendors[FACEBOOK].by_place[FACEBOOK]
        await handling.retry(staff.desk, Touch(case.id, FACEBOOK, town.COMMS), now=staff.clock())
        await staff.until(case.incident, facebook=Fate.CONFIRMED)


@ONE_DATABASE
async def test_a_channel_that_nobody_can_look_into_is_asked_about(staff: Staff) -> None:
    """Unsure on the board until a person has looked; then sent once more, or left."""
    staff.vendors[X].blind = True
    staff.vendors[X].answers.append(Unknown("lost on the way there"))
    case = await staff.publish()
    touch = Touch(case.id, X, town.COMMS)
    async with staff.at_work():
        await staff.until(case.incident, x=Fate.ASKING)
        await handling.answer(staff.desk, touch, False, now=staff.clock())
        await staff.until(case.incident, x=Fate.ACCEPTED)
    assert 1 == len(staff.shown(X))
    with pytest.raises(Refused):
        await handling.answer(staff.desk, touch, False, now=staff.clock())


@ONE_DATABASE
async def test_stop_stops_what_has_not_gone(staff: Staff) -> None:
    """The website has it; the rest never gets it, not even later."""
    case = await staff.publish()
    async with staff.at_work(SITE):
        await staff.until(case.incident, webben=Fate.CONFIRMED)
    await handling.stop(staff.desk, town.COMMS2, case.id, now=staff.clock())
    async with staff.at_work():
        await asyncio.sleep(0.2)
    assert [1, 0, 0, 0] == [len(staff.shown(one)) for one in (SITE, FACEBOOK, X, SIGN)]
    expected = {SITE: Fate.CONFIRMED, FACEBOOK: Fate.STOPPED, X: Fate.STOPPED, SIGN: Fate.STOPPED}
    assert expected | {VIDEO: Fate.STOPPED} == await staff.fates(case.incident)
    assert {"dropped"} == {one.state for one in await staff.rows(publishing.SPREAD)}


@ONE_DATABASE
async def test_what_has_gone_can_be_taken_away(staff: Staff) -> None:
    """Where the platform can; the board says so."""
    case = await staff.publish()
    async with staff.at_work():
        await staff.until(case.incident, facebook=Fate.CONFIRMED)
        await handling.stop(staff.desk, town.COMMS2, case.id, now=staff.clock())
        await handling.remove(staff.desk, Touch(case.id, FACEBOOK, town.COMMS), now=staff.clock())
        await staff.until(case.incident, facebook=Fate.REMOVED)
    assert [] == staff.shown(FACEBOOK)


async def test_what_has_no_interface_is_done_by_hand(staff: Staff) -> None:
    """The person responsible has text, deadline and a button; the board waits for them."""
    case = await staff.publish()
    [work] = await staff.rows(publishing.HAND)
    assert (town.COMMS2, True) == (work.dest, work.card)
    assert Fate.BY_HAND is (await staff.fates(case.incident))[VIDEO]
    await handling.done_by_hand(staff.desk, Touch(case.id, VIDEO, town.COMMS2), now=staff.clock())
    assert Fate.DONE_BY_HAND is (await staff.fates(case.incident))[VIDEO]
    with pytest.raises(Refused, match="hand_done"):
        await handling.done_by_hand(staff.desk, Touch(case.id, VIDEO, town.COMMS2), now=staff.clock())


@ONE_DATABASE
async def test_a_channel_that_fails_is_taken_over_by_hand(staff: Staff) -> None:
    """Whoever presses does it."""
    staff.vendors[FACEBOOK].by_place[FACEBOOK] = Turned("permission")
    case = await staff.publish()
    async with staff.at_work():
        await staff.until(case.incident, facebook=Fate.FAILED)
    await handling.take_by_hand(staff.desk, Touch(case.id, FACEBOOK, town.COMMS), now=staff.clock())
    [line] = [one for one in (await staff.board(case.incident)).lines if one.outlet.key == FACEBOOK]
    assert (Fate.BY_HAND, town.COMMS) == (line.fate, line.person)


async def test_a_channel_is_skipped_with_a_reason_only(staff: Staff) -> None:
    """And only while it has not gone."""
    case = await staff.publish()
    touch = Touch(case.id, FACEBOOK, town.COMMS)
    with pytest.raises(Invalid):
        await handling.skip(staff.desk, touch, "", now=staff.clock())
    await handling.skip(staff.desk, touch, "Sidan är stängd", now=staff.clock())
    assert Fate.SKIPPED is (await staff.fates(case.incident))[FACEBOOK]
    with pytest.raises(Refused, match="too_late"):
        await handling.skip(staff.desk, touch, "igen", now=staff.clock())


@ONE_DATABASE
async def test_an_update_edits_what_stands_and_follows_up_elsewhere(staff: Staff) -> None:
    """Website and sign show the newest; Facebook gets a new post and marks the old; X gets a new post."""
    case = await staff.publish()
    async with staff.at_work():
        await staff.until(case.incident, facebook=Fate.CONFIRMED, x=Fate.CONFIRMED, skylt=Fate.ACCEPTED)
        await staff.publish(Kind.UPDATE, incident=case.incident, news="Tankbil på torget.")
        await staff.until(
            case.incident, webben=Fate.ACCEPTED, facebook=Fate.CONFIRMED, x=Fate.CONFIRMED, skylt=Fate.ACCEPTED
        )
        for _ in range(100):
            if "facebook: nyare finns" in staff.shown(FACEBOOK):
                break
            await asyncio.sleep(0.05)
    news = "update Tankbil på torget. Koka vattnet. {url}"
    assert [f"{SITE}: {news}"] == staff.shown(SITE)
    assert [f"{SIGN}: {news}"] == staff.shown(SIGN)
    assert ["facebook: nyare finns", f"{FACEBOOK}: {news}"] == staff.shown(FACEBOOK)
    assert [f"{X}: first Koka vattnet. {{url}}", f"{X}: {news}"] == staff.shown(X)


@ONE_DATABASE
async def test_a_correction_goes_where_the_error_stands_without_waiting(staff: Staff) -> None:
    """Edited where that is possible, a new post elsewhere; the wrong version is kept."""
    case = await staff.publish()
    async with staff.at_work():
        await staff.until(case.incident, facebook=Fate.CONFIRMED, x=Fate.CONFIRMED, skylt=Fate.ACCEPTED)
        staff.vendors[SITE].update_answers.extend([NotSent("refused")] * 3)
        await staff.publish(Kind.CORRECTION, incident=case.incident, wrong="allt vatten", right="vattnet i Centrum")
        await staff.until(case.incident, facebook=Fate.ACCEPTED, x=Fate.CONFIRMED)
    assert 1 == len(staff.shown(FACEBOOK))
    assert 2 == len(staff.shown(X))
    kept = [one for one in await staff.rows(publishing.TEXT) if one.via == FACEBOOK]
    assert 2 == len({one.body for one in kept})


@ONE_DATABASE
async def test_a_newer_message_replaces_an_unsent_one(staff: Staff) -> None:
    """Nobody is shown a text that no longer holds."""
    staff.vendors[X].by_place[X] = NotSent("refused")
    case = await staff.publish()
    async with staff.at_work():
        await staff.until(case.incident, webben=Fate.CONFIRMED, facebook=Fate.CONFIRMED)
    await staff.publish(Kind.END, incident=case.incident, now="Proverna är bra.")
    del staff.vendors[X].by_place[X]
    async with staff.at_work():
        await staff.until(case.incident, x=Fate.CONFIRMED)
    assert 1 == len(staff.shown(X))
    assert "end" in staff.shown(X)[0]


async def test_the_incident_follows_its_messages(staff: Staff) -> None:
    """Proposed, on, over; nothing can be added afterwards."""
    case = await staff.submit()
    assert "proposed" == case.incident_state
    case = await staff.approve(case)
    assert "on" == case.incident_state
    assert "over" == (await staff.publish(Kind.END, incident=case.incident, now="Över.")).incident_state
    with pytest.raises(Refused, match="not_on"):
        await staff.submit(Kind.UPDATE, incident=case.incident, news="sent")


async def test_one_message_waits_at_a_time(staff: Staff) -> None:
    """Two proposals for one incident would be approved past each other."""
    case = await staff.publish()
    await staff.submit(Kind.UPDATE, incident=case.incident, news="ett")
    with pytest.raises(Refused, match="already_asked"):
        await staff.submit(Kind.UPDATE, by=town.COMMS2, incident=case.incident, news="två")


async def test_a_decider_alone_types_the_place_and_everybody_sees_it(staff: Staff) -> None:
    """Break-glass: logged as such, told to the other deciders."""
    case = await staff.submit(by=town.MANAGER)
    yes = Yes(case.id, town.MANAGER, case.seen)
    with pytest.raises(Refused, match="place_differs"):
        await deciding.emergency(staff.desk, yes, "Norrby", now=staff.clock())
    after = await deciding.emergency(staff.desk, yes, "centrum ", now=staff.clock())
    assert (State.APPROVED, True) == (after.state, after.emergency)
    assert {town.COMMS, town.COMMS2} == {one.dest for one in await staff.rows(tell.ALARM)}


async def test_a_communicator_who_is_no_decider_has_no_glass_to_break(staff: Staff) -> None:
    """The right is the deciders' alone."""
    case = await staff.submit()
    yes = Yes(case.id, town.EDITOR, case.seen)
    with pytest.raises(Refused, match="not_yours"):
        await deciding.emergency(staff.desk, yes, "Centrum", now=staff.clock())


async def test_a_drill_reaches_only_what_is_marked_for_drills(staff: Staff) -> None:
    """The sign is, the website and Facebook are not."""
    await staff.publish(drill=True, ends_at=staff.clock() + timedelta(hours=2))
    assert [SIGN] == [one.via for one in await staff.rows(publishing.TEXT)]


async def test_a_message_whose_flag_differs_from_the_incidents_is_never_sent(staff: Staff) -> None:
    """Both flags must agree, in both directions."""
    case = await staff.publish()
    with pytest.raises(Refused, match=r"drill\.mismatch"):
        await staff.submit(
            Kind.UPDATE, incident=case.incident, news="x", drill=True, ends_at=staff.clock() + timedelta(hours=1)
        )
    assert 4 == len(await staff.rows(publishing.TEXT))


async def test_facts_that_are_not_whole_are_refused_at_their_field(staff: Staff) -> None:
    """Nothing is written."""
    with pytest.raises(Invalid) as refused:
        await staff.submit(confirmed_by="")
    assert {"confirmed_by"} == set(refused.value.problems)
    assert [] == await staff.rows(tell.BOARD)


async def test_a_proposal_is_taken_back(staff: Staff) -> None:
    """The incident ends with it; nobody can approve it any more."""
    case = await staff.submit()
    await submitting.withdraw(staff.desk, town.COMMS, case.id, now=staff.clock())
    with pytest.raises(Refused):
        await staff.approve(case)
    assert "dropped" == (await staff.case(case.id)).incident_state


async def test_a_proposal_is_handed_back_with_a_reason(staff: Staff) -> None:
    """And asked about again once it was bettered."""
    case = await staff.submit()
    handed = await deciding.hand_back(
        staff.desk, town.MANAGER, case.id, case.seen, "Skriv var vattnet finns", now=staff.clock()
    )
    assert State.RETURNED is handed.state
    again = await submitting.edit(staff.desk, town.COMMS, case.id, staff.draft(), now=staff.clock())
    assert State.APPROVED is (await staff.approve(again)).state


async def test_where_nobody_could_approve_nothing_is_proposed(staff: Staff) -> None:
    """That is told before anything is written."""
    async with staff.desk.db.write() as session:
        await duties.replace(session, duties.CRISIS_DECIDER, [])
    with pytest.raises(Refused, match=r"crisis\.nobody"):
        await staff.submit()
    assert [] == await staff.rows(tell.BOARD)
