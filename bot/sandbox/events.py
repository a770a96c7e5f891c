"""Events: what the bot is told of without having asked."""

from __future__ import annotations

from typing import Any

from bot.sandbox import payloads
from bot.sandbox.channels import Channel
from bot.sandbox.hub import Hub
from bot.sandbox.messages import Message
from bot.sandbox.people import Group, Person
from bot.sandbox.screens import View

JSON = dict[str, Any]


def _tell(hub: Hub, name: str, happening: JSON) -> None:
    if subscribed(hub.workspace.manifest, name):
        hub.delivery.tell(payloads.event(hub, happening))


def subscribed(manifest: JSON, name: str) -> bool:
    """Whether the app asked for this event; with no manifest, for all but what people write."""
    if not manifest:
        return not name.startswith("message.") and name != "app_mention"
    subscriptions = manifest.get("settings", {}).get("event_subscriptions", {})
    return name in subscriptions.get("bot_events", ())


def _reaches(hub: Hub, channel: Channel) -> bool:
    return hub.workspace.bot.user_id in channel.members


def message(hub: Hub, said: Message) -> None:
    """A message was posted where the bot is a member."""
    channel = hub.workspace.channels[said.channel]
    if not _reaches(hub, channel):
        return
    told = channel.timeline.to_slack(said, hub.workspace.team.id)
    place = {"channel": channel.id, "channel_type": channel.kind}
    name = {"im": "message.im", "group": "message.groups"}.get(channel.kind, "message.channels")
    _tell(hub, name, told | place)
    if f"<@{hub.workspace.bot.user_id}>" in said.text:
        _tell(hub, "app_mention", told | {"type": "app_mention", "channel": channel.id})


def home_opened(hub: Hub, person: Person, view: View | None) -> None:
    """Somebody looks at App Home."""
    channel = hub.workspace.im(hub.workspace.bot.user_id, person.id)
    happening: JSON = {
        "type": "app_home_opened",
        "user": person.id,
        "channel": channel.id,
        "tab": "home",
    }
    if view is not None:
        happening["view"] = hub.screens.to_slack(view)
    _tell(hub, "app_home_opened", happening)


def user_changed(hub: Hub, person: Person) -> None:
    """A person's profile, language or standing changed."""
    mail = "users:read.email" in hub.workspace.scopes
    user = person.to_slack(email=mail, locale=True)
    happening = {"user": user, "cache_ts": int(hub.clock())}
    _tell(hub, "user_change", {"type": "user_change", **happening})


def joined_team(hub: Hub, person: Person) -> None:
    """Somebody is new in the workspace."""
    user = person.to_slack(email="users:read.email" in hub.workspace.scopes, locale=True)
    _tell(hub, "team_join", {"type": "team_join", "user": user})


def member_joined(hub: Hub, channel: Channel, user: str, inviter: str | None = None) -> None:
    """Somebody, perhaps the bot, came into a channel."""
    if not _reaches(hub, channel):
        return
    happening: JSON = _membership(hub, "member_joined_channel", channel, user)
    _tell(hub, "member_joined_channel", happening | ({"inviter": inviter} if inviter else {}))


def member_left(hub: Hub, channel: Channel, user: str) -> None:
    """Somebody, perhaps the bot, left a channel."""
    if _reaches(hub, channel) or user == hub.workspace.bot.user_id:
        happening = _membership(hub, "member_left_channel", channel, user)
        _tell(hub, "member_left_channel", happening)


def _membership(hub: Hub, kind: str, channel: Channel, user: str) -> JSON:
    place = {"channel": channel.id, "channel_type": "G" if channel.private else "C"}
    return {"type": kind, "user": user, "team": hub.workspace.team.id, **place}


def channel_changed(hub: Hub, channel: Channel, what: str, by: str) -> None:
    """A channel was archived, unarchived, renamed or created (`what` is Slack's word)."""
    if channel.private and not _reaches(hub, channel):
        return
    kind = f"group_{what}" if channel.private else f"channel_{what}"
    about: Any = channel.id
    if what in ("rename", "created"):
        about = {"id": channel.id, "name": channel.name, "created": channel.created}
    _tell(hub, kind, {"type": kind, "channel": about, "user": by})


def group_changed(hub: Hub, group: Group, before: list[str]) -> None:
    """A user group has other members than before."""
    added = [member for member in group.members if member not in before]
    removed = [member for member in before if member not in group.members]
    happening = {
        "type": "subteam_members_changed",
        "subteam_id": group.id,
        "team_id": hub.workspace.team.id,
        "date_previous_update": 0,
        "date_update": group.updated,
        "added_users": added,
        "added_users_count": str(len(added)),
        "removed_users": removed,
        "removed_users_count": str(len(removed)),
    }
    _tell(hub, "subteam_members_changed", happening)
