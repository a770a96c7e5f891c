"""The Slack manifest: exactly what is registered, within Slack's limits."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot import app as roof
from bot import stage
from bot.app import Kanalvakt
from bot.channels.scopes import scopes
from bot.manifest import EVENTS, manifest
from bot.settings import Environment
from tests import town

FILE = Path(__file__).parents[2] / "deploy" / "slack-manifest.json"
URL = "https://kanalvakt.example.se/slack/events"
# The bot scopes of Slack that this bot could sensibly ask for; the manifest's schema checks no names.
KNOWN_SCOPES = {
    *("channels:history", "channels:join", "channels:read", "chat:write", "chat:write.public", "commands"),
    *("files:read", "files:write", "groups:history", "groups:read", "im:history", "im:read", "im:write"),
    *("reactions:write", "team:read", "usergroups:read", "users:read", "users:read.email"),
}


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Kanalvakt]:
    environment = Environment(
        slack_bot_token="xoxb-1",
        slack_signing_secret="secret",
        log_key="k" * 32,
        database_url=f"sqlite:///{tmp_path / 'unused.db'}",
    )
    desk = roof.build(town.settings(), environment)
    yield desk
    await desk.stop()


@pytest.fixture
def socket(desk: Kanalvakt) -> dict[str, Any]:
    return manifest(desk.boundary, desk.words, socket_mode=True, request_url=None)


@pytest.fixture
def http(desk: Kanalvakt) -> dict[str, Any]:
    return manifest(desk.boundary, desk.words, socket_mode=False, request_url=URL)


def commands(found: dict[str, Any]) -> list[dict[str, Any]]:
    return found["features"]["slash_commands"]


async def test_every_registered_command_is_in_it_and_no_other(desk: Kanalvakt, socket: dict[str, Any]) -> None:
    """A command that Slack does not know of can never be typed; one we do not hear stays unanswered."""
    assert [one["command"] for one in commands(socket)] == list(desk.boundary.commands)
    assert {"/konto", "/komm"} <= set(desk.boundary.commands)


async def test_every_registered_shortcut_is_in_it_and_no_other(desk: Kanalvakt, socket: dict[str, Any]) -> None:
    """With its type, name and description."""
    shortcuts = socket["features"]["shortcuts"]
    assert [one["callback_id"] for one in shortcuts] == list(desk.boundary.shortcuts)
    [apply] = [one for one in shortcuts if one["callback_id"] == "account.open"]
    assert (apply["type"], apply["name"]) == ("global", "Ansök om konto")


async def test_every_registered_event_is_in_it_and_no_other(desk: Kanalvakt, socket: dict[str, Any]) -> None:
    """By Slack's names, and the home tab is on when somebody draws it."""
    heard = socket["settings"]["event_subscriptions"]["bot_events"]
    assert heard == sorted(name for event in desk.boundary.events for name in EVENTS[event])
    assert heard
    assert socket["features"]["app_home"]["home_tab_enabled"] is ("app_home_opened" in desk.boundary.events)


async def test_the_scopes_are_those_of_methods_commands_and_events(desk: Kanalvakt, socket: dict[str, Any]) -> None:
    """None lacking, none that nothing needs, none that Slack does not have."""
    asked = socket["oauth_config"]["scopes"]["bot"]
    of_events = {scope for event in desk.boundary.events for needed in EVENTS[event].values() for scope in needed}
    assert set(asked) == {"commands", *scopes(), *of_events}
    assert asked == sorted(set(asked))
    assert set(asked) <= KNOWN_SCOPES


async def test_an_event_brings_its_scope(desk: Kanalvakt) -> None:
    """Messages are heard where their history may be read."""

    heard = {"message": None, "channel_archive": None}
    listening = SimpleNamespace(desk=desk.desk, texts=desk.boundary.texts, commands={}, shortcuts={}, events=heard)
    found = manifest(listening, desk.words, socket_mode=True, request_url=None)
    assert found["settings"]["event_subscriptions"]["bot_events"] == [
        "channel_archive",
        "message.channels",
        "message.groups",
        "message.im",
    ]
    assert {"channels:history", "groups:history", "im:history"} <= set(found["oauth_config"]["scopes"]["bot"])


def test_all_event_scopes_exist() -> None:
    """A misspelt scope would only be found at the installation."""
    assert {scope for names in EVENTS.values() for needed in names.values() for scope in needed} <= KNOWN_SCOPES


async def test_socket_mode_names_no_address(socket: dict[str, Any]) -> None:
    """Nothing of ours is open to the world."""
    assert "http" not in json.dumps(socket)
    assert socket["settings"]["socket_mode_enabled"] is True


async def test_http_mode_names_the_one_address_everywhere(http: dict[str, Any]) -> None:
    """Commands, interactions, suggestions and events arrive at the same door."""
    assert {one["url"] for one in commands(http)} == {URL}
    settings = http["settings"]
    assert settings["interactivity"] == {
        "is_enabled": True,
        "request_url": URL,
        "message_menu_options_url": URL,
    }
    assert settings["event_subscriptions"]["request_url"] == URL
    assert settings["socket_mode_enabled"] is False


async def test_http_mode_without_an_address_is_refused(desk: Kanalvakt) -> None:
    """Slack would send nothing anywhere."""
    with pytest.raises(ValueError, match="request url"):
        manifest(desk.boundary, desk.words, socket_mode=False, request_url=None)


async def test_a_command_lists_its_words(socket: dict[str, Any]) -> None:
    """As they are shown, in order."""
    [konto] = [one for one in commands(socket) if one["command"] == "/konto"]
    assert konto["usage_hint"].startswith("ansök | mina | lista")


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_it_stays_within_slacks_limits(desk: Kanalvakt, language: Any) -> None:
    """Lengths and numbers of the manifest's schema, in both languages."""
    object.__setattr__(desk.desk.settings.slack, "language", language)
    found = manifest(desk.boundary, desk.words, socket_mode=False, request_url=URL)
    shown, features = found["display_information"], found["features"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 175 <= len(shown["long_description"]) <= 4000
    assert len(features["bot_user"]["display_name"]) <= 80
    assert len(features["shortcuts"]) <= 10
    assert all(len(one["description"]) <= 150 and len(one["name"]) <= 24 for one in features["shortcuts"])
    assert 1 <= len(features["slash_commands"]) <= 50
    for one in features["slash_commands"]:
        assert one["command"].startswith("/")
        assert 2 <= len(one["command"]) <= 32
        assert len(one["description"]) <= 2000
        assert 0 < len(one["usage_hint"]) <= 1000
    assert len(found["settings"]["event_subscriptions"]["bot_events"]) <= 100
    assert len(found["oauth_config"]["scopes"]["bot"]) <= 255


def test_the_manifest_in_deploy_is_the_one_the_command_prints() -> None:
    """`kanalvakt manifest > deploy/slack-manifest.json` was run after the last change."""
    assert json.loads(FILE.read_text("utf-8")) == stage.manifest(socket_mode=True, public_url="")
