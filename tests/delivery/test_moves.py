"""The transition table of a post, move by move, on both databases."""

import itertools

import pytest

from storage import posts
from tests.delivery.conftest import Desk

ALLOWED = {
    ("waiting", "sending"),
    ("waiting", "dropped"),
    ("waiting", "refused"),
    ("waiting", "done"),
    ("sending", "done"),
    ("sending", "waiting"),
    ("sending", "refused"),
    ("sending", "unknown"),
    ("unknown", "done"),
    ("unknown", "waiting"),
    ("unknown", "asking"),
    ("asking", "done"),
    ("asking", "waiting"),
    ("done", "waiting"),
    ("refused", "waiting"),
}
STATES = ("waiting", "sending", "unknown", "asking", "done", "refused", "dropped")


async def _in(desk: Desk, state: str) -> int:
    """A post that is in a state; the table's own constraint lets it be put there."""
    post = await desk.send("C1", f"in {state}")
    async with desk.db.write() as session:
        row = await session.get_one(posts.Post, post.id)
        row.state = state
    return post.id or 0


async def test_every_move_is_allowed_or_forbidden_as_the_table_says(desk: Desk) -> None:
    """All 49 pairs: a listed one changes the row, any other raises and changes nothing."""
    for before, after in itertools.product(STATES, STATES):
        post_id = await _in(desk, before)
        async with desk.db.write() as session:
            if (before, after) in ALLOWED:
                assert await posts.move(session, post_id, before, after), (before, after)
            else:
                with pytest.raises(posts.ForbiddenMove):
                    await posts.move(session, post_id, before, after)
        async with desk.db.read() as session:
            row = await session.get_one(posts.Post, post_id)
            assert row.state == (after if (before, after) in ALLOWED else before)


async def test_a_move_from_where_the_post_no_longer_is_does_nothing(desk: Desk) -> None:
    """Compare-and-set: the second of two who saw it waiting gets False."""
    post = await desk.send("C1", "once")
    async with desk.db.write() as session:
        assert await posts.move(session, post.id or 0, "waiting", "sending", owner="a")
    async with desk.db.write() as session:
        assert not await posts.move(session, post.id or 0, "waiting", "sending", owner="b")
        assert not await posts.move(session, post.id or 0, "sending", "done", held_by="b")
        assert await posts.move(session, post.id or 0, "sending", "done", held_by="a", remote="1.0")
    row = await desk.post(post)
    assert (row.state, row.owner, row.remote) == ("done", "a", "1.0")
