"""No case stands where nobody can move it, and no answer comes after its time."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from bot.accounts import applying, deciding, drafts, mine, rules, waiting
from bot.accounts.states import Gate, State
from bot.errors import Invalid, Refused
from storage import decisions, duties, posts
from storage.posts import Post
from tests import town
from tests.accounts.conftest import Office


async def sent(office: Office, kind: str) -> list[str]:
    """Destinations of everything of a kind that the desk owes."""
    async with office.desk.db.read() as session:
        rows = await session.exec(select(Post).where(Post.kind == kind).order_by(Post.id))
        return [one.dest for one in rows.all()]


async def department_of(office: Office, *whos: str) -> None:
    async with office.desk.db.write() as session:
        await duties.replace(session, duties.DEPARTMENT, list(whos))


async def test_a_head_who_decided_for_the_department_is_followed_by_the_deputy(office: Office) -> None:
    """One person never gives both decisions, so the other one goes on to the deputy at once."""
    await department_of(office, town.COMMS, town.HEAD)
    row = await office.apply()
    case = await office.decide(row, "comms", "yes", town.HEAD)
    assert [one.id for one in case.head.deciders] == [town.DEPUTY]
    assert await sent(office, "application.head") == [town.HEAD, town.DEPUTY]
    assert (await office.decide(row, "head", "yes", town.DEPUTY)).state is State.APPROVED


async def test_a_head_who_is_the_whole_department_is_said_in_the_form(office: Office) -> None:
    """One and the same person cannot give both decisions: the form says so, not the thirtieth day."""
    await department_of(office, town.OTHER_HEAD)
    with pytest.raises(Invalid) as refused:
        await office.apply("Skolan")
    assert set(refused.value.problems) == {"unit"}


async def test_a_requester_of_a_department_of_two_leaves_one_for_a_head_outside(office: Office) -> None:
    """Who enters the head's answer cannot decide for the department too."""
    await department_of(office, town.COMMS, town.COMMS2)
    with pytest.raises(Invalid) as refused:
        await office.apply("Simhallen", by=town.COMMS)
    assert set(refused.value.problems) == {"unit"}
    assert (await office.apply("Simhallen", by=town.REQUESTER)).state == "waiting"


@pytest.mark.parametrize("gate", ["head", "comms"])
async def test_a_decision_after_the_last_day_is_refused_also_before_the_tick(office: Office, gate: str) -> None:
    """The desk was stopped over the thirtieth day; whoever clicks first finds it expired."""
    row = await office.apply()
    office.clock.now += timedelta(days=30, seconds=1)
    who = town.HEAD if gate == "head" else town.COMMS
    with pytest.raises(Refused) as refused:
        await office.decide(row, gate, "yes", who)
    assert refused.value.key == "err.stale"
    await waiting.tick(office.desk, now=office.clock())
    assert (await office.case(row.id)).state is State.EXPIRED


async def test_an_edit_after_the_last_day_is_refused(office: Office) -> None:
    """A new version of a case whose time is out would be closed before anybody read it."""
    row = await office.apply()
    office.clock.now += timedelta(days=31)
    changed = town.form(office.units["Biblioteket"], hours="9")
    with pytest.raises(Refused):
        await applying.edit(office.desk, town.REQUESTER, row.id or 0, changed, seen_version=1, now=office.clock())


async def test_a_question_is_not_sent_on_after_the_last_day(office: Office) -> None:
    """Another head would be asked about a case that is closed at the next tick."""
    row = await office.apply()
    office.clock.now += timedelta(days=31)
    school, number = office.units["Skolan"], row.id or 0
    for sent_on in (
        deciding.reroute(office.desk, town.HEAD, number, school, now=office.clock()),
        deciding.wrong_head(office.desk, town.HEAD, number, now=office.clock()),
        deciding.check(office.desk, town.HEAD, number, rules.reroute, now=office.clock()),
    ):
        with pytest.raises(Refused) as refused:
            await sent_on
        assert refused.value.key == "err.stale"
    assert await sent(office, "application.head") == [town.HEAD]


async def reminders(office: Office, row_id: int | None) -> tuple[int, datetime | None]:
    async with office.desk.db.read() as session:
        given = await decisions.of_version(session, row_id or 0, 1)
    head = next(one for one in given if one.gate == "head")
    return head.reminded, head.remind


async def test_a_snoozed_reminder_uses_none_up(office: Office) -> None:
    """Asked on Monday, reminded on Wednesday, snoozed to Thursday: Friday's reminder comes all the same."""
    row = await office.apply()
    office.clock.now += timedelta(days=2)
    await waiting.tick(office.desk, now=office.clock())
    await deciding.snooze(office.desk, town.HEAD, row.id or 0, Gate.HEAD, now=office.clock())
    office.clock.now += timedelta(days=1)
    await waiting.tick(office.desk, now=office.clock())
    assert await reminders(office, row.id) == (2, datetime(2026, 11, 27, 9, 0, tzinfo=UTC))


async def test_a_desk_that_was_stopped_reminds_once(office: Office) -> None:
    """Both reminders are overdue: one message, not two within a minute."""
    row = await office.apply()
    office.clock.now += timedelta(days=4, minutes=1)
    await waiting.tick(office.desk, now=office.clock())
    await waiting.tick(office.desk, now=office.clock() + timedelta(seconds=30))
    assert await reminders(office, row.id) == (1, None)


async def test_whoever_is_asked_by_a_new_route_is_reminded_too(office: Office) -> None:
    """The first head's reminders were used up; the right head has two working days like anybody."""
    row = await office.apply()
    for days in (2, 4):
        office.clock.now = town.MONDAY + timedelta(days=days)
        await waiting.tick(office.desk, now=office.clock())
    await deciding.reroute(office.desk, town.HEAD, row.id or 0, office.units["Skolan"], now=office.clock())
    office.clock.now += timedelta(days=4)  # Friday to Tuesday
    await waiting.tick(office.desk, now=office.clock())
    assert (await sent(office, "application.reminder"))[-1] == town.OTHER_HEAD


async def test_after_many_versions_a_head_reads_each_line_once(office: Office) -> None:
    """Only the newest card's thread goes on; the older ones say that it was asked anew."""
    row = await office.apply()
    for version, hours in enumerate(("3", "4", "5"), 1):
        changed = town.form(office.units["Biblioteket"], hours=hours)
        row = await applying.edit(
            office.desk, town.REQUESTER, row.id or 0, changed, seen_version=version, now=office.clock()
        )
        async with office.desk.db.write() as session:  # every card has arrived
            for one in (await session.exec(select(Post).where(Post.state == posts.WAITING))).all():
                one.state, one.remote = posts.DONE, f"r{one.id}"
                session.add(one)
    before = len(await sent(office, "application.line"))
    await office.decide(row, "comms", "yes", town.COMMS)
    assert sorted((await sent(office, "application.line"))[before:]) == sorted([town.CHANNEL, town.HEAD])


async def test_a_last_step_that_comes_twice_finds_its_application(office: Office) -> None:
    """The answer to the first was lost, so it was sent again: one case, no half-empty draft left behind."""
    form = town.form(office.units["Biblioteket"])
    draft = await drafts.save(office.desk, town.REQUESTER, "d1", 3, form, now=office.clock())
    first = await applying.submit(office.desk, town.REQUESTER, draft.data, now=office.clock(), draft_id="d1")
    again = await drafts.save(office.desk, town.REQUESTER, "d1", 3, {"goals": form["goals"]}, now=office.clock())
    assert again.data["substitute"] == town.EDITOR
    assert await applying.check_step(office.desk, town.REQUESTER, again.data, 3, office.clock()) == {}
    second = await applying.submit(office.desk, town.REQUESTER, again.data, now=office.clock(), draft_id="d1")
    assert second.id == first.id
    assert (await mine.mine(office.desk, town.REQUESTER, office.clock())).drafts == []


async def test_a_last_step_of_an_edit_that_comes_twice_changes_nothing_more(office: Office) -> None:
    """The draft of an edit begins with what stands in the case."""
    row = await office.apply()
    again = await drafts.save(
        office.desk, town.REQUESTER, "d2", 3, {"goals": "500 följare."}, application_id=row.id, now=office.clock()
    )
    assert again.data["substitute"] == town.EDITOR
    edited = await applying.edit(
        office.desk, town.REQUESTER, row.id or 0, again.data, seen_version=1, now=office.clock()
    )
    assert edited.version == 1


async def test_another_person_s_application_is_no_draft(office: Office) -> None:
    """A number in a form's hidden data opens nothing."""
    row = await office.apply()
    with pytest.raises(Refused) as refused:
        await drafts.save(office.desk, town.OTHER, "d3", 3, {}, application_id=row.id, now=office.clock())
    assert refused.value.key == "application.not_yours"


async def test_what_went_to_another_unit_waits_for_its_head_alone(office: Office) -> None:
    """Whoever said "wrong head" is rid of it, also in their list."""
    row = await office.apply()
    await deciding.reroute(office.desk, town.HEAD, row.id or 0, office.units["Skolan"], now=office.clock())
    lists = {
        who: [one.key for one in (await mine.mine(office.desk, who, office.clock())).to_decide]
        for who in (town.HEAD, town.OTHER_HEAD)
    }
    assert lists == {town.HEAD: [], town.OTHER_HEAD: [str(row.id)]}


async def test_a_channel_that_closes_while_a_case_is_open_loses_nothing(office: Office) -> None:
    """Question, line and reminder in the department's thread each know where to go instead; the head's do not."""
    row = await office.apply()
    await office.decide(row, "head", "yes", town.HEAD)
    office.clock.now += timedelta(days=2)
    await waiting.tick(office.desk, now=office.clock())
    async with office.desk.db.read() as session:
        every = (await session.exec(select(Post).where(col(Post.thread_id).is_not(None)))).all()
    found = {(one.kind, one.dest): one.fallback for one in every}
    assert found == {
        ("application.ask", town.CHANNEL): "department",
        ("application.line", town.CHANNEL): "department",
        ("application.line", town.HEAD): None,
        ("application.reminder", town.CHANNEL): "department",
    }
