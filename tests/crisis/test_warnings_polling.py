"""Warnings from outside, against local sources with the vendors' oddities, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.crisis.warnings import keeping, polling, smhi
from bot.crisis.warnings.found import Reading
from bot.crisis.warnings.polling import Watch
from bot.desk import Desk
from bot.sandbox.platforms.alerts import Alerts, info
from storage import log, warnings
from storage.engine import Database
from storage.incidents import Incident
from storage.posts import Post
from storage.warnings import ACTIVE, CANCELLED, ELSEWHERE, EXPIRED, GONE
from tests import town
from tests.crisis.outside import Outside, chosen, listening

POLL = 60


@pytest.fixture
async def outside(db: Database) -> AsyncIterator[Outside]:
    async with listening(db) as found:
        yield found


async def test_off_by_default_nobody_is_asked(outside: Outside) -> None:
    """Without a word from the municipality no source hears of us, and nothing is written."""
    watch = Watch(chosen(enabled=False))
    outside.sources.alert("Gå inomhus.")
    await watch.tick(outside.desk, outside.clock())
    assert ([], []) == (outside.sources.calls, await outside.rows())


async def test_a_vma_becomes_one_card_and_no_crisis(outside: Outside) -> None:
    """A proposal to the department's channel, once; nothing is started."""
    outside.sources.alert("Gå inomhus.\r\n\r\nStäng fönster.")
    for _ in range(3):
        await outside.tick(POLL)
    (card,) = await outside.cards()
    shown = await outside.last()
    assert (town.CHANNEL, 0, True) == (card.dest, card.prio, card.card)
    assert ("Gå inomhus.", "Gå inomhus.\n\nStäng fönster.") == (shown.found.headline, shown.found.text)
    async with outside.desk.db.read() as session:
        assert [] == list((await session.exec(select(Incident))).all())
        assert [card.id] == [one.id for one in (await session.exec(select(Post))).all()]


async def test_what_is_unchanged_is_asked_for_by_its_tag(outside: Outside) -> None:
    """The second look costs the sources a 304."""
    outside.sources.alert("Gå inomhus.")
    await outside.tick()
    await outside.tick(POLL)
    assert ["krisinformation", "smhi", "vma"] == sorted(outside.sources.unchanged)
    assert [ACTIVE] == await outside.states()


async def test_a_source_is_not_asked_before_its_time(outside: Outside) -> None:
    """A tick every 30 seconds, a look every 60; also after a restart and with a second replica."""
    for _ in range(4):
        await outside.tick(30)
        await Watch(outside.watch.chosen).tick(outside.desk, outside.clock())
    assert 2 == outside.sources.calls.count("vma")


async def test_two_replicas_share_one_look(outside: Outside) -> None:
    """Who claims the time looks; the other has nothing to do."""
    outside.sources.alert("Gå inomhus.")
    other = Watch(outside.watch.chosen)
    await asyncio.gather(outside.tick(), other.tick(outside.desk, outside.clock()))
    await other.close()
    assert (1, 1) == (outside.sources.calls.count("vma"), len(await outside.cards()))


async def test_tests_and_exercises_are_nobodys_business(outside: Outside) -> None:
    """Only what is actual is told."""
    for status in ("Test", "Exercise", "System", "Draft"):
        outside.sources.alert("Övning.", status=status)
    outside.sources.entry("Testmeddelande", isTestVma=True)
    await outside.tick()
    assert ([], 0) == (await outside.rows(), (await outside.feed("vma")).odd)


async def test_other_places_warnings_are_theirs(outside: Outside) -> None:
    """Neither the neighbour, nor the neighbour's county."""
    outside.sources.alert("Rök.", code="1481")
    outside.sources.alert("Rök.", code="13")
    outside.sources.entry("Rök", area="Mölndals kommun")
    outside.sources.event("Vind", counties=(5, 13))
    await outside.tick()
    assert [] == await outside.rows()


@pytest.mark.parametrize("code", ["1480", "14", "00"])
async def test_our_municipality_our_county_and_the_country_are_ours(outside: Outside, code: str) -> None:
    """The country only where it is said in so many words."""
    outside.sources.alert("Rök.", code=code)
    await outside.tick()
    assert 1 == len(await outside.cards())


async def test_no_area_is_not_the_whole_country(outside: Outside) -> None:
    """No card; but status says that there is something to look at."""
    made = outside.sources.alert("Rök.")
    made["info"][0]["area"] = [{"areaDesc": "Ett område", "geocode": None}]
    await outside.tick()
    assert [] == await outside.rows()
    async with outside.desk.db.read() as session:
        (problem,) = await polling.troubles(session, outside.watch.chosen)
    assert "status.warning.odd" == problem.key


async def test_a_cancel_marks_the_card(outside: Outside) -> None:
    """It has no info, and the time in its reference is another clock's."""
    made = outside.sources.alert("Gå inomhus.")
    await outside.tick()
    await outside.sent()
    outside.sources.cancel(made)
    await outside.tick(POLL)
    shown = await outside.last()
    assert (CANCELLED, "Gå inomhus.") == (shown.state, shown.found.headline)
    assert (1, 1) == (len(await outside.cards()), len(await outside.stale()))


async def test_a_proposal_that_is_over_before_it_was_sent_is_not_sent(outside: Outside) -> None:
    """Nobody needs to hear of it."""
    made = outside.sources.alert("Gå inomhus.")
    await outside.tick()
    outside.sources.cancel(made)
    await outside.tick(POLL)
    assert ["dropped"] == [one.state for one in await outside.cards()]


async def test_a_cancel_of_what_we_never_saw_tells_nobody(outside: Outside) -> None:
    """Nor does the warning when it turns up afterwards."""
    made = outside.sources.alert("Gå inomhus.")
    outside.sources.alerts.clear()
    outside.clock.now += timedelta(seconds=1)
    outside.sources.cancel(made)
    await outside.tick()
    outside.sources.alerts.append(made)
    await outside.tick(POLL)
    assert ([CANCELLED], []) == (await outside.states(), await outside.cards())


async def test_alert_and_cancel_seen_together_tell_nobody(outside: Outside) -> None:
    """As after a night without power: what began and ended is history, whatever the order in the list."""
    made = outside.sources.alert("Gå inomhus.")
    outside.sources.cancel(made)
    await outside.tick()
    assert ["dropped"] == [one.state for one in await outside.cards()]


async def test_an_update_is_a_new_card_and_the_old_one_points_to_it(outside: Outside) -> None:
    """A new message from Sveriges Radio would be missed if it only changed an old card."""
    made = outside.sources.alert("Gå inomhus.")
    await outside.tick()
    await outside.sent()
    outside.clock.now += timedelta(seconds=5)
    outside.sources.update(made, "Gå inomhus. Koka vattnet.")
    await outside.tick(POLL)
    first, second = await outside.cards()
    shown = [await outside.shown(one) for one in (first, second)]
    assert [False, True] == [one.newest for one in shown]
    assert ["Gå inomhus. Koka vattnet."] * 2 == [one.found.headline for one in shown]
    assert [first.id] == [one for one in await outside.stale() if one == first.id]


async def test_messages_of_the_same_second_are_told_apart_by_their_references(outside: Outside) -> None:
    """The list goes on showing the alert beside its update; that one was the last stays so."""
    made = outside.sources.alert("Gå inomhus.")
    outside.sources.update(made, "Koka vattnet.")
    await outside.tick()
    outside.sources.alert("Annat.", code="1481")
    await outside.tick(POLL)
    assert ("Koka vattnet.", 1) == ((await outside.last()).found.headline, len(await outside.rows()))
    assert 2 == (await outside.rows())[0].version


async def test_an_update_of_an_alert_we_never_saw_is_a_warning(outside: Outside) -> None:
    """And a cancel that names the lost alert ends it."""
    made = outside.sources.alert("Gå inomhus.")
    outside.sources.alerts.clear()
    outside.sources.update(made, "Gå inomhus nu.", incidents=None)
    await outside.tick()
    assert 1 == len(await outside.cards())
    outside.clock.now += timedelta(seconds=5)
    outside.sources.cancel(made, incidents=None)
    await outside.tick(POLL)
    assert [CANCELLED] == await outside.states()


async def test_a_cancel_without_reference_is_known_by_its_incident(outside: Outside) -> None:
    """The number first, the incident where there is none."""
    made = outside.sources.alert("Gå inomhus.")
    await outside.tick()
    outside.clock.now += timedelta(seconds=5)
    outside.sources.cancel(made, references=None)
    await outside.tick(POLL)
    assert [CANCELLED] == await outside.states()


async def test_two_alerts_of_one_incident_are_two_warnings(outside: Outside) -> None:
    """Cancelling one leaves the other."""
    one = outside.sources.alert("Gå inomhus.")
    other = outside.sources.alert("Koka vattnet.", incidents=one["incidents"])
    await outside.tick()
    outside.clock.now += timedelta(seconds=5)
    outside.sources.cancel(other)
    await outside.tick(POLL)
    assert {"Gå inomhus.": ACTIVE, "Koka vattnet.": CANCELLED} == {
        row.content["headline"]: row.state for row in await outside.rows()
    }


async def test_a_change_in_place_changes_the_card_in_place(outside: Outside) -> None:
    """The same message with other words: no second card."""
    made = outside.sources.alert("Gå inomhus.")
    await outside.tick()
    await outside.sent()
    made["info"] = [info("Gå inomhus. Stäng ventilation.", "1480")]
    await outside.tick(POLL)
    assert (1, 1) == (len(await outside.cards()), len(await outside.stale()))
    assert "Gå inomhus. Stäng ventilation." == (await outside.last()).found.headline


async def test_a_vma_that_has_left_the_list_is_not_over(outside: Outside) -> None:
    """Only a cancel ends it, or its own time."""
    outside.sources.alert("Gå inomhus.")
    await outside.tick()
    outside.sources.alerts.clear()
    await outside.tick(POLL)
    assert [ACTIVE] == await outside.states()


async def test_a_warning_runs_out_though_its_source_is_silent(outside: Outside) -> None:
    """A few minutes late, since clocks differ."""
    made = outside.sources.alert("Gå inomhus.")
    made["info"][0]["expires"] = (outside.clock() + timedelta(hours=1)).isoformat()
    await outside.tick()
    outside.sources.faults.set(error_5xx=1.0)
    await outside.tick(3600)
    assert [ACTIVE] == await outside.states()
    await outside.tick(301)
    assert [EXPIRED] == await outside.states()


async def test_clocks_may_differ(outside: Outside) -> None:
    """A warning from the future is a warning; one that ran out a minute ago, too; one of yesterday is not."""
    ahead = (outside.clock() + timedelta(hours=3)).isoformat()
    outside.sources.alert("Framtid.", sent=ahead)
    for headline, ago in (("Nyss.", 60), ("Igår.", 86_400)):
        made = outside.sources.alert(headline)
        made["info"][0]["expires"] = (outside.clock() - timedelta(seconds=ago)).isoformat()
    await outside.tick()
    assert ["Framtid.", "Nyss."] == sorted(row.content["headline"] for row in await outside.rows())


async def test_a_time_written_by_a_wrong_clock_does_not_silence_a_source(outside: Outside) -> None:
    """The machine lived in next year for a tick."""
    await outside.tick(365 * 86_400)
    outside.sources.alert("Gå inomhus.")
    await outside.tick(-365 * 86_400)
    assert 1 == len(await outside.cards())


async def test_an_update_that_moves_the_danger_away_says_so(outside: Outside) -> None:
    """The card stays and tells; if it comes back, people are called again."""
    made = outside.sources.alert("Gå inomhus.")
    await outside.tick()
    outside.clock.now += timedelta(seconds=5)
    moved = outside.sources.update(made, "Gå inomhus.", info=[info("Gå inomhus.", "1481")])
    await outside.tick(POLL)
    assert [ELSEWHERE] == await outside.states()
    outside.clock.now += timedelta(seconds=5)
    outside.sources.update(moved, "Gå inomhus.")
    await outside.tick(POLL)
    assert ([ACTIVE], 2) == (await outside.states(), len(await outside.cards()))


async def test_an_area_corrected_in_place_calls_again(outside: Outside) -> None:
    """The same message no longer named us, and now it does."""
    made = outside.sources.alert("Gå inomhus.")
    await outside.tick()
    for code, cards in (("1481", 1), ("1480", 2)):
        made["info"] = [info("Gå inomhus.", code)]
        await outside.tick(POLL)
        assert cards == len(await outside.cards())


async def test_a_copy_that_disappears_behind_its_original_disturbs_nobody(outside: Outside) -> None:
    """Its card speaks for the original now, and still has to arrive."""
    outside.sources.entry("Viktigt meddelande")
    await outside.tick()
    outside.sources.alert("Gå inomhus.")
    await outside.tick(POLL)
    outside.sources.entries.clear()
    await outside.tick(POLL)
    (card,) = await outside.cards()
    shown = await outside.shown(card)
    assert ("waiting", ACTIVE, "Gå inomhus.") == (card.state, shown.state, shown.found.headline)


@pytest.mark.parametrize("pascal", [False, True])
async def test_krisinformation_alone_is_heard_in_any_spelling(outside: Outside, pascal: bool) -> None:
    """When Sveriges Radio is away its copy must do."""
    outside.sources.faults.set(error_5xx={"probability": 1.0, "methods": ["vma"]})
    outside.sources.entry("Gå inomhus & stäng", pascal=pascal)
    await outside.tick()
    shown = await outside.last()
    assert ("krisinformation", "Gå inomhus & stäng") == (shown.found.source, shown.found.headline)


async def test_the_copy_of_a_vma_is_not_told_again(outside: Outside) -> None:
    """Not in the same look, nor in a later one."""
    outside.sources.alert("Gå inomhus.")
    outside.sources.entry("Viktigt meddelande")
    await outside.tick()
    outside.sources.entry("Viktigt meddelande igen")
    await outside.tick(POLL)
    (card,) = await outside.cards()
    assert "vma" == (await outside.shown(card)).found.source


async def test_entries_of_one_publisher_are_not_one_warning(outside: Outside) -> None:
    """The same source number on both says who, not which."""
    outside.sources.entry("Gå inomhus", sourceID=0)
    outside.sources.entry("Koka vattnet", sourceID=0)
    await outside.tick()
    assert 2 == len(await outside.cards())


async def test_sveriges_radio_takes_over_the_card_of_its_copy(outside: Outside) -> None:
    """The copy came first; from then on the original speaks, also when it is called off."""
    outside.sources.entry("Viktigt meddelande")
    await outside.tick()
    await outside.sent()
    made = outside.sources.alert("Gå inomhus.")
    await outside.tick(POLL)
    (card,) = await outside.cards()
    assert ("vma", True) == ((await outside.shown(card)).found.source, (await outside.shown(card)).newest)
    assert [card.id] == await outside.stale()
    outside.clock.now += timedelta(seconds=5)
    outside.sources.cancel(made)
    await outside.tick(POLL)
    assert CANCELLED == (await outside.shown(card)).state


async def test_a_card_taken_over_is_changed_in_place_like_any_other(outside: Outside) -> None:
    """It has rung already; only a new message rings again, and then the copy's card points to it."""
    outside.sources.entry("Viktigt meddelande")
    await outside.tick()
    made = outside.sources.alert("Gå inomhus.")
    await outside.tick(POLL)
    made["info"] = [info("Gå inomhus nu.", "1480")]
    await outside.tick(POLL)
    assert 1 == len(await outside.cards())
    outside.sources.update(made, "Koka vattnet.")
    await outside.tick(POLL)
    first, second = await outside.cards()
    assert [False, True] == [(await outside.shown(one)).newest for one in (first, second)]


async def test_an_update_from_nowhere_is_something_to_look_at(outside: Outside) -> None:
    """We saw no alert, and it does not say where."""
    made = outside.sources.alert("Gå inomhus.")
    outside.sources.alerts.clear()
    outside.sources.update(made, "Gå inomhus nu.", info=None)
    await outside.tick()
    assert ([], 1) == (await outside.rows(), (await outside.feed("vma")).odd)


async def test_a_cancel_ends_the_copy_whose_original_we_never_saw(outside: Outside) -> None:
    """The cancel names the original, as does the copy; its own words are kept."""
    made = outside.sources.alert("Gå inomhus.")
    outside.sources.alerts.clear()
    outside.sources.entry("Viktigt meddelande", sourceID=made["identifier"])
    await outside.tick()
    outside.sources.cancel(made)
    await outside.tick(POLL)
    shown = await outside.last()
    assert (CANCELLED, "Viktigt meddelande") == (shown.state, shown.found.headline)


async def test_two_vma_far_apart_are_not_taken_for_one(outside: Outside) -> None:
    """Yesterday's original says nothing of today's copy."""
    outside.sources.alert("Gå inomhus.")
    await outside.tick()
    outside.clock.now += timedelta(hours=5)
    outside.sources.entry("Koka vattnet")
    await outside.tick()
    assert 2 == len(await outside.cards())


async def test_smhi_writes_county_five_for_05(db: Database) -> None:
    """The leading zero is lost on the way."""
    async with listening(db, municipality="0580", county="05") as outside:
        outside.sources.event("Snöfall", code="SNOW", counties=(5,))
        outside.sources.event("Vind", counties=(50, 15))
        await outside.tick()
        assert ["Snöfall"] == [row.content["headline"] for row in await outside.rows()]


async def test_only_chosen_events_from_the_chosen_level(db: Database) -> None:
    """Yellow wind is weather."""
    async with listening(db, smhi_codes=("WIND", "FOREST_FIRE"), smhi_min_level="ORANGE") as outside:
        outside.sources.event("Gul vind", level="YELLOW")
        outside.sources.event("Röd snö", level="RED", code="SNOW")
        outside.sources.event("Orange vind")
        outside.sources.event("Röd brandrisk", level="RED", code="FOREST_FIRE")
        await outside.tick()
        assert ["Orange vind", "Röd brandrisk"] == [row.content["headline"] for row in await outside.rows()]


async def test_smhi_changes_in_place_and_a_higher_level_calls_again(outside: Outside) -> None:
    """New words change the card; a higher level is a new card; a lower one, or none, the same card."""
    made = outside.sources.event("Vind")
    part = made["warningAreas"][0]
    await outside.tick()
    await outside.sent()
    part["approximateEnd"] = None
    await outside.tick(POLL)
    assert (1, None) == (len(await outside.cards()), (await outside.last()).found.expires)
    part["warningLevel"]["code"] = "RED"
    await outside.tick(POLL)
    await outside.sent()
    assert (2, "RED") == (len(await outside.cards()), (await outside.last()).found.level)
    part["warningLevel"]["code"] = "ORANGE"
    await outside.tick(POLL)
    assert (2, "ORANGE") == (len(await outside.cards()), (await outside.last()).found.level)
    outside.sources.events.clear()
    await outside.tick(POLL)
    assert (2, GONE) == (len(await outside.cards()), (await outside.last()).state)


async def test_a_list_that_flickers_calls_nobody_twice(outside: Outside) -> None:
    """Gone for a look and back: the card follows, and that is all."""
    outside.sources.event("Vind")
    await outside.tick()
    kept, outside.sources.events = outside.sources.events, []
    await outside.tick(POLL)
    await outside.tick(POLL)
    outside.sources.events = kept
    await outside.tick(POLL)
    assert ([ACTIVE], 1) == (await outside.states(), len(await outside.cards()))


async def test_a_half_read_list_ends_nothing(outside: Outside) -> None:
    """What could not be read may be what seems to be missing."""
    made = outside.sources.event("Vind")
    await outside.tick()
    made["warningAreas"][0]["affectedAreas"] = None
    await outside.tick(POLL)
    assert ([ACTIVE], 1) == (await outside.states(), (await outside.feed("smhi")).odd)


@pytest.mark.parametrize("wrong", [b"<html>", b'{"error": 1}', b"\xff\xfe", b'"text"', b"null", b"[" * 100_000])
async def test_an_answer_that_is_no_list_is_a_source_away(outside: Outside, wrong: bytes) -> None:
    """It is never read as an empty one, and the others are heard."""
    made = outside.sources.alert("Gå inomhus.")
    outside.sources.event("Vind")
    await outside.tick()
    outside.sources.raw["smhi"] = wrong
    outside.sources.cancel(made)
    await outside.tick(POLL)
    assert [CANCELLED, ACTIVE] == [row.state for row in sorted(await outside.rows(), key=lambda one: one.source)][
        ::-1
    ]
    assert (1, True) == ((await outside.feed("smhi")).failures, bool((await outside.feed("smhi")).trouble))


async def test_a_source_that_is_away_waits_longer_each_time_and_status_says_so(outside: Outside) -> None:
    """One, two, four minutes; ten at most; and well again at the first answer."""
    outside.sources.faults.set(error_5xx={"probability": 1.0, "methods": ["smhi"]})
    began = outside.clock() + timedelta(seconds=1)
    pauses = []
    for _ in range(6):
        await outside.tick(1)
        feed = await outside.feed("smhi")
        pauses.append((feed.next_at - outside.clock()).total_seconds())
        outside.clock.now = feed.next_at
    assert [60, 120, 240, 480, 600, 600] == pauses
    async with outside.desk.db.read() as session:
        (problem,) = await polling.troubles(session, outside.watch.chosen)
    assert ("status.warning.away", began) == (problem.key, problem.values["time"])
    outside.sources.faults.set(error_5xx=0)
    await outside.tick(1)
    async with outside.desk.db.read() as session:
        assert [] == await polling.troubles(session, outside.watch.chosen)


@pytest.mark.parametrize("fault", ["throttle", "error_5xx"])
async def test_the_wait_a_source_asks_for_is_given(outside: Outside, fault: str) -> None:
    """Also when it is longer than ours; the other sources keep their pace."""
    outside.sources.retry_after = "1800"
    outside.sources.faults.set(**{fault: {"probability": 1.0, "methods": ["vma"]}})
    await outside.tick()
    waits = [((await outside.feed(one)).next_at - outside.clock()).total_seconds() for one in ("vma", "smhi")]
    assert [1800, 60] == waits


async def test_an_answer_is_fresh_for_as_long_as_its_source_says(outside: Outside) -> None:
    """But never for longer than ten minutes."""
    for age, expected in ((30, 60), (300, 300), (86_400, 600)):
        outside.sources.max_age = age
        await outside.tick(600)
        assert expected == ((await outside.feed("vma")).next_at - outside.clock()).total_seconds()


async def test_a_slow_source_holds_up_nobody(db: Database) -> None:
    """It is given up in time, and the others are kept in the same tick."""
    async with listening(db, timeout_s=0.5) as outside:
        outside.sources.faults.set(slow_ms={"probability": 1.0, "ms": 5000, "methods": ["vma"]})
        outside.sources.event("Vind")
        await outside.tick()
        assert ("timeout", 1) == ((await outside.feed("vma")).trouble, len(await outside.cards()))


async def test_nobody_listening_is_a_source_away(outside: Outside) -> None:
    """Connection refused is not an error of ours."""
    await outside.choose(vma_api_url="http://127.0.0.1:9/api/v3")
    outside.sources.event("Vind")
    await outside.tick()
    assert ("ConnectError", 1) == ((await outside.feed("vma")).trouble, len(await outside.cards()))


async def test_a_wrong_address_is_a_source_away(outside: Outside) -> None:
    """Status names what the server said."""
    await outside.choose(smhi_api_url=f"{outside.base}/nowhere")
    await outside.tick()
    assert "HTTP 404" == (await outside.feed("smhi")).trouble


async def test_new_settings_are_asked_for_anew(outside: Outside) -> None:
    """An unchanged answer says nothing about another municipality."""
    outside.sources.alert("Rök.", code="1481")
    await outside.tick()
    await outside.choose(municipality="1481")
    await outside.tick(POLL)
    assert (1, 0) == (len(await outside.cards()), outside.sources.unchanged.count("vma"))


async def test_text_from_outside_survives_the_database(outside: Outside) -> None:
    """Characters no database takes, and more text than anybody reads."""
    outside.sources.alert("Gå\x00 in\ud800omhus <!channel> " + "x" * 50_000)
    await outside.tick()
    found = (await outside.last()).found
    assert found.headline.startswith("Gå in omhus <!channel> xxx")
    assert len(found.text) == 6000


async def test_what_cannot_be_kept_of_one_source_does_not_lose_the_others(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tick does the rest and then says what failed."""
    outside.sources.alert("Gå inomhus.")
    outside.sources.event("Vind")
    kept = keeping.take_in

    async def fails_for_vma(session: AsyncSession, desk: Desk, source: str, reading: Reading, now: datetime) -> int:
        if source == "vma":
            raise RuntimeError("full")
        return await kept(session, desk, source, reading, now)

    monkeypatch.setattr(keeping, "take_in", fails_for_vma)
    with pytest.raises(ExceptionGroup, match="could not be kept"):
        await outside.tick()
    monkeypatch.undo()
    await outside.tick(POLL)
    assert ["smhi", "vma"] == [row.source for row in await outside.rows()]


async def test_a_mistake_of_ours_in_one_reader_does_not_silence_the_others(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a reader trips over, the others are kept in the same tick."""

    def trips(*_: object) -> Reading:
        raise TypeError("what is this")

    monkeypatch.setattr(smhi, "read", trips)
    outside.sources.alert("Gå inomhus.")
    with pytest.raises(ExceptionGroup):
        await outside.tick()
    assert 1 == len(await outside.cards())


async def test_the_log_knows_what_was_heard_and_when(outside: Outside) -> None:
    """Numbers and a keyed hash, no words."""
    made = outside.sources.alert("Gå inomhus.")
    await outside.tick()
    outside.clock.now += timedelta(seconds=5)
    outside.sources.cancel(made)
    await outside.tick(POLL)
    async with outside.desk.db.read() as session:
        entries = (await session.exec(select(log.Entry).order_by(col(log.Entry.seq)))).all()
    assert ["warning.heard", "warning.cancelled"] == [one.action for one in entries]
    assert "inomhus" not in str([one.detail for one in entries])


async def test_what_has_ended_is_forgotten_after_a_month(outside: Outside) -> None:
    """Copies with their originals; what still applies stays."""
    made = outside.sources.alert("Gå inomhus.")
    outside.sources.entry("Viktigt meddelande")
    outside.sources.alert("Koka vattnet.")
    await outside.tick()
    outside.clock.now += timedelta(seconds=5)
    outside.sources.cancel(made)
    outside.sources.entries.clear()
    await outside.tick(POLL)
    async with outside.desk.db.write() as session:
        await keeping.forget(session, outside.clock() + timedelta(days=29))
    assert 3 == len(await outside.rows())
    async with outside.desk.db.write() as session:
        await keeping.forget(session, outside.clock() + timedelta(days=31))
    assert ["Koka vattnet."] == [row.content["headline"] for row in await outside.rows()]


async def test_a_change_of_what_somebody_else_changed_is_refused(outside: Outside) -> None:
    """Compare-and-set by version."""
    outside.sources.alert("Gå inomhus.")
    await outside.tick()
    (stale,) = await outside.rows()
    for expected in (True, False):
        async with outside.desk.db.write() as session:
            row = await warnings.get(session, stale.id or 0)
            assert row is not None
            set_committed_value(row, "version", stale.version)
            assert expected == await warnings.change(session, row, version=stale.version + 1)


def test_the_local_sources_need_no_desk() -> None:
    """They stand for vendors."""
    assert ["alerts", "/vma/api/v3/alerts"] == [Alerts().name, Alerts().routes()[0].path]
