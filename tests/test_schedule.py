"""The tick: calendar slots are claimed once, on both databases, also on the nights when the clock turns."""

from datetime import UTC, datetime, time, timedelta

import pytest

from bot.schedule import Schedule, Slot
from storage import events, slots
from storage.engine import Database
from tests import town


def _recorder(seen: list[datetime]):
    async def work(*given: object) -> None:
        seen.append(given[-1])

    return work


@pytest.mark.parametrize("day", [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)])
async def test_a_slot_comes_once_on_the_days_when_the_clock_turns(db: Database, day: datetime) -> None:
    """Ticking through the day and a restart in the middle: once, at its local time."""
    seen: list[datetime] = []
    clock = town.Clock(day - timedelta(hours=2))
    slot = Slot("digest", time(7, 45), time(12), _recorder(seen))
    for half in range(50):
        clock.now = day - timedelta(hours=2) + timedelta(minutes=30 * half)
        desk = town.desk(db, clock)
        await Schedule(desk, [], [slot]).tick()
    assert [8] == [town.desk(db, clock).office.local(one).hour for one in seen]


async def test_two_replicas_claim_a_slot_once(db: Database) -> None:
    """Whoever is second finds it taken."""
    seen: list[datetime] = []
    clock = town.Clock()
    slot = Slot("digest", time(7, 45), time(12), _recorder(seen))
    desk = town.desk(db, clock)
    for replica in (Schedule(desk, [], [slot]), Schedule(desk, [], [slot])):
        await replica.tick()
    assert 1 == len(seen)


async def test_after_the_stated_hour_a_slot_is_not_caught_up(db: Database) -> None:
    """A digest of the morning is no use in the evening."""
    seen: list[datetime] = []
    desk = town.desk(db, town.Clock(town.MONDAY + timedelta(hours=8)))
    await Schedule(desk, [], [Slot("digest", time(7, 45), time(12), _recorder(seen))]).tick()
    assert [] == seen


async def test_a_step_that_fails_does_not_hold_up_the_others(db: Database) -> None:
    """It is logged; the rest runs; the tick is seen to have ended."""
    seen: list[datetime] = []

    async def broken(_now: datetime) -> None:
        raise RuntimeError("broken")

    schedule = Schedule(town.desk(db), [("broken", broken), ("whole", _recorder(seen))])
    await schedule.tick()
    assert (1, town.MONDAY) == (len(seen), schedule.last)


async def test_a_slot_that_fails_is_tried_again(db: Database) -> None:
    """Claim and work are one transaction."""
    seen: list[datetime] = []
    tries = iter([RuntimeError("broken"), None])

    async def work(_session: object, now: datetime) -> None:
        error = next(tries)
        if error:
            raise error
        seen.append(now)

    schedule = Schedule(town.desk(db), [], [Slot("seal", time(7, 45), time(12), work)])
    for _ in range(3):
        await schedule.tick()
    assert 1 == len(seen)


@pytest.mark.parametrize(("opens", "until"), [(time(2), time(7)), (time(7), time(21)), (time(9), time(8))])
def test_a_slot_lies_between_06_and_20(opens: time, until: time) -> None:
    """Nights are skipped or repeated when the clock turns."""
    with pytest.raises(ValueError, match="between 06 and 20"):
        Slot("night", opens, until, _recorder([]))


async def test_a_slot_and_an_event_are_taken_once(db: Database) -> None:
    """True the first time, False ever after, on both databases."""
    async with db.write() as session:
        day = town.MONDAY.date()
        assert [True, False] == [await slots.claim(session, "seal", day, "desk", town.MONDAY) for _ in range(2)]
        assert [True, False] == [await events.first_time(session, "Ev1", town.MONDAY) for _ in range(2)]
