"""Which channels the bot reaches, and what it may do there."""

from __future__ import annotations

from bot.sandbox.channels import Channel
from bot.sandbox.errors import ApiError
from bot.sandbox.hub import Hub

_WORDS = {"im": "im", "group": "groups", "channel": "channels"}


def need(hub: Hub, scope: str) -> None:
    """Raise ApiError("missing_scope") unless the token was granted this scope."""
    granted = hub.workspace.scopes
    if scope not in granted:
        raise ApiError("missing_scope", needed=scope, provided=",".join(sorted(granted)))


def visible(hub: Hub, channel_id: str) -> Channel:
    """Return a channel the bot knows of: public, or with the bot in it. Raises ApiError."""
    channel = hub.workspace.channels.get(channel_id)
    if channel is None or not (channel.public or inside(hub, channel)):
        raise ApiError("channel_not_found")
    return channel


def inside(hub: Hub, channel: Channel) -> bool:
    """Whether the bot is a member."""
    return hub.workspace.bot.user_id in channel.members


def described(hub: Hub, channel_id: str) -> Channel:
    """Return a channel to be described; needs channels:read, groups:read or im:read by its kind."""
    channel = visible(hub, channel_id)
    need(hub, f"{_WORDS[channel.kind]}:read")
    return channel


def readable(hub: Hub, channel_id: str) -> Channel:
    """Return a channel whose history the bot may read: only where it is a member, public or not."""
    channel = visible(hub, channel_id)
    need(hub, f"{_WORDS[channel.kind]}:history")
    if not inside(hub, channel):
        raise ApiError("not_in_channel")
    return channel


def writable(hub: Hub, channel: Channel) -> Channel:
    """Return the channel if the bot may post there. Raises ApiError."""
    if channel.archived:
        raise ApiError("is_archived")
    if not inside(hub, channel) and "chat:write.public" not in hub.workspace.scopes:
        raise ApiError("not_in_channel")
    if channel.read_only:
        raise ApiError("restricted_action_read_only_channel")
    return channel


def addressed(hub: Hub, given: str) -> Channel:
    """Return where a post goes: a channel, or the direct message with a person. Raises ApiError."""
    person = hub.workspace.people.get(given)
    if person is None:
        return visible(hub, given)
    if person.is_bot or (person.foreign and not _shared(hub, person.id)):
        raise ApiError("channel_not_found")
    return hub.workspace.im(hub.workspace.bot.user_id, person.id)


def _shared(hub: Hub, stranger: str) -> bool:
    channels = hub.workspace.channels.values()
    return any(c.ext_shared and stranger in c.members and inside(hub, c) for c in channels)
