"""The promised next word, and somebody who watches while the office is closed."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.crisis import watching
from bot.crisis.facts import Kind
from bot.delivery.outcome import Drop
from bot.errors import Refused
from handlers.cards import crisis as cards
from handlers.crisis_life import LifeRenderer
from storage import incidents
from storage.incidents import Incident
from storage.posts import Post
from tests import town
from tests.crisis.conftest import SITE, WATER, Staff
from tests.test_texts import SV

PROMISED = town.MONDAY + timedelta(hours=4)
assert PROMISED == WATER.next_at
BEFORE = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)
CLOSING = town.MONDAY.replace(hour=15, minute=30)  # kl. 16.30 in Stockholm
NIGHT = town.MONDAY.replace(hour=19)
MORNING = (town.MONDAY + timedelta(days=1)).replace(hour=7)  # the office opens


async def _tick(staff: Staff, at: datetime) -> None:
    staff.clock.now = at
    await watching.tick(staff.desk, staff.clock())


async def _incident(staff: Staff, number: int) -> Incident:
    async with staff.desk.db.read() as session:
        found = await incidents.get(session, number)
    assert found is not None
    return found


async def _drawn(staff: Staff, post: Post) -> Any:
    async with staff.desk.db.read() as session:
        return await LifeRenderer(staff.desk).kinds[post.kind](session, post, SV)


async def _said(staff: Staff, kind: str) -> list[tuple[str, bool, int]]:
    """Destination, whether in a thread, and how far the reminder had come."""
    return [(one.dest, one.thread_id is not None, one.seq) for one in await staff.rows(kind)]


async def test_nobody_is_reminded_before_it_is_time(staff: Staff) -> None:
    """A minute early is early."""
    await staff.publish()
    await _tick(staff, PROMISED - BEFORE - MINUTE)
    assert [] == await staff.rows(watching.PROMISE)


async def test_the_submitter_and_the_thread_are_reminded_once(staff: Staff) -> None:
    """However often the clock ticks."""
    await staff.publish()
    for minutes in (15, 10, 5, 1):
        await _tick(staff, PROMISED - minutes * MINUTE)
    staff.clock.now = PROMISED - BEFORE
    assert [(town.CHANNEL, True, 1), (town.COMMS, False, 1)] == await _said(staff, watching.PROMISE)
    drawn = await _drawn(staff, (await staff.rows(watching.PROMISE))[1])
    assert "Vi har lovat besked kl. 14.00, om 15 minuter." in drawn.text


async def test_a_promise_that_passed_is_said_once_more_and_replaces_what_still_waited(staff: Staff) -> None:
    """The reminder before it is of no use any more."""
    await staff.publish()
    await _tick(staff, PROMISED - MINUTE)
    await _tick(staff, PROMISED)
    await _tick(staff, PROMISED + MINUTE)
    rows = await staff.rows(watching.PROMISE)
    assert [("dropped", 1), ("dropped", 1), ("waiting", 2), ("waiting", 2)] == [
        (one.state, one.seq) for one in rows
    ]
    drawn = await _drawn(staff, rows[-1])
    assert "Vi lovade besked kl. 14.00 och det har inte kommit." in drawn.text


async def test_after_a_stop_only_what_is_true_now_is_said(staff: Staff) -> None:
    """The desk slept through the reminder: it does not come after the fact."""
    await staff.publish()
    await _tick(staff, PROMISED + 30 * MINUTE)
    assert [2, 2] == [one.seq for one in await staff.rows(watching.PROMISE)]


async def test_a_reminder_is_dropped_when_a_newer_message_came(staff: Staff) -> None:
    """Nobody hears of a promise that was kept."""
    first = await staff.publish()
    await _tick(staff, PROMISED - MINUTE)
    await staff.publish(Kind.NOTHING_NEW, incident=first.incident, next_at=PROMISED + timedelta(hours=3))
    assert [Drop("newer")] * 2 == [await _drawn(staff, one) for one in await staff.rows(watching.PROMISE)]
    await _tick(staff, PROMISED + MINUTE)
    assert 2 == len(await staff.rows(watching.PROMISE))
    await _tick(staff, PROMISED + timedelta(hours=3) - BEFORE)
    assert 4 == len(await staff.rows(watching.PROMISE))


async def test_a_short_promise_is_not_reminded_of_at_once(staff: Staff) -> None:
    """Word in ten minutes: half of them pass in peace."""
    await staff.publish(next_at=town.MONDAY + 10 * MINUTE)
    await _tick(staff, town.MONDAY + 4 * MINUTE)
    assert [] == await staff.rows(watching.PROMISE)
    await _tick(staff, town.MONDAY + 5 * MINUTE)
    assert 2 == len(await staff.rows(watching.PROMISE))


async def test_the_watcher_is_reminded_rather_than_the_submitter(staff: Staff) -> None:
    """Who said that they watch."""
    case = await staff.publish()
    await watching.watch(staff.desk, town.COMMS2, case.incident, now=staff.clock())
    await _tick(staff, PROMISED - MINUTE)
    assert (town.COMMS2, False, 1) in await _said(staff, watching.PROMISE)
    assert town.COMMS not in [one.dest for one in await staff.rows(watching.PROMISE)]


async def test_who_is_away_is_not_the_one_reminded(staff: Staff) -> None:
    """The first decider who is there gets it."""
    await staff.publish()
    await town.away(staff.desk.db, town.COMMS, town.MONDAY.date(), town.MONDAY.date())
    await _tick(staff, PROMISED - MINUTE)
    people = [one.dest for one in await staff.rows(watching.PROMISE) if one.thread_id is None]
    assert 1 == len(people)
    assert people[0] in (town.MANAGER, town.COMMS2)


async def test_the_board_turns_red_when_the_promise_passes(staff: Staff) -> None:
    """It is shown anew by itself, once."""
    case = await staff.publish()
    await _tick(staff, PROMISED - MINUTE)
    [card] = await staff.rows("crisis.board")
    await _tick(staff, PROMISED)
    await _tick(staff, PROMISED + MINUTE)
    [later] = await staff.rows("crisis.board")
    assert card.want + 1 == later.want
    board = await staff.board(case.incident)
    assert board.vigil.overdue
    assert board.red
    assert "Det utlovade beskedet har inte kommit." in cards.Incident(SV, board, SITE).message().text


async def test_by_day_nobody_need_watch(staff: Staff) -> None:
    """The board says that somebody must, when the office closes; it is not red."""
    case = await staff.publish(next_at=None)
    await _tick(staff, CLOSING - MINUTE)
    board = await staff.board(case.incident)
    assert not board.vigil.red
    assert "Ingen har sagt att de vakar när kontoret stänger." in cards.Incident(SV, board, SITE).status()
    assert [] == await staff.rows(watching.UNWATCHED)


async def test_by_night_without_a_watcher_the_board_is_red_and_somebody_is_asked(staff: Staff) -> None:
    """Once a night, in the thread and in person."""
    case = await staff.publish(next_at=None)
    await _tick(staff, CLOSING)
    await _tick(staff, NIGHT)
    board = await staff.board(case.incident)
    assert board.red
    assert "Kontoret är stängt och ingen vakar." in cards.Incident(SV, board, SITE).status()
    assert [(town.CHANNEL, True, 0), (town.COMMS, False, 0)] == await _said(staff, watching.UNWATCHED)
    await _tick(staff, MORNING + timedelta(hours=10))  # the next evening
    assert 4 == len(await staff.rows(watching.UNWATCHED))


async def test_whoever_watches_stands_on_the_board(staff: Staff) -> None:
    """And the question that has not gone out is not asked."""
    case = await staff.publish(next_at=None)
    await _tick(staff, NIGHT)
    await watching.watch(staff.desk, town.COMMS2, case.incident, now=staff.clock())
    board = await staff.board(case.incident)
    assert not board.vigil.red
    assert "Kommunikatör två vakar tills kontoret öppnar." in cards.Incident(SV, board, SITE).status()
    assert [Drop("watched")] * 2 == [await _drawn(staff, one) for one in await staff.rows(watching.UNWATCHED)]


async def test_the_watch_ends_when_the_office_opens(staff: Staff) -> None:
    """Last night's watcher is not tonight's, and one who says so during the day is."""
    case = await staff.publish(next_at=None)
    await watching.watch(staff.desk, town.COMMS2, case.incident, now=staff.clock())
    await _tick(staff, CLOSING)
    assert town.COMMS2 == (await _incident(staff, case.incident)).watcher
    await _tick(staff, MORNING + MINUTE)
    assert (await _incident(staff, case.incident)).watcher is None
    await watching.watch(staff.desk, town.MANAGER, case.incident, now=staff.clock())
    await _tick(staff, MORNING + timedelta(hours=10))
    assert town.MANAGER == (await _incident(staff, case.incident)).watcher
    assert not (await staff.board(case.incident)).vigil.red


async def test_a_watcher_who_has_left_does_not_watch(staff: Staff) -> None:
    """Deactivated in Slack: nobody watches."""
    case = await staff.publish(next_at=None)
    await watching.watch(staff.desk, town.COMMS2, case.incident, now=staff.clock())
    await town.change(staff.desk.db, town.COMMS2, deleted=True)
    await _tick(staff, NIGHT)
    assert (await staff.board(case.incident)).vigil.unwatched


@pytest.mark.parametrize("person", [town.HEAD, town.GUEST])
async def test_only_those_who_run_crisis_mode_watch(staff: Staff, person: str) -> None:
    """Others are told whom to ask."""
    case = await staff.publish()
    with pytest.raises(Refused, match=r"err\.right"):
        await watching.watch(staff.desk, person, case.incident, now=staff.clock())


async def test_nobody_watches_what_is_over(staff: Staff) -> None:
    """And nobody is reminded of it."""
    case = await staff.publish()
    await staff.publish(Kind.END, incident=case.incident, next_at=None)
    with pytest.raises(Refused, match=r"crisis\.not_on"):
        await watching.watch(staff.desk, town.COMMS, case.incident, now=staff.clock())
    await _tick(staff, NIGHT)
    assert [] == [*await staff.rows(watching.PROMISE), *await staff.rows(watching.UNWATCHED)]
