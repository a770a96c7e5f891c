"""What a digest tells: each part from the database as it stands."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from bot.accounts import applying, deciding
from bot.accounts.deciding import Verdict
from bot.accounts.states import Act, Gate
from bot.comments import acting, hands, roll
from bot.comments.states import State
from bot.digest.answering import Gap, StandIn
from bot.errors import Problem, Text
from storage import incidents, log, rota
from storage.accounts import Account
from storage.applications import Application
from storage.backlog import Figures
from storage.held import Held
from storage.inboxes import Inbox
from storage.incidents import Incident
from storage.publications import Publication
from tests import town
from tests.digest.conftest import EARLY, LIBRARY, PAGE, SCHOOL, YOUTH, Morning

MONDAY = date(2026, 11, 23)
LATER = MONDAY + timedelta(days=4)


async def test_everybody_is_there(morning: Morning) -> None:
    """Normal accounts are a number."""
    found = (await morning.department()).answering
    assert ((), (), 4) == (found.gaps, found.stand_ins, found.usual)


@pytest.mark.parametrize(
    ("away", "gaps", "stand_ins"),
    [
        ([town.REQUESTER], (), (StandIn("Biblioteket berättar", "Bibliotekspedagog", "Bibliotekarie", LATER),)),
        (
            [town.REQUESTER, town.EDITOR],
            (Gap("Biblioteket berättar", "Biblioteket", "Enhetschef biblioteket"),),
            (),
        ),
        (
            [town.REQUESTER, town.EDITOR, town.HEAD, town.DEPUTY, town.PARENT],
            (Gap("Biblioteket berättar", "Biblioteket", ""),),
            (),
        ),
        ([town.OTHER], (Gap("Skolan", "Skolan", "Rektor"),), ()),
        ([town.MANAGER], (), ()),  # a sensitive account: nobody is named
        ([town.MANAGER, town.PARENT], (Gap("Unga", "Kultur", ""),), ()),
    ],
)
async def test_who_answers(
    morning: Morning, away: list[str], gaps: tuple[Gap, ...], stand_ins: tuple[StandIn, ...]
) -> None:
    """Substitute for owner; a gap where neither is there, with whoever is asked instead."""
    for person in away:
        await town.away(morning.desk.db, person, MONDAY, LATER)
    found = (await morning.department()).answering
    assert (gaps, stand_ins, 4 - len(gaps) - len(stand_ins)) == (found.gaps, found.stand_ins, found.usual)
    assert sorted(town.NAMES[one] for one in away) == [name for name, _ in found.away]


async def test_somebody_who_has_left_answers_no_more(morning: Morning) -> None:
    """Their substitute does, until the account has a new owner."""
    await town.change(morning.desk.db, town.REQUESTER, deleted=True)
    found = (await morning.department()).answering
    assert (StandIn("Biblioteket berättar", "Bibliotekspedagog", "Bibliotekarie"),) == found.stand_ins


async def test_the_roll_says_what_hands_say(morning: Morning) -> None:
    """Read at once or account by account: the same people."""
    await town.away(morning.desk.db, town.REQUESTER, MONDAY, LATER)
    places = [(LIBRARY, "Biblioteket berättar"), (SCHOOL, "Skolan"), (YOUTH, "Unga"), (PAGE, "")]
    async with morning.desk.db.read() as session:
        called = await roll.call(session, morning.desk, morning.clock())
        for channel, name in places:
            row = Publication(channel=channel, remote="1", account_id=morning.numbers.get(name), first_heard=EARLY)
            one = await hands.of(session, morning.desk, row, morning.clock())
            assert one == called.hands(channel, row.account_id)


async def test_piles_by_account(morning: Morning) -> None:
    """How many, since when the oldest, when the first is due; those whose time is out apart."""
    await morning.write(days=4)  # on a Thursday; due on the Friday
    await morning.write(hours=1)
    first = await morning.write(SCHOOL, hours=3)
    await morning.write(SCHOOL, hours=2)
    found = await morning.department()
    assert [("Biblioteket berättar", 1)] == [(one.account, one.count) for one in found.late]
    assert [("Skolan", 2), ("Biblioteket berättar", 1)] == [(one.account, one.count) for one in found.waiting]
    assert (first.since, first.due) == (found.waiting[0].oldest, found.waiting[0].due)


async def test_of_a_sensitive_account_only_figures(morning: Morning) -> None:
    """Number and times, and not even the Slack channel where its cards stand."""
    await morning.write(YOUTH, hours=1)
    [found] = (await morning.department()).waiting
    assert ("Unga", 1, "") == (found.account, found.count, found.place)


async def test_what_is_taken_is_not_free(morning: Morning) -> None:
    """Whoever took it has it; the owner has the rest; nobody else has anything."""
    first, _ = await morning.write(hours=2), await morning.write(hours=1)
    await acting.take(morning.desk, town.HEAD, first.id or 0, now=morning.clock())
    head, owner, editor = [await morning.mine(one) for one in (town.HEAD, town.REQUESTER, town.EDITOR)]
    assert [(1, 0), (0, 1), (0, 0)] == [
        (sum(one.count for one in who.taken), sum(one.count for one in who.free)) for who in (head, owner, editor)
    ]
    assert [False, False, True] == [who.empty for who in (head, owner, editor)]


async def test_a_persons_late_ones_stand_apart(morning: Morning) -> None:
    """Taken or not."""
    await morning.write(days=4)
    found = await morning.mine(town.REQUESTER)
    assert ([1], ()) == ([one.count for one in found.late], found.free)


async def test_the_days_figures(morning: Morning) -> None:
    """Since the last working day: of residents' comments, not of the account's own."""
    friday = EARLY - timedelta(days=3)
    rows = [await morning.write(days=3, minutes=n) for n in range(1, 6)]
    before, today = await morning.write(days=4), await morning.write(minutes=1)
    for row, state, after in zip(
        rows,
        (State.ANSWERED, State.ANSWERED, State.CLOSED, State.HIDDEN, State.REMOVED),
        (1, 1, 1, 1, 1),
        strict=True,
    ):
        await morning.change(row, state=state, settled=friday + timedelta(hours=after), next_at=None)
    await morning.change(rows[1], due=friday)
    await morning.change(before, state=State.ANSWERED, settled=friday - timedelta(hours=20))
    await morning.change(today, state=State.CLOSED, settled=EARLY)
    assert Figures(came=5, answered=2, in_time=1, closed=1, hidden=2) == (await morning.department()).figures


async def test_applications_wait_for_people(morning: Morning) -> None:
    """Both decisions, then only the department's; what was sent back waits for whoever asked."""
    row = await _apply(morning)
    [both] = (await morning.department()).applications
    assert (("Enhetschef biblioteket",), True) == (both.names, both.department)
    assert [row.id] == [one.number for one in (await morning.mine(town.HEAD)).to_decide]
    given = Verdict(row.id or 0, Gate.HEAD, Act.YES, town.HEAD, row.digest[:16], "")
    await deciding.decide(morning.desk, given, now=morning.clock())
    [one] = (await morning.department()).applications
    assert ((), True, True) == (one.names, one.department, (await morning.mine(town.HEAD)).empty)


async def _apply(morning: Morning) -> Application:
    given = town.form(morning.units["Biblioteket"])
    return await applying.submit(morning.desk, town.REQUESTER, given, now=morning.clock())


async def test_accounts_without_a_substitute(morning: Morning) -> None:
    """None entered, or one who has left."""
    await town.change(morning.desk.db, town.EDITOR, deleted=True)
    assert ("Biblioteket berättar", "Skolan") == (await morning.department()).no_substitute


async def test_inboxes_that_hold_something(morning: Morning) -> None:
    """By channel; an empty one is not told of."""
    for kind, count in (("messages", 3), ("reviews", 0)):
        await morning.add(Inbox(channel=LIBRARY, kind=kind, count=count, oldest=EARLY, seen=EARLY))
    [(name, rows)] = (await morning.department()).inboxes
    assert ("Facebook", [("messages", 3)]) == (name, [(one.kind, one.count) for one in rows])
    assert [] == [one for one, _ in (await morning.of_units("Skolan")).inboxes]


@pytest.mark.parametrize(("drill", "key"), [(False, "digest.crisis.on"), (True, "digest.crisis.drill")])
async def test_a_crisis_or_a_drill_that_is_on(morning: Morning, drill: bool, key: str) -> None:
    """With the hour for which word was promised."""
    at = EARLY - timedelta(hours=2)
    row = Incident(event="water", place="Norrby", drill=drill, state=incidents.ON, by=town.COMMS, opened=at)
    await morning.add(row)
    expected = Problem(key, event=Text("event.water"), place="Norrby", time=at)
    assert (expected,) == (await morning.department()).going_on


async def test_what_is_ahead(morning: Morning) -> None:
    """Days off, the rota's next hand-over, posts that are held, accounts that end, absences that begin."""
    morning.clock.now = datetime(2026, 12, 18, 6, 45, tzinfo=UTC)  # the Friday before Christmas
    monday = date(2026, 12, 21)
    await town.away(morning.desk.db, town.HEAD, date(2026, 12, 22), date(2026, 12, 31))
    await town.away(morning.desk.db, town.OTHER, date(2027, 1, 11), date(2027, 1, 12))
    await morning.add(rota.Watch(week=monday, person=town.COMMS))
    incident = Incident(event="water", place="Norrby", state=incidents.OVER, by=town.COMMS, opened=EARLY)
    await morning.add(incident)
    held = Held(incident_id=1, channel=LIBRARY, remote="9", words="Jul", at=EARLY, until=EARLY, state="held")
    await morning.add(held)
    async with morning.desk.db.read() as session:
        account = await session.get_one(Account, morning.numbers["Skolan"])
    await morning.change(account, until=date(2026, 12, 24))
    said = {one.key: one.values for one in (await morning.department()).ahead}
    assert {
        "digest.ahead.closed": {"dates": [date(2026, 12, 24), date(2026, 12, 25)]},
        "digest.ahead.duty": {"name": "Kommunikatör ett", "time": datetime(2026, 12, 21, 11, tzinfo=UTC)},
        "digest.ahead.held": {"n": 1},
        "digest.ahead.ending": {"account": "Skolan", "date": date(2026, 12, 24)},
        "digest.ahead.away": {
            "name": "Enhetschef biblioteket",
            "first": date(2026, 12, 22),
            "last": date(2026, 12, 31),
        },
    } == said


async def test_a_week_that_nobody_has(morning: Morning) -> None:
    """Where a rota is kept at all."""
    assert () == (await morning.department()).ahead
    await morning.add(rota.Watch(week=date(2026, 11, 16), person=town.COMMS))
    assert ["digest.ahead.nobody"] == [one.key for one in (await morning.department()).ahead]


async def test_the_newest_seal_goes_with_it(morning: Morning) -> None:
    """So the log's proof stands outside the database."""
    for day in (20, 22, 21):
        await morning.add(log.Seal(day=date(2026, 11, day), before=log.START, digest=f"{day}" * 32, sealed=EARLY))
    found = (await morning.department()).seal
    assert found is not None
    assert "22" * 32 == found.digest


async def test_a_units_own(morning: Morning) -> None:
    """Its accounts, its people; nothing of others."""
    await morning.write(SCHOOL, hours=1)
    await morning.write(LIBRARY, hours=1)
    await town.away(morning.desk.db, town.OTHER, MONDAY, LATER)
    library, school = await morning.of_units("Biblioteket"), await morning.of_units("Skolan")
    assert [["Biblioteket berättar"], ["Skolan"]] == [
        [one.account for one in unit.waiting] for unit in (library, school)
    ]
    assert [(), (Gap("Skolan", "Skolan", "Rektor"),)] == [unit.answering.gaps for unit in (library, school)]
    assert [None, None] == [library.figures, library.seal]


async def test_who_is_on_duty_is_told_on_the_first_day_and_until_it_is_received(morning: Morning) -> None:
    """Afterwards only beside something else."""
    watch = rota.Watch(week=MONDAY, person=town.COMMS, received=EARLY)
    await morning.add(watch)
    assert (False, True) == ((await morning.mine(town.COMMS)).empty, (await morning.mine(town.COMMS2)).empty)
    morning.later(days=1)
    assert (await morning.mine(town.COMMS)).empty


async def test_what_is_settled_is_not_looked_at(morning: Morning) -> None:
    """SQLite's plans read the open ones and the day's, by index; what the bench says of both databases."""
    if not morning.desk.db.is_sqlite:
        return
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, given: Any, _context: Any, _many: Any) -> None:
        if "FROM comment" in statement:
            asked.append((statement, given))

    engine = morning.desk.db.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    await morning.department()
    event.remove(engine, "before_cursor_execute", note)
    plans = [await _plan(morning, *one) for one in asked]
    assert 3 == len(plans)
    assert [] == [one for one in plans if "SCAN comment" in one and "USING INDEX ix_comment_" not in one]


async def _plan(morning: Morning, statement: str, given: Any) -> str:
    async with morning.desk.db.engine.connect() as connection:
        raw = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
        return "; ".join(row[3] for row in raw.all())
