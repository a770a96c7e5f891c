"""Running the workspace: manifest, people, channels, groups and the fault switches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.sandbox import events
from bot.sandbox.api.conversations import enter
from bot.sandbox.channels import Channel
from bot.sandbox.door.look import switches
from bot.sandbox.errors import Refused
from bot.sandbox.hub import Hub
from bot.sandbox.people import Group, Person
from bot.sandbox.seed import PersonSeed

JSON = dict[str, Any]
_ADMIN = "USLACKBOT"
_PERSON = {"name", "email", "locale", "title", "guest", "ultra_guest", "deleted"}


def _without(given: JSON, *names: str) -> JSON:
    return {name: value for name, value in given.items() if name not in names}


async def manifest(hub: Hub, given: JSON) -> JSON:
    """Install the app anew with this manifest; over HTTP its address must echo a challenge (`verified`)."""
    given = _without(given, "person")
    if "display_information" not in given and "features" not in given:
        raise Refused("this is not an app manifest")
    hub.workspace.install(given)
    verified = await hub.delivery.transport.verify()
    return {"ok": True, "scopes": sorted(hub.workspace.scopes), "verified": verified}


async def people(hub: Hub, given: JSON) -> JSON:
    """Change a person, or admit a new one (then `name` is needed)."""
    user, changes = str(given["id"]), _without(given, "id", "person")
    unknown = set(changes) - _PERSON - {"team_id"}
    if unknown:
        raise Refused(f"a person has no {', '.join(sorted(unknown))}")
    person = hub.workspace.people.get(user)
    if person is None:
        return _admit(hub, user, changes)
    for name, value in changes.items():
        setattr(person, name, value)
    hub.workspace.change_person(person)
    events.user_changed(hub, person)
    return {"ok": True}


def _admit(hub: Hub, user: str, facts: JSON) -> JSON:
    if "name" not in facts:
        raise Refused("a new person needs a name")
    person = Person.planted(PersonSeed(id=user, **facts), hub.workspace.team.id)
    hub.workspace.admit(person)
    events.joined_team(hub, person)
    return {"ok": True}


async def channels(hub: Hub, given: JSON) -> JSON:
    """Change a channel: {archived?, name?, read_only?, invite?, kick?}; a new id with a name makes one."""
    channel = hub.workspace.channels.get(str(given["id"]))
    if channel is None:
        return _create(hub, given)
    for name, value in _without(given, "id", "person").items():
        change = _CHANGES.get(name)
        if change is None:
            raise Refused(f"a channel has no {name}")
        change(hub, channel, value)
    return {"ok": True}


def _create(hub: Hub, given: JSON) -> JSON:
    if "name" not in given:
        raise Refused("a new channel needs a name")
    members = dict.fromkeys(given.get("members", ()))
    channel = Channel(given["id"], given["name"], bool(given.get("private")), members=members)
    channel.created = int(hub.clock())
    hub.workspace.found(channel)
    events.channel_changed(hub, channel, "created", _ADMIN)
    return {"ok": True}


def _archive(hub: Hub, channel: Channel, value: Any) -> None:
    channel.archived = bool(value)
    hub.workspace.change_channel(channel)
    events.channel_changed(hub, channel, "archive" if value else "unarchive", _ADMIN)


def _rename(hub: Hub, channel: Channel, value: Any) -> None:
    channel.name = str(value)
    hub.workspace.change_channel(channel)
    events.channel_changed(hub, channel, "rename", _ADMIN)


def _restrict(hub: Hub, channel: Channel, value: Any) -> None:
    channel.read_only = bool(value)
    hub.workspace.change_channel(channel)


def _invite(hub: Hub, channel: Channel, value: Any) -> None:
    if value not in hub.workspace.people:
        raise Refused(f"there is no person {value!r}")
    if value not in channel.members:
        enter(hub, channel, str(value), _ADMIN)


def _kick(hub: Hub, channel: Channel, value: Any) -> None:
    if value in channel.members:
        del channel.members[value]
        hub.workspace.change_channel(channel)
        events.member_left(hub, channel, str(value))


_CHANGES: dict[str, Callable[[Hub, Channel, Any], None]] = {
    "archived": _archive,
    "name": _rename,
    "read_only": _restrict,
    "invite": _invite,
    "kick": _kick,
}


async def groups(hub: Hub, given: JSON) -> JSON:
    """Change a user group, or make one: {members?, handle?, disabled?}."""
    name = str(given["id"])
    group = hub.workspace.groups.get(name)
    if group is None:
        handle = str(given.get("handle", name.lower()))
        group = Group(name, handle, str(given.get("name", handle)))
    before = list(group.members)
    group.members = [str(member) for member in given.get("members", group.members)]
    group.handle = str(given.get("handle", group.handle))
    group.disabled = bool(given.get("disabled", group.disabled))
    hub.workspace.change_group(group)
    events.group_changed(hub, group, before)
    return {"ok": True}


async def faults(hub: Hub, given: JSON) -> JSON:
    """Set some switches; the others stay. Returns all of them."""
    given = _without(given, "person")
    limits = given.pop("limits", None)
    if isinstance(limits, bool):
        hub.limits.on = limits
    elif limits is not None:
        hub.limits.on = bool(limits.get("on", hub.limits.on))
        given.setdefault("workspace_per_min", limits.get("workspace_per_min", hub.limits.workspace_per_min))
    hub.limits.workspace_per_min = int(given.pop("workspace_per_min", hub.limits.workspace_per_min))
    if given.pop("socket_drop", False):
        await hub.sockets.drop()
    if given.pop("socket_refresh", False):
        await hub.sockets.disconnect()
    try:
        hub.faults.set(**given)
    except (ValueError, TypeError) as odd:
        raise Refused(str(odd)) from odd
    return {"ok": True, **switches(hub)}
