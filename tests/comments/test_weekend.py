"""The weekend watch: an Easter with a watch on two of its days, its receipt, and what a crisis changes."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.comments import acting, climbing, hands, retiming, tell, weekend
from bot.comments.states import State
from bot.comments.weekend import ASK, GIVEN, LATE, TAKEN_AWAY, Given
from bot.errors import Invalid, Refused
from bot.people import Role
from storage import incidents, log, people, publications, watches
from storage.incidents import Incident
from storage.posts import Post
from storage.watches import WeekendWatch
from tests import town
from tests.comments.conftest import Desks

HERE = ZoneInfo("Europe/Stockholm")
# Good Friday to Easter Monday; the clocks go forward on Easter Day.
THURSDAY, FRIDAY, SATURDAY, SUNDAY, MONDAY = (date(2027, 3, day) for day in range(25, 30))
TUESDAY = date(2027, 3, 30)
FREE = (FRIDAY, SATURDAY, SUNDAY, MONDAY)
EASTER = Given(town.COMMS2, SATURDAY, SUNDAY)
LADDER = {town.REQUESTER, town.EDITOR, town.HEAD, town.COMMS, town.MANAGER}


def local(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=HERE).astimezone(UTC)


@pytest.fixture
def easter(here: Desks) -> Desks:
    """Maundy Thursday, kl. 10."""
    here.clock.now = local(THURSDAY, 10)
    return here


async def watched(here: Desks, given: Given = EASTER, by: str = town.COMMS) -> WeekendWatch:
    row, _ = await weekend.add(here.desk, by, given, now=here.clock())
    return row


async def tick(here: Desks) -> None:
    """One tick of everything that has to do with time."""
    for work in (retiming.tick, weekend.tick, climbing.Climb().tick):
        await work(here.desk, here.clock())


async def until(here: Desks, end: datetime, every: int = 30) -> list[Post]:
    """Let time pass with ticks; the reminders told meanwhile."""
    before = len(await here.owed(tell.REMINDER))
    while here.clock() < end:
        here.later(minutes=every)
        await tick(here)
    return (await here.owed(tell.REMINDER))[before:]


def inside(here: Desks, at: datetime) -> bool:
    """Is it office time, or within the watch's hours?"""
    hour = at.astimezone(HERE)
    return here.desk.office.open_at(at) or (hour.date() in (SATURDAY, SUNDAY) and 8 <= hour.hour < 20)


@pytest.mark.heavy
async def test_an_easter(easter: Desks) -> None:
    """A comment every five hours, none answered: reminders in the watch's hours or office hours alone, and on
    days off to the watcher alone; what the watcher did not get to goes up the ladder when the office opens.
    """
    here, seen, numbers = easter, [], []
    await watched(here)
    while here.clock() < local(date(2027, 4, 1), 16):
        if here.clock() < local(MONDAY, 23):
            numbers.append((await here.comment()).id)
        seen += await until(here, here.clock() + timedelta(hours=5))
    assert [] == [one.created for one in seen if not inside(here, one.created)]
    off = [one for one in seen if one.created.astimezone(HERE).date() in FREE]
    assert {town.COMMS2} == {one.dest for one in off}
    assert {SATURDAY, SUNDAY} == {one.created.astimezone(HERE).date() for one in off}
    overdue = {one.args["comment"] for one in off if one.args["step"] == "overdue"}
    assert overdue
    for number in numbers:
        told = [(one.args["step"], one.dest) for one in seen if one.args["comment"] == number]
        assert ("department", town.COMMS) in told
        assert ("overdue", town.EDITOR) in told
        assert (number in overdue) == (("overdue", town.COMMS2) in told)


async def test_the_clock_runs_on_watched_days_and_on_no_others(easter: Desks) -> None:
    """Thursday's question is due on Saturday: Friday does not count. The night of Easter Day lacks an hour."""
    await watched(easter)
    assert local(SATURDAY, 10) == (await easter.comment()).due
    easter.clock.now = local(FRIDAY, 12)  # a day off without a watch: from Saturday's first hour
    assert local(SUNDAY, 9) == (await easter.comment()).due
    easter.clock.now = local(SATURDAY, 16)
    assert local(SUNDAY, 17) == (await easter.comment()).due  # 24 hours, of which the clock skipped one
    easter.clock.now = local(SUNDAY, 12)
    assert local(TUESDAY, 12) == (await easter.comment()).due


async def test_an_answer_time_of_its_own(easter: Desks) -> None:
    """``watch_answer_hours`` counts for what is written on a watched day, not for what waited already."""
    fresh = easter.desk.settings.comments.model_copy(update={"watch_answer_hours": 4.0})
    easter.desk = replace(easter.desk, settings=easter.desk.settings.model_copy(update={"comments": fresh}))
    await watched(easter)
    assert local(SATURDAY, 10) == (await easter.comment()).due
    easter.clock.now = local(SATURDAY, 11)
    assert local(SATURDAY, 15) == (await easter.comment()).due


async def test_without_a_watch_an_easter_is_quiet(easter: Desks) -> None:
    """Nobody is told of anything on a day off."""
    case = await easter.comment()
    assert local(TUESDAY, 10) == case.due
    assert {THURSDAY} >= {one.created.astimezone(HERE).date() for one in await until(easter, local(MONDAY, 23))}


async def test_the_watcher_is_first_in_line_and_may_act_everywhere(easter: Desks) -> None:
    """On the days off of the watch; on working days nothing has changed. The log says by which right."""
    await watched(easter, replace(EASTER, person=town.OTHER_HEAD, last=TUESDAY))
    case = await easter.comment()
    for day, expected in ((THURSDAY, town.REQUESTER), (FRIDAY, town.REQUESTER), (SATURDAY, town.OTHER_HEAD)):
        easter.clock.now = local(day, 12)
        assert (expected,) == await _first(easter, case.publication)
    await acting.take(easter.desk, town.OTHER_HEAD, case.id, now=easter.clock())
    easter.clock.now = local(TUESDAY, 9)
    assert (town.REQUESTER,) == await _first(easter, case.publication)
    with pytest.raises(Refused, match=r"err\.right"):
        await acting.close(easter.desk, town.OTHER_HEAD, case.id, now=easter.clock())
    async with easter.desk.db.read() as session:
        entries = await log.of_case(session, f"comment:{case.id}")
    assert [Role.WATCH] == [one.role for one in entries if one.action == "comment.taken"]


async def _first(here: Desks, publication: int) -> tuple[str, ...]:
    async with here.desk.db.read() as session:
        post = await publications.get(session, publication)
        assert post is not None
        return (await hands.of(session, here.desk, post, here.clock())).first()


async def test_what_cannot_wait_is_told_at_once(easter: Desks) -> None:
    """By direct message; at night when the watch begins, if it does before the office opens."""
    await watched(easter)
    easter.clock.now = local(SATURDAY, 13)
    now, calm = await easter.comment("Akut: läcka i badhuset!"), await easter.comment("Tack, men när?")
    easter.clock.now = local(SATURDAY, 23)
    night = await easter.comment("Jag vet var du bor")
    easter.clock.now = local(SUNDAY, 21)
    late = await easter.comment("Akut!")
    urgent = [(one.dest, one.args["comment"], one.due) for one in await easter.owed(tell.URGENT)]
    assert [(town.COMMS2, now.id, local(SATURDAY, 13)), (town.COMMS2, night.id, local(SUNDAY, 8))] == urgent
    assert {State.WAITING} == {(await easter.case(one.remote)).state for one in (now, calm, night, late)}


async def test_what_becomes_urgent_is_told_then(easter: Desks) -> None:
    """An edit, heard of twice, is one message."""
    await watched(easter)
    easter.clock.now = local(SATURDAY, 13)
    case = await easter.comment()
    for _ in range(2):
        await easter.edited(case, "Akut: det brinner!")
    assert [case.id] == [one.args["comment"] for one in await easter.owed(tell.URGENT)]


async def test_a_watcher_who_fell_ill_is_not_told_and_nor_is_anybody_else(easter: Desks) -> None:
    """The ladder begins when the office opens."""
    await watched(easter)
    await town.away(easter.desk.db, town.COMMS2, SATURDAY, MONDAY)
    await easter.comment("Akut: läcka?")
    told = await until(easter, local(TUESDAY, 9))
    assert {THURSDAY, TUESDAY} >= {one.created.astimezone(HERE).date() for one in told}
    assert town.EDITOR in {one.dest for one in told}
    assert [] == await easter.owed(tell.URGENT)


async def test_what_waits_already_gets_the_watches_clock_and_loses_it_with_the_watch(easter: Desks) -> None:
    """A watch that is set on the Thursday evening, and taken away again."""
    case = await easter.comment()
    await tick(easter)
    assert local(TUESDAY, 10) == (await easter.row(case.id)).due
    row = await watched(easter)
    await tick(easter)
    assert local(SATURDAY, 10) == (await easter.row(case.id)).due
    await weekend.remove(easter.desk, town.COMMS, row.id or 0, now=easter.clock())
    await tick(easter)
    assert local(TUESDAY, 10) == (await easter.row(case.id)).due


async def test_the_watcher_is_asked_the_working_day_before_and_the_department_hears_the_silence(
    easter: Desks,
) -> None:
    """At 15; nobody answers; when the office has closed the department's channel hears of it, once."""
    await watched(easter)
    await until(easter, local(THURSDAY, 14, 30))
    assert [] == await easter.owed(ASK)
    await until(easter, local(THURSDAY, 15))
    assert [(town.COMMS2, local(THURSDAY, 15))] == [(one.dest, one.created) for one in await easter.owed(ASK)]
    await until(easter, local(THURSDAY, 16))
    assert [] == await easter.owed(LATE)
    await until(easter, local(THURSDAY, 18))
    assert [(town.CHANNEL, local(THURSDAY, 16, 30))] == [(one.dest, one.created) for one in await easter.owed(LATE)]


async def test_a_receipt_is_given_once(easter: Desks) -> None:
    """Two clicks are one line in the log, and the department is not told of anything."""
    row = await watched(easter)
    await until(easter, local(THURSDAY, 15))
    clicks = (weekend.receive(easter.desk, town.COMMS2, row.id or 0, now=easter.clock()) for _ in range(2))
    await asyncio.gather(*clicks)
    await until(easter, local(SATURDAY, 12))
    assert ([], 1) == (await easter.owed(LATE), len(await easter.owed(ASK)))
    async with easter.desk.db.read() as session:
        actions = [one.action for one in await log.of_case(session, f"watch:{row.id}")]
    assert ["watch.set", "watch.received"] == actions


async def test_set_on_the_day_itself_it_is_asked_about_at_once(easter: Desks) -> None:
    """And the department hears of silence an hour later."""
    easter.clock.now = local(SATURDAY, 9)
    await watched(easter)
    await until(easter, local(SATURDAY, 12))
    assert [local(SATURDAY, 9, 30)] == [one.created for one in await easter.owed(ASK)]
    assert [local(SATURDAY, 10, 30)] == [one.created for one in await easter.owed(LATE)]


async def test_the_watcher_hears_when_it_is_set_and_taken_away(easter: Desks) -> None:
    """Once each; who sets their own hears nothing."""
    row = await watched(easter)
    own = await watched(easter, Given(town.COMMS, MONDAY, MONDAY))
    for one in (row, row, own):
        await weekend.remove(easter.desk, town.COMMS, one.id or 0, now=easter.clock())
    assert [town.COMMS2] == [one.dest for one in await easter.owed(GIVEN)]
    assert [(town.COMMS2, True)] == [(one.dest, one.quiet) for one in await easter.owed(TAKEN_AWAY)]


async def test_two_forms_at_once_are_one_watch(easter: Desks) -> None:
    """A double click, and two who give the same days to different people."""
    await asyncio.gather(*(watched(easter) for _ in range(4)))
    given = [replace(EASTER, person=town.MANAGER), replace(EASTER, person=town.COMMS)]
    found = await asyncio.gather(*(watched(easter, one) for one in given), return_exceptions=True)
    assert [Invalid, Invalid] == [type(one) for one in found]
    async with easter.desk.db.read() as session:
        assert [town.COMMS2] == [one.person for one in await watches.not_over(session, THURSDAY)]


@pytest.mark.parametrize(
    ("given", "field", "key"),
    [
        (replace(EASTER, person=""), "person", "form.needed"),
        (replace(EASTER, person=town.GUEST), "person", "watch.nobody"),
        (replace(EASTER, person=town.GONE), "person", "watch.nobody"),
        (replace(EASTER, first=None), "first", "form.needed"),
        (replace(EASTER, last=None), "last", "form.needed"),
        (replace(EASTER, last=FRIDAY), "last", "watch.order"),
        (replace(EASTER, last=date(2027, 6, 1)), "last", "watch.long"),
        (replace(EASTER, first=date(2027, 3, 20), last=date(2027, 3, 21)), "last", "watch.past"),
        (replace(EASTER, first=TUESDAY, last=TUESDAY), "first", "watch.no_day_off"),
        (replace(EASTER, opens=20 * 60, closes=8 * 60), "closes", "watch.hours"),
    ],
)
async def test_what_cannot_be_set(easter: Desks, given: Given, field: str, key: str) -> None:
    """Each at its field, and nothing is kept."""
    with pytest.raises(Invalid) as wrong:
        await watched(easter, given)
    assert {field: key} == {name: problem.key for name, problem in wrong.value.problems.items()}
    async with easter.desk.db.read() as session:
        assert [] == await watches.not_over(session, date(2027, 1, 1))


async def test_somebody_who_is_away_cannot_be_set(easter: Desks) -> None:
    """Not even for one of the days."""
    await town.away(easter.desk.db, town.COMMS2, SUNDAY, SUNDAY)
    with pytest.raises(Invalid) as wrong:
        await watched(easter)
    assert ["watch.away"] == [one.key for one in wrong.value.problems.values()]


async def test_the_form_begins_with_the_next_days_off_that_nobody_has(easter: Desks) -> None:
    """Easter first, then what is left of it."""
    first = await weekend.coming(easter.desk, town.COMMS, now=easter.clock())
    assert ((), FRIDAY, MONDAY) == (first.watches, first.first, first.last)
    await watched(easter, replace(EASTER, first=FRIDAY))
    left = await weekend.coming(easter.desk, town.COMMS, now=easter.clock())
    assert ([EASTER.person], MONDAY, MONDAY) == ([one.person for one, _ in left.watches], left.first, left.last)


Deed = Callable[[Desks, str, int], Awaitable[object]]


async def _see(here: Desks, who: str, number: int) -> object:
    return await weekend.coming(here.desk, who, now=here.clock())


async def _set(here: Desks, who: str, number: int) -> object:
    return await watched(here, by=who)


async def _remove(here: Desks, who: str, number: int) -> object:
    await weekend.remove(here.desk, who, number, now=here.clock())
    return None


async def _receive(here: Desks, who: str, number: int) -> object:
    await weekend.receive(here.desk, who, number, now=here.clock())
    return None


OTHERS = (town.REQUESTER, town.HEAD, town.OTHER_HEAD, town.GUEST, town.STRANGER, town.GONE, "U0NOBODY")


@pytest.mark.parametrize("deed", [_see, _set, _remove])
async def test_only_the_department_has_to_do_with_it(easter: Desks, deed: Deed) -> None:
    """Heads and editors see who is first in line; they do not decide it."""
    row = await watched(easter)
    for who in OTHERS:
        with pytest.raises(Refused):
            await deed(easter, who, row.id or 0)
    async with easter.desk.db.read() as session:
        assert [row.id] == [one.id for one in await watches.not_over(session, THURSDAY)]
    for who in (town.COMMS, town.COMMS2, town.MANAGER):
        await deed(easter, who, row.id or 0)


async def test_only_the_watcher_gives_the_receipt(easter: Desks) -> None:
    """And not for a watch that was taken away."""
    row = await watched(easter)
    for who in (*OTHERS, town.COMMS):
        with pytest.raises(Refused, match=r"watch\.not_yours"):
            await _receive(easter, who, row.id or 0)
    await _remove(easter, town.COMMS, row.id or 0)
    with pytest.raises(Refused, match=r"watch\.gone"):
        await _receive(easter, town.COMMS2, row.id or 0)


async def crisis(here: Desks, *, on: bool, drill: bool = False) -> None:
    """An incident begins, or ends."""
    async with here.desk.db.write() as session:
        found = await incidents.in_state(session, incidents.ON)
        if on:
            fresh = Incident(
                event="water", place="Centrum", state=incidents.ON, by=town.MANAGER, opened=here.clock()
            )
            fresh.drill, fresh.began = drill, here.clock()
            session.add(fresh)
        for one in found if not on else []:
            await incidents.change(session, one, state=incidents.OVER, ended=here.clock())


async def test_a_crisis_shortens_the_clocks_of_what_waits_and_gives_them_back(here: Desks) -> None:
    """Monday 10, due Tuesday 10; at 14 the tap water is bad: two hours from then; at 15 it is over."""
    case = await here.comment()
    usual = case.due
    here.later(hours=4)
    await tick(here)
    await crisis(here, on=True)
    await tick(here)
    assert here.clock() + timedelta(hours=2) == (await here.row(case.id)).due
    fresh = await here.comment()
    assert here.clock() + timedelta(hours=2) == fresh.due
    here.later(hours=1)
    await tick(here)
    [half] = {one.args["step"] for one in await here.owed(tell.REMINDER)}
    assert "half" == half
    await crisis(here, on=False)
    await tick(here)
    assert usual == (await here.row(case.id)).due
    assert here.clock() + timedelta(hours=23) == (await here.row(fresh.id)).due
    assert len(await here.owed(tell.REMINDER)) == 2


async def test_what_came_in_at_the_very_instant_is_looked_at_again(here: Desks) -> None:
    """Its clock was set by what was on a moment before."""
    await tick(here)
    await crisis(here, on=True)
    await tick(here)
    case = await here.comment()
    async with here.desk.db.write() as session:
        row = await session.get_one(type(await here.row(case.id)), case.id)
        row.due = (row.due or here.clock()) + timedelta(hours=22)
        session.add(row)
    here.later(minutes=2)
    await tick(here)
    assert here.clock() + timedelta(hours=2, minutes=-2) == (await here.row(case.id)).due


async def test_a_drill_shortens_nothing(here: Desks) -> None:
    """Residents wait as usual."""
    case = await here.comment()
    await crisis(here, on=True, drill=True)
    await tick(here)
    assert case.due == (await here.row(case.id)).due


async def test_two_desks_change_a_clock_once(here: Desks) -> None:
    """Two processes that notice at the same time."""
    case = await here.comment()
    await tick(here)
    await crisis(here, on=True)
    await asyncio.gather(*(retiming.tick(here.desk, here.clock()) for _ in range(2)))
    async with here.desk.db.read() as session:
        actions = [one.action for one in await log.of_case(session, f"comment:{case.id}")]
    assert 1 == actions.count("comment.retimed")


async def test_a_crisis_goes_before_a_watch(easter: Desks) -> None:
    """The ordinary people are told, whatever the hour; the watcher may act all the same."""
    await watched(easter, replace(EASTER, person=town.OTHER_HEAD))
    easter.clock.now = local(SATURDAY, 23)
    await crisis(easter, on=True)
    case = await easter.comment()
    told = await until(easter, local(SUNDAY, 1))
    assert [town.REQUESTER] == list(dict.fromkeys(one.dest for one in told if one.args["step"] != "overdue"))
    assert (town.REQUESTER,) == await _first(easter, case.publication)
    await acting.take(easter.desk, town.OTHER_HEAD, case.id, now=easter.clock())


async def test_peace_is_kept_when_the_clock_changes(here: Desks) -> None:
    """*Påminn mig senare* until 16 still means 16, unless the answer is due before."""
    case = await here.comment()
    later = here.clock() + timedelta(hours=1)
    await acting.later(here.desk, town.REQUESTER, case.id, later, now=here.clock())
    await tick(here)
    await crisis(here, on=True)
    await tick(here)
    assert later == (await here.row(case.id)).next_at


async def test_the_watchers_name_stands_with_the_watch(easter: Desks) -> None:
    """By the name that the desk knows."""
    _, name = await weekend.add(easter.desk, town.COMMS, EASTER, now=easter.clock())
    async with easter.desk.db.read() as session:
        person = await people.get(session, town.COMMS2)
    assert person is not None
    assert person.name == name
