"""Two decisions in parallel, on both databases, also in the same instant."""

import asyncio
from datetime import date, timedelta

import pytest
from sqlmodel import select

from bot import log as desk_log
from bot.accounts import applying, deciding, waiting
from bot.accounts.deciding import Outside, Verdict
from bot.accounts.states import Act, Gate, State
from bot.errors import Invalid, Refused
from storage import log
from storage.engine import Database
from storage.posts import Post
from tests import town
from tests.accounts.conftest import Office

ROUNDS = 100


async def test_both_say_yes_and_it_is_approved(office: Office) -> None:
    """The first yes waits for the other; the second approves; the log says by which right."""
    row = await office.apply()
    assert (await office.decide(row, "head", "yes", town.HEAD)).state is State.WAITING
    assert (await office.decide(row, "comms", "yes", town.COMMS)).state is State.APPROVED
    async with office.desk.db.read() as session:
        entries = await log.of_case(session, f"application:{row.id}")
    assert [(one.action, one.role) for one in entries] == [
        ("application.submitted", "requester"),
        ("decision.yes", "head"),
        ("decision.yes", "comms"),
    ]


@pytest.mark.heavy
async def test_the_same_click_twice_at_once_counts_once(office: Office) -> None:
    """One effect and one refusal, every time."""
    for turn in range(ROUNDS):
        row = await office.apply(name=f"Konto {turn}")
        results = await asyncio.gather(
            office.decide(row, "head", "yes", town.HEAD),
            office.decide(row, "head", "yes", town.HEAD),
            return_exceptions=True,
        )
        refused = [one for one in results if isinstance(one, Refused)]
        assert [one.key for one in refused] == ["decision.already"], results
        async with office.desk.db.read() as session:
            assert len(await log.of_case(session, f"application:{row.id}")) == 2


@pytest.mark.heavy
async def test_the_two_different_decisions_at_once_always_approve(office: Office) -> None:
    """Neither transaction may miss the other's yes."""
    for turn in range(ROUNDS):
        row = await office.apply(name=f"Konto {turn}")
        results = await asyncio.gather(
            office.decide(row, "head", "yes", town.HEAD), office.decide(row, "comms", "yes", town.COMMS)
        )
        states = sorted(str(one.state) for one in results)
        assert states == ["approved", "waiting"]
        assert (await office.case(row.id)).state is State.APPROVED


async def test_two_members_of_the_department_at_once_decide_once(office: Office) -> None:
    """A yes and a no for the same decision: exactly one of them counts."""
    row = await office.apply()
    results = await asyncio.gather(
        office.decide(row, "comms", "yes", town.COMMS),
        office.decide(row, "comms", "no", town.COMMS2, reason="Räcker med sidan."),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Refused) for one in results) == 1


async def test_an_edit_voids_what_was_decided(office: Office) -> None:
    """The head said yes to another text; both are asked again and the old button is refused."""
    row = await office.apply()
    old = row.digest[:16]
    await office.decide(row, "head", "yes", town.HEAD)
    changed = town.form(office.units["Biblioteket"], hours="10")
    row = await applying.edit(office.desk, town.REQUESTER, row.id or 0, changed, seen_version=1, now=office.clock())
    case = await office.case(row.id)
    assert (case.version, case.head.waiting, case.comms.waiting) == (2, True, True)
    with pytest.raises(Refused, match="decision.changed"):
        await office.decide(row, "comms", "yes", town.COMMS, seen=old)


async def test_an_edit_and_an_approval_at_once_never_approve_unread_text(office: Office) -> None:
    """Whoever is first: what is approved is what was read."""
    for turn in range(20):
        row = await office.apply(name=f"Konto {turn}")
        await office.decide(row, "head", "yes", town.HEAD)
        changed = town.form(office.units["Biblioteket"], name=f"Konto {turn}", hours="30")
        await asyncio.gather(
            office.decide(row, "comms", "yes", town.COMMS, seen=row.digest[:16]),
            applying.edit(office.desk, town.REQUESTER, row.id or 0, changed, seen_version=1, now=office.clock()),
            return_exceptions=True,
        )
        case = await office.case(row.id)
        assert case.state is State.WAITING or case.content["hours"] == 2.5


async def test_the_deputy_decides_when_the_head_is_away(office: Office) -> None:
    """Away today: the deputy has the right, the head has not."""
    today = office.clock.now.date()
    await town.away(office.desk.db, town.HEAD, today, today)
    row = await office.apply()
    case = await office.decide(row, "head", "yes", town.DEPUTY)
    assert case.head.role == "deputy"


async def test_the_deputy_joins_after_five_working_days(office: Office) -> None:
    """Not before; then both may."""
    row = await office.apply()
    office.clock.now += timedelta(days=4)
    with pytest.raises(Refused, match="decision.not_yours"):
        await office.decide(row, "head", "yes", town.DEPUTY)
    office.clock.now = town.MONDAY + timedelta(days=7)
    assert (await office.decide(row, "head", "yes", town.DEPUTY)).head.role == "deputy"


async def test_a_deactivated_head_and_no_deputy_goes_to_the_parent(office: Office) -> None:
    """Routed to the head of the unit above."""
    await town.change(office.desk.db, town.HEAD, deleted=True)
    await town.change(office.desk.db, town.DEPUTY, deleted=True)
    row = await office.apply()
    assert (await office.decide(row, "head", "yes", town.PARENT)).head.role == "parent"


async def test_a_head_who_applies_is_decided_on_by_the_deputy(office: Office) -> None:
    """Nobody decides on what they submitted themselves."""
    row = await office.apply(by=town.HEAD)
    with pytest.raises(Refused, match="decision.self"):
        await office.decide(row, "head", "yes", town.HEAD)
    assert (await office.decide(row, "head", "yes", town.DEPUTY)).head.role == "deputy"


async def test_where_nobody_can_decide_the_form_says_whom_to_ask(office: Office) -> None:
    """A unit without a head, deputy or parent."""
    with pytest.raises(Invalid) as caught:
        await office.apply("Utan chef")
    assert caught.value.problems["unit"].key == "form.no_head"


async def test_an_answer_from_outside_slack_needs_two_people(office: Office) -> None:
    """The one who records the head's answer cannot give the department's decision."""
    row = await office.apply("Simhallen")
    given = Verdict(row.id or 0, Gate.HEAD, Act.YES, town.COMMS, row.digest[:16])
    outside = Outside(date(2026, 11, 23), "Mejl 2026-11-23")
    await deciding.record(office.desk, given, outside, now=office.clock())
    with pytest.raises(Refused, match="decision.both"):
        await office.decide(row, "comms", "yes", town.COMMS)
    assert (await office.decide(row, "comms", "yes", town.COMMS2)).state is State.APPROVED


async def test_an_answer_of_tomorrow_or_without_reference_is_no_answer(office: Office) -> None:
    """Both fields say what is wrong."""
    row = await office.apply("Simhallen")
    given = Verdict(row.id or 0, Gate.HEAD, Act.YES, town.COMMS, row.digest[:16])
    with pytest.raises(Invalid) as caught:
        await deciding.record(office.desk, given, Outside(date(2026, 11, 24), " "), now=office.clock())
    assert {"answered", "reference"} == set(caught.value.problems)


async def test_wrong_head_asks_the_right_one(office: Office) -> None:
    """The head of another unit decides; the first one may not any more."""
    row = await office.apply()
    await deciding.reroute(office.desk, town.HEAD, row.id or 0, office.units["Skolan"], now=office.clock())
    with pytest.raises(Refused, match="decision.not_yours"):
        await office.decide(row, "head", "yes", town.HEAD)
    assert (await office.decide(row, "head", "yes", town.OTHER_HEAD)).head.role == "head"


async def test_a_returned_application_stops_the_clock(office: Office) -> None:
    """Ten days with the requester do not count towards the thirty."""
    row = await office.apply()
    office.clock.now += timedelta(days=10)
    await office.decide(row, "comms", "return", town.COMMS, reason="Vem svarar på lördagar?")
    office.clock.now += timedelta(days=25)
    await waiting.tick(office.desk, now=office.clock())
    assert (await office.case(row.id)).state is State.RETURNED
    changed = town.form(office.units["Biblioteket"], goals="Svar även på lördagar.")
    row = await applying.edit(office.desk, town.REQUESTER, row.id or 0, changed, seen_version=1, now=office.clock())
    assert office.clock.now + timedelta(days=20) == row.expires


async def test_after_thirty_days_it_is_expired_never_approved(office: Office) -> None:
    """One yes does not carry over the end; a late click changes nothing."""
    row = await office.apply()
    await office.decide(row, "head", "yes", town.HEAD)
    office.clock.now += timedelta(days=30)
    await waiting.tick(office.desk, now=office.clock())
    assert (await office.case(row.id)).state is State.EXPIRED
    with pytest.raises(Refused, match="err.stale"):
        await office.decide(row, "comms", "yes", town.COMMS)


async def test_reminders_come_after_two_and_four_working_days(office: Office) -> None:
    """Monday kl. 10: reminded on Wednesday and Friday, once each, however often the clock ticks."""
    row = await office.apply()
    seen = []
    for step in range(8 * 24):
        office.clock.now = town.MONDAY + timedelta(hours=step)
        await waiting.tick(office.desk, now=office.clock())
        found = await _posts(office.desk.db, "application.reminder", town.HEAD)
        if len(found) > len(seen):
            seen.append(office.desk.office.local_date(office.clock.now))
    assert [date(2026, 11, 25), date(2026, 11, 27)] == seen
    assert len(await _posts(office.desk.db, "application.head", town.DEPUTY)) == 1, "the deputy is asked once"
    assert row.id is not None


async def test_snooze_moves_the_next_reminder(office: Office) -> None:
    """Remind me on the next working day."""
    row = await office.apply()
    when = await deciding.snooze(office.desk, town.HEAD, row.id or 0, Gate.HEAD, now=office.clock())
    assert date(2026, 11, 24) == office.desk.office.local_date(when)


async def test_snooze_on_a_saturday_means_monday(office: Office) -> None:
    """Not Tuesday."""
    row = await office.apply()
    office.clock.now += timedelta(days=5)
    when = await deciding.snooze(office.desk, town.HEAD, row.id or 0, Gate.HEAD, now=office.clock())
    assert office.desk.office.local_date(when) == date(2026, 11, 30)


async def test_withdrawn_is_withdrawn(office: Office) -> None:
    """Only by the requester; later clicks change nothing."""
    row = await office.apply()
    with pytest.raises(Refused):
        await applying.withdraw(office.desk, town.OTHER, row.id or 0, now=office.clock())
    await applying.withdraw(office.desk, town.REQUESTER, row.id or 0, now=office.clock())
    with pytest.raises(Refused, match="err.stale"):
        await office.decide(row, "head", "yes", town.HEAD)


async def test_the_same_draft_twice_is_one_application(office: Office) -> None:
    """A repeated submit finds its case, also in the same instant."""
    form = town.form(office.units["Biblioteket"])
    both = await asyncio.gather(
        *(applying.submit(office.desk, town.REQUESTER, form, now=office.clock(), draft_id="d1") for _ in range(2))
    )
    again = await applying.submit(office.desk, town.REQUESTER, form, now=office.clock(), draft_id="d1")
    assert len({one.id for one in (*both, again)}) == 1


async def test_the_log_holds_no_text_and_verifies(office: Office) -> None:
    """The reason is a keyed hash; the chain holds; a changed link is named."""
    row = await office.apply()
    await office.decide(row, "comms", "no", town.COMMS, reason="Hemlig motivering")
    async with office.desk.db.write() as session:
        await desk_log.seal(session, office.clock.now.date(), office.clock())
    assert await desk_log.verify(office.desk.db) is None
    async with office.desk.db.write() as session:
        entries = await log.of_case(session, f"application:{row.id}")
        assert "Hemlig" not in str([one.detail for one in entries])
        entries[1].detail = {**entries[1].detail, "gate": "head"}
        session.add(entries[1])
    broken = await desk_log.verify(office.desk.db)
    assert broken is not None
    assert (f"application:{row.id}", 2) == (broken.case, broken.seq)


async def _posts(db: Database, kind: str, dest: str) -> list[Post]:
    async with db.read() as session:
        query = select(Post).where(Post.kind == kind, Post.dest == dest)
        return list((await session.exec(query)).all())
