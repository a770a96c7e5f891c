"""The website's banner: where it could not be changed with the news item, it is set right as soon as that works."""

import asyncio
import dataclasses
from collections.abc import Iterable
from datetime import datetime
from typing import Final, Protocol, runtime_checkable

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.channels.errors import ChannelError
from bot.channels.message import Message
from bot.crisis import publishing
from bot.desk import Desk
from storage import facts, incidents, posts
from storage.posts import Body, Post

PATIENCE_S: Final = 10.0  # the tick waits
LATEST: Final = 5  # incidents that a banner may still speak of
log = structlog.get_logger(__name__)


@runtime_checkable
class Bannered(Protocol):
    """A website with a banner beside its news items. ``banner_behind``: it does not show the latest message."""

    name: str
    banner_behind: bool

    async def show_banner(self, remote: str, message: Message) -> None:
        """Show the message of that news item, or take the banner down when it is over. Idempotent."""


class Banners:
    """Sets right at the tick what a delivery had to leave. That it is owed outlives a restart."""

    def __init__(self, channels: Iterable[object]) -> None:
        self._sites = [one for one in channels if isinstance(one, Bannered)]
        self._started = True

    async def tick(self, desk: Desk, now: datetime) -> None:
        """Try every banner that is behind, once."""
        for site in self._sites:
            await self._look_after(desk, site)
        self._started = False

    async def _look_after(self, desk: Desk, site: Bannered) -> None:
        async with desk.db.read() as session:
            owed = bool(await facts.get(session, _key(site)))
        site.banner_behind |= owed and self._started
        if site.banner_behind:
            await self._mend(desk, site)
        if site.banner_behind != owed:
            async with desk.db.write() as session:
                await facts.put(session, _key(site), site.banner_behind)

    async def _mend(self, desk: Desk, site: Bannered) -> None:
        async with desk.db.read() as session:
            found = await _newest(session, site.name)
        if found is None:
            return
        try:
            async with asyncio.timeout(PATIENCE_S):
                await site.show_banner(*found)
        except (ChannelError, TimeoutError) as error:
            log.warning("banner still behind", action="banner_behind", channel=site.name, error=repr(error))


def _key(site: Bannered) -> str:
    return f"banner:{site.name}"


async def _newest(session: AsyncSession, channel: str) -> tuple[str, Message] | None:
    """What the site showed last, and as which news item; None while something newer is on its way there."""
    rows: list[Post] = []
    for incident in await incidents.newest(session, LATEST):
        rows += await posts.of_topic(session, publishing.out(incident.id or 0, channel))
    rows.sort(key=lambda one: one.id or 0)
    newest = next((one for one in reversed(rows) if one.state not in (posts.DROPPED, posts.REFUSED)), None)
    if newest is None or newest.state != posts.DONE or newest.verb == posts.REMOVE or newest.body is None:
        return None
    root = await session.get_one(Post, newest.thread_id) if newest.thread_id else newest
    message = Message(**(await session.get_one(Body, newest.body)).content)
    link = newest.link or root.link or message.link
    return root.remote or "", dataclasses.replace(message, link=link)
