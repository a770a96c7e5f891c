"""The Slack manifest, derived from what is registered: a listener that is not in it would never be called."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from bot.channels.scopes import COMMANDS, scopes
from bot.desk import Desk
from bot.texts import Speak, Texts

COLOUR: Final = "#0b4a8f"
ON_MESSAGE: Final = "message."  # callback ids of shortcuts on a message begin so
# What Slack calls the events a listener hears, and the scopes each needs.
EVENTS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "app_home_opened": {"app_home_opened": ()},
    "app_uninstalled": {"app_uninstalled": ()},
    "tokens_revoked": {"tokens_revoked": ()},
    "user_change": {"user_change": ("users:read",)},
    "team_join": {"team_join": ("users:read",)},
    "subteam_created": {"subteam_created": ("usergroups:read",)},
    "subteam_updated": {"subteam_updated": ("usergroups:read",)},
    "subteam_members_changed": {"subteam_members_changed": ("usergroups:read",)},
    "channel_archive": {"channel_archive": ("channels:read",)},
    "channel_unarchive": {"channel_unarchive": ("channels:read",)},
    "channel_rename": {"channel_rename": ("channels:read",)},
    "channel_deleted": {"channel_deleted": ("channels:read",)},
    "channel_id_changed": {"channel_id_changed": ("channels:read",)},
    "member_joined_channel": {"member_joined_channel": ("channels:read", "groups:read")},
    "member_left_channel": {"member_left_channel": ("channels:read", "groups:read")},
    "message": {
        "message.channels": ("channels:history",),
        "message.groups": ("groups:history",),
        "message.im": ("im:history",),
    },
}


class Registered(Protocol):
    """What the boundary remembers of its listeners."""

    @property
    def desk(self) -> Desk:
        """For its language."""

    @property
    def texts(self) -> Texts:
        """For names and descriptions."""

    @property
    def commands(self) -> Mapping[str, Any]:
        """By name with its slash."""

    @property
    def shortcuts(self) -> Mapping[str, Any]:
        """By callback id."""

    @property
    def events(self) -> Mapping[str, Any]:
        """By name."""


class Word(Protocol):
    """A sub-word of a command."""

    @property
    def shown(self) -> str:
        """As it is shown."""


class Vocabulary(Protocol):
    """The sub-words of all commands."""

    def shown(self, command: str) -> Sequence[Word]:
        """A command's words in order."""


def manifest(
    boundary: Registered, words: Vocabulary, *, socket_mode: bool, request_url: str | None
) -> dict[str, Any]:
    """The manifest in the desk's language. ``request_url`` is the address of /slack/events.

    Raises ValueError for HTTP mode without an address, KeyError for an event that EVENTS lacks, and
    MissingText for a command or shortcut without a description.
    """
    url = None if socket_mode else request_url
    if not socket_mode and not url:
        raise ValueError("HTTP mode needs a request url")
    t = boundary.texts.language(boundary.desk.settings.slack.language)
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": _display(t),
        "features": {
            "app_home": {
                "home_tab_enabled": "app_home_opened" in boundary.events,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": t("manifest.name"), "always_online": True},
            "shortcuts": [_shortcut(t, callback) for callback in boundary.shortcuts],
            "slash_commands": [_command(t, name, words.shown(name), url) for name in boundary.commands],
        },
        "oauth_config": {"scopes": {"bot": bot_scopes(boundary)}},
        "settings": _settings(boundary, url),
    }


def bot_scopes(boundary: Registered) -> list[str]:
    """The scopes of every method the bot may call and every event it hears, sorted."""
    of_events = (needed for name in boundary.events for needed in EVENTS[name].values())
    return sorted({COMMANDS, *scopes()}.union(*of_events))


def _display(t: Speak) -> dict[str, str]:
    return {
        "name": t("manifest.name"),
        "description": t("manifest.description"),
        "long_description": t("manifest.long"),
        "background_color": COLOUR,
    }


def _shortcut(t: Speak, callback: str) -> dict[str, str]:
    name = callback.replace(".", "_")
    return {
        "name": t(f"manifest.shortcut.{name}"),
        "type": "message" if callback.startswith(ON_MESSAGE) else "global",
        "callback_id": callback,
        "description": t(f"manifest.about.{name}"),
    }


def _command(t: Speak, name: str, words: Sequence[Word], url: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "command": name,
        "description": t(f"manifest.command.{name.removeprefix('/')}"),
        "usage_hint": " | ".join(word.shown for word in words),
        "should_escape": False,
    }
    return found | ({"url": url} if url else {})


def _settings(boundary: Registered, url: str | None) -> dict[str, Any]:
    heard = sorted(slack_name for name in boundary.events for slack_name in EVENTS[name])
    address = {"request_url": url} if url else {}
    menus = {"message_menu_options_url": url} if url else {}
    return {
        "event_subscriptions": {**address, "bot_events": heard},
        "interactivity": {"is_enabled": True, **address, **menus},
        "org_deploy_enabled": False,
        "socket_mode_enabled": url is None,
        "token_rotation_enabled": False,
    }
