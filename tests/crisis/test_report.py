"""The report of an incident: everything that happened, from the rows."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.crisis import handling, report, watching
from bot.crisis.board import Fate
from bot.crisis.facts import Kind
from bot.crisis.handling import Touch
from bot.crisis.journal import write_down
from bot.errors import Refused
from bot.sandbox import blocks
from handlers.cards import crisis_report as cards
from handlers.crisis_life import LifeRenderer
from storage import log
from tests import town
from tests.crisis.conftest import FACEBOOK, SIGN, SITE, VIDEO, Staff, X
from tests.test_texts import EN, SV

MINUTE = timedelta(minutes=1)
JOURNALIST = "Reportern Lisa ringde"


async def _lived(staff: Staff) -> int:
    """A whole incident: published, paused, watched, updated and stopped, ended. Its number."""
    case = await staff.publish()
    async with staff.at_work():
        settled = {SITE: Fate.CONFIRMED, FACEBOOK: Fate.CONFIRMED, X: Fate.CONFIRMED, SIGN: Fate.ACCEPTED}
        await staff.until(case.incident, **settled)
        await handling.done_by_hand(staff.desk, Touch(case.id, VIDEO, town.COMMS2), now=staff.clock())
        await handling.paused(staff.desk, town.HEAD, case.incident, now=staff.clock())
        await watching.watch(staff.desk, town.COMMS2, case.incident, now=staff.clock())
        await write_down(staff.desk, town.COMMS, case.incident, JOURNALIST, now=staff.clock())
    staff.clock.now += MINUTE
    update = await staff.publish(Kind.UPDATE, incident=case.incident, news="Tankbil på torget.")
    await handling.stop(staff.desk, town.COMMS, update.id, now=staff.clock())
    await staff.publish(Kind.END, incident=case.incident, next_at=None)
    return case.incident


async def _report(staff: Staff, incident: int) -> report.Report:
    async with staff.desk.db.read() as session:
        return await report.read(session, staff.desk, incident)


async def test_everything_that_happened_is_in_it(staff: Staff) -> None:
    """In order: who did what, what every channel made of it, who paused."""
    found = await _report(staff, await _lived(staff))
    assert [
        "bulletin.submitted",
        "bulletin.approve",
        "delivery.hand_done",
        "incident.watched",
        "bulletin.submitted",
        "bulletin.approve",
        "bulletin.stop",
        "bulletin.submitted",
        "bulletin.approve",
    ] == [one.what for one in found.events]
    assert [("first", "approved"), ("update", "stopped"), ("end", "approved")] == [
        (one.kind, one.state) for one in found.told
    ]
    assert ("Kommunikatör ett", "Kommunikationschef") == (found.told[0].by, found.told[0].decided_by)
    assert [("Enhetschef biblioteket", 1)] == [(who, 1) for who, _ in found.paused]
    assert 1 == found.notes


async def test_each_delivery_has_its_times(staff: Staff) -> None:
    """Sent, read back where that is possible, by hand with a name."""
    first, update, _ = (await _report(staff, await _lived(staff))).told
    by_name = {one.channel: one for one in first.deliveries}
    site, sign, video = (by_name[name] for name in ("Webbplatsen", "Infartsskylten", "YouTube"))
    assert site.sent
    assert site.seen
    assert site.sent <= site.seen
    assert (Fate.ACCEPTED, None) == (sign.fate, sign.seen)
    assert (Fate.DONE_BY_HAND, "Kommunikatör två") == (video.fate, video.person)
    assert {Fate.STOPPED} == {one.fate for one in update.deliveries}
    assert [None] * 5 == [one.sent for one in update.deliveries]


async def test_it_reads_well_and_says_nothing_of_the_media(staff: Staff) -> None:
    """The lines that matter; the crisis log's words are counted, never quoted. As Slack takes it."""
    found = await _report(staff, await _lived(staff))
    said = "\n".join(cards.plain(SV, found))
    for words in (
        "Rapport. Krisläge: Dricksvatten, Centrum",
        "Kommunikationschef godkände Första beskedet måndag 23 november kl. 10.00",
        "Kommunikatör två vakar från",
        "Webbplatsen: Syns, skickat måndag 23 november",
        "YouTube: Gjord för hand av Kommunikatör två",
        "Stoppat av Kommunikatör ett",
        "1 rad i krisloggen. 1 person pausade.",
        "Enhetschef biblioteket måndag 23 november",
    ):
        assert words in said
    assert "Lisa" not in said
    for speak in (SV, EN):
        assert [] == list(blocks.check_view(cards.view(speak, found)))
        assert [] == list(blocks.check_message({"blocks": cards.summary(speak, found).blocks}))


async def test_a_long_report_is_cut_to_what_slack_takes(staff: Staff) -> None:
    """A crisis of weeks."""
    incident = (await staff.publish()).incident
    async with staff.desk.db.write() as session:
        for number in range(300):
            case, at = f"incident:{incident}", staff.clock() + number * MINUTE
            await log.append(session, case=case, at=at, actor=town.COMMS, action="delivery." + "x" * 50)
    found = await _report(staff, incident)
    long = replace(found, events=found.events * 40)
    assert [] == list(blocks.check_view(cards.view(SV, long)))


async def test_an_act_the_report_does_not_know_is_still_a_line(staff: Staff) -> None:
    """Better a bare word than no report."""
    incident = (await staff.publish()).incident
    async with staff.desk.db.write() as session:
        case = f"incident:{incident}"
        await log.append(session, case=case, at=staff.clock(), actor=town.COMMS, action="delivery.juggled")
    assert any(
        "delivery.juggled: Kommunikatör ett" in one for one in cards.plain(SV, await _report(staff, incident))
    )


async def test_it_comes_into_the_thread_once_it_is_over(staff: Staff) -> None:
    """Once, whatever the clock does; and follows the last deliveries."""
    case = await staff.publish()
    await report.tick(staff.desk, staff.clock())
    assert [] == await staff.rows(report.REPORT)
    await staff.publish(Kind.END, incident=case.incident, next_at=None)
    for _ in range(3):
        await report.tick(staff.desk, staff.clock())
    [post] = await staff.rows(report.REPORT)
    assert (town.CHANNEL, True, True) == (post.dest, post.thread_id is not None, post.card)
    async with staff.desk.db.read() as session:
        drawn: Any = await LifeRenderer(staff.desk).kinds[post.kind](session, post, SV)
    assert "2 meddelanden gick ut." in drawn.text


async def test_a_desk_that_slept_for_days_says_nothing_of_old_incidents(staff: Staff) -> None:
    """Two days afterwards people have moved on; /kris rapport still shows it."""
    case = await staff.publish()
    await staff.publish(Kind.END, incident=case.incident, next_at=None)
    staff.clock.now += report.KEEP
    await report.tick(staff.desk, staff.clock())
    assert [] == await staff.rows(report.REPORT)
    assert case.incident == (await report.shown(staff.desk, town.COMMS, None, now=staff.clock())).incident.id


async def test_who_reads_it(staff: Staff) -> None:
    """Those who run crisis mode; and there has to be one."""
    with pytest.raises(Refused, match=r"report\.none"):
        await report.shown(staff.desk, town.COMMS, None, now=staff.clock())
    case = await staff.publish()
    with pytest.raises(Refused, match=r"err\.right"):
        await report.shown(staff.desk, town.HEAD, case.incident, now=staff.clock())
    with pytest.raises(Refused, match=r"crisis\.unknown"):
        await report.shown(staff.desk, town.COMMS, 999, now=staff.clock())
