"""The ladder over time: who is told when, and nobody after an answer."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import cast

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import turns
from bot.channels.conversation import Conversation
from bot.channels.errors import NotSent
from bot.channels.heard import Heard, Verb
from bot.channels.protocol import Can
from bot.comments import acting, cases, climbing, tell
from bot.comments.states import State
from storage.comments import Comment
from storage.posts import Post
from tests import town
from tests.comments.conftest import CHANNEL, Desks


async def climb(here: Desks, **span: float) -> list[tuple[str, str]]:
    """Let time pass in half hours with a tick each; the steps told, and to whom."""
    before, until = len(await here.owed(tell.REMINDER)), here.clock() + timedelta(**span)
    while here.clock() < until:
        here.later(minutes=30)
        await climbing.Climb().tick(here.desk, here.clock())
    return [(one.args["step"], one.dest) for one in (await here.owed(tell.REMINDER))[before:]]


async def test_owner_substitute_head_department(here: Desks) -> None:
    """Step by step, each in office hours."""
    await here.comment()  # Monday 10:00, due Tuesday 10:00
    steps = await climb(here, days=3)
    assert [("soon", town.REQUESTER), ("overdue", town.EDITOR), ("head", town.HEAD)] == steps[:3]
    assert [("department", one) for one in sorted((town.COMMS, town.COMMS2, town.MANAGER))] == sorted(steps[3:])


async def test_half_time_is_told_when_the_office_is_open(here: Desks) -> None:
    """A comment of the evening before has its half at ten in the morning."""
    here.clock.now += timedelta(hours=12)  # Monday 22:00
    await here.comment()
    assert [("half", town.REQUESTER)] == await climb(here, hours=13)


async def test_nobody_is_told_after_an_answer(here: Desks) -> None:
    """Closed, answered or gone: the ladder is left."""
    case = await here.comment()
    await acting.close(here.desk, town.COMMS, case.id, now=here.clock())
    assert [] == await climb(here, days=3)


async def test_who_has_taken_it_is_told_first(here: Desks) -> None:
    """As long as there is time; afterwards the next one up hears of it as well."""
    case = await here.comment()
    await acting.take(here.desk, town.OTHER, case.id, now=here.clock())
    steps = await climb(here, days=1, hours=2)
    assert [("soon", town.OTHER), ("overdue", town.EDITOR), ("overdue", town.OTHER)] == steps


async def test_somebody_who_is_away_is_passed_over(here: Desks) -> None:
    """The substitute answers for the owner, the department where no head is there."""
    day = date(2026, 11, 23)
    for who in (town.REQUESTER, town.HEAD, town.DEPUTY, town.PARENT):
        await town.away(here.desk.db, who, day, day + timedelta(days=3))
    await here.comment()
    steps = await climb(here, days=2)
    assert {("soon", town.EDITOR), ("overdue", town.EDITOR)} == {
        one for one in steps if one[0] in ("soon", "overdue")
    }
    assert {town.COMMS, town.COMMS2, town.MANAGER} == {who for step, who in steps if step == "head"}


async def test_peace_until_then(here: Desks) -> None:
    """*Påminn mig senare* is kept, and not used up."""
    case = await here.comment()
    until = here.clock() + timedelta(hours=23)
    await acting.later(here.desk, town.REQUESTER, case.id, until, now=here.clock())
    assert [] == await climb(here, hours=22)
    assert [("soon", town.REQUESTER)] == await climb(here, hours=1.5)


@pytest.mark.heavy
async def test_a_year(here: Desks) -> None:
    """Every reminder inside office hours, every deadline met or passed on, nothing after an answer."""
    rng, told, closed = random.Random(7), [], {}
    begin = here.clock.now = here.clock().replace(month=1, day=5)
    while here.clock() < begin + timedelta(days=365):
        here.later(hours=rng.randint(20, 120))
        case = await here.comment()
        told += await _until_answered(here, rng.choice((1, 6, 30, 60)), closed, case.id)
    assert all(here.desk.office.open_at(one.created) for one in told)
    after = [one for one in told if one.args["comment"] in closed and one.created > closed[one.args["comment"]]]
    assert [] == after
    assert len(told) > 50


async def _until_answered(here: Desks, hours: int, closed: dict[int, object], number: int) -> list[Post]:
    before = len(await here.owed(tell.REMINDER))
    for _ in range(hours):
        here.later(hours=1)
        await climbing.Climb().tick(here.desk, here.clock())
    row = await here.row(number)
    assert State.WAITING == row.state
    assert row.due is not None
    assert row.next_at is None or row.next_at > here.clock() - timedelta(hours=1)
    await acting.close(here.desk, town.COMMS, number, now=here.clock())
    closed[number] = here.clock()
    for _ in range(3):
        here.later(hours=5)
        await climbing.Climb().tick(here.desk, here.clock())
    return (await here.owed(tell.REMINDER))[before:]


@dataclass
class Window:
    """A platform that can be looked at: what stands there, by the vendor's id; None: it is gone."""

    there: dict[str, Heard | None] = field(default_factory=dict)
    broken: bool = False
    looked: list[str] = field(default_factory=list)
    name: str = CHANNEL
    can: frozenset[Can] = frozenset({Can.LOOK})

    async def look(self, remote: str) -> Heard | None:
        self.looked.append(remote)
        if self.broken:
            raise NotSent("no connection")
        return self.there[remote]


async def overdue(here: Desks, window: Window) -> list[Post]:
    """An hour after it was due, with one tick."""
    here.later(hours=25)
    await climbing.Climb([cast("Conversation", window)]).tick(here.desk, here.clock())
    return await here.owed(tell.REMINDER)


async def test_nobody_is_reminded_of_what_is_gone(here: Desks) -> None:
    """It is looked at on the platform before anybody is told; what is hidden there counts as gone."""
    removed, hidden = await here.comment(), await here.comment()
    window = Window({removed.remote: None, hidden.remote: Heard(hidden.remote, "", Verb.HIDE)})
    assert [] == await overdue(here, window)
    assert [State.GONE] * 2 == [(await here.case(one.remote)).state for one in (removed, hidden)]


async def test_who_stands_there_still_is_told_of_as_it_is_now(here: Desks) -> None:
    """Edited meanwhile: the card shows what it says now."""
    case = await here.comment("När öpnar ni?")
    window = Window({case.remote: Heard(case.remote, "", Verb.SEEN, text="När öppnar ni?", author="Invånare")})
    assert [town.EDITOR] == [one.dest for one in await overdue(here, window)]
    assert ("När öppnar ni?", case.publication) == (
        (await here.case(case.remote)).text,
        (await here.case(case.remote)).publication,
    )


async def test_a_platform_that_is_away_keeps_nobody_from_being_told(here: Desks) -> None:
    """Blind is no reason to forget a resident."""
    await here.comment()
    assert [town.EDITOR] == [one.dest for one in await overdue(here, Window(broken=True))]


async def test_a_platform_that_is_away_is_not_waited_for_again_and_again(here: Desks) -> None:
    """Whoever takes a turn while it is asked asks too; the others are reminded of without it."""
    for _ in range(8):
        await here.comment()
    window = Window(broken=True)
    assert 8 == len(await overdue(here, window))
    assert 1 <= len(window.looked) <= turns.BESIDE


async def test_one_that_cannot_be_read_holds_up_nobody(here: Desks) -> None:
    """A look that fails as none may is told of, after everybody else's reminder."""
    odd, sound = await here.comment(), await here.comment()
    window = Window({sound.remote: Heard(sound.remote, "", Verb.SEEN, text="När öppnar ni?", author="Invånare")})
    here.later(hours=25)
    with pytest.raises(ExceptionGroup, match="not looked at") as failed:
        await climbing.Climb([cast("Conversation", window)]).tick(here.desk, here.clock())
    assert [KeyError(odd.remote).args] == [one.args for one in failed.value.exceptions]
    assert sorted((odd.id, sound.id)) == sorted(one.args["comment"] for one in await here.owed(tell.REMINDER))


async def test_one_whose_step_cannot_be_taken_holds_up_nobody(here: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does a row that no rule fits."""
    odd, sound = await here.comment(), await here.comment()
    usual = cases.take

    async def take(session: AsyncSession, number: int) -> Comment:
        if number == odd.id:
            raise ValueError("no rule fits")
        return await usual(session, number)

    monkeypatch.setattr(climbing.cases, "take", take)
    here.later(hours=25)
    with pytest.raises(ExceptionGroup, match="step could not be taken"):
        await climbing.Climb().tick(here.desk, here.clock())
    assert [sound.id] == [one.args["comment"] for one in await here.owed(tell.REMINDER)]


async def test_at_night_nobody_is_asked_anything(here: Desks) -> None:
    """What waits for the opening is looked at then."""
    await here.comment()
    here.clock.now += timedelta(hours=24 + 12)
    window = Window()
    await climbing.Climb([cast("Conversation", window)]).tick(here.desk, here.clock())
    assert [] == window.looked
