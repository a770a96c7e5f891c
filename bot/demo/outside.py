"""The demo's world outside Slack: local platforms, and the channels that lead to them."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.demo import town
from bot.sandbox.platforms import (
    bluesky,
    facebook,
    instagram,
    linkedin,
    mailbox,
    mastodon,
    page_remarks,
    picture_remarks,
    receiver,
    tiktok,
    wordpress,
    x,
    youtube,
)
from bot.sandbox.platforms.base import Platform
from bot.sandbox.platforms.graph_audience import GraphAudience
from bot.sandbox.platforms.talking import Talking

INTRANET = "intranat"
KEYS = {  # what the environment of a real desk would hold; these open nothing but the local platforms
    "FACEBOOK_TOKEN": "facebook-local",
    "FACEBOOK_APP_SECRET": page_remarks.APP_SECRET,
    "FACEBOOK_VERIFY": "facebook-verify",
    "INSTAGRAM_TOKEN": "instagram-local",
    "INSTAGRAM_APP_SECRET": picture_remarks.APP_SECRET,
    "INSTAGRAM_VERIFY": "instagram-verify",
    "X_CONSUMER_KEY": "x-consumer",
    "X_CONSUMER_SECRET": "x-consumer-secret",
    "X_TOKEN": "x-local",
    "X_TOKEN_SECRET": "x-token-secret",
    "LINKEDIN_TOKEN": "linkedin-local",
    "YOUTUBE_REFRESH": "youtube-local",
    "YOUTUBE_CLIENT": youtube.CLIENT_ID,
    "YOUTUBE_CLIENT_SECRET": youtube.CLIENT_SECRET,
    "TIKTOK_TOKEN": "tiktok-local",
    "MASTODON_TOKEN": "mastodon-local",
    "BLUESKY_PASSWORD": "bluesky-local",
    "WEBB_USER": "kanalvakt",
    "WEBB_PASSWORD": "wordpress-local",
    "INTRANAT_SECRET": receiver.LOCAL_SECRET,
}


def platforms() -> list[Platform]:
    """Everything residents and colleagues see, as small local vendors."""
    return [
        wordpress.WordPress(),
        receiver.Receiver(INTRANET, "Intranätet", token=receiver.LOCAL_SECRET),
        facebook.Facebook(),
        instagram.Instagram(),
        x.X(),
        linkedin.LinkedIn(),
        mastodon.Mastodon(),
        bluesky.Bluesky(),
        youtube.YouTube(),
        tiktok.TikTok(),
        mailbox.Mailbox(),
    ]


def furnish(standing: Sequence[Platform]) -> None:
    """Where nothing can be published from outside a film stands from the beginning, so that people can write."""
    for one in standing:
        if isinstance(one, youtube.YouTube) and not one.items:
            one.add("Så går det till när badhuset byggs om.", title="Badhuset byggs om")
        if isinstance(one, tiktok.TikTok) and not one.items:
            one.add("En dag på biblioteket #biblioteket")


def open_day(standing: Sequence[Platform]) -> None:
    """Where nothing stands yet something does, so that whoever plays a resident has something to write below."""
    for one in standing:
        if isinstance(one, Talking) and not one.items:
            one.publish("Badhuset öppnar igen på lördag klockan tio. Välkomna!", "Badhuset öppnar igen")


def crisis() -> dict[str, Any]:
    """The ``[crisis]`` table that belongs to those channels."""
    return {
        "website": "webb",
        "drill_channels": [town.DRILL_CHANNEL],
        "drill_told": [town.address("tib")],
        "look_every_s": 2,
    }


def channels(standing: Sequence[Platform]) -> list[dict[str, Any]]:
    """The ``[[channels]]`` tables of a desk that publishes there. The platforms must be listening."""
    at = {one.name: one.base_url for one in standing}
    box = next(one for one in standing if isinstance(one, mailbox.Mailbox))
    return [*_sites(at), *_social(at), *_talking(at), *_mail(box), *_served()]


def _sites(at: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "key": "webb",
            "name": "Webbplatsen",
            "platform": "wordpress",
            "api_url": f"{at['wordpress']}/wp-json",
            "user_env": "WEBB_USER",
            "token_env": "WEBB_PASSWORD",
            "banner_page": wordpress.BANNER_PAGE,
            "account": town.SITE,
        },
        {
            "key": "intranat",
            "name": "Intranätet",
            "platform": "webhook",
            "api_url": f"{at[INTRANET]}/hook",
            "token_env": "INTRANAT_SECRET",
            "readable": True,
            "drill": True,
        },
    ]


def _social(at: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "key": "facebook",
            "name": "Facebook",
            "platform": "facebook",
            "api_url": at["facebook"],
            "token_env": "FACEBOOK_TOKEN",
            "app_secret_env": "FACEBOOK_APP_SECRET",
            "verify_token_env": "FACEBOOK_VERIFY",
            "page_id": facebook.PAGE_ID,
            "account": town.PAGE,
            "lag_s": 0.5,
        },
        {
            "key": "instagram",
            "name": "Instagram",
            "platform": "instagram",
            "api_url": at["instagram"],
            "token_env": "INSTAGRAM_TOKEN",
            "app_secret_env": "INSTAGRAM_APP_SECRET",
            "verify_token_env": "INSTAGRAM_VERIFY",
            "account": town.PROFILES["instagram"],
            "username": instagram.USERNAME,
            "account_id": instagram.ACCOUNT_ID,
            "lag_s": 0.5,
        },
        {
            "key": "x",
            "name": "X",
            "platform": "x",
            "api_url": at["x"],
            "site_url": at["x"],
            "consumer_key_env": "X_CONSUMER_KEY",
            "consumer_secret_env": "X_CONSUMER_SECRET",
            "token_env": "X_TOKEN",
            "token_secret_env": "X_TOKEN_SECRET",
            "user_id": x.ACCOUNT,
            "username": x.HANDLE,
            "lag_s": 0.5,
        },
        {
            "key": "linkedin",
            "name": "LinkedIn",
            "platform": "linkedin",
            "api_url": at["linkedin"],
            "site_url": at["linkedin"],
            "token_env": "LINKEDIN_TOKEN",
            "organization": linkedin.ORGANIZATION,
            "lag_s": 0.5,
        },
        {
            "key": "mastodon",
            "name": "Mastodon",
            "platform": "mastodon",
            "api_url": at["mastodon"],
            "token_env": "MASTODON_TOKEN",
            "account": town.PROFILES["mastodon"],
        },
        {
            "key": "bluesky",
            "name": "Bluesky",
            "platform": "bluesky",
            "api_url": at["bluesky"],
            "site_url": at["bluesky"],
            "token_env": "BLUESKY_PASSWORD",
            "identifier": bluesky.HANDLE,
            "account": town.PROFILES["bluesky"],
        },
        {
            "key": "youtube",
            "name": "YouTube",
            "platform": "by_hand",
            "responsible": town.DESIGN,
        },
    ]


def _talking(at: Mapping[str, str]) -> list[dict[str, Any]]:
    """Channels whose comments alone are ours to read and answer."""
    return [
        {
            "key": "youtube-kommentarer",
            "name": "YouTubes kommentarer",
            "platform": "youtube",
            "api_url": at["youtube"],
            "site_url": at["youtube"],
            "token_url": f"{at['youtube']}/token",
            "token_env": "YOUTUBE_REFRESH",
            "client_id_env": "YOUTUBE_CLIENT",
            "client_secret_env": "YOUTUBE_CLIENT_SECRET",
            "channel_id": youtube.CHANNEL,
            "lag_s": 0.5,
        },
        {
            "key": "tiktok-kommentarer",
            "name": "TikToks kommentarer",
            "platform": "tiktok",
            "api_url": at["tiktok"],
            "token_env": "TIKTOK_TOKEN",
            "business_id": tiktok.BUSINESS,
            "lag_s": 0.5,
        },
    ]


def _mail(box: mailbox.Mailbox) -> list[dict[str, Any]]:
    lists = [
        ("press", "Presslistan", "press", ("redaktion@tidning.example", "p4@radio.example")),
        ("kontaktcenter", "Kontaktcenter", "contact_centre", (town.address("kontaktcenter"),)),
        ("kok", "Kök, skolor och boenden", "kitchens", (town.address("kok"), town.address("boenden"))),
    ]
    return [
        {
            "key": f"mejl-{key}",
            "name": name,
            "platform": "mail",
            "host": box.host,
            "port": box.port,
            "security": "none",
            "sender": town.address("kris"),
            "sender_name": "Exempelkommunen",
            "recipients": recipients,
            "kind": kind,
        }
        for key, name, kind, recipients in lists
    ]


def _served() -> list[dict[str, Any]]:
    return [
        {
            "key": "skylt-norr",
            "name": "Infartsskylten norr",
            "platform": "sign",
            "rows": 3,
            "characters": 24,
            "idle": "VÄLKOMMEN TILL / EXEMPELKOMMUNEN",
            "co_owner": town.address("it"),
        },
        {
            "key": "skarm-stadshuset",
            "name": "Skärmen i stadshuset",
            "platform": "sign",
            "rows": 4,
            "characters": 24,
            "idle": "LUNCH 11.30-13",
            "drill": True,  # only those who work there see it
            "co_owner": town.address("it"),
        },
        {"key": "floden", "name": "Flöden (Atom och CAP)", "platform": "feed"},
    ]


def listen(standing: Sequence[Platform], public_url: str) -> None:
    """The platforms tell the desk of residents' comments, as the vendors' webhooks do."""
    for one in standing:
        if isinstance(one, GraphAudience):
            one.remarks.hook = f"{public_url}/webhooks/{one.name}"
