"""Weeding: nothing without a decision, by it exactly what is due, and minutes of that."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from bot.comments import acting, cases, moderating, taking
from bot.comments.moderating import Given
from bot.desk import Desk
from bot.errors import Refused
from bot.record_settings import Records, Rule
from bot.records import weeding
from storage import log
from storage.comments import Comment, Wording
from storage.weeding import Weeding
from tests import town
from tests.comments.conftest import CHANNEL, Desks, here  # noqa: F401

BOARD = "Kulturnämnden"
RULE = Rule(board=BOARD, months=24, decided=date(2026, 3, 1), paragraph="§ 45")
SECRET = "Min granne heter så och så"


def deciding(desks: Desks, *rules: Rule) -> Desk:
    """The desk of a municipality with these decisions."""
    records = Records(rules=rules)
    return replace(desks.desk, settings=desks.desk.settings.model_copy(update={"records": records}))


async def closed(here: Desks, text: str = SECRET + "?") -> Comment:  # noqa: F811
    """A comment that needed no answer, three years ago."""
    case = await here.comment(text)
    await acting.close(here.desk, town.REQUESTER, case.id, now=here.clock())
    return await here.row(case.id)


async def weed(here: Desks, *rules: Rule) -> None:  # noqa: F811
    weeder = weeding.Weeder()
    for _ in range(3):
        await weeder.tick(deciding(here, *rules), here.clock())


async def minutes(here: Desks) -> list[Weeding]:  # noqa: F811
    async with here.desk.db.read() as session:
        return list((await session.exec(select(Weeding))).all())


async def test_nothing_goes_without_a_decision(here: Desks) -> None:  # noqa: F811
    """However old it is."""
    row = await closed(here)
    here.later(days=10_000)
    await weed(here)
    await weed(here, RULE.model_copy(update={"board": "Skolnämnden"}))
    assert row.text == (await here.row(row.id or 0)).text
    assert [] == await minutes(here)


async def test_what_is_old_enough_goes_with_all_it_said(here: Desks) -> None:  # noqa: F811
    """Text, name, link and earlier wordings; the figures stay."""
    row = await closed(here)
    await here.edited(await here.case(row.remote), "Jag heter " + SECRET)
    here.later(days=3 * 366)
    await weed(here, RULE)
    now = await here.row(row.id or 0)
    assert ("", "", "", "closed", row.received) == (now.text, now.author, now.link, now.state, now.received)
    async with here.desk.db.read() as session:
        assert [] == (await session.exec(select(Wording))).all()


@pytest.mark.heavy
async def test_the_minutes_say_how_many_and_by_whose_decision(here: Desks) -> None:  # noqa: F811
    """One page for each board and day, in the log too, and nothing of what it said."""
    rows = [await closed(here, f"Fråga {n}?") for n in range(60)]
    here.later(days=3 * 366)
    await weed(here, RULE)
    [page] = await minutes(here)
    assert (60, BOARD, "§ 45", 24) == (page.comments, page.board, page.paragraph, page.months)
    assert rows[0].settled == page.oldest
    async with here.desk.db.read() as session:
        entries = await log.of_case(session, f"weeding:{BOARD}")
    assert [50, 10] == [one.detail["comments"] for one in entries]


@pytest.mark.parametrize(("days", "goes"), [(731, False), (732, True)])
async def test_to_the_day(here: Desks, days: int, goes: bool) -> None:  # noqa: F811
    """Twenty-four months after it came to rest, not after it was written."""
    row = await closed(here)
    here.later(days=days)
    await weed(here, RULE)
    assert goes == ((await here.row(row.id or 0)).text == "")


async def test_what_waits_or_is_evidence_stays(here: Desks) -> None:  # noqa: F811
    """A comment without an answer is no record of little importance, and what was hidden is kept."""
    waits, hidden = await here.comment("Får jag svar?"), await here.comment("Dumma kommun")
    given = Given(klass="c", why="Svordomar", no_shot="Hann inte")
    await moderating.order(here.desk, town.COMMS, hidden.id, moderating.HIDE, given, now=here.clock())
    here.later(days=3 * 366)
    await weed(here, RULE)
    assert "Får jag svar?" == (await here.row(waits.id)).text
    async with here.desk.db.read() as session:
        assert "Dumma kommun" in str((await cases.read(session, here.desk, hidden.id, here.clock())).moderation)


async def test_a_channel_without_a_unit_is_the_home_boards(here: Desks) -> None:  # noqa: F811
    """What no unit answers for, the board at home decides about."""
    stray = here.heard("Hej?", remote="9_9", post="9")
    await taking.take_in(here.desk, "annan", [stray], now=here.clock())
    case = await here.case("9_9")
    await acting.close(here.desk, town.COMMS, case.id, now=here.clock())
    here.later(days=3 * 366)
    await weed(here, RULE)
    assert "Hej?" == (await here.row(case.id)).text
    await weed(here, RULE.model_copy(update={"board": "Kommunstyrelsen"}))
    assert "" == (await here.row(case.id)).text


async def test_what_was_weeded_does_not_come_back(here: Desks) -> None:  # noqa: F811
    """The platform may tell of it once more."""
    row = await closed(here)
    here.later(days=3 * 366)
    await weed(here, RULE)
    await here.take(here.heard(SECRET, remote=row.remote))
    assert "" == (await here.row(row.id or 0)).text


async def test_the_list_says_what_goes_and_what_would(here: Desks) -> None:  # noqa: F811
    """A board that has decided, and the one that has not; for the department only."""
    await closed(here)
    here.later(days=3 * 366)
    found = await weeding.listed(deciding(here), town.COMMS, now=here.clock())
    shelves = {one.board: one for one in found.shelves}
    assert {"Kommunstyrelsen", BOARD, "Skolnämnden"} == set(shelves)
    assert (1, None, 0) == (shelves[BOARD].due.comments, shelves[BOARD].rule, shelves["Skolnämnden"].due.comments)
    with pytest.raises(Refused):
        await weeding.listed(here.desk, town.REQUESTER, now=here.clock())


@pytest.mark.parametrize(
    ("today", "months", "day"),
    [
        (date(2026, 11, 21), 24, date(2024, 11, 21)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2028, 2, 29), 12, date(2027, 2, 28)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
    ],
)
def test_months_back(today: date, months: int, day: date) -> None:
    """The same day of the month, or its last one; local midnight."""
    local = datetime.combine(day, datetime.min.time(), ZoneInfo("Europe/Stockholm"))
    assert local == weeding.before(today, months)
    assert timedelta(0) == weeding.before(today, months).utcoffset()


assert CHANNEL
