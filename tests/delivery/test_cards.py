"""Cards: rendered from the database each time, newest wins, idempotent."""

import asyncio

import pytest

from bot.channels.errors import Gone, NotSent, Refused, Throttled, TokenDead
from bot.channels.message import Message
from bot.delivery import outbox
from bot.delivery.outcome import Drop, Later
from storage.posts import Post
from tests.delivery.conftest import Desk
from tests.delivery.vendor import LOST


async def test_a_card_is_rendered_anew_at_each_sending(desk: Desk) -> None:
    """Want above shown: rendered from the database, newest wins, several changes become one."""
    words = ["created"]
    desk.says["card"] = lambda post: Message(words[-1])
    card = await desk.send("C1", topic="case/1", kind="card", card=True)
    async with desk.at_work(card_interval_s=300):
        await desk.becomes(card, "done")
        for word in ("approved by one", "approved by two", "approved"):
            words.append(word)
            async with desk.db.write() as session:
                await outbox.follow(session, "case/1")
        await desk.becomes(await desk.send("C2", "other"), "done")
        assert (await desk.post(card)).shown == 0
        desk.clock.push(301)
        row = await desk.until(card, lambda row: row.shown == row.want)
    assert row.want == 3
    assert desk.vendor.stored[0].texts == ["created", "approved"]


async def test_changes_before_the_card_was_sent_need_no_second_showing(desk: Desk) -> None:
    """It is rendered as of the moment it goes out."""
    card = await desk.send("C1", topic="case/1", kind="card", card=True)
    async with desk.db.write() as session:
        await outbox.follow(session, "case/1")
    async with desk.at_work():
        row = await desk.becomes(card, "done")
        await asyncio.sleep(0.1)
    assert (row.want, row.shown) == (1, 1)
    assert desk.vendor.asked == ["send C1"]


async def test_a_card_whose_message_is_gone_is_posted_anew(desk: Desk) -> None:
    """Somebody deleted it; new lines go under the new one."""
    card = await desk.send("C1", "card", topic="case/1", kind="card", card=True)
    desk.vendor.update_answers.append(Gone("message_not_found"))
    async with desk.at_work():
        await desk.becomes(card, "done")
        async with desk.db.write() as session:
            await outbox.follow(session, "case/1")
        again = await desk.until(card, lambda row: row.remote == "2.0")
        await desk.becomes(await desk.send("C1", "line", thread=card), "done")
    assert (again.state, again.want, again.shown) == ("done", 1, 1)
    assert desk.vendor.stored[2].thread == "2.0"


@pytest.mark.parametrize("error", [LOST, Throttled(0.05), NotSent("down"), TokenDead("token_revoked")])
async def test_a_card_that_could_not_be_shown_is_shown_later(desk: Desk, error: Exception) -> None:
    """Updating is idempotent: whatever happened, it is sent again."""
    card = await desk.send("C1", "card", topic="case/1", kind="card", card=True)
    desk.vendor.update_answers.append(error)  # type: ignore[arg-type]
    async with desk.at_work():
        await desk.becomes(card, "done")
        async with desk.db.write() as session:
            await outbox.follow(session, "case/1")
        await desk.until(card, lambda row: row.shown == 1)
    assert desk.vendor.asked == ["send C1", "update C1", "update C1"]


async def test_a_card_that_may_not_be_changed_is_left_until_the_next_change(desk: Desk) -> None:
    """The reason stands in its row; the next change asks again."""
    card = await desk.send("C1", "card", topic="case/1", kind="card", card=True)
    desk.vendor.update_answers.append(Refused("is_archived"))
    async with desk.at_work():
        await desk.becomes(card, "done")
        async with desk.db.write() as session:
            await outbox.follow(session, "case/1")
        row = await desk.until(card, lambda row: row.shown == 1)
        assert row.reason == "not updated: is_archived"
        async with desk.db.write() as session:
            await outbox.follow(session, "case/1")
        row = await desk.until(card, lambda row: row.shown == 2)
    assert row.reason is None


async def test_a_card_that_cannot_be_rendered_keeps_what_it_shows(desk: Desk) -> None:
    """And is shown once it can be."""
    broken = False

    def render(post: Post) -> Message:
        if broken:
            raise ValueError
        return Message("card")

    desk.says["card"] = render
    card = await desk.send("C1", topic="case/1", kind="card", card=True)
    async with desk.at_work() as room:
        await desk.becomes(card, "done")
        broken = True
        async with desk.db.write() as session:
            await outbox.follow(session, "case/1")
        await desk.until(card, lambda row: row.reason is not None)
        assert card.id in (await room.state()).parked
        broken = False
        row = await desk.until(card, lambda row: row.shown == 1)
    assert row.reason is None


@pytest.mark.parametrize("later", [True, False])
async def test_a_card_with_nothing_to_show_stands_as_it_is(desk: Desk, later: bool) -> None:
    """Drop leaves it, Later asks again; neither takes the message away."""
    card = await desk.send("C1", "card", topic="case/1", kind="card", card=True)
    async with desk.at_work():
        await desk.becomes(card, "done")
        until = desk.clock()
        desk.says["card"] = lambda post: Later(until) if later else Drop("nothing new")
        async with desk.db.write() as session:
            await outbox.follow(session, "case/1")
        if later:
            await desk.until(card, lambda row: row.due > until)
            desk.says["card"] = lambda post: Message("new")
        row = await desk.until(card, lambda row: row.shown == 1)
    assert row.state == "done"
    assert desk.vendor.texts("C1") == ["new" if later else "card"]
