"""From draft to management: made once, read by few, written to and sent by one, never twice."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from bot.errors import Invalid, Refused
from bot.report import drafting, reading
from bot.report.drafting import ASKS, COMMENT, Report
from bot.report.measuring import Measures
from bot.report.period import Period
from bot.report.states import TABLE, Act, State, allowed
from storage import duties, reports
from storage.comments import Comment
from storage.log import Entry
from storage.publications import Publication
from storage.reports import MonthlyReport
from tests import town
from tests.report import example
from tests.report.conftest import MANAGEMENT, Here
from tests.report.example import OCTOBER

FIRST = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)  # Monday kl. 8, the first working day of November


async def drafted(here: Here) -> Report:
    """It is the first working day, and the draft has been made."""
    here.at(FIRST)
    await drafting.tick(here.desk, here.clock())
    return await drafting.found(here.desk, OCTOBER, here.clock())


async def rows(here: Here) -> list[MonthlyReport]:
    async with here.desk.db.read() as session:
        return list((await session.exec(select(MonthlyReport))).all())


async def write(here: Here, comment: str, asks: str = "", *, who: str = town.MANAGER, version: int = 1) -> None:
    await drafting.write(here.desk, who, OCTOBER, comment, asks, version=version, now=here.clock())


async def send(here: Here, report: Report, who: str = town.MANAGER) -> tuple[str, ...]:
    return await drafting.send(here.desk, who, OCTOBER, report.digest, now=here.clock())


@pytest.mark.parametrize(
    ("at", "month"),
    [
        (FIRST, "2026-10"),
        (FIRST - timedelta(minutes=1), None),  # not before eight
        (FIRST - timedelta(days=1), None),  # the 1st was a Sunday
        (FIRST + timedelta(hours=11, minutes=1), None),  # not in the evening
        (FIRST + timedelta(days=1), "2026-10"),  # the desk was stopped the day before
        (FIRST + timedelta(days=7), None),  # too late: nobody expects it any more
        (
            datetime(2027, 1, 4, 7, 0, tzinfo=UTC),
            "2026-12",
        ),  # the year's first working day; the month before is December
        (datetime(2026, 4, 1, 6, 0, tzinfo=UTC), "2026-03"),  # kl. 8 in summer time
        (datetime(2026, 5, 1, 8, 0, tzinfo=UTC), None),  # a holiday
    ],
)
async def test_the_draft_is_made_on_the_first_working_day(here: Here, at: datetime, month: str | None) -> None:
    """From eight in the morning in Stockholm, or on one of the days after when the desk was stopped."""
    found = drafting.due(here.desk, at)
    assert month == (str(found) if found else None)


async def test_the_manager_gets_the_draft_once(here: Here) -> None:
    """However many ticks there are that week."""
    await drafted(here)
    for _ in range(3):
        here.later(days=1)
        await drafting.tick(here.desk, here.clock())
    assert ["2026-10"] == [one.month for one in await rows(here)]
    assert [(town.MANAGER, True)] == [(one.dest, one.card) for one in await here.owed(drafting.CARD)]


async def test_two_replicas_make_one_draft(here: Here) -> None:
    """Both tick at the same instant."""
    here.at(FIRST)
    await asyncio.gather(*(drafting.tick(here.desk, here.clock()) for _ in range(2)))
    assert 1 == len(await rows(here))
    assert 1 == len(await here.owed(drafting.CARD))


async def test_without_a_manager_the_department_gets_the_draft(here: Here) -> None:
    """Vacant, or no longer in Slack: nobody can send it, and the department can see that."""
    await town.change(here.desk.db, town.MANAGER, deleted=True)
    report = await drafted(here)
    assert [town.CHANNEL] == [one.dest for one in await here.owed(drafting.CARD)]
    assert "" == report.manager
    assert not drafting.acts(report, town.MANAGER)


async def test_the_numbers_are_frozen_with_the_draft(here: Here) -> None:
    """What is measured or written afterwards belongs to what comes after."""
    before = await drafted(here)
    async with here.desk.db.write() as session:
        post = Publication(channel="facebook", remote="1", first_heard=FIRST)
        session.add(post)
        await session.flush()
        at = FIRST - timedelta(days=5)
        session.add(
            Comment(
                channel="facebook", remote="2", publication_id=post.id, written=at, received=FIRST, state="quiet"
            )
        )
    assert before == await drafting.found(here.desk, OCTOBER, here.clock())
    assert 1 == (await reading.numbers(here.desk, OCTOBER, here.clock())).comments


@pytest.mark.parametrize("who", [town.MANAGER, town.COMMS, town.COMMS2])
async def test_the_department_reads_the_draft(here: Here, who: str) -> None:
    """At any time, and without a draft the numbers as they stand."""
    here.at(FIRST - timedelta(days=3))
    assert 0 == (await drafting.opened(here.desk, who, "", now=here.clock())).version
    await drafted(here)
    found = await drafting.opened(here.desk, who, "", now=here.clock())
    assert ("2026-10", 1, State.DRAFT) == (found.numbers.month, found.version, found.state)


@pytest.mark.parametrize("who", [town.REQUESTER, town.HEAD, town.PARENT, town.GUEST, town.GONE, town.STRANGER])
async def test_nobody_else_reads_writes_or_sends(here: Here, who: str) -> None:
    """Not even management, until it gets the report."""
    report = await drafted(here)
    with pytest.raises(Refused, match=r"err\.right"):
        await drafting.opened(here.desk, who, "2026-10", now=here.clock())
    with pytest.raises(Refused, match=r"err\.right"):
        await write(here, "Jag var här.", who=who)
    with pytest.raises(Refused, match=r"err\.right"):
        await send(here, report, who)
    assert [State.DRAFT] == [one.state for one in await rows(here)]


@pytest.mark.parametrize("who", [town.COMMS, town.COMMS2])
async def test_only_the_manager_writes_and_sends(here: Here, who: str) -> None:
    """The department reads; its words and its decision these are not."""
    report = await drafted(here)
    with pytest.raises(Refused, match=r"err\.right"):
        await write(here, "Bra månad.", who=who)
    with pytest.raises(Refused, match=r"err\.right"):
        await send(here, report, who)
    assert frozenset() == drafting.acts(report, who)
    assert frozenset(Act) == drafting.acts(report, town.MANAGER)


async def test_a_manager_who_left_is_no_manager(here: Here) -> None:
    """The role counts as it stands at the click; the new one has it at once."""
    report = await drafted(here)
    async with here.desk.db.write() as session:
        await duties.replace(session, duties.MANAGER, [town.COMMS])
    with pytest.raises(Refused, match=r"err\.right"):
        await send(here, report)
    assert () == await send(here, report, town.COMMS)


async def test_what_the_manager_writes_goes_with_the_report(here: Here) -> None:
    """And the log has a keyed hash of it, not the words."""
    await drafted(here)
    await write(here, "  Snön gav frågor. ", "Ett beslut om jour.")
    found = await drafting.found(here.desk, OCTOBER, here.clock())
    assert ("Snön gav frågor.", "Ett beslut om jour.", 2) == (found.comment, found.asks, found.version)
    async with here.desk.db.read() as session:
        logged = (await session.exec(select(Entry).where(Entry.case == "month:2026-10"))).all()
    assert ["month.drafted", "month.written"] == [one.action for one in logged]
    assert "Snön" not in str([one.detail for one in logged])
    [card] = await here.owed(drafting.CARD)
    assert 1 == card.want


async def test_what_was_written_meanwhile_is_not_overwritten(here: Here) -> None:
    """Two windows were open: the second is told, and what it says is kept in its form."""
    await drafted(here)
    await write(here, "Först.")
    with pytest.raises(Refused, match=r"month\.changed"):
        await write(here, "Sedan.", version=1)
    await write(here, "Sedan.", version=2)
    assert "Sedan." == (await drafting.found(here.desk, OCTOBER, here.clock())).comment


async def test_a_text_too_long_for_the_page_is_refused_at_its_field(here: Here) -> None:
    """Both at once, with how long they are."""
    await drafted(here)
    with pytest.raises(Invalid) as refused:
        await write(here, "a" * (COMMENT + 1), "b" * (ASKS + 1))
    assert {"comment", "asks"} == set(refused.value.problems)
    await write(here, "a" * COMMENT, "b" * ASKS)


async def test_sending_owes_it_to_everybody_in_the_settings(here: Here) -> None:
    """Channels and people; who is not in Slack is named to the manager."""
    here.sending_to(MANAGEMENT, f"{town.PARENT}@exempel.example", town.GONE, "okand@exempel.example", MANAGEMENT)
    report = await drafted(here)
    assert (town.GONE, "okand@exempel.example") == await send(here, report)
    assert [MANAGEMENT, town.PARENT] == [one.dest for one in await here.owed(drafting.OUT)]
    [row] = await rows(here)
    assert ([MANAGEMENT, town.PARENT], town.MANAGER, FIRST) == (row.went_to, row.sent_by, row.sent)


async def test_a_double_click_sends_once(here: Here) -> None:
    """Two clicks at the same instant, and a third much later: the later ones are told by whom and when."""
    report = await drafted(here)
    first = await asyncio.gather(send(here, report), send(here, report), return_exceptions=True)
    here.later(days=2)
    late = (await asyncio.gather(send(here, report), return_exceptions=True))[0]
    refused = [one for one in [*first, late] if isinstance(one, Refused)]
    assert ["month.already"] * 2 == [one.key for one in refused]
    assert {"name": town.NAMES[town.MANAGER], "time": FIRST} == refused[-1].values
    assert [MANAGEMENT, town.PARENT] == [one.dest for one in await here.owed(drafting.OUT)]


async def test_what_was_not_read_is_not_sent(here: Here) -> None:
    """Sending is bound to a hash of all that management would read."""
    old = await drafted(here)
    await write(here, "Nytt.")
    with pytest.raises(Refused, match=r"month\.changed"):
        await send(here, old)
    assert [] == await here.owed(drafting.OUT)
    await send(here, await drafting.found(here.desk, OCTOBER, here.clock()))
    assert 2 == len(await here.owed(drafting.OUT))


async def test_every_part_of_the_report_is_in_its_hash(here: Here) -> None:
    """Comment, wishes, and each number."""
    plain = example.report()
    others = [example.report("a"), example.report("", "a"), example.report("a", "a")]
    counted = plain.numbers.model_copy(update={"comments": plain.numbers.comments + 1})
    others.append(Report(counted, state=State.DRAFT, version=1))
    assert 5 == len({one.digest for one in [plain, *others]})


async def test_what_was_sent_stands(here: Here) -> None:
    """No word is changed afterwards."""
    await send(here, await drafted(here))
    with pytest.raises(Refused, match=r"month\.already"):
        await write(here, "För sent.")
    with pytest.raises(Refused, match=r"month\.already"):
        await drafting.to_write(here.desk, town.MANAGER, OCTOBER, now=here.clock())


async def test_a_report_to_nobody_is_not_sent(here: Here) -> None:
    """It stays a draft, and can be sent when the settings name somebody."""
    here.sending_to("okand@exempel.example")
    report = await drafted(here)
    with pytest.raises(Refused, match=r"month\.nobody"):
        await send(here, report)
    here.sending_to(MANAGEMENT)
    assert () == await send(here, report)


async def test_a_month_that_has_not_begun_has_no_report(here: Here) -> None:
    """The present one has numbers up to yesterday, and nothing can be written or sent."""
    here.at(FIRST)
    with pytest.raises(Refused, match=r"month\.ahead"):
        await drafting.opened(here.desk, town.COMMS, "2026-12", now=here.clock())
    found = await drafting.opened(here.desk, town.COMMS, "2026-11", now=here.clock())
    assert (0, "2026-11-01") == (found.version, found.numbers.until.isoformat())
    with pytest.raises(Refused, match=r"month\.none"):
        await drafting.to_write(here.desk, town.MANAGER, Period(2026, 11), now=here.clock())


async def test_last_month_stands_beside_as_it_was_frozen(here: Here) -> None:
    """What management has read is what it compares with."""
    frozen = example.numbers(OCTOBER.before)
    async with here.desk.db.write() as session:
        row = MonthlyReport(month="2026-09", numbers=frozen.model_dump(mode="json"), made=FIRST)
        await reports.add(session, row)
    found = await drafted(here)
    assert found.numbers.before is not None
    assert (62, None) == (found.numbers.before.comments, found.numbers.before.before)


async def test_what_was_measured_is_what_the_report_says(here: Here) -> None:
    """From the platform through the table to the rate: 50 of 1 000 followers are five percent."""
    post = {"remote": "1", "published": "2026-10-27T09:00:00+00:00", "reactions": 50, "words": "Nu öppnar vi."}
    here.platform.posts["facebook"] = [post]
    here.at(datetime(2026, 10, 27, 6, 0, tzinfo=UTC))
    await Measures(here.talks).tick(here.desk, here.clock())
    found = (await drafted(here)).numbers
    [account, _] = found.accounts
    assert ("Biblioteket berättar (Facebook)", "Biblioteket", 5.0) == (account.name, account.unit, account.percent)
    assert 30 == sum((b - a).days + 1 for a, b in account.missing)
    assert ["Nu öppnar vi."] == [one.words for one in found.posts]


async def test_recipients_are_found_by_address_in_any_spelling(here: Here) -> None:
    """The file's capitals are nobody's concern; guests and strangers are not management."""
    here.sending_to(f"{town.PARENT}@EXEMPEL.example".title(), town.GUEST, town.STRANGER)
    async with here.desk.db.read() as session:
        dests, unknown = await drafting.recipients(session, here.desk)
    assert ((town.PARENT,), (town.GUEST, town.STRANGER)) == (dests, unknown)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("act", Act)
def test_the_table_is_the_whole_story(state: State, act: Act) -> None:
    """A draft can be written to and sent; what was sent is at rest."""
    assert allowed(state, act) == (state is State.DRAFT) == ((state, act) in TABLE)
