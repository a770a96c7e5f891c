"""What every channel promises, whatever its platform: what it says it can, it can, and no is said by type."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels.errors import CannotLook, Gone, NotSent, Refused, TokenDead
from bot.channels.linkedin import LinkedIn
from bot.channels.message import Message
from bot.channels.protocol import Can, Channel
from bot.channels.settings import Keyring
from bot.channels.x import X
from bot.sandbox.platforms import linkedin as linkedin_vendor
from bot.sandbox.platforms import x as x_vendor
from bot.sandbox.platforms.base import Platform
from tests.channels import test_linkedin as at_linkedin
from tests.channels import test_x as at_x
from tests.channels.conftest import Listen

FIRST, SECOND = Message("Koka vattnet i Norr.", title="Vatten"), Message("Koka inte längre.", title="Vatten")
SURE = frozenset({Can.PUBLISH, Can.REMOVE, Can.FIND, Can.PING, Can.UPDATE})


@dataclass(frozen=True)
class Case:
    """A local vendor, the channel that talks to it, and the environment with its tokens."""

    vendor: Callable[[], Platform]
    channel: Callable[[str, Keyring], Channel]
    environ: dict[str, str]

    def __str__(self) -> str:
        return self.vendor().name


CASES = [
    Case(x_vendor.X, lambda url, keys: X(at_x.settings(url), keys), at_x.ENVIRON),
    Case(
        linkedin_vendor.LinkedIn, lambda url, keys: LinkedIn(at_linkedin.settings(url), keys), at_linkedin.ENVIRON
    ),
]

Open = Callable[..., Awaitable[Channel]]


@pytest.fixture(params=CASES, ids=str)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


@pytest.fixture
def local(case: Case) -> Platform:
    return case.vendor()


@pytest.fixture
async def opened(case: Case) -> AsyncIterator[Open]:
    """Open the channel at an address; it is closed whatever happens."""
    channels: list[Channel] = []

    async def start(url: str, environ: dict[str, str] | None = None) -> Channel:
        channels.append(case.channel(url, Keyring(case.environ if environ is None else environ)))
        return channels[-1]

    yield start
    for channel in channels:
        await channel.close()


@pytest.fixture
async def channel(local: Platform, listen: Listen, opened: Open) -> Channel:
    return await opened(await listen(local))


def just_now() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=2)


def test_it_says_what_it_can(case: Case) -> None:
    """Publishing and a door to knock at are the least; nothing is claimed that is not proved below."""
    can = case.channel("http://127.0.0.1:9", Keyring({})).can
    assert {Can.PUBLISH, Can.PING} <= can <= SURE


async def test_an_update_is_shown_or_refused_as_it_says(channel: Channel, local: Platform) -> None:
    """Who cannot edit says so at once, and nothing changes."""
    sent = await channel.send(await channel.place(channel.name), None, FIRST, "k1")
    before = local.items[0].text
    if Can.UPDATE in channel.can:
        await channel.update(sent.place, sent.remote, SECOND)
        assert SECOND.text in local.items[0].text
        return
    with pytest.raises(Refused) as refused:
        await channel.update(sent.place, sent.remote, SECOND)
    assert "cannot_edit" == refused.value.reason
    assert before == local.items[0].text


async def test_removing_twice_succeeds_or_is_refused_as_it_says(channel: Channel, local: Platform) -> None:
    """What is gone already counts as removed."""
    sent = await channel.send(await channel.place(channel.name), None, FIRST, "k1")
    if Can.REMOVE not in channel.can:
        with pytest.raises(Refused):
            await channel.remove(sent.place, sent.remote)
        return
    for _ in range(2):
        await channel.remove(sent.place, sent.remote)
        assert local.items[0].removed


async def test_what_is_gone_cannot_be_updated(channel: Channel) -> None:
    """The room posts it anew."""
    sent = await channel.send(await channel.place(channel.name), None, FIRST, "k1")
    await channel.remove(sent.place, sent.remote)
    with pytest.raises(Gone if Can.UPDATE in channel.can else Refused):
        await channel.update(sent.place, sent.remote, SECOND)


async def test_it_finds_its_own_and_nothing_else_or_says_it_cannot_look(channel: Channel) -> None:
    """The id that the finder gives is the one that sending gave."""
    place = await channel.place(channel.name)
    if Can.FIND not in channel.can:
        with pytest.raises(CannotLook):
            await channel.find(place, None, "k1", just_now(), FIRST)
        return
    assert await channel.find(place, None, "k1", just_now(), FIRST) is None
    sent = await channel.send(place, None, FIRST, "k1")
    await channel.send(place, None, SECOND, "k2")
    assert sent == await channel.find(place, None, "k1", just_now(), FIRST)


async def test_a_dead_token_is_told_by_its_type(channel: Channel, local: Platform) -> None:
    """By the daily question and by sending, and nothing is published."""
    local.faults.set(revoked=True)
    with pytest.raises(TokenDead):
        await channel.ping()
    with pytest.raises(TokenDead):
        await channel.send(channel.name, None, FIRST, "k1")
    assert [] == local.items


async def test_a_missing_token_never_reaches_the_platform(local: Platform, listen: Listen, opened: Open) -> None:
    """The environment lacks it: that is a dead token, too."""
    bare = await opened(await listen(local), {})
    for attempt in (bare.ping(), bare.send(bare.name, None, FIRST, "k1"), bare.remove(bare.name, "1")):
        with pytest.raises(TokenDead):
            await attempt
    assert [] == local.calls


async def test_a_refused_connection_is_surely_not_sent(opened: Open) -> None:
    """Nobody listens there; the room may try again without looking."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, but not listening
        closed = await opened(f"http://127.0.0.1:{nobody.getsockname()[1]}")
        with pytest.raises(NotSent):
            await closed.send(closed.name, None, FIRST, "k1")


async def test_it_works_below_another_address(local: Platform, opened: Open) -> None:
    """A gateway, or the sandbox's street of platforms, puts a path before the vendor's."""
    street, shop = web.Application(), web.Application()
    shop.add_routes(local.routes())
    street.add_subapp("/platform/here", shop)
    async with TestServer(street, host="127.0.0.1") as server:
        channel = await opened(f"http://127.0.0.1:{server.port}/platform/here")
        sent = await channel.send(await channel.place(channel.name), None, FIRST, "k1")
        assert sent.remote in [item.id for item in local.items]
        assert await channel.ping()
