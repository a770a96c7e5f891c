"""Taking turns: what the clock sets off goes a few at once, so that whoever waits at a form gets a turn too."""

import asyncio
from collections.abc import Awaitable, Iterable

BESIDE = 3  # at once, unless something says otherwise


async def in_turns(works: Iterable[Awaitable[object]], complaint: str, at_once: int = BESIDE) -> None:
    """Await them all, so many at once; one that fails does not hold up the others.

    Raises ExceptionGroup with that complaint, after all the others, for those that failed.
    """
    gate = asyncio.Semaphore(at_once)

    async def turn(work: Awaitable[object]) -> None:
        async with gate:
            await work

    ended = await asyncio.gather(*(turn(one) for one in works), return_exceptions=True)
    if failed := [one for one in ended if isinstance(one, Exception)]:
        raise ExceptionGroup(complaint, failed)
