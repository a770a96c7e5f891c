"""Polling: cursors that survive, a dead token that stops one account only, and catching up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from bot.channels.conversation import Page
from bot.channels.errors import ChannelError, Throttled, TokenDead, Unknown
from bot.channels.heard import Heard, Verb
from bot.channels.protocol import Can, Sent
from bot.comments.polling import Polls
from bot.comments.states import State
from storage import polls
from storage.polls import Poll
from tests.comments.conftest import CHANNEL, POST, Desks


@dataclass
class Told:
    """A platform that says what it is told to say, a page at a time, and remembers how it was asked."""

    name: str = CHANNEL
    lag: float = 0.0
    can: frozenset[Can] = frozenset({Can.COMMENTS})
    wall: list[Heard] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    error: ChannelError | None = None
    size: int = 2

    async def comments(self, cursor: Mapping[str, Any]) -> Page:
        start = int(cursor.get("at", 0))
        self.asked.append(start)
        if self.error:
            raise self.error
        end = start + self.size
        return Page(self.wall[start:end], {"at": min(end, len(self.wall))}, more=end < len(self.wall))

    async def reply(self, remote: str, text: str, key: str) -> Sent:
        raise NotImplementedError

    async def find_reply(self, remote: str, text: str, key: str, since: Any) -> Sent | None:
        raise NotImplementedError

    async def hide(self, remote: str, *, hidden: bool) -> None:
        raise NotImplementedError

    async def take_down(self, remote: str) -> None:
        raise NotImplementedError

    async def look(self, remote: str) -> Heard | None:
        raise NotImplementedError


def wall(many: int) -> list[Heard]:
    return [Heard(remote=f"{POST}_{n}", post=POST, text="När då?", verb=Verb.SEEN) for n in range(many)]


async def poll(here: Desks) -> Poll:
    async with here.desk.db.read() as session:
        return (await polls.everyone(session))[CHANNEL]


async def test_pages_are_read_to_the_end_and_never_again(here: Desks) -> None:
    """The cursor stands in the database: a new process goes on where the old one was."""
    told = Told(wall=wall(5))
    await Polls([told]).tick(here.desk, here.clock())
    told.wall += [Heard(remote=f"{POST}_new", post=POST, text="Och sen?")]
    here.later(minutes=10)
    await Polls([told]).tick(here.desk, here.clock())
    assert [0, 2, 4, 5] == told.asked
    assert State.WAITING == (await here.case(f"{POST}_new")).state


async def test_not_before_its_time_and_by_one_replica_only(here: Desks) -> None:
    """Two ticks at once, and one too early: one look."""
    told = Told(wall=wall(1))
    await Polls([told]).tick(here.desk, here.clock())
    await Polls([told]).tick(here.desk, here.clock())
    here.later(seconds=60)
    await Polls([told]).tick(here.desk, here.clock())
    assert [0] == told.asked


@pytest.mark.parametrize(
    ("error", "pause"),
    [
        (TokenDead("190/463"), timedelta(minutes=15)),
        (Throttled(600.0, "80001"), timedelta(minutes=10)),
        (Unknown("answer lost"), timedelta(minutes=4)),
    ],
)
async def test_trouble_stops_one_account_and_catches_up(here: Desks, error: ChannelError, pause: timedelta) -> None:
    """What is wrong is kept for status; when it is mended nothing has been missed, and the others went on."""
    sick, well = Told(wall=wall(3), error=error), Told(name="mastodon", wall=[Heard("m1", "m", text="Hur?")])
    await Polls([sick, well]).tick(here.desk, here.clock())
    row = await poll(here)
    assert (1, here.clock() + pause) == (row.failures, row.next_at)
    assert State.WAITING == (await here.case("m1")).state
    sick.error = None
    here.later(seconds=pause.total_seconds())
    await Polls([sick, well]).tick(here.desk, here.clock())
    assert (0, "", None) == ((row := await poll(here)).failures, row.trouble, row.since)
    assert State.WAITING == (await here.case(f"{POST}_2")).state
