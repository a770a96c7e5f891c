"""What the bot is told of without asking."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.sandbox.driver import Admin, Person, Surprise
from bot.sandbox.events import subscribed
from bot.sandbox.seed import Seed
from bot.sandbox.server import Sandbox
from tests.sandbox.world import HEAD, STAFF, Clock, bolt, connected

EVENTS = (
    "app_home_opened",
    "user_change",
    "team_join",
    "member_joined_channel",
    "member_left_channel",
    "channel_archive",
    "channel_unarchive",
    "channel_rename",
    "channel_created",
    "group_rename",
    "subteam_members_changed",
    "message.channels",
    "message.im",
    "app_mention",
)


@pytest.fixture
async def heard(sandbox: Sandbox) -> AsyncIterator[list[dict]]:
    """Every event the bot receives, all of them subscribed to."""
    app, told = bolt(sandbox), []

    @app.middleware
    async def note(body, next):
        told.append(body["event"])
        await next()

    @app.event({"type": "message"})
    async def said():
        pass

    for name in EVENTS:
        if not name.startswith("message."):
            app.event(name)(said)
    settings = {"event_subscriptions": {"bot_events": list(EVENTS)}}
    sandbox.hub.workspace.install({"display_information": {"name": "x"}, "settings": settings})
    async with connected(app):
        yield told


async def change(sandbox: Sandbox, path: str, **body) -> dict:
    return await Admin(sandbox.base_url).call("POST", path, body)


CHANGES = {
    "a new language": ("people/U0STAFF", {"locale": "sv-SE"}, "user_change"),
    "leaving the workspace": ("people/U0STAFF", {"deleted": True}, "user_change"),
    "a new colleague": ("people/U0NEW", {"name": "Registrator", "email": "reg@kommunen.test"}, "team_join"),
    "an archived channel": ("channels/C0KOMM", {"archived": True}, "channel_archive"),
    "a channel brought back": ("channels/C0OLD", {"archived": False}, "channel_unarchive"),
    "a renamed channel": ("channels/C0KOMM", {"name": "kommunikation"}, "channel_rename"),
    "a renamed private channel": ("channels/G0VI", {"name": "oss"}, "group_rename"),
    "a new channel": ("channels/C0NEW", {"name": "nyheter", "members": [HEAD]}, "channel_created"),
    "the bot invited": ("channels/C0ALLA", {"invite": "U0000000BOT"}, "member_joined_channel"),
    "somebody invited": ("channels/C0KOMM", {"invite": "U0GUEST"}, "member_joined_channel"),
    "the bot put out": ("channels/C0KOMM", {"kick": "U0000000BOT"}, "member_left_channel"),
    "a changed group": ("groups/S0KOMM", {"members": [STAFF]}, "subteam_members_changed"),
}


@pytest.mark.parametrize("name", CHANGES)
async def test_the_bot_is_told_of(sandbox: Sandbox, head: Person, heard: list[dict], name: str):
    path, body, event = CHANGES[name]
    assert (await change(sandbox, path, **body))["ok"]
    await head.eventually(lambda: [one for one in heard if one["type"] == event])


@pytest.mark.parametrize(
    ("path", "body"),
    [("channels/G0CHEF", {"name": "cheferna"}), ("channels/C0ALLA", {"invite": "U0GUEST"})],
)
async def test_the_bot_is_not_told_of_places_it_does_not_know(
    sandbox: Sandbox, head: Person, heard: list[dict], path: str, body: dict
):
    await change(sandbox, path, **body)
    await change(sandbox, "people/U0STAFF", title="Bibliotekarie")
    await head.eventually(lambda: [one for one in heard if one["type"] == "user_change"])
    assert [one["type"] for one in heard] == ["user_change"]


async def test_a_changed_group_says_who_came_and_went(sandbox: Sandbox, head: Person, heard: list[dict]):
    await change(sandbox, "groups/S0KOMM", members=[STAFF])
    await head.eventually(lambda: heard)
    assert (heard[0]["added_users"], heard[0]["removed_users"]) == ([STAFF], [HEAD])


async def test_messages_and_mentions_are_two_events(sandbox: Sandbox, head: Person, heard: list[dict]):
    said = await head.say("Hej @U0000000BOT", "C0KOMM")
    await head.eventually(lambda: len(heard) == 2)
    assert {(one["type"], one["ts"]) for one in heard} == {("message", said["ts"]), ("app_mention", said["ts"])}


async def test_home_is_opened_with_its_tab(sandbox: Sandbox, head: Person, heard: list[dict]):
    await head.open_home()
    await head.eventually(lambda: heard)
    assert (heard[0]["tab"], heard[0]["user"], heard[0]["channel"]) == ("home", HEAD, await head.dm())


def test_an_app_hears_what_its_manifest_names():
    manifest = {"settings": {"event_subscriptions": {"bot_events": ["user_change"]}}}
    assert subscribed(manifest, "user_change")
    assert not subscribed(manifest, "team_join")
    assert not subscribed({"features": {}}, "user_change")
    assert subscribed({}, "team_join")
    assert not subscribed({}, "message.channels")


@pytest.mark.parametrize(
    ("path", "body", "why"),
    [
        ("people/U0NEW", {"email": "x@y.test"}, "needs a name"),
        ("people/U0HEAD", {"height": 2}, "no height"),
        ("channels/C0NEW", {"archived": True}, "needs a name"),
        ("channels/C0KOMM", {"colour": "red"}, "no colour"),
        ("channels/C0KOMM", {"invite": "U0NONE"}, "no person"),
    ],
)
async def test_odd_changes_are_refused(sandbox: Sandbox, path: str, body: dict, why: str):
    with pytest.raises(Surprise, match=why):
        await change(sandbox, path, **body)


def test_a_seed_survives_a_file(seed: Seed, tmp_path, clock: Clock):
    seed.save(tmp_path / "seed.json")
    assert Seed.load(tmp_path / "seed.json") == seed
    with pytest.raises(TypeError):
        Seed.from_json({"people": [{"id": "U1", "name": "x", "height": 2}]})
