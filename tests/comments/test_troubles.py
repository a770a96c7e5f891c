"""Channels whose comments are not read: told once to who can mend it, shown by status, and over when mended."""

from dataclasses import replace
from typing import Any

import pytest

from bot.channels.errors import ChannelError, Refused, TokenDead, Unknown
from bot.comments import troubles
from bot.comments.polling import Polls
from bot.crisis import pings
from bot.crisis.pings import Answer, Fault
from bot.delivery.outcome import Drop
from handlers.unread import UnreadRenderer
from storage import arrivals
from storage.arrivals import Arrival
from storage.posts import Post
from tests import town
from tests.comments.conftest import CHANNEL, OUTLET, Desks
from tests.comments.test_polling import Told, wall
from tests.digest.conftest import SV


@pytest.fixture
def led(here: Desks) -> Desks:
    """Somebody is responsible for the channel."""
    here.desk = replace(here.desk, outlets=(replace(OUTLET, responsible=town.COMMS),))
    return here


async def look(here: Desks, told: Told, times: int = 1) -> None:
    for _ in range(times):
        await Polls([told]).tick(here.desk, here.clock())
        here.later(hours=1)


async def said(here: Desks) -> list[str]:
    async with here.desk.db.read() as session:
        return [one.key for one in await troubles.troubles(session, here.desk, here.clock())]


async def drawn(here: Desks, post: Post, *, stands: bool = True) -> Any:
    post.remote = "1.1" if stands else None
    async with here.desk.db.read() as session:
        return await UnreadRenderer(here.desk).kinds[post.kind](session, post, SV)


@pytest.mark.parametrize(
    ("error", "key"),
    [(TokenDead("expired"), "status.unread.token"), (Refused("missing_permission"), "status.unread.refused")],
)
async def test_what_somebody_must_mend_is_told_once(led: Desks, error: ChannelError, key: str) -> None:
    """Once for the outage, to the responsible; the message says when it is over; the next is told anew."""
    told = Told(wall=wall(3), error=error)
    await look(led, told, 3)
    [post] = await led.owed(troubles.KIND)
    assert (town.COMMS, [key]) == (post.dest, await said(led))
    assert (await drawn(led, post)).text.startswith("Facebook: ")
    told.error = None
    await look(led, told)
    assert [] == await said(led)
    assert "Facebook: kommentarerna läses igen. Det som kom under tiden är hämtat." == (await drawn(led, post)).text
    [shown] = await led.owed(troubles.KIND)
    assert shown.want > post.want
    told.error = error
    await look(led, told, 2)
    assert 2 == len(await led.owed(troubles.KIND))


async def test_what_was_over_before_it_was_told_is_not_told(led: Desks) -> None:
    """A message that has not gone out is dropped."""
    told = Told(error=TokenDead("expired"))
    await look(led, told)
    [post] = await led.owed(troubles.KIND)
    told.error = None
    await look(led, told)
    assert isinstance(await drawn(led, post, stands=False), Drop)


async def test_without_a_responsible_the_department_hears_of_it(here: Desks) -> None:
    """In its channel."""
    await look(here, Told(error=TokenDead("expired")))
    assert [town.CHANNEL] == [one.dest for one in await here.owed(troubles.KIND)]


async def test_silence_is_shown_when_it_lasts_and_told_nobody(led: Desks) -> None:
    """It may pass by itself."""
    told = Told(error=Unknown("timeout"))
    await Polls([told]).tick(led.desk, led.clock())
    assert [] == await said(led)
    led.later(hours=1)
    await Polls([told]).tick(led.desk, led.clock())
    assert (["status.unread.away"], []) == (await said(led), await led.owed(troubles.KIND))


async def test_a_dead_token_is_told_of_once_whoever_finds_it(led: Desks) -> None:
    """The daily question at the door has told the same person already."""
    async with led.desk.db.write() as session:
        dead = Answer(Fault.TOKEN, "expired")
        await pings.keep(session, led.desk, CHANNEL, None, dead, led.clock())
    await look(led, Told(error=TokenDead("expired")))
    assert (1, 0) == (len(await led.owed(pings.KIND)), len(await led.owed(troubles.KIND)))


async def test_arrivals_nobody_understood_are_counted(here: Desks) -> None:
    """Those of the last week, by channel."""
    for number, days in enumerate((1, 2, 9)):
        async with here.desk.db.write() as session:
            digest = str(number)
            row = Arrival(source=CHANNEL, digest=digest, body="{", received=here.clock(), state=arrivals.ODD)
            row.received = here.clock().replace(day=here.clock().day - days)
            session.add(row)
    async with here.desk.db.read() as session:
        [found] = await troubles.troubles(session, here.desk, here.clock())
    assert ("status.odd", {"channel": "Facebook", "n": 2}) == (found.key, found.values)
