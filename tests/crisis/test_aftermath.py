"""What is left when a message was stopped, replaced, or the crisis is over."""

from datetime import timedelta

import pytest

from bot.channels.message import Message
from bot.crisis import handling, publishing, report
from bot.crisis.board import Fate
from bot.crisis.facts import Kind
from bot.crisis.handling import Touch
from bot.crisis.spread import announcement
from bot.delivery.outcome import Drop
from bot.texts import Texts
from handlers.cards import crisis as cards
from handlers.crisis_render import CrisisRenderer
from storage import bulletins, posts
from storage.posts import Post
from tests import town
from tests.crisis.conftest import SITE, VIDEO, Staff
from tests.test_texts import SV

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PAUSED = "Jag har pausat"
LATER = town.MONDAY + timedelta(hours=9)


async def _announced(staff: Staff, bulletin: int) -> Post:
    """The message stands in a Slack channel."""
    async with staff.desk.db.write() as session:
        row = await bulletins.get(session, bulletin)
        assert row is not None
        pattern = announcement(row, publishing.slack(row.incident_id), staff.clock())
        await posts.add_copies(session, pattern, ["C1"])
        [post] = await posts.of_topic(session, publishing.slack(row.incident_id))
        await posts.move(session, post.id or 0, posts.WAITING, posts.DONE, remote="1.1")
    return post


async def _drawn(staff: Staff, post: Post) -> Message:
    async with staff.desk.db.read() as session:
        kept = await session.get_one(Post, post.id)
        drawn = await CrisisRenderer(staff.desk, Texts.load()).kinds[post.kind](session, kept, SV)
    assert not isinstance(drawn, Drop)
    assert isinstance(drawn, Message)
    return drawn


async def _want(staff: Staff, post: Post) -> int:
    async with staff.desk.db.read() as session:
        return (await session.get_one(Post, post.id)).want


async def test_after_the_end_an_old_announcement_asks_nobody_to_pause(staff: Staff) -> None:
    """While it is on it does."""
    case = await staff.publish()
    post = await _announced(staff, case.id)
    assert PAUSED in str((await _drawn(staff, post)).blocks)
    await staff.publish(Kind.END, incident=case.incident, now="Bra.", next_at=None)
    assert PAUSED not in str((await _drawn(staff, post)).blocks)


async def test_a_stopped_message_leaves_nothing_to_pause_for(staff: Staff) -> None:
    """Its announcements are shown anew at once, without the button."""
    case = await staff.publish()
    post = await _announced(staff, case.id)
    await handling.stop(staff.desk, town.COMMS, case.id, now=staff.clock())
    assert 1 == await _want(staff, post)
    assert PAUSED not in str((await _drawn(staff, post)).blocks)


async def test_a_stopped_update_changes_no_announcement(staff: Staff) -> None:
    """The first message still holds: its words, and its button."""
    case = await staff.publish()
    post = await _announced(staff, case.id)
    before = await _drawn(staff, post)
    update = await staff.publish(Kind.UPDATE, incident=case.incident, news="Tankbil.")
    assert before != await _drawn(staff, post)
    await handling.stop(staff.desk, town.COMMS, update.id, now=staff.clock())
    assert before == await _drawn(staff, post)
    assert 0 == await _want(staff, post)


async def test_what_nobody_did_by_hand_in_time_was_replaced(staff: Staff) -> None:
    """The report asks nobody to do yesterday's text; what still holds is still to be done."""
    case = await staff.publish()
    await staff.publish(Kind.UPDATE, incident=case.incident, news="Tankbil.")
    async with staff.desk.db.read() as session:
        found = await report.read(session, staff.desk, case.incident)
    by_hand = [one.fate for told in found.told for one in told.deliveries if one.channel == "YouTube"]
    assert [Fate.REPLACED, Fate.BY_HAND] == by_hand


async def test_a_text_that_a_newer_one_overtook_is_called_so(staff: Staff) -> None:
    """Nobody stopped it."""
    case = await staff.publish()
    await staff.publish(Kind.UPDATE, incident=case.incident, news="Tankbil.")
    async with staff.desk.db.read() as session:
        found = await report.read(session, staff.desk, case.incident)
    first = {one.channel: one.fate for one in found.told[0].deliveries}
    assert Fate.REPLACED is first["X"]


async def test_a_promise_that_nobody_got_is_none(staff: Staff) -> None:
    """The one before it holds again; of a first message none."""
    case = await staff.publish()
    promised = (await staff.board(case.incident)).incident.next_at
    async with staff.at_work():
        await staff.until(case.incident, webben=Fate.CONFIRMED)
    update = await staff.publish(Kind.UPDATE, incident=case.incident, news="Tankbil.", next_at=LATER)
    assert LATER == (await staff.board(case.incident)).incident.next_at
    await handling.stop(staff.desk, town.COMMS, update.id, now=staff.clock())
    assert promised == (await staff.board(case.incident)).incident.next_at
    first = await staff.publish()
    await handling.stop(staff.desk, town.COMMS, first.id, now=staff.clock())
    shown = cards.Incident(SV, await staff.board(first.incident), SITE).message()
    assert "Nästa besked" not in shown.text


async def test_a_promise_that_somebody_read_still_binds(staff: Staff) -> None:
    """On the website, or by hand: the time stands until the next message."""
    for reached in ("site", "hand"):
        case = await staff.publish(next_at=LATER)
        if reached == "hand":
            await handling.done_by_hand(staff.desk, Touch(case.id, VIDEO, town.COMMS2), now=staff.clock())
        else:
            async with staff.at_work(SITE):
                await staff.until(case.incident, webben=Fate.CONFIRMED)
        await handling.stop(staff.desk, town.COMMS, case.id, now=staff.clock())
        assert LATER == (await staff.board(case.incident)).incident.next_at
