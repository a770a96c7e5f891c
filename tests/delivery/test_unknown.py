"""Lost answers: look first, never send blindly, ask a person where nobody can look."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.channels.errors import Throttled
from bot.delivery import outbox
from storage import posts
from tests.delivery.conftest import Desk
from tests.delivery.vendor import LOST, StoredThen


async def test_a_post_that_arrived_although_the_answer_was_lost_is_found_and_not_sent_again(
    desk: Desk,
) -> None:
    """The finder sees the delivery id; the remote id is known, and replies go under it."""
    desk.vendor.answers.append(StoredThen(LOST))
    card = await desk.send("C1", "card", kind="card", card=True)
    line = await desk.send("C1", "line", thread=card)
    async with desk.at_work():
        await desk.becomes(line, "done")
    assert desk.vendor.texts("C1") == ["card", "line"]
    assert desk.vendor.asked == ["send C1", "find C1", "send C1"]


async def test_a_post_that_did_not_arrive_is_sent_again_after_three_empty_looks(desk: Desk) -> None:
    """History may lag; one empty look proves nothing."""
    desk.vendor.answers.append(LOST)
    post = await desk.send("C1", "x")
    async with desk.at_work():
        await desk.becomes(post, "done")
    assert desk.vendor.asked == ["send C1", "find C1", "find C1", "find C1", "send C1"]


async def test_a_message_that_shows_late_is_found_by_a_later_look(desk: Desk) -> None:
    """Two looks come too early, the third sees it."""
    desk.vendor.answers.append(StoredThen(LOST))
    desk.vendor.late_looks = 2
    post = await desk.send("C1", "x")
    async with desk.at_work():
        await desk.becomes(post, "done")
    assert desk.vendor.asked == ["send C1", "find C1", "find C1", "find C1"]


async def test_a_throttled_look_is_no_empty_look(desk: Desk) -> None:
    """It is simply made later."""
    desk.vendor.answers.append(StoredThen(LOST))
    found, throttled = desk.vendor.find, [True]

    async def find(*args: object) -> str | None:
        if throttled:
            throttled.pop()
            raise Throttled(0.05)
        return await found(*args)  # type: ignore[arg-type]

    desk.vendor.find = find  # type: ignore[method-assign]
    post = await desk.send("C1", "x")
    async with desk.at_work():
        await desk.until(post, lambda row: row.state == "done" and row.looks == 0, 15)
    assert desk.vendor.texts("C1") == ["x"]


@pytest.mark.parametrize("there", [True, False])
async def test_where_nobody_can_look_a_person_is_asked(desk: Desk, there: bool) -> None:
    """Their answer settles it: there, and it is done; not there, and it is sent again."""
    desk.vendor.answers.append(StoredThen(LOST) if there else LOST)
    desk.vendor.blind = True
    post = await desk.send("C1", "x")
    async with desk.at_work() as room:
        row = await desk.becomes(post, "asking")
        assert row.reason == "not_in_channel"
        assert [one.id for one in (await room.state()).asking] == [post.id]
        async with desk.db.write() as session:
            assert await outbox.answer(session, post.id or 0, there, desk.clock())
        await desk.becomes(post, "done")
    assert desk.vendor.texts("C1") == ["x"]
    assert desk.vendor.asked.count("send C1") == (1 if there else 2)


async def test_an_answer_to_a_question_nobody_asked_changes_nothing(desk: Desk) -> None:
    """Two people answer: the second is told by False."""
    post = await desk.send("C1", "x")
    async with desk.db.write() as session:
        assert not await outbox.answer(session, post.id or 0, True, desk.clock())
    assert (await desk.post(post)).state == "waiting"


async def test_replies_under_a_message_only_a_person_saw_are_dropped(desk: Desk) -> None:
    """Its id is unknown, so there is no thread to stand in; they do not wait for ever."""
    desk.vendor.answers.append(StoredThen(LOST))
    desk.vendor.blind = True
    card = await desk.send("C1", "card", kind="card", card=True)
    line = await desk.send("C1", "line", thread=card)
    async with desk.at_work():
        await desk.becomes(card, "asking")
        async with desk.db.write() as session:
            await outbox.answer(session, card.id or 0, True, desk.clock())
        assert (await desk.becomes(line, "dropped")).reason == "thread refused"


async def test_what_a_former_sender_left_behind_is_looked_for(desk: Desk) -> None:
    """A killed process leaves rows that say they are being sent; nobody knows whether they were."""
    post = await desk.send("C1", "x")
    async with desk.db.write() as session:
        await posts.move(
            session, post.id or 0, "waiting", "sending", owner="dead", place="C1", started=desk.clock()
        )
    with capture_logs() as logs:
        async with desk.at_work():
            await desk.becomes(post, "done")
    assert desk.vendor.asked == ["find C1", "find C1", "find C1", "send C1"]
    assert "post_unknown" in [entry["action"] for entry in logs]


async def test_the_finder_looks_back_to_the_first_try(desk: Desk) -> None:
    """An answer may be lost twice; what the first try left must not be overlooked."""
    seen = []

    async def find(place: str, thread: str | None, key: str, since: object, message: object) -> None:
        seen.append(since)

    desk.vendor.find = find  # type: ignore[method-assign,assignment]
    desk.vendor.answers.extend([LOST, LOST])
    post = await desk.send("C1", "x")
    async with desk.at_work():
        await desk.becomes(post, "unknown")
        started = (await desk.post(post)).started
        await desk.becomes(post, "done")
    assert len(seen) == 6
    assert started is not None
    assert set(seen) == {started - timedelta(minutes=2)}


async def test_a_card_only_a_person_saw_is_not_shown_anew(desk: Desk) -> None:
    """Its id is unknown, so there is nothing to change; and nothing breaks."""
    desk.vendor.answers.append(StoredThen(LOST))
    desk.vendor.blind = True
    card = await desk.send("C1", "card", topic="case/1", kind="card", card=True)
    async with desk.at_work() as room:
        await desk.becomes(card, "asking")
        async with desk.db.write() as session:
            await outbox.answer(session, card.id or 0, True, desk.clock())
            await outbox.follow(session, "case/1")
        await desk.becomes(await desk.send("C2", "other"), "done")
        assert (await room.state()).parked == {}
    assert desk.vendor.asked == ["send C1", "find C1", "send C2"]
