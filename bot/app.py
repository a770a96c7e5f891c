"""The roof: assembles the rooms, starts and stops them in order."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import seed, timetable
from bot.accounts import tell
from bot.channels import answering, registry
from bot.channels.conversation import Talk
from bot.channels.protocol import Carrier, Channel
from bot.channels.settings import Keyring
from bot.channels.slack import SlackCarrier
from bot.channels.slackapi import SlackApi
from bot.clock import OfficeClock
from bot.comments import completing, moderating, replying
from bot.comments.inbox import Inbox
from bot.crisis.cosigns import CoOwners
from bot.crisis.gallery import Gallery
from bot.crisis.lookout import Lookout
from bot.crisis.spread import Headcount, Spreader
from bot.crisis.standings import Standings
from bot.crisis.warnings.polling import Watch
from bot.delivery.room import Room
from bot.delivery.settings import Settings as DeliverySettings
from bot.desk import Desk, utc_now
from bot.directory import Directory
from bot.memory import StoredMemory
from bot.places import StoredPlaces
from bot.schedule import Schedule
from bot.settings import Environment, Settings
from bot.sockets import Sockets
from bot.texts import Texts
from bot.web import hooks
from bot.web.app import Site
from bot.web.health import Pulse
from handlers import listeners, sentences
from handlers.boundary import Boundary
from handlers.digest import DigestRenderer
from handlers.render import Renderer
from handlers.words import Words
from storage import migrate
from storage.engine import Database
from storage.posts import Post

log = structlog.get_logger(__name__)
DRAIN_S = 10.0


@dataclass
class Kanalvakt:
    """The running desk."""

    settings: Settings
    environment: Environment
    db: Database
    desk: Desk
    api: SlackApi
    directory: Directory
    bolt: AsyncApp
    boundary: Boundary
    words: Words
    renderer: Renderer
    room: Room
    schedule: Schedule
    sockets: Sockets
    site: Site
    channels: list[Channel]
    talks: list[Talk]
    inbox: Inbox
    watch: Watch
    _http: aiohttp.ClientSession | None = None
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def start(self) -> None:
        """Bring the schema up to date, learn who is who, then open the doors.

        Raises ChannelError when Slack does not know the token.
        """
        await migrate.upgrade(self.db)
        await seed.seed(self.desk, now=self.desk.now())
        self._http = aiohttp.ClientSession()
        self.bolt.client.session = self._http
        await self.directory.start()
        self._tasks.append(asyncio.create_task(self.room.run(), name="delivery"))
        self._tasks.append(asyncio.create_task(self.inbox.run(), name="inbox"))
        await self.site.start()
        await self.sockets.start()
        self.schedule.start()
        log.info("started", action="started", url=self.desk.public_url)

    async def stop(self) -> None:
        """Close the doors, finish what is in flight, leave nothing open."""
        await self.sockets.stop()
        await self.site.stop()
        await self.schedule.stop()
        await self.boundary.drain()
        self.inbox.stop()
        await self.room.stop(DRAIN_S)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.api.close()
        closing = [one.close() for one in self.channels] + [one.close() for one in self.talks]
        await asyncio.gather(self.watch.close(), *closing)
        if self._http is not None:
            await self._http.close()
        await self.db.close()
        log.info("stopped", action="stopped")


def build(
    settings: Settings,
    environment: Environment,
    *,
    now: Callable[[], datetime] = utc_now,
    tuning: DeliverySettings | None = None,
    keyring: Keyring | None = None,
) -> Kanalvakt:
    """Wire everything; nothing is opened yet. ``tuning`` of the delivery room instead of the file's;
    ``keyring`` for the channels' tokens instead of the process's environment.
    """
    desk = desk_of(settings, environment, now=now)
    keyring = keyring or Keyring()
    gallery = Gallery(desk)
    channels = _channels(settings, desk, keyring, gallery)
    talks = registry.talks(settings.channels, keyring, timeout_s=settings.delivery.http_timeout_s * 0.9)
    desk = replace(desk, outlets=registry.outlets(settings.channels, channels, talks))
    token = environment.secret("slack_bot_token")
    delivery = settings.delivery
    api = SlackApi(token, base_url=environment.slack_api_url, timeout_s=delivery.http_timeout_s)
    directory, texts = Directory(desk, api), Texts.load()
    bolt = _bolt(environment, token, delivery.http_timeout_s)
    boundary, words = Boundary(bolt, desk, api, directory, texts), Words()
    renderer = Renderer(desk, directory, texts)
    letters = registry.letters(settings.channels, keyring, timeout_s=delivery.http_timeout_s * 0.9)
    carriers = [*channels, *_lanes(talks), *letters]
    room = _room(desk, api, directory, renderer, carriers, tuning or delivery_settings(settings))
    renderer.kinds.update(DigestRenderer(desk, room.state).kinds)
    lookout = Lookout(channels)
    listeners.register(desk, directory, texts, boundary, words, room.state, lookout, gallery)
    watch = Watch(settings.crisis.warnings)
    signs = CoOwners(Standings(desk, texts.language("sv")))
    inbox = Inbox(desk, hooks.readers(settings))
    schedule = timetable.build(desk, directory, channels, talks, inbox, watch, lookout, signs, Headcount(desk, api))
    app_token = environment.slack_app_token
    sockets = Sockets(bolt, app_token.get_secret_value() if app_token else None)
    pulse = Pulse(room.state, lambda: schedule.last, sockets.trouble, lambda: api.counts)
    site = Site(
        desk,
        texts,
        directory,
        environment,
        health=pulse,
        say=sentences.problem,
        bolt=bolt,
        accessibility_url=settings.municipality.accessibility_url,
        keyring=keyring,
        inbox=inbox,
        gallery=gallery,
    )
    return Kanalvakt(
        settings,
        environment,
        desk.db,
        desk,
        api,
        directory,
        bolt,
        boundary,
        words,
        renderer,
        room,
        schedule,
        sockets,
        site,
        channels,
        talks,
        inbox,
        watch,
    )


def desk_of(settings: Settings, environment: Environment, *, now: Callable[[], datetime] = utc_now) -> Desk:
    """The desk alone, for work without Slack."""
    return Desk(
        db=Database(environment.secret("database_url")),
        settings=settings,
        office=OfficeClock(settings.office),
        log_key=environment.secret("log_key").encode(),
        public_url=environment.public_url.rstrip("/"),
        now=now,
    )


def _bolt(environment: Environment, token: str, timeout_s: float) -> AsyncApp:
    secret = environment.slack_signing_secret
    client = AsyncWebClient(token, base_url=environment.slack_api_url, timeout=int(timeout_s), retry_handlers=[])
    quiet = logging.getLogger("kanalvakt.bolt")
    quiet.setLevel(logging.ERROR)
    return AsyncApp(
        client=client,
        signing_secret=secret.get_secret_value() if secret else None,
        logger=quiet,
        process_before_response=True,  # our listeners acknowledge and return; see handlers/boundary.py
    )


def _channels(settings: Settings, desk: Desk, keyring: Keyring, gallery: Gallery) -> list[Channel]:
    memory, timeout = StoredMemory(desk.db), settings.delivery.http_timeout_s
    timeout_s = timeout * 0.9
    return registry.build(settings.channels, keyring, memory=memory, timeout_s=timeout_s, pictures=gallery.of)


def _room(
    desk: Desk,
    api: SlackApi,
    directory: Directory,
    renderer: Renderer,
    channels: list[Carrier],
    tuning: DeliverySettings,
) -> Room:
    async def fallback(session: AsyncSession, name: str) -> list[str]:
        return await tell.fallback(session, name, desk.now())

    carrier = SlackCarrier(
        api,
        places=StoredPlaces(desk.db),
        reachable=directory.unreachable,
        clock=lambda: desk.now().timestamp(),
    )
    return Room(
        desk.db,
        [carrier, Spreader(desk, api), *channels],
        renderer,
        settings=tuning,
        fallback=fallback,
        office=desk.office,
        settled=partial(_settled, desk),
        now=desk.now,
        owner="desk",
    )


async def _settled(desk: Desk, session: AsyncSession, post: Post, state: str) -> None:
    """A delivery came to an end: whoever's it is hears of it."""
    await replying.settled(session, desk, post, state)
    await moderating.settled(session, desk, post, state)
    await completing.settled(session, desk, post, state)


def _lanes(talks: list[Talk]) -> list[Carrier]:
    """Answers, and hiding and removing, go beside a channel's own posts."""
    return [lane(talk) for talk in talks for lane in (answering.Answers, answering.Watch)]


def delivery_settings(settings: Settings) -> DeliverySettings:
    """The delivery room's tuning from the municipality's file."""
    chosen = settings.delivery
    return DeliverySettings(
        lease_s=chosen.lease_s,
        http_timeout_s=chosen.http_timeout_s,
        poll_s=chosen.poll_s,
        looks=chosen.looks,
        look_waits=chosen.look_wait_s,
        card_interval_s=chosen.card_interval_s,
        posts_per_minute=settings.slack.posts_per_minute,
    )


async def run(settings: Settings, environment: Environment, stop: asyncio.Event) -> None:
    """Run the desk until ``stop`` is set; stops cleanly also when starting fails half-way."""
    desk = build(settings, environment)
    try:
        await desk.start()
        await stop.wait()
    finally:
        await desk.stop()
