"""Updating and removing what stands, waiting for a gate, and reading back."""

from datetime import timedelta

import pytest

from bot.channels.errors import Gone, NotSent, Refused, Unknown
from bot.channels.message import Message
from bot.delivery.outbox import Gate
from storage import posts
from storage.posts import Post
from tests.delivery.conftest import Desk
from tests.delivery.vendor import StoredThen


async def _done(desk: Desk, text: str = "first") -> Post:
    return await desk.becomes(await desk.send("C1", text), "done")


@pytest.mark.parametrize("verb", [posts.UPDATE, posts.REMOVE])
async def test_what_stands_is_changed_and_not_posted_anew(desk: Desk, verb: str) -> None:
    """An update and a removal are rows of their own, done to the thread's first message."""
    async with desk.at_work():
        first = await _done(desk)
        await desk.becomes(await desk.send("C1", "second", thread=first, verb=verb), "done")
    left = {posts.UPDATE: ["second"], posts.REMOVE: []}[verb]
    assert left == desk.vendor.texts("C1")
    assert ["send C1", f"{verb} C1"] == desk.vendor.asked


async def test_an_update_waits_until_the_first_message_is_there(desk: Desk) -> None:
    """Whatever the first one has to go through."""
    desk.vendor.answers.extend([NotSent("refused"), Unknown("lost on the way there")])
    first = await desk.send("C1", "first")
    second = await desk.send("C1", "second", thread=first, verb=posts.UPDATE)
    async with desk.at_work():
        await desk.becomes(second, "done")
    assert ["second"] == desk.vendor.texts("C1")


@pytest.mark.parametrize("verb", [posts.UPDATE, posts.REMOVE])
async def test_a_lost_answer_to_what_may_be_repeated_is_asked_for_again(desk: Desk, verb: str) -> None:
    """No looking, no asking: doing it twice changes nothing."""
    async with desk.at_work():
        first = await _done(desk)
        desk.vendor.update_answers.extend([Unknown("lost"), NotSent("refused")])
        row = await desk.becomes(await desk.send("C1", "second", thread=first, verb=verb), "done")
    assert 3 == row.tries
    assert [f"{verb} C1"] * 3 == desk.vendor.asked[1:]


@pytest.mark.parametrize("error", [Gone("message_not_found"), Refused("cant_update_message")])
async def test_what_cannot_be_changed_is_told(desk: Desk, error: Gone | Refused) -> None:
    """A person decides what to do instead."""
    async with desk.at_work():
        first = await _done(desk)
        desk.vendor.update_answers.append(error)
        row = await desk.becomes(await desk.send("C1", "second", thread=first, verb=posts.UPDATE), "refused")
    assert str(error) == row.reason


async def test_a_repeatable_post_of_a_dead_sender_is_sent_again(desk: Desk) -> None:
    """Nobody needs to look for an update."""
    async with desk.at_work():
        first = await _done(desk)
    second = await desk.send("C1", "second", thread=first, verb=posts.UPDATE)
    async with desk.db.write() as session:
        await posts.move(session, second.id or 0, "waiting", "sending", owner="dead", tries=1)
    async with desk.at_work():
        await desk.becomes(second, "done")
    assert 0 == sum(asked.startswith("find") for asked in desk.vendor.asked)


async def test_a_platform_that_knows_its_keys_gets_a_lost_post_again(desk: Desk) -> None:
    """The vendor promises that a key counts once."""
    desk.vendor.idempotent = True
    desk.vendor.answers.append(Unknown("lost on the way there"))
    async with desk.at_work():
        await _done(desk)
    assert ["send C1", "send C1"] == desk.vendor.asked


async def test_nothing_goes_before_the_gate_is_there(desk: Desk) -> None:
    """The others wait for the website however long it takes."""
    desk.vendor.by_place["C1"] = NotSent("refused")
    gate = await desk.send("C1", "website")
    other = await desk.send("C2", "other", after=Gate(gate.id or 0))
    async with desk.at_work():
        await desk.until(gate, lambda row: row.tries > 2)
        assert ("waiting", 0) == ((await desk.post(other)).state, (await desk.post(other)).tries)
        del desk.vendor.by_place["C1"]
        await desk.becomes(other, "done")
    assert ["website", "other"] == [one.text for one in desk.vendor.stored]


async def test_a_gate_is_waited_for_no_longer_than_was_allowed(desk: Desk) -> None:
    """The approver let the others go on after so many seconds."""
    desk.vendor.by_place["C1"] = NotSent("refused")
    gate = await desk.send("C1", "website")
    until = desk.clock() + timedelta(seconds=30)
    other = await desk.send("C2", "other", after=Gate(gate.id or 0, until))
    async with desk.at_work():
        await desk.until(gate, lambda row: row.tries > 2)
        assert 0 == (await desk.post(other)).tries
        desk.clock.push(30)
        await desk.becomes(other, "done")
    assert ["other"] == [one.text for one in desk.vendor.stored]


async def test_what_was_sent_is_read_back(desk: Desk) -> None:
    """Seen means that a look found it."""
    desk.vendor.late_looks = 1
    async with desk.at_work():
        row = await desk.until(await desk.send("C1", "x", readback=True), lambda row: row.seen is not None)
    assert ("done", False) == (row.state, row.readback)


@pytest.mark.parametrize("blind", [True, False])
async def test_what_does_not_show_stays_sent(desk: Desk, blind: bool) -> None:
    """Accepted is the last word where nobody can look, or where looking finds nothing."""
    desk.vendor.blind = blind
    desk.vendor.late_looks = 99
    async with desk.at_work():
        row = await desk.until(
            await desk.send("C1", "x", readback=True), lambda row: row.remote is not None and not row.readback
        )
    assert ("done", None) == (row.state, row.seen)
    assert 1 == len(desk.vendor.stored)


async def test_a_watching_card_is_shown_anew_whenever_the_post_moves(desk: Desk) -> None:
    """The board follows what it watches."""
    desk.says["board"] = lambda post: Message(f"want {post.want}")
    async with desk.at_work():
        board = await desk.becomes(await desk.send("C9", "board", kind="board", card=True), "done")
        await desk.becomes(await desk.send("C1", "x", watch="board"), "done")
        row = await desk.until(board, lambda row: row.want > 0 and row.shown == row.want)
    assert 1 == row.want


async def test_a_removal_that_is_owed_is_never_replaced(desk: Desk) -> None:
    """A newer text of the same topic waits its turn: what was to be taken away does not stay up."""
    async with desk.at_work():
        first = await _done(desk)
    removal = await desk.send("C1", "away", topic="case", seq=1, thread=first, verb=posts.REMOVE)
    newer = await desk.send("C1", "newer", topic="case", seq=2)
    async with desk.at_work():
        for one in (removal, newer):
            await desk.becomes(one, "done")
    assert ["newer"] == desk.vendor.texts("C1")


async def test_what_may_stand_there_already_is_never_replaced(desk: Desk) -> None:
    """Where sending again changes nothing it is sent again; then the desk knows where it stands."""
    desk.vendor.idempotent = True
    desk.vendor.answers.append(StoredThen(Unknown("lost on the way back")))
    async with desk.at_work(park_s=0.5):
        older = await desk.send("C1", "older", topic="case", seq=1)
        await desk.until(older, lambda row: row.reason == "answer lost")
        newer = await desk.send("C1", "newer", topic="case", seq=2)
        for one in (older, newer):
            await desk.becomes(one, "done")
    assert ["older", "newer"] == list(dict.fromkeys(desk.vendor.texts("C1")))
