"""What a person sees."""

from __future__ import annotations

import re
from typing import Any

from bot.sandbox.channels import Channel
from bot.sandbox.door import person
from bot.sandbox.errors import Refused
from bot.sandbox.hub import Hub
from bot.sandbox.messages import Message
from bot.sandbox.people import Person

JSON = dict[str, Any]


async def state(hub: Hub, given: JSON) -> JSON:
    """Return everything around the messages: people, channels, commands, switches."""
    workspace = hub.workspace
    who = person.acting(hub, given.get("person")) if given.get("person") else None
    features = workspace.manifest.get("features", {})
    return {
        "team": vars(workspace.team),
        "me": who.id if who else None,
        "people": [_person(one) for one in workspace.people.values() if not one.is_bot],
        "groups": [{"id": one.id, "handle": one.handle} for one in workspace.groups.values()],
        "channels": _channels(hub, who) if who else [],
        "commands": [_command(one) for one in features.get("slash_commands", ())],
        "shortcuts": [_shortcut(one) for one in features.get("shortcuts", ())],
        "faults": switches(hub),
        "bot": {
            "connected": hub.delivery.transport.connected,
            "mode": hub.delivery.transport.mode,
            "user": workspace.bot.user_id,
            "name": workspace.bot.name,
        },
    }


def switches(hub: Hub) -> JSON:
    """Return every switch as it stands."""
    return hub.faults.to_json() | {"limits": hub.limits.to_json()}


def _person(one: Person) -> JSON:
    return {
        "id": one.id,
        "name": one.name,
        "title": one.title,
        "guest": one.guest or one.ultra_guest,
        "deleted": one.deleted,
        "foreign": one.foreign,
        "locale": one.locale,
    }


def _channels(hub: Hub, who: Person) -> list[JSON]:
    hub.workspace.im(who.id, hub.workspace.bot.user_id)
    channels = hub.workspace.channels.values()
    return [_channel(hub, who, one) for one in channels if hub.workspace.may_read(one, who.id)]


def _channel(hub: Hub, who: Person, one: Channel) -> JSON:
    return {
        "id": one.id,
        "name": one.name,
        "kind": _kind(hub, one),
        "member": who.id in one.members,
        "archived": one.archived,
        "read_only": one.read_only,
        "ext_shared": one.ext_shared,
        "unread": hub.workspace.unread(who.id, one),
        "last_ts": one.timeline.last_ts,
        "with": one.other(who.id) if one.im else None,
    }


def _kind(hub: Hub, one: Channel) -> str:
    if not one.im:
        return "private" if one.private else "public"
    return "app" if hub.workspace.bot.user_id in one.members else "im"


def _shortcut(one: JSON) -> JSON:
    told = {name: one[name] for name in ("callback_id", "name", "type")}
    return told | {"description": one.get("description", "")}


def _command(one: JSON) -> JSON:
    hint = one.get("usage_hint", "")
    return {
        "command": one["command"],
        "description": one.get("description", ""),
        "usage_hint": hint,
        "words": [_word(given) for given in one["words"]] if "words" in one else _hinted(hint),
    }


def _word(given: str | JSON) -> JSON:
    """A word that the manifest lists, a key of ours: Slack itself suggests no words."""
    word = {"word": given} if isinstance(given, str) else given
    return {name: word.get(name, "") for name in ("word", "hint", "description")}


def _hinted(usage_hint: str) -> list[JSON]:
    """The words that the usage hint names, "ansök | visa KONTO"."""
    found = (re.match(r"[\s\[\](){}]*([\w-]+)[\s\])}]*(.*)", part) for part in usage_hint.split("|"))
    return [_word({"word": hit[1], "hint": hit[2].strip(" ])}")}) for hit in found if hit]


async def messages(hub: Hub, given: JSON) -> JSON:
    """Return what stands in a channel, or with `thread` a thread, oldest first."""
    who = person.acting(hub, given.get("person"))
    where = person.channel(hub, who, given.get("channel"))
    thread = given.get("thread") or None
    if thread:
        first = where.timeline.get(thread)
        found = [*([first] if first else []), *where.timeline.replies(thread)]
    else:
        found = list(where.timeline.roots())
        hub.workspace.mark_read(who.id, where)
    mine = hub.workspace.ephemerals.get((who.id, where.id), {}).values()
    shown = [*found, *(one for one in mine if one.thread_ts == thread)]
    return {"messages": [told(hub, one) for one in sorted(shown, key=lambda one: one.ts)]}


def told(hub: Hub, one: Message) -> JSON:
    """Return a message as the page shows it."""
    timeline = hub.workspace.channels[one.channel].timeline
    return {
        "channel": one.channel,
        "ts": one.ts,
        "user": one.user,
        "bot": one.bot_id is not None,
        "name": one.username or hub.workspace.people[one.user].name,
        "text": one.text,
        "blocks": one.blocks,
        "thread_ts": one.thread_ts,
        "reply_count": 0 if one.is_reply else len(timeline.replies(one.ts)),
        "edited": one.edited is not None,
        "ephemeral": one.ephemeral_to is not None,
        "deleted": one.subtype == "tombstone",
        "subtype": one.subtype,
    }


async def views(hub: Hub, given: JSON) -> JSON:
    """Return a person's open modals, the visible one last."""
    who = person.acting(hub, given.get("person"))
    return {"stack": [hub.screens.to_slack(view) for view in hub.screens.stack(who.id)]}


async def home(hub: Hub, given: JSON) -> JSON:
    """Return what the app published on a person's App Home."""
    who = person.acting(hub, given.get("person"))
    view = hub.screens.home(who.id)
    return {"view": hub.screens.to_slack(view) if view else None}


async def faults(hub: Hub, given: JSON) -> JSON:
    """Return the switches."""
    return switches(hub)


async def manifest(hub: Hub, given: JSON) -> JSON:
    """Return the installed manifest."""
    if not hub.workspace.manifest:
        raise Refused("no manifest is installed")
    return hub.workspace.manifest
