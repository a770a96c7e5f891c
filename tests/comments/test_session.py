"""A question session on a Thursday evening: who is first in line, by which clock, and how it is summed up."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from bot.comments import acting, climbing, hands, replying, retiming, session, tell
from bot.comments.rules import Case
from bot.comments.session import HOST, SUMMARY, Given, Plan
from bot.errors import Invalid, Refused
from bot.people import Role
from bot.texts import Texts
from handlers.cards import comment_session as cards
from handlers.comment_session import SessionRenderer
from storage import log, publications
from storage.posts import Post
from tests import town
from tests.comments.conftest import Desks

TEXTS = Texts.load()
SV = TEXTS.language("sv")
SIX = datetime(2026, 11, 26, 17, 0, tzinfo=UTC)  # Thursday kl. 18 in Stockholm, the office closed at 16.30
EVENING = Given(
    SIX,
    SIX + timedelta(hours=2),
    ((town.HEAD, None), (town.OTHER_HEAD, time(19, 0))),
    ("Öppettider", "Böcker"),
)
MAY = (town.REQUESTER, town.EDITOR, town.OTHER, town.HEAD, town.DEPUTY, town.PARENT, town.COMMS, town.MANAGER)
MAY_NOT = (town.OTHER_HEAD, town.GUEST, town.STRANGER, town.GONE, "U0NOBODY")


async def planned(here: Desks, case: Case, given: Given = EVENING, by: str = town.COMMS) -> Plan:
    return await session.plan(here.desk, by, case.publication, given, now=here.clock())


async def first(here: Desks, case: Case) -> tuple[str, ...]:
    async with here.desk.db.read() as db:
        post = await publications.get(db, case.publication)
        assert post is not None
        return (await hands.of(db, here.desk, post, here.clock())).first()


async def until(here: Desks, end: datetime, every: int = 5) -> list[tuple[str, str, datetime]]:
    """Let time pass with ticks: the steps told meanwhile, to whom, and when."""
    before = len(await here.owed(tell.REMINDER))
    while here.clock() < end:
        here.later(minutes=every)
        for work in (retiming.tick, session.tick, climbing.Climb().tick):
            await work(here.desk, here.clock())
    return [(one.args["step"], one.dest, one.created) for one in (await here.owed(tell.REMINDER))[before:]]


@pytest.fixture
async def asked(here: Desks) -> Case:
    """The first question under the post, on Thursday kl. 16, and a plan for the evening."""
    here.clock.now = SIX - timedelta(hours=2)
    case = await here.comment()
    await planned(here, case)
    return case


async def test_in_the_session_the_slots_person_is_first_in_line(here: Desks, asked: Case) -> None:
    """Before and after it the usual people are; what was asked just before the end is the last one's."""
    lines = {}
    for minutes in (-1, 0, 59, 60, 120, 149, 150):
        here.clock.now = SIX + timedelta(minutes=minutes)
        lines[minutes] = await first(here, asked)
    usual, begins, then = (town.REQUESTER,), (town.HEAD,), (town.OTHER_HEAD,)
    assert {-1: usual, 0: begins, 59: begins, 60: then, 120: then, 149: then, 150: usual} == lines


async def test_an_answer_is_due_within_half_an_hour(here: Desks, asked: Case) -> None:
    """Also of what waited already, from the beginning; what comes afterwards has its usual time."""
    assert SIX + timedelta(minutes=30) == (await here.row(asked.id)).due
    here.clock.now = SIX + timedelta(minutes=45)
    assert SIX + timedelta(minutes=75) == (await here.comment()).due
    here.clock.now = SIX + timedelta(hours=3)
    assert here.clock() + timedelta(hours=24) == (await here.comment()).due
    other = await here.comment(post="104_2")
    assert here.clock() + timedelta(hours=24) == other.due


async def test_only_who_has_the_slot_is_told_in_the_evening(here: Desks, asked: Case) -> None:
    """Outside office hours nobody else is disturbed; the next morning the ladder's people hear of it."""
    here.clock.now = SIX - timedelta(minutes=5)
    evening = await until(here, SIX + timedelta(hours=4))
    assert [("half", town.HEAD), ("soon", town.HEAD), ("overdue", town.HEAD)] == [one[:2] for one in evening]
    assert [15, 25, 30] == [(at - SIX) / timedelta(minutes=1) for _, _, at in evening]
    morning = await until(here, SIX + timedelta(hours=16), every=30)
    assert [("overdue", town.EDITOR)] == [one[:2] for one in morning]


async def test_a_session_in_office_hours_climbs_as_usual(here: Desks) -> None:
    """The slot's person first, then the substitute."""
    case = await here.comment()
    start = here.clock()
    await planned(
        here, case, replace(EVENING, starts=start, ends=start + timedelta(hours=1), hosts=((town.OTHER, None),))
    )
    steps = await until(here, start + timedelta(hours=1))
    assert [("half", town.OTHER), ("soon", town.OTHER), ("overdue", town.EDITOR)] == [one[:2] for one in steps]


async def test_whoever_answers_may_act_on_that_post_alone(here: Desks, asked: Case) -> None:
    """A head of another unit; the day after they may finish what they began, and then no more."""
    other = await here.comment(post="104_2")
    here.clock.now = SIX + timedelta(minutes=70)
    await acting.take(here.desk, town.OTHER_HEAD, asked.id, now=here.clock())
    with pytest.raises(Refused, match=r"err\.right"):
        await acting.take(here.desk, town.OTHER_HEAD, other.id, now=here.clock())
    here.later(days=2)
    with pytest.raises(Refused, match=r"err\.right"):
        await acting.close(here.desk, town.OTHER_HEAD, asked.id, now=here.clock())
    async with here.desk.db.read() as db:
        entries = await log.of_case(db, f"comment:{asked.id}")
    assert [Role.HOST] == [one.role for one in entries if one.action == "comment.taken"]


async def test_a_host_who_fell_ill_is_passed_over(here: Desks, asked: Case) -> None:
    """The usual people are first in line, and nobody is told in the evening."""
    await town.away(here.desk.db, town.HEAD, date(2026, 11, 26), date(2026, 11, 26))
    here.clock.now = SIX
    assert (town.REQUESTER,) == await first(here, asked)
    assert [] == await until(here, SIX + timedelta(minutes=55))


async def test_the_hosts_are_told_and_told_anew_when_the_plan_changes(here: Desks, asked: Case) -> None:
    """Once each; the same plan once more is nothing new."""
    await planned(here, asked)
    assert [town.HEAD, town.OTHER_HEAD] == [one.dest for one in await here.owed(HOST)]
    await planned(here, asked, replace(EVENING, hosts=((town.COMMS, None),)))
    assert [town.HEAD, town.OTHER_HEAD, town.COMMS] == [one.dest for one in await here.owed(HOST)]
    drawn = {one.dest: (await _drawn(here, one)) for one in await here.owed(HOST)}
    assert "not wanted" == drawn[town.HEAD].reason
    assert "Du svarar på frågestunden torsdag 26 november kl. 18.00 till kl. 20.00." in drawn[town.COMMS].text


async def _drawn(here: Desks, post: Post) -> Any:
    renderer = SessionRenderer(here.desk, TEXTS)
    async with here.desk.db.read() as db:
        return await renderer.kinds[post.kind](db, post, SV)


async def test_topics_are_counted_on_the_posts_card(here: Desks, asked: Case) -> None:
    """Those of the plan, and none with nothing under it."""
    here.clock.now = SIX
    for _ in range(2):
        one = await here.comment()
        await session.sort(here.desk, town.HEAD, one.id, "Böcker", now=here.clock())
    await session.sort(here.desk, town.HEAD, asked.id, "Öppettider", now=here.clock())
    await session.sort(here.desk, town.HEAD, asked.id, None, now=here.clock())
    async with here.desk.db.read() as db:
        plan = await session.of(db, asked.publication, here.clock())
    assert plan is not None
    assert {"Öppettider": 0, "Böcker": 2} == dict(plan.topics)
    assert "Ämnen: Böcker (2)" in cards.lines(SV, plan)
    assert (("Öppettider", "Böcker"), None) == await session.choices(here.desk, asked.id)


async def test_a_topic_that_is_not_in_the_plan_is_refused(here: Desks, asked: Case) -> None:
    """And a comment of a post without a plan has none to choose."""
    other = await here.comment(post="104_2")
    for case, chosen in ((asked, "Vädret"), (other, "Böcker")):
        with pytest.raises(Refused, match=r"session\.no_topic"):
            await session.sort(here.desk, town.COMMS, case.id, chosen, now=here.clock())
    assert ((), None) == await session.choices(here.desk, other.id)


async def test_it_is_summed_up_in_the_thread_when_it_ends(here: Desks, asked: Case) -> None:
    """Once, in figures, without anybody's name; with what is left to do and the words to end with."""
    here.clock.now = SIX
    answered, closed = await here.comment("Vad kostar kort?", author="Åsa"), await here.comment("Var är ni?")
    await session.sort(here.desk, town.HEAD, answered.id, "Böcker", now=here.clock())
    reply = await replying.send(here.desk, town.HEAD, answered.id, "Ingenting.", now=here.clock())
    async with here.desk.db.write() as db:
        post = await db.get_one(Post, reply.post_id)
        post.state, post.remote = "done", "r1"
        db.add(post)
        await db.flush()
        await replying.settled(db, here.desk, post, "done")
    await acting.close(here.desk, town.HEAD, closed.id, now=here.clock())
    await until(here, SIX + timedelta(hours=2), every=30)
    await until(here, SIX + timedelta(hours=3), every=30)
    [line] = await here.owed(SUMMARY)
    [card] = await here.owed(tell.POST)
    assert (card.dest, card.id) == (line.dest, line.thread_id)
    drawn = await _drawn(here, line)
    assert "Frågestunden är slut: 3 frågor, 1 besvarad." in drawn.text
    assert "Ämnen: Böcker (1)" in drawn.text
    assert "1 fråga väntar på svar." in drawn.text
    assert "Tack för alla frågor!" in drawn.text
    assert not {"Åsa", "{", "Vad kostar"} & set(drawn.text.split())


async def test_two_desks_sum_up_once(here: Desks, asked: Case) -> None:
    """Two processes that notice at the same time."""
    here.clock.now = SIX + timedelta(hours=3)
    await asyncio.gather(*(session.tick(here.desk, here.clock()) for _ in range(3)))
    assert 1 == len(await here.owed(SUMMARY))


async def test_a_plan_that_is_taken_away_changes_nothing_any_more(here: Desks, asked: Case) -> None:
    """What waits has its usual time again; a second click is no trouble, and it can be planned anew."""
    for _ in range(2):
        await session.drop(here.desk, town.COMMS, asked.publication, now=here.clock())
    assert asked.due == (await here.row(asked.id)).due
    here.clock.now = SIX + timedelta(hours=3)
    await session.tick(here.desk, here.clock())
    assert [] == await here.owed(SUMMARY)
    tomorrow = replace(EVENING, starts=SIX + timedelta(days=1), ends=SIX + timedelta(days=1, hours=1))
    await planned(here, asked, replace(tomorrow, hosts=((town.HEAD, None),)))
    here.clock.now = SIX + timedelta(days=1)
    assert (town.HEAD,) == await first(here, asked)


async def test_two_forms_at_once_are_one_plan(here: Desks) -> None:
    """A double click; and of two who plan differently the later one counts."""
    here.clock.now = SIX - timedelta(hours=2)
    case = await here.comment()
    await asyncio.gather(*(planned(here, case) for _ in range(4)))
    assert [town.HEAD, town.OTHER_HEAD] == [one.dest for one in await here.owed(HOST)]
    one, two = replace(EVENING, topics=("A",)), replace(EVENING, topics=("B",))
    await asyncio.gather(planned(here, case, one), planned(here, case, two))
    async with here.desk.db.read() as db:
        plan = await session.of(db, case.publication, here.clock())
        actions = [one.action for one in await log.of_case(db, f"session:{plan.id if plan else 0}")]
    assert plan is not None
    assert list(plan.topics) in (["A"], ["B"])
    assert ["session.planned"] * 3 == actions


@pytest.mark.parametrize(
    ("given", "field", "key"),
    [
        (replace(EVENING, starts=None), "starts", "form.needed"),
        (replace(EVENING, ends=None), "ends", "form.needed"),
        (replace(EVENING, ends=SIX), "ends", "session.order"),
        (replace(EVENING, ends=SIX + timedelta(hours=25)), "ends", "session.long"),
        (
            replace(EVENING, starts=SIX - timedelta(days=2), ends=SIX - timedelta(days=2, hours=-1)),
            "ends",
            "session.past",
        ),
        (replace(EVENING, hosts=(("", None),)), "host-0", "form.needed"),
        (replace(EVENING, hosts=((town.GUEST, None),)), "host-0", "watch.nobody"),
        (replace(EVENING, hosts=((town.HEAD, None), (town.COMMS, None))), "from-1", "session.from"),
        (replace(EVENING, hosts=((town.HEAD, None), (town.COMMS, time(20, 30)))), "from-1", "session.outside"),
        (replace(EVENING, hosts=((town.HEAD, None), (town.COMMS, time(18)))), "from-1", "session.outside"),
        (
            replace(EVENING, hosts=((town.HEAD, None), (town.COMMS, time(19)), (town.OTHER, time(19)))),
            "from-2",
            "session.same_time",
        ),
        (replace(EVENING, topics=("Ö" * 41,)), "topics", "session.topics.long"),
        (replace(EVENING, topics=tuple(map(str, range(11)))), "topics", "session.topics.many"),
    ],
)
async def test_what_cannot_be_planned(here: Desks, given: Given, field: str, key: str) -> None:
    """Each at its field, and nothing is kept."""
    here.clock.now = SIX - timedelta(hours=2)
    case = await here.comment()
    with pytest.raises(Invalid) as wrong:
        await planned(here, case, given)
    assert {field: key} == {name: problem.key for name, problem in wrong.value.problems.items()}
    assert await session.look(here.desk, town.COMMS, case.publication, now=here.clock()) is None


async def test_somebody_who_is_away_that_day_cannot_answer(here: Desks) -> None:
    """The form says who."""
    here.clock.now = SIX - timedelta(hours=2)
    case = await here.comment()
    await town.away(here.desk.db, town.OTHER_HEAD, date(2026, 11, 26), date(2026, 11, 26))
    with pytest.raises(Invalid) as wrong:
        await planned(here, case)
    assert {"host-1": ("session.away", "Rektor")} == {
        at: (one.key, one.values["name"]) for at, one in wrong.value.problems.items()
    }


async def test_a_session_over_midnight(here: Desks) -> None:
    """The second slot begins after midnight by the clock on the wall."""
    case = await here.comment()
    late = replace(EVENING, starts=SIX + timedelta(hours=4), ends=SIX + timedelta(hours=8))
    plan = await planned(here, case, replace(late, hosts=((town.HEAD, None), (town.COMMS, time(0, 30)))))
    assert SIX + timedelta(hours=6, minutes=30) == plan.hosts[1][2]


Deed = Callable[[Desks, str, Case], Awaitable[object]]


async def _see(here: Desks, who: str, case: Case) -> object:
    return await session.look(here.desk, who, case.publication, now=here.clock())


async def _plan(here: Desks, who: str, case: Case) -> object:
    hosts = ((town.COMMS2, None),)
    return await planned(here, case, replace(EVENING, hosts=hosts), by=who)


async def _drop(here: Desks, who: str, case: Case) -> object:
    await session.drop(here.desk, who, case.publication, now=here.clock())
    return None


async def _sort(here: Desks, who: str, case: Case) -> object:
    await session.sort(here.desk, who, case.id, "Böcker", now=here.clock())
    return None


@pytest.mark.heavy
@pytest.mark.parametrize("deed", [_see, _plan, _drop, _sort])
async def test_every_role_against_every_act(here: Desks, deed: Deed) -> None:
    """Those who may act on the account; nobody else, and nothing changes then."""
    here.clock.now = SIX - timedelta(hours=2)
    hosts = ((town.HEAD, None),)
    for who in MAY_NOT:
        case = await here.comment()
        await planned(here, case, replace(EVENING, hosts=hosts))
        before = await here.row(case.id)
        with pytest.raises(Refused, match=r"err\.right"):
            await deed(here, who, case)
        assert before == await here.row(case.id)
        assert await session.look(here.desk, town.COMMS, case.publication, now=here.clock()) is not None
    for who in MAY:
        case = await here.comment()
        await planned(here, case, replace(EVENING, hosts=hosts))
        await deed(here, who, case)
