"""Does every channel of crisis mode answer, and do the choices about them fit together. Publishes nothing."""

import asyncio
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from bot.channels import picture, registry
from bot.channels.errors import ChannelError, Refused, TokenDead
from bot.channels.instagram import InstagramSettings
from bot.channels.mail import MailSettings
from bot.channels.protocol import Door
from bot.channels.settings import ChannelSettings, Keyring
from bot.finding import Finding, doubtful, good, wrong
from bot.settings import Settings

PATIENCE_S: Final = 20.0
AT_ONCE: Final = 8
FOLLOWED: Final = frozenset({"bluesky", "facebook", "instagram", "linkedin", "mastodon", "x"})
RENEW: Final = "get a new one as INSTALL.md says, put it in its place and restart"
RIGHTS: Final = "see what the account and the app may do, and that the ids in kanalvakt.toml are right"
REACH: Final = "check api_url or host, the network and the firewall"


class _Forgetful:
    """A memory for channels that publish nothing."""

    async def get(self, key: str) -> str | None:
        """Nothing was made."""

    async def put(self, key: str, value: str) -> None:
        """Nothing will be asked for."""


async def of_channels(settings: Settings, public_url: str, keyring: Keyring) -> list[Finding]:
    """Choices, secrets, and one question to each channel. Nothing for a desk without channels."""
    if not settings.channels:
        return []
    pictured = any(isinstance(one, InstagramSettings) for one in settings.channels)
    found = [*_website(settings), *_drills(settings)]
    found += [*_address(public_url), await asyncio.to_thread(_font)] if pictured else []
    return found + await _doors(settings, keyring)


def _website(settings: Settings) -> Iterator[Finding]:
    if settings.crisis.website is None:
        yield doubtful(
            "crisis.website is not set: no channel goes first, and the others have no page to link to",
            "set it to the key of the website's channel",
        )
    else:
        yield good(f"channel {settings.crisis.website} goes first, the others wait for it")


def _drills(settings: Settings) -> Iterator[Finding]:
    marked = [one for one in settings.channels if one.drill]
    yield from (_public(one) for one in marked if _is_public(one, settings))
    if not marked:
        yield doubtful(
            "no channel is marked for drills: a drill stays in its thread in Slack",
            "set drill = true where nobody outside the municipality looks",
        )
    if settings.crisis.announce and not settings.crisis.drill_channels:
        yield doubtful(
            "crisis.drill_channels is empty: a drill is announced nowhere in Slack",
            "name channels for drills, or leave it so on purpose",
        )


def _is_public(one: ChannelSettings, settings: Settings) -> bool:
    """Whether the public would see a drill there: followers, visitors of the website, or the press."""
    platform = getattr(one, "platform", "")
    private = getattr(one, "visibility", "") == "private"
    press = isinstance(one, MailSettings) and one.kind == "press"
    return (platform in FOLLOWED and not private) or press or one.key == settings.crisis.website


def _public(one: ChannelSettings) -> Finding:
    return wrong(f"channel {one.key} is marked for drills, and the public would see one", "set drill = false")


def _address(public_url: str) -> Iterator[Finding]:
    if urlsplit(public_url).scheme != "https":
        yield wrong(
            f"PUBLIC_URL is {public_url}: Instagram fetches the picture there, and takes https only",
            "put a proxy with a certificate before it that lets /kris/bild/ through, or switch Instagram off",
        )


def _font() -> Finding:
    try:
        picture.text_picture("Å", "Å", drill=False)
    except picture.NoFont as missing:
        return wrong(f"no picture for Instagram can be drawn: {missing}", "install the package fonts-dejavu-core")
    return good("pictures for Instagram can be drawn")


async def _doors(settings: Settings, keyring: Keyring) -> list[Finding]:
    patience = PATIENCE_S / 2
    channels: list[Door] = [
        *registry.build(settings.channels, keyring, memory=_Forgetful(), timeout_s=patience),
        *registry.doors(settings.channels, keyring, timeout_s=patience),
    ]
    tables, gate = {one.key: one for one in settings.channels}, asyncio.Semaphore(AT_ONCE)
    try:
        found = await asyncio.gather(*(_door(tables[one.name], one, keyring, gate) for one in channels))
    finally:
        await asyncio.gather(*(one.close() for one in channels))
    return [finding for several in found for finding in several]


async def _door(table: ChannelSettings, channel: Door, keyring: Keyring, gate: asyncio.Semaphore) -> list[Finding]:
    """The secrets it lacks; or, when it has them all, what it answers."""
    lacking = [name for name in table.variables() if not _there(keyring, name)]
    if lacking:
        return [
            wrong(f"channel {table.key}: {name} is not set", "set it where the other secrets are")
            for name in lacking
        ]
    async with gate:
        return [await _answer(table.key, channel)]


def _there(keyring: Keyring, variable: str) -> bool:
    try:
        return bool(keyring.named(variable))
    except TokenDead:
        return False


async def _answer(key: str, channel: Door) -> Finding:
    try:
        async with asyncio.timeout(PATIENCE_S):
            name = await channel.ping()
    except TokenDead as dead:
        return wrong(f"channel {key}: the token is not taken: {dead.reason}", RENEW)
    except Refused as refused:
        return wrong(f"channel {key} refuses: {refused}", RIGHTS)
    except (ChannelError, TimeoutError) as away:
        return doubtful(f"channel {key} does not answer: {str(away) or type(away).__name__}", REACH)
    return good(f"channel {key} answers: {name}")
