"""conversations.*: channels, their members and their history."""

from __future__ import annotations

from collections.abc import Sequence

from bot.sandbox import events
from bot.sandbox.api import places
from bot.sandbox.api.args import Args, cursor, page, position
from bot.sandbox.api.table import JSON, Table
from bot.sandbox.channels import Channel
from bot.sandbox.errors import ApiError
from bot.sandbox.hub import Hub
from bot.sandbox.limits import Tier
from bot.sandbox.messages import Message
from bot.sandbox.stamps import micros

methods = Table()
_EVER = 1 << 62
_READ = ("channels:read", "groups:read", "im:read")
_HISTORY = ("channels:history", "groups:history", "im:history")
_TYPES = {
    "public_channel": "channels:read",
    "private_channel": "groups:read",
    "im": "im:read",
    "mpim": "mpim:read",
}


@methods.method("conversations.list", Tier.TWO, *_READ)
def list_channels(hub: Hub, args: Args) -> JSON:
    """List channels. Archived ones are left out after the page was cut, so a page may be empty."""
    types = (args.text("types") or "public_channel").split(",")
    unknown = [kind for kind in types if kind not in _TYPES]
    if unknown:
        raise ApiError("invalid_types")
    for kind in types:
        places.need(hub, _TYPES[kind])
    rows, following = page([c for c in hub.workspace.channels.values() if _listed(hub, c, types)], args)
    if args.flag("exclude_archived"):
        rows = [channel for channel in rows if not channel.archived]
    bot = hub.workspace.bot.user_id
    return {"channels": [c.to_slack(bot) for c in rows], "response_metadata": {"next_cursor": following}}


def _listed(hub: Hub, channel: Channel, types: list[str]) -> bool:
    if channel.public:
        return "public_channel" in types
    return places.inside(hub, channel) and ("im" if channel.im else "private_channel") in types


@methods.method("conversations.info", Tier.THREE, *_READ)
def info(hub: Hub, args: Args) -> JSON:
    """Describe one channel."""
    channel = places.described(hub, args.required("channel"))
    told = channel.to_slack(hub.workspace.bot.user_id)
    if not args.flag("include_num_members"):
        told.pop("num_members", None)
    return {"channel": told}


@methods.method("conversations.members", Tier.FOUR, *_READ)
def members(hub: Hub, args: Args) -> JSON:
    """List who is in a channel."""
    channel = places.described(hub, args.required("channel"))
    rows, following = page(list(channel.members), args)
    return {"members": rows, "response_metadata": {"next_cursor": following}}


@methods.method("conversations.join", Tier.THREE, "channels:join", stores=True)
def join(hub: Hub, args: Args) -> JSON:
    """Step into a public channel, which everyone there sees."""
    channel = places.visible(hub, args.required("channel"))
    bot = hub.workspace.bot.user_id
    if not channel.public:
        raise ApiError("method_not_supported_for_channel_type")
    if channel.archived:
        raise ApiError("is_archived")
    if bot in channel.members:
        told = {"channel": channel.to_slack(bot), "warning": "already_in_channel"}
        return told | {"response_metadata": {"warnings": ["already_in_channel"]}}
    enter(hub, channel, bot)
    return {"channel": channel.to_slack(bot)}


def enter(hub: Hub, channel: Channel, user: str, inviter: str | None = None) -> None:
    """Make a user a member: the line in the channel, the event to the bot."""
    channel.members[user] = None
    hub.workspace.change_channel(channel)
    text = f"<@{user}> has joined the channel"
    stamp = hub.workspace.stamps.next()
    hub.workspace.add(Message(channel.id, stamp, user, text, subtype=f"{channel.kind}_join"))
    events.member_joined(hub, channel, user, inviter)


@methods.method("conversations.open", Tier.THREE, "im:write", stores=True)
def open_im(hub: Hub, args: Args) -> JSON:
    """Open the direct message with one person."""
    known = args.text("channel")
    channel = places.visible(hub, known) if known else _with(hub, args.required("users"))
    if not channel.im:
        raise ApiError("method_not_supported_for_channel_type")
    told = channel.to_slack(hub.workspace.bot.user_id) if args.flag("return_im") else {"id": channel.id}
    return {"channel": told, "no_op": True, "already_open": True}


def _with(hub: Hub, users: str) -> Channel:
    if "," in users:
        raise ApiError("mpim_not_in_sandbox")
    person = hub.workspace.people.get(users)
    if person is None:
        raise ApiError("user_not_found")
    if person.deleted:
        raise ApiError("user_disabled")
    return places.addressed(hub, users)


@methods.method("conversations.history", Tier.THREE, *_HISTORY)
def history(hub: Hub, args: Args) -> JSON:
    """Return what stands in a channel, newest first; what is newer than the lag is not there yet."""
    channel = places.readable(hub, args.required("channel"))
    limit = args.number("limit", 100, 999)
    oldest, latest = _bounds(hub, args)
    upto = position(args.text("cursor"), latest)
    places_found = channel.timeline.window(oldest, min(latest, upto))
    rows = [channel.timeline.get(ts) for _, ts in reversed(places_found[-limit:])]
    following = cursor(places_found[-limit][0] - 1) if len(places_found) > limit else ""
    return _messages(hub, channel, args, [row for row in rows if row], following)


@methods.method("conversations.replies", Tier.THREE, *_HISTORY)
def replies(hub: Hub, args: Args) -> JSON:
    """Return a thread, its first message first."""
    channel = places.readable(hub, args.required("channel"))
    oldest, latest = _bounds(hub, args)
    first = channel.timeline.get(args.required("ts"))
    if first is None or micros(first.ts) > _newest(hub):
        raise ApiError("thread_not_found")
    answers = [m for m in channel.timeline.replies(first.ts) if oldest <= micros(m.ts) <= latest]
    rows, following = page([first, *answers], args, most=999)
    return _messages(hub, channel, args, rows, following)


def _newest(hub: Hub) -> int:
    """The youngest message history knows of, in microseconds."""
    lag = hub.faults.history_lag_s
    return int((hub.clock() - lag) * 1_000_000) if lag else _EVER


def _bounds(hub: Hub, args: Args) -> tuple[int, int]:
    """Return the first and last microsecond asked for; the given edges count only if `inclusive`."""
    edge = 0 if args.flag("inclusive") else 1
    try:
        oldest, latest = (micros(args.text(name) or "0") for name in ("oldest", "latest"))
    except ValueError as odd:
        raise ApiError("invalid_ts_oldest") from odd
    return oldest + edge, min(latest - edge if latest else _EVER, _newest(hub))


def _messages(hub: Hub, channel: Channel, args: Args, rows: Sequence[Message], following: str) -> JSON:
    metadata = args.flag("include_all_metadata")
    told = [channel.timeline.to_slack(m, hub.workspace.team.id, metadata=metadata) for m in rows]
    answer: JSON = {"messages": told, "has_more": bool(following)}
    if following:
        answer["response_metadata"] = {"next_cursor": following}
    return answer
