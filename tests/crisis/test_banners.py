"""A website whose banner could not be changed with its news item."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels import wordpress
from bot.channels.settings import Keyring
from bot.crisis.banners import Banners
from bot.crisis.board import Fate
from bot.crisis.facts import Kind
from bot.sandbox.platforms.wordpress import BANNER_PAGE, WordPress
from tests.crisis.conftest import SITE, Staff

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ILL = {"probability": 1.0, "methods": ["pages.update"], "stored": 0.0}


@dataclass
class Town:
    """A desk whose website is a real one."""

    staff: Staff
    site: WordPress
    channel: wordpress.WordPress

    async def tick(self, banners: Banners) -> str:
        """What the banner says afterwards."""
        await banners.tick(self.staff.desk, self.staff.clock())
        return self.site.banner()


@pytest.fixture
async def place(staff: Staff) -> AsyncIterator[Town]:
    site, app = WordPress(), web.Application()
    app.add_routes(site.routes())
    async with TestServer(app, host="127.0.0.1") as server:
        site.base_url = f"http://127.0.0.1:{server.port}"
        chosen = wordpress.WordPressSettings(
            key=SITE,
            name="Webbplatsen",
            api_url=f"{site.base_url}/wp-json",
            user_env="USER_",
            token_env="PASSWORD_",
            banner_page=BANNER_PAGE,
        )
        channel = wordpress.WordPress(chosen, Keyring({"USER_": site.user, "PASSWORD_": site.token}))
        staff.vendors[SITE] = channel  # type: ignore[assignment]
        yield Town(staff, site, channel)
        await channel.close()


async def _published(place: Town, kind: Kind = Kind.FIRST, fate: Fate = Fate.CONFIRMED, **more: object) -> int:
    case = await place.staff.publish(kind, **more)
    async with place.staff.at_work(SITE):
        await place.staff.until(case.incident, webben=fate)
    return case.incident


async def test_the_banner_is_set_right_at_the_next_tick_that_reaches_the_site(place: Town) -> None:
    """Not only with the next message."""
    place.site.faults.set(error_5xx=ILL)
    await _published(place)
    banners = Banners([place.channel])
    assert "" == await place.tick(banners)
    place.site.faults.set(error_5xx=0)
    assert "first Koka vattnet." in await place.tick(banners)
    assert not place.channel.banner_behind
    place.site.calls.clear()
    await place.tick(banners)
    assert [] == place.site.calls


async def test_a_restart_does_not_forget_that_a_banner_is_owed(place: Town) -> None:
    """The next process finds it in the database."""
    place.site.faults.set(error_5xx=ILL)
    await _published(place)
    await place.tick(Banners([place.channel]))
    place.site.faults.set(error_5xx=0)
    place.channel.banner_behind = False  # as in a process that has just begun
    assert "first Koka vattnet." in await place.tick(Banners([place.channel]))


async def test_a_warning_comes_down_after_the_end(place: Town) -> None:
    """The end could not reach the banner; it must not stand for ever."""
    incident = await _published(place)
    assert "first Koka vattnet." in place.site.banner()
    place.site.faults.set(error_5xx=ILL)
    await _published(place, Kind.END, Fate.ACCEPTED, incident=incident, now="Bra.", next_at=None)
    place.site.faults.set(error_5xx=0)
    assert "" == await place.tick(Banners([place.channel]))


async def test_what_is_on_its_way_sets_the_banner_itself(place: Town) -> None:
    """An older text is never put over a newer one."""
    place.site.faults.set(error_5xx=ILL)
    incident = await _published(place)
    place.site.faults.set(error_5xx=0)
    await place.staff.publish(Kind.UPDATE, incident=incident, news="Tankbil.")
    assert "" == await place.tick(Banners([place.channel]))
