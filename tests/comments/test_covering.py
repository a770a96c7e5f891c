"""Absences: what was taken is released to who comes next, and a gap asks a head, once."""

import asyncio
import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from bot.comments import acting, covering, hands
from bot.comments.covering import GAP, RELEASED, Coverage, Gap
from bot.errors import Refused
from storage import covers, publications
from storage.absences import Absence
from storage.covers import Cover
from tests import town
from tests.comments.conftest import Desks

MON, WED, FRI = date(2026, 11, 23), date(2026, 11, 25), date(2026, 11, 27)


async def away(here: Desks, who: str, first: date = MON, last: date = FRI) -> None:
    async with here.desk.db.write() as session:
        session.add(Absence(slack_id=who, first=first, last=last, entered_by=who, entered=here.clock()))


async def both_away(here: Desks, first: date = MON, last: date = FRI) -> None:
    await away(here, town.REQUESTER, first, last)
    await away(here, town.EDITOR, first, last)


async def look(here: Desks) -> None:
    await Coverage().tick(here.desk, here.clock())


async def asked(here: Desks) -> list[Cover]:
    async with here.desk.db.read() as session:
        return await covers.not_over(session, MON)


async def first_in_line(here: Desks, publication: int) -> tuple[str, ...]:
    async with here.desk.db.read() as session:
        post = await publications.get(session, publication)
        assert post is not None
        return (await hands.of(session, here.desk, post, here.clock())).first()


async def test_what_was_taken_waits_for_the_next(here: Desks) -> None:
    """All of it at once, and whoever answers now is told once."""
    cases = [await here.comment() for _ in range(3)]
    for case in cases:
        await acting.take(here.desk, town.REQUESTER, case.id, now=here.clock())
    await away(here, town.REQUESTER)
    await look(here)
    await look(here)
    assert [None] * 3 == [(await here.row(case.id)).taken for case in cases]
    assert [(town.EDITOR, 3)] == [(one.dest, one.args["n"]) for one in await here.owed(RELEASED)]


async def test_who_is_there_keeps_what_they_took(here: Desks) -> None:
    """Somebody else's absence changes nothing."""
    case = await here.comment()
    await acting.take(here.desk, town.EDITOR, case.id, now=here.clock())
    await away(here, town.REQUESTER)
    await look(here)
    assert town.EDITOR == (await here.row(case.id)).taken
    assert [] == await here.owed(RELEASED)


async def test_a_head_is_asked_about_a_gap_once(here: Desks) -> None:
    """However often we look, also on the days that follow."""
    await both_away(here)
    for _ in range(3):
        await look(here)
        here.later(days=1)
    assert [(MON, FRI)] == [(one.first, one.last) for one in await asked(here)]
    assert [town.HEAD] == [one.dest for one in await here.owed(GAP)]


async def test_two_desks_ask_once(here: Desks) -> None:
    """Two processes that look at the same time."""
    await both_away(here)
    await asyncio.gather(*(covering.ask_all(here.desk, here.clock()) for _ in range(2)))
    assert 1 == len(await here.owed(GAP))


async def test_a_gap_that_grows_is_asked_about_for_the_new_days(here: Desks) -> None:
    """The days that were asked about already are not asked about again."""
    await both_away(here, MON, WED)
    await look(here)
    await both_away(here, WED, FRI)
    await look(here)
    assert [(MON, WED), (date(2026, 11, 26), FRI)] == [(one.first, one.last) for one in await asked(here)]


async def test_who_can_answers(here: Desks) -> None:
    """Comments go to them as long as the gap lasts; a second click learns who it was."""
    case = await here.comment()
    await both_away(here)
    await look(here)
    [gap] = await asked(here)
    await covering.can(here.desk, town.OTHER, gap.id or 0, now=here.clock())
    assert (town.OTHER,) == await first_in_line(here, case.publication)
    with pytest.raises(Refused) as late:
        await covering.can(here.desk, town.HEAD, gap.id or 0, now=here.clock())
    assert ("gap.covered", "Handläggare") == (late.value.key, late.value.values["name"])
    here.later(days=7)
    assert (town.REQUESTER,) == await first_in_line(here, case.publication)


@pytest.mark.parametrize("who", [town.OTHER_HEAD, town.GUEST, town.STRANGER, "U0NOBODY"])
async def test_others_cannot(here: Desks, who: str) -> None:
    """Only those who may answer on the account anyway."""
    await both_away(here)
    await look(here)
    [gap] = await asked(here)
    with pytest.raises(Refused, match=r"gap\.right"):
        await covering.can(here.desk, who, gap.id or 0, now=here.clock())
    assert [None] == [one.person for one in await asked(here)]


async def test_who_is_away_cannot(here: Desks) -> None:
    """Not even one of the days."""
    await both_away(here)
    await away(here, town.HEAD, WED, WED)
    await look(here)
    [gap] = await asked(here)
    with pytest.raises(Refused, match=r"gap\.away"):
        await covering.can(here.desk, town.HEAD, gap.id or 0, now=here.clock())


async def test_a_gap_that_closed_by_itself(here: Desks) -> None:
    """Somebody came back: nobody needs to say that they can."""
    await both_away(here)
    await look(here)
    async with here.desk.db.write() as session:
        for one in (await session.exec(select(Absence))).all():
            await session.delete(one)
    await look(here)
    [gap] = await asked(here)
    assert here.clock() == gap.lapsed
    with pytest.raises(Refused, match=r"gap\.over"):
        await covering.can(here.desk, town.HEAD, gap.id or 0, now=here.clock())


async def test_a_weekend_is_no_gap(here: Desks) -> None:
    """Nobody answers then anyway."""
    await both_away(here, FRI + timedelta(days=1), FRI + timedelta(days=2))
    await look(here)
    assert [] == await asked(here)


@given(st.lists(st.booleans(), max_size=20))
def test_runs_are_all_trues_and_only_they(flags: list[bool]) -> None:
    """Every true in one run, none touching the next."""
    found = list(covering.runs(flags))
    assert [n for n, flag in enumerate(flags) if flag] == [n for a, b in found for n in range(a, b + 1)]
    assert all(b + 1 < c for (_, b), (c, _) in itertools.pairwise(found))


def test_what_is_left_to_ask() -> None:
    """Nothing of what is known, the rest of what grew, all of another account."""
    known = [Cover(account_id=1, first=MON, last=WED, asked=town.MONDAY)]
    found = [Gap(1, MON + timedelta(days=1), FRI), Gap(2, MON, WED), Gap(1, MON, WED)]
    assert [Gap(1, WED + timedelta(days=1), FRI), Gap(2, MON, WED)] == list(covering.left(found, known))
