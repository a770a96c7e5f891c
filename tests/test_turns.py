"""Taking turns."""

import asyncio

import pytest

from bot.turns import in_turns


async def test_a_few_at_once_and_all_in_the_end() -> None:
    """Never more than asked for beside each other; whoever fails is told of after the others."""
    beside, most, done = 0, 0, []

    async def work(number: int) -> None:
        nonlocal beside, most
        beside, most = beside + 1, max(most, beside + 1)
        await asyncio.sleep(0)
        beside -= 1
        if number == 2:
            raise ValueError(number)
        done.append(number)

    with pytest.raises(ExceptionGroup, match="did not go well") as failed:
        await in_turns((work(one) for one in range(7)), "did not go well", at_once=3)
    assert ([0, 1, 3, 4, 5, 6], 3) == (sorted(done), most)
    assert [(2,)] == [one.args for one in failed.value.exceptions]


async def test_whoever_stops_the_desk_stops_them_all() -> None:
    """Being cancelled is no failure to be told of."""
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(in_turns([asyncio.Event().wait()], "never"), 0.01)
