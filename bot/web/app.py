"""The web application: every page and door in one place. The roof runs it."""

from collections.abc import Callable

from aiohttp import web
from slack_bolt.async_app import AsyncApp

from bot.channels.settings import Keyring
from bot.channels.signs import SignSettings
from bot.comments.inbox import Inbox
from bot.crisis.gallery import Gallery
from bot.crisis.standings import Standings
from bot.desk import Desk
from bot.directory import Directory
from bot.errors import Problem
from bot.hosting import Host
from bot.settings import Environment, SettingsError
from bot.texts import Speak, Texts
from bot.web import guard, report, signs
from bot.web.etjanst import Etjanst
from bot.web.feeds import Feeds
from bot.web.health import Health, Pulse
from bot.web.hooks import MetaHooks
from bot.web.metrics import Metrics
from bot.web.pages import Pages
from bot.web.pictures import Pictures
from bot.web.proof import Proofs
from bot.web.register import Register
from bot.web.report import Reports
from bot.web.signs import Signs
from bot.web.slack import SlackDoor

LARGEST = 1024 * 1024  # bytes of a request; the e-service's door allows less
SHUTDOWN_S = 5.0
Say = Callable[[Speak, Problem], str]


def build(
    desk: Desk,
    texts: Texts,
    directory: Directory,
    *,
    health: Pulse,
    environment: Environment,
    say: Say,
    slack: AsyncApp | None = None,
    accessibility_url: str | None = None,
    keyring: Keyring | None = None,
    inbox: Inbox | None = None,
    gallery: Gallery | None = None,
) -> web.Application:
    """Assemble the application.

    ``slack`` only in HTTP mode; it needs SLACK_SIGNING_SECRET, or `SettingsError` is raised. ``say``
    turns a problem at a field into a sentence.
    """
    pages = Pages(desk, texts, accessibility_url)
    app = web.Application(middlewares=[pages.friendly], client_max_size=LARGEST)
    app.on_response_prepare.append(guard.protect)
    app.on_response_prepare.append(signs.allow)
    app.on_response_prepare.append(report.allow)
    pages.mount(app.router)
    Register(desk, pages).mount(app.router)
    Reports(desk, texts, pages).mount(app.router)
    Proofs(desk, texts, pages).mount(app.router)
    _crisis(desk, texts, pages, gallery or Gallery(desk), app.router)
    Health(desk, health).mount(app.router)
    Metrics(desk, health).mount(app.router)
    if environment.etjanst_secret is not None:
        secret = environment.secret("etjanst_secret")
        Etjanst(desk, directory, texts.language("sv"), say, secret).mount(app.router)
    MetaHooks(desk, desk.settings.channels, keyring or Keyring(), inbox or Inbox(desk, {})).mount(app.router)
    if slack is not None:
        SlackDoor(slack, _signing_secret(environment)).mount(app.router)
    return app


def _crisis(desk: Desk, texts: Texts, pages: Pages, gallery: Gallery, router: web.UrlDispatcher) -> None:
    """What stands now, on signs and in feeds, and the pictures."""
    board = Standings(desk, texts.language("sv"))
    shown = {one.key: one for one in desk.settings.channels if isinstance(one, SignSettings)}
    Signs(desk, pages, board, shown).mount(router)
    Feeds(desk, texts, board).mount(router)
    Pictures(desk, gallery).mount(router)


class Site:
    """The web application, listening at HOST and PORT. Takes what `build` takes."""

    def __init__(
        self,
        desk: Desk,
        texts: Texts,
        directory: Directory,
        environment: Environment,
        *,
        health: Pulse,
        say: Say,
        bolt: AsyncApp | None = None,
        accessibility_url: str | None = None,
        keyring: Keyring | None = None,
        inbox: Inbox | None = None,
        gallery: Gallery | None = None,
    ) -> None:
        self._environment = environment
        application = build(
            desk,
            texts,
            directory,
            health=health,
            environment=environment,
            say=say,
            slack=bolt if environment.slack_app_token is None else None,
            accessibility_url=accessibility_url,
            keyring=keyring,
            inbox=inbox,
            gallery=gallery,
        )
        self._host = Host(application, shutdown_s=SHUTDOWN_S)

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        await self._host.open(self._environment.host, self._environment.port)

    @property
    def port(self) -> int:
        """Where it really listens; the system chose when PORT is 0. ValueError before `start`."""
        return self._host.address[1]

    async def stop(self) -> None:
        """Finish what is being answered and close."""
        await self._host.close()


def _signing_secret(environment: Environment) -> str:
    secret = environment.secret("slack_signing_secret").strip()
    if not secret:
        raise SettingsError("SLACK_SIGNING_SECRET is empty")
    return secret
