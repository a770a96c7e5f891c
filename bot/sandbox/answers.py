"""What the bot answers on the spot: an acknowledgement with text, or a post to a response url."""

from __future__ import annotations

from typing import Any

from bot.sandbox import content
from bot.sandbox.content import Content
from bot.sandbox.errors import ApiError
from bot.sandbox.hub import Hub
from bot.sandbox.messages import Message
from bot.sandbox.response_urls import ResponseUrl

JSON = dict[str, Any]


def give(hub: Hub, url: ResponseUrl, body: JSON) -> Message | None:
    """Show, replace or delete as the bot says; return the message shown. Raises ApiError.

    Posting rules do not apply: this works in read-only channels and where the bot is no member.
    """
    if body.get("delete_original"):
        _delete(hub, url)
        return None
    said = content.read(body)
    if body.get("replace_original"):
        return _replace(hub, url, said)
    if body.get("response_type", "ephemeral") == "in_channel":
        return hub.workspace.add(_message(hub, url, said, body.get("thread_ts")))
    message = _message(hub, url, said, body.get("thread_ts"))
    message.ephemeral_to = url.user
    return hub.workspace.show(message)


def _original(hub: Hub, url: ResponseUrl) -> Message:
    found = hub.workspace.find(url.channel, url.message_ts or "", url.user)
    if found is None or found.subtype == "tombstone":
        raise ApiError("message_not_found")
    return found


def _delete(hub: Hub, url: ResponseUrl) -> None:
    message = _original(hub, url)
    if message.ephemeral_to:
        hub.workspace.hide(message)
    else:
        hub.workspace.remove(message)


def _replace(hub: Hub, url: ResponseUrl, said: Content) -> Message:
    message = _original(hub, url)
    message.text, message.blocks = said.text, said.blocks or []
    if message.ephemeral_to:
        return hub.workspace.show(message)
    message.edited = {"user": hub.workspace.bot.user_id, "ts": hub.workspace.stamps.next()}
    hub.workspace.change(message)
    return message


def _message(hub: Hub, url: ResponseUrl, said: Content, thread_ts: str | None) -> Message:
    bot = hub.workspace.bot
    return Message(
        channel=url.channel,
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
