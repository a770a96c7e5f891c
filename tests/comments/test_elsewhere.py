"""Inboxes beside the comments: counted where the platform lets us, and a count that fails harms nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import pytest

from bot.channels.conversation import Conversation
from bot.channels.elsewhere import Elsewhere as Found
from bot.channels.elsewhere import Kind
from bot.channels.errors import ChannelError, Throttled, Unknown
from bot.channels.protocol import Can
from bot.comments.elsewhere import PREFIX, Elsewhere
from handlers.cards import desk as cards
from storage import inboxes, polls
from storage.polls import Poll
from tests.comments.conftest import CHANNEL, Desks
from tests.town import MONDAY


@dataclass
class Counted:
    """A platform that counts what it is told to."""

    name: str = CHANNEL
    can: frozenset[Can] = frozenset({Can.ELSEWHERE})
    found: list[Found] = field(default_factory=list)
    error: Exception | None = None
    asked: int = 0

    async def elsewhere(self) -> Sequence[Found]:
        self.asked += 1
        if self.error:
            raise self.error
        return self.found


def counting(*platforms: Counted) -> Elsewhere:
    return Elsewhere([cast(Conversation, one) for one in platforms])


async def stored(here: Desks) -> list[tuple[str, str, int]]:
    async with here.desk.db.read() as session:
        return [(one.channel, one.kind, one.count) for one in await inboxes.waiting(session)]


async def poll(here: Desks) -> Poll:
    async with here.desk.db.read() as session:
        return (await polls.everyone(session))[f"{PREFIX}{CHANNEL}"]


async def test_what_waits_is_counted_every_quarter(here: Desks) -> None:
    """And no oftener, however often the desk ticks or starts anew."""
    platform = Counted(
        found=[Found(Kind.MESSAGES, 3, MONDAY, "https://facebook.com/inbox"), Found(Kind.REVIEWS, 0)]
    )
    for _ in range(31):
        await counting(platform).tick(here.desk, here.clock())
        here.later(minutes=1)
    assert (3, [(CHANNEL, "messages", 3)]) == (platform.asked, await stored(here))


async def test_what_was_answered_is_gone_from_the_count(here: Desks) -> None:
    """A kind the platform no longer tells of is forgotten."""
    platform = Counted(found=[Found(Kind.MESSAGES, 3), Found(Kind.MENTIONS, 1)])
    await counting(platform).tick(here.desk, here.clock())
    platform.found = [Found(Kind.MENTIONS, 2)]
    here.later(minutes=15)
    await counting(platform).tick(here.desk, here.clock())
    assert [(CHANNEL, "mentions", 2)] == await stored(here)


@pytest.mark.parametrize("error", [Unknown("timeout"), Throttled(60), TimeoutError()])
async def test_a_count_that_fails_harms_nothing(here: Desks, error: ChannelError) -> None:
    """The last count stands, it is noted, the others are counted, and the next quarter it is tried again."""
    platform, other = Counted(found=[Found(Kind.MESSAGES, 3)]), Counted("other", found=[Found(Kind.REVIEWS, 1)])
    await counting(platform).tick(here.desk, here.clock())
    here.later(minutes=15)
    platform.error = error
    await counting(platform, other).tick(here.desk, here.clock())
    assert [(CHANNEL, "messages", 3), ("other", "reviews", 1)] == await stored(here)
    noted = await poll(here)
    assert (1, here.clock()) == (noted.failures, noted.since)
    here.later(minutes=15)
    platform.error = None
    await counting(platform).tick(here.desk, here.clock())
    assert (0, "") == ((await poll(here)).failures, (await poll(here)).trouble)


async def test_a_platform_that_asks_for_peace_gets_it(here: Desks) -> None:
    """As long as it asks for."""
    platform = Counted(error=Throttled(7200))
    await counting(platform).tick(here.desk, here.clock())
    assert here.clock() + timedelta(hours=2) == (await poll(here)).next_at


async def test_a_mistake_of_ours_is_seen_after_all_the_others(here: Desks) -> None:
    """The job boundary logs it."""
    broken, other = Counted(error=KeyError("data")), Counted("other", found=[Found(Kind.REVIEWS, 1)])
    with pytest.raises(ExceptionGroup):
        await counting(broken, other).tick(here.desk, here.clock())
    assert [("other", "reviews", 1)] == await stored(here)


async def test_who_cannot_count_is_not_asked(here: Desks) -> None:
    """What a platform cannot do, it leaves out."""
    platform = Counted(can=frozenset({Can.COMMENTS}))
    await counting(platform).tick(here.desk, here.clock())
    assert 0 == platform.asked


async def test_the_status_shows_the_counts(here: Desks) -> None:
    """Beside what does not work."""
    from bot.digest import gathering
    from tests.digest.conftest import SV

    await counting(Counted(found=[Found(Kind.MESSAGES, 3, MONDAY)])).tick(here.desk, here.clock())
    async with here.desk.db.read() as session:
        found: Any = await gathering.inboxes_of(session, here.desk)
    assert [
        "Allt fungerar.",
        "*Inkorgar*",
        "*Facebook*: 3 meddelanden, äldst från måndag 23 november kl. 10.00",
    ] == cards.status(SV, [], found).text.splitlines()
