"""chat.*: posting, editing, deleting."""

from __future__ import annotations

from bot.sandbox import content, events
from bot.sandbox.api import places
from bot.sandbox.api.args import Args
from bot.sandbox.api.table import JSON, Table
from bot.sandbox.channels import Channel
from bot.sandbox.errors import ApiError, Throttled
from bot.sandbox.hub import Hub
from bot.sandbox.limits import Tier
from bot.sandbox.messages import Message

methods = Table()


@methods.method("chat.postMessage", Tier.POST, "chat:write", stores=True)
def post_message(hub: Hub, args: Args) -> JSON:
    """Post to a channel, a thread or a person."""
    channel = places.addressed(hub, args.required("channel"))
    seconds = hub.limits.post(channel.id)
    if seconds is not None:
        raise Throttled(seconds)
    places.writable(hub, channel)
    message = _message(hub, channel, args)
    message.broadcast = message.is_reply and args.flag("reply_broadcast")
    message.client_msg_id = args.text("client_msg_id")
    if "chat:write.customize" in hub.workspace.scopes:
        message.username = args.text("username")
    hub.workspace.add(message)
    events.message(hub, message)
    told = channel.timeline.to_slack(message, hub.workspace.team.id, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": told}


def _message(hub: Hub, channel: Channel, args: Args) -> Message:
    said = content.read(args.content())
    thread_ts = args.text("thread_ts")
    if thread_ts is not None and channel.timeline.get(thread_ts) is None:
        raise ApiError("thread_not_found")
    bot = hub.workspace.bot
    return Message(
        channel=channel.id,
        ts=hub.workspace.stamps.next(),
        user=bot.user_id,
        text=said.text,
        blocks=said.blocks or [],
        attachments=said.attachments,
        thread_ts=thread_ts,
        metadata=said.metadata,
        bot_id=bot.bot_id,
        app_id=bot.app_id,
    )


@methods.method("chat.update", Tier.THREE, "chat:write", stores=True)
def update(hub: Hub, args: Args) -> JSON:
    """Edit one's own message. Blocks that are not given stay as they were."""
    channel = places.visible(hub, args.required("channel"))
    message = _own(hub, channel, args.required("ts"), "cant_update_message")
    if channel.archived:
        raise ApiError("is_inactive")
    given = args.content()
    cleared = given["blocks"] == []
    said = content.read(given | ({"blocks": None} if cleared else {}))
    message.text = said.text or message.text
    if said.blocks is not None or cleared:
        message.blocks = said.blocks or []
    if given["attachments"] is not None:
        message.attachments = said.attachments
    message.metadata = said.metadata or message.metadata
    message.edited = {"user": hub.workspace.bot.user_id, "ts": hub.workspace.stamps.next()}
    hub.workspace.change(message)
    told = channel.timeline.to_slack(message, hub.workspace.team.id, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": told}


def _own(hub: Hub, channel: Channel, ts: str, refusal: str) -> Message:
    message = channel.timeline.get(ts)
    if message is None or message.subtype == "tombstone":
        raise ApiError("message_not_found")
    if message.bot_id != hub.workspace.bot.bot_id or message.subtype is not None:
        raise ApiError(refusal)
    return message


@methods.method("chat.delete", Tier.THREE, "chat:write", stores=True)
def delete(hub: Hub, args: Args) -> JSON:
    """Delete one's own message; one posted under another name stays."""
    channel = places.visible(hub, args.required("channel"))
    message = _own(hub, channel, args.required("ts"), "cant_delete_message")
    if message.username:
        raise ApiError("cant_delete_message")
    hub.workspace.remove(message)
    return {"channel": channel.id, "ts": message.ts}


@methods.method("chat.postEphemeral", Tier.FOUR, "chat:write", stores=True)
def post_ephemeral(hub: Hub, args: Args) -> JSON:
    """Show something to one member of a channel; in a thread only where somebody has answered already."""
    channel = places.writable(hub, places.visible(hub, args.required("channel")))
    person = hub.workspace.people.get(args.required("user"))
    if person is None or person.deleted or person.id not in channel.members:
        raise ApiError("user_not_in_channel")
    message = _message(hub, channel, args)
    message.ephemeral_to = person.id
    if not message.is_reply or channel.timeline.replies(message.thread_ts or ""):
        hub.workspace.show(message)
    return {"message_ts": message.ts}


@methods.method("chat.getPermalink", Tier.SPECIAL)
def get_permalink(hub: Hub, args: Args) -> JSON:
    """Return the address of a message."""
    channel = places.visible(hub, args.required("channel"))
    message = channel.timeline.get(args.required("message_ts"))
    if message is None:
        raise ApiError("message_not_found")
    link = f"{hub.base_url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}
