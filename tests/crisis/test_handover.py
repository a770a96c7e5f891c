"""The rota: who has which week, the receipt, and what happens when nobody gives it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.crisis import duty, handover
from bot.delivery.outcome import Drop
from bot.errors import Refused
from handlers.duty import DutyRenderer
from storage import log, rota
from storage.posts import Post
from tests import town
from tests.crisis.conftest import Staff
from tests.test_texts import SV

WEEK = date(2026, 11, 23)
BEGINS = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)  # kl. 12 in Stockholm
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SATURDAY = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)


async def _assign(staff: Staff, person: str = town.MANAGER, week: date = WEEK) -> None:
    await duty.assign(staff.desk, town.COMMS, week, person, now=staff.clock())


async def _tick(staff: Staff, at: datetime) -> None:
    staff.clock.now = at
    await handover.tick(staff.desk, at)


async def _receive(staff: Staff, person: str = town.MANAGER) -> None:
    await duty.receive(staff.desk, person, WEEK, now=staff.clock())


async def _dests(staff: Staff, kind: str) -> list[str]:
    return [one.dest for one in await staff.rows(kind)]


async def _drawn(staff: Staff, post: Post) -> Any:
    async with staff.desk.db.read() as session:
        return await DutyRenderer(staff.desk).kinds[post.kind](session, post, SV)


async def test_the_duty_is_handed_over_at_noon_on_monday(staff: Staff) -> None:
    """Not a minute before, and once."""
    await _assign(staff)
    await _tick(staff, BEGINS - MINUTE)
    assert [] == await staff.rows(handover.HANDOVER)
    for minutes in (0, 1, 30):
        await _tick(staff, BEGINS + minutes * MINUTE)
    assert [town.MANAGER] == await _dests(staff, handover.HANDOVER)
    drawn = await _drawn(staff, (await staff.rows(handover.HANDOVER))[0])
    assert "Du har krisjour från måndag 23 november kl. 12.00" in drawn.text


async def test_a_desk_that_wakes_up_late_hands_over_late(staff: Staff) -> None:
    """On a Saturday night if need be."""
    await _assign(staff)
    await _tick(staff, SATURDAY)
    assert [town.MANAGER] == await _dests(staff, handover.HANDOVER)


async def test_the_receipt_stands_on_the_card_and_in_the_log(staff: Staff) -> None:
    """The second click changes nothing."""
    await _assign(staff)
    await _tick(staff, BEGINS)
    [before] = await staff.rows(handover.HANDOVER)
    await _receive(staff)
    await _receive(staff)
    [after] = await staff.rows(handover.HANDOVER)
    assert before.want + 1 == after.want
    assert "Du tog över" in (await _drawn(staff, after)).text
    async with staff.desk.db.read() as session:
        entries = await log.of_case(session, duty.CASE)
    assert ["duty.assigned", "duty.received"] == [one.action for one in entries]


async def test_the_department_hears_after_two_office_hours_without_a_receipt(staff: Staff) -> None:
    """Once a week."""
    await _assign(staff)
    await _tick(staff, BEGINS)
    await _tick(staff, BEGINS + 2 * HOUR - MINUTE)
    assert [] == await staff.rows(handover.UNRECEIVED)
    for hours in (2, 3, 26):
        await _tick(staff, BEGINS + hours * HOUR)
    [post] = await staff.rows(handover.UNRECEIVED)
    assert town.CHANNEL == post.dest
    drawn = await _drawn(staff, post)
    assert "Kommunikationschef har inte tagit över krisjouren" in drawn.text


async def test_nights_are_no_office_hours(staff: Staff) -> None:
    """Given on Monday at 16: two hours of office have passed on Tuesday morning."""
    await _tick(staff, BEGINS + 4 * HOUR)
    await _assign(staff)
    await _tick(staff, BEGINS + 4 * HOUR)
    await _tick(staff, BEGINS + 8 * HOUR)
    assert [] == await staff.rows(handover.UNRECEIVED)
    await _tick(staff, datetime(2026, 11, 24, 8, 30, tzinfo=UTC))
    assert [town.CHANNEL] == await _dests(staff, handover.UNRECEIVED)


async def test_a_receipt_in_time_means_no_reminder(staff: Staff) -> None:
    """And one that still waits is not sent."""
    await _assign(staff)
    await _tick(staff, BEGINS)
    await _tick(staff, BEGINS + 2 * HOUR)
    await _receive(staff)
    [post] = await staff.rows(handover.UNRECEIVED)
    assert Drop("received") == await _drawn(staff, post)


async def test_a_week_that_is_given_on_asks_the_new_one(staff: Staff) -> None:
    """The old card says who has it."""
    await _assign(staff)
    await _tick(staff, BEGINS)
    await _receive(staff)
    await _assign(staff, town.COMMS2)
    await _tick(staff, BEGINS + MINUTE)
    assert [town.MANAGER, town.COMMS2] == await _dests(staff, handover.HANDOVER)
    old, new = await staff.rows(handover.HANDOVER)
    old.remote = "1"
    assert "Kommunikatör två har krisjour" in (await _drawn(staff, old)).text
    assert "Jag tar över" in (await _drawn(staff, new)).text


async def test_the_department_hears_of_a_week_that_nobody_has(staff: Staff) -> None:
    """Where a rota is kept at all; a vacancy that is filled meanwhile is not spoken of."""
    await _tick(staff, BEGINS)
    assert [] == await staff.rows(handover.VACANT)
    await _assign(staff, week=WEEK + duty.WEEK)
    await _tick(staff, BEGINS)
    [post] = await staff.rows(handover.VACANT)
    assert town.CHANNEL == post.dest
    assert "Ingen som går att nå" in (await _drawn(staff, post)).text
    await _assign(staff)
    assert Drop("filled") == await _drawn(staff, post)


async def test_who_is_away_does_not_have_the_duty(staff: Staff) -> None:
    """Nobody is asked to take over; the department gives the week to somebody else."""
    await _assign(staff)
    await town.away(staff.desk.db, town.MANAGER, WEEK, WEEK)
    await _tick(staff, BEGINS)
    assert [] == await staff.rows(handover.HANDOVER)
    assert 1 == len(await staff.rows(handover.VACANT))
    listed = await handover.upcoming(staff.desk, town.COMMS, now=staff.clock())
    assert listed.away


async def test_the_weeks_to_come_are_listed(staff: Staff) -> None:
    """The present one first, with its receipt; deciders are those who may be chosen."""
    await _assign(staff)
    await _assign(staff, town.COMMS2, WEEK + 2 * duty.WEEK)
    staff.clock.now = BEGINS
    await _receive(staff)
    listed = await handover.upcoming(staff.desk, town.COMMS, now=staff.clock())
    assert [town.MANAGER, "", town.COMMS2, ""] == [one.person for one in listed.weeks[:4]]
    assert BEGINS == listed.weeks[0].received
    assert {town.MANAGER, town.COMMS, town.COMMS2} == {one for one, _ in listed.deciders}
    assert listed.may_assign
    assert not (await handover.upcoming(staff.desk, town.HEAD, now=staff.clock())).may_assign


async def test_guests_see_nothing(staff: Staff) -> None:
    """A consultant has no business in the rota."""
    with pytest.raises(Refused):
        await handover.upcoming(staff.desk, town.GUEST, now=staff.clock())


@pytest.mark.parametrize(
    ("actor", "person", "week", "key"),
    [
        (town.HEAD, town.MANAGER, WEEK, "crisis.not_yours"),
        (town.COMMS, town.HEAD, WEEK, "duty.no_decider"),
        (town.COMMS, town.MANAGER, WEEK - 2 * duty.WEEK, "duty.past"),
    ],
)
async def test_who_may_give_which_week_to_whom(staff: Staff, actor: str, person: str, week: date, key: str) -> None:
    """The department gives coming weeks to crisis deciders."""
    with pytest.raises(Refused, match=key.replace(".", r"\.")):
        await duty.assign(staff.desk, actor, week, person, now=staff.clock())
    async with staff.desk.db.read() as session:
        assert not await rota.used(session)


async def test_only_the_one_on_duty_takes_over(staff: Staff) -> None:
    """Nobody gives a receipt for others."""
    await _assign(staff)
    with pytest.raises(Refused, match=r"duty\.not_yours"):
        await _receive(staff, town.COMMS)


@pytest.mark.parametrize(
    ("at", "week"),
    [
        (BEGINS - MINUTE, WEEK - duty.WEEK),
        (BEGINS, WEEK),
        (datetime(2026, 10, 26, 10, 59, tzinfo=UTC), date(2026, 10, 19)),  # the Monday after summer time
        (datetime(2026, 10, 26, 11, 0, tzinfo=UTC), date(2026, 10, 26)),
        (datetime(2026, 3, 30, 9, 59, tzinfo=UTC), date(2026, 3, 23)),
        (datetime(2026, 3, 30, 10, 0, tzinfo=UTC), date(2026, 3, 30)),
    ],
)
async def test_a_week_begins_at_noon_by_the_clock_in_stockholm(staff: Staff, at: datetime, week: date) -> None:
    """Summer time changes nothing."""
    assert week == duty.week_of(staff.desk, at)
    assert handover.begins(staff.desk, week) <= at
