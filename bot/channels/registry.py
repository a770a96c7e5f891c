"""Every platform there is: which settings lead to which channel."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from bot.channels.attaching import Source, nothing
from bot.channels.bluesky import Bluesky, BlueskySettings
from bot.channels.by_hand import ByHandSettings
from bot.channels.conversation import Talk
from bot.channels.facebook import Facebook, FacebookSettings
from bot.channels.feed import Feed, FeedSettings
from bot.channels.instagram import Instagram, InstagramSettings, Memory
from bot.channels.letters import Letters
from bot.channels.linkedin import LinkedIn, LinkedInSettings
from bot.channels.mail import Mail, MailSettings
from bot.channels.mastodon import Mastodon, MastodonSettings
from bot.channels.outlet import Outlet
from bot.channels.protocol import Channel, Door
from bot.channels.settings import ChannelSettings, Keyring
from bot.channels.signs import Sign, SignSettings
from bot.channels.talk.bluesky import BlueskyTalk
from bot.channels.talk.facebook import FacebookTalk
from bot.channels.talk.instagram import InstagramTalk
from bot.channels.talk.linkedin import LinkedInTalk
from bot.channels.talk.mastodon import MastodonTalk
from bot.channels.talk.tiktok import TikTokTalk
from bot.channels.talk.wordpress import WordPressTalk
from bot.channels.talk.x import XTalk
from bot.channels.talk.youtube import YouTubeTalk
from bot.channels.tiktok import TikTokSettings
from bot.channels.webhook import Webhook, WebhookSettings
from bot.channels.wordpress import WordPress, WordPressSettings
from bot.channels.x import X, XSettings
from bot.channels.youtube import YouTubeSettings

AnyChannel = Annotated[
    BlueskySettings
    | ByHandSettings
    | FacebookSettings
    | FeedSettings
    | InstagramSettings
    | LinkedInSettings
    | MailSettings
    | MastodonSettings
    | SignSettings
    | TikTokSettings
    | WebhookSettings
    | WordPressSettings
    | XSettings
    | YouTubeSettings,
    Field(discriminator="platform"),
]
CLASSES: Mapping[type[ChannelSettings], Any] = {
    BlueskySettings: Bluesky,
    FacebookSettings: Facebook,
    FeedSettings: Feed,
    InstagramSettings: Instagram,
    LinkedInSettings: LinkedIn,
    MailSettings: Mail,
    MastodonSettings: Mastodon,
    SignSettings: Sign,
    WebhookSettings: Webhook,
    WordPressSettings: WordPress,
    XSettings: X,
}


def build(
    chosen: Iterable[ChannelSettings],
    keyring: Keyring,
    *,
    memory: Memory,
    timeout_s: float,
    pictures: Source = nothing,
) -> list[Channel]:
    """A channel for each table of the file that has an interface. Nothing is opened yet.

    ``pictures`` gives the bytes of a message's picture to those that upload it themselves.
    """
    given: dict[type[ChannelSettings], dict[str, Any]] = {
        InstagramSettings: {"memory": memory},
        MastodonSettings: {"pictures": pictures},
        BlueskySettings: {"pictures": pictures},
    }
    known = [one for one in chosen if type(one) in CLASSES]
    return [_one(one, keyring, timeout_s, given.get(type(one), {})) for one in known]


def _one(chosen: ChannelSettings, keyring: Keyring, timeout_s: float, more: dict[str, Any]) -> Channel:
    channel: Channel = CLASSES[type(chosen)](chosen, keyring, timeout_s=timeout_s, **more)
    return channel


TALKS: Mapping[type[ChannelSettings], Any] = {
    BlueskySettings: BlueskyTalk,
    FacebookSettings: FacebookTalk,
    InstagramSettings: InstagramTalk,
    LinkedInSettings: LinkedInTalk,
    MastodonSettings: MastodonTalk,
    TikTokSettings: TikTokTalk,
    WordPressSettings: WordPressTalk,
    XSettings: XTalk,
    YouTubeSettings: YouTubeTalk,
}


def talks(chosen: Iterable[ChannelSettings], keyring: Keyring, *, timeout_s: float) -> list[Talk]:
    """The conversation of each channel whose comments can be read. Nothing is opened yet."""
    return [TALKS[type(one)](one, keyring, timeout_s=timeout_s) for one in chosen if type(one) in TALKS]


def letters(chosen: Iterable[ChannelSettings], keyring: Keyring, *, timeout_s: float) -> list[Letters]:
    """The lane of single mails, where there is a mail channel whose server can carry them."""
    lists = [one for one in chosen if isinstance(one, MailSettings)]
    return [Letters(one, keyring, timeout_s=timeout_s) for one in lists[:1]]


def doors(chosen: Iterable[ChannelSettings], keyring: Keyring, *, timeout_s: float) -> list[Door]:
    """Those whose comments alone are read, to be asked whether they are there."""
    alone = [one for one in chosen if type(one) in TALKS and type(one) not in CLASSES]
    return [TALKS[type(one)](one, keyring, timeout_s=timeout_s) for one in alone]


def outlets(
    chosen: Iterable[ChannelSettings], channels: Sequence[Channel], talking: Sequence[Talk] = ()
) -> tuple[Outlet, ...]:
    """What the desk knows of its channels without talking to them, in the file's order."""
    able = {one.name: one.can for one in channels}
    for talk in talking:
        able[talk.name] = able.get(talk.name, frozenset()) | talk.can
    return tuple(
        Outlet(
            key=one.key,
            name=one.name,
            platform=getattr(one, "platform", ""),
            can=able.get(one.key, frozenset()),
            drill=one.drill,
            responsible=one.responsible,
            rows=getattr(one, "rows", 0),
            characters=getattr(one, "characters", 0),
            audience=getattr(one, "kind", ""),
            co_owner=getattr(one, "co_owner", ""),
            account=one.account,
            talk_only=type(one) in TALKS and type(one) not in CLASSES,
            summon=_summon(one),
        )
        for one in chosen
    )


def _summon(chosen: ChannelSettings) -> str | None:
    """What a comment must hold for X to take an answer to it from here."""
    summoned = isinstance(chosen, XSettings) and chosen.replies == "summoned"
    return f"@{getattr(chosen, 'username', '')}" if summoned else None
