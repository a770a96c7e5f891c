"""What the bot is sent, in Slack's shapes."""

from __future__ import annotations

from typing import Any

from bot.sandbox.channels import Channel
from bot.sandbox.hub import Hub
from bot.sandbox.inputs import Values, state
from bot.sandbox.messages import Message
from bot.sandbox.people import Person
from bot.sandbox.screens import View
from bot.sandbox.stamps import random_id

JSON = dict[str, Any]
_OLD_TOKEN = "sandbox-verification-token"  # noqa: S105 (deprecated by Slack, still in every payload)


def command(hub: Hub, person: Person, channel: Channel, word: str, text: str) -> JSON:
    """Return the payload of a slash command."""
    team = hub.workspace.team
    return {
        "token": _OLD_TOKEN,
        "team_id": person.team_id,
        "team_domain": team.domain,
        "channel_id": channel.id,
        "channel_name": channel.payload_name,
        "user_id": person.id,
        "user_name": person.handle,
        "command": word,
        "text": text,
        "api_app_id": hub.workspace.bot.app_id,
        "is_enterprise_install": "false",
        "response_url": hub.urls.issue(channel.id, person.id),
        "trigger_id": hub.triggers.issue(person.id),
    }


def _interaction(hub: Hub, kind: str, person: Person) -> JSON:
    team = hub.workspace.team
    return {
        "type": kind,
        "user": {
            "id": person.id,
            "username": person.handle,
            "name": person.handle,
            "team_id": person.team_id,
        },
        "api_app_id": hub.workspace.bot.app_id,
        "token": _OLD_TOKEN,
        "team": {"id": team.id, "domain": team.domain},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def message_action(hub: Hub, person: Person, message: Message, action: JSON, typed: Values) -> JSON:
    """Return block_actions from a message; an ephemeral message does not travel along."""
    channel = hub.workspace.channels[message.channel]
    payload = _interaction(hub, "block_actions", person)
    payload |= _message_container(message)
    payload["trigger_id"] = hub.triggers.issue(person.id)
    payload["channel"] = {"id": channel.id, "name": channel.payload_name}
    if message.ephemeral_to is None:
        payload["message"] = channel.timeline.to_slack(message, hub.workspace.team.id)
    payload["state"] = {"values": state(message.blocks, typed)}
    payload["response_url"] = hub.urls.issue(channel.id, person.id, message.ts, message.thread_ts)
    payload["actions"] = [action]
    return payload


def _message_container(message: Message) -> JSON:
    container: JSON = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": message.ephemeral_to is not None,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    return {"container": container}


def view_action(hub: Hub, person: Person, view: View, action: JSON) -> JSON:
    """Return block_actions from a modal or from App Home."""
    payload = _interaction(hub, "block_actions", person)
    payload["container"] = {"type": "view", "view_id": view.id}
    payload["trigger_id"] = hub.triggers.issue(person.id, view.id)
    payload["view"] = hub.screens.to_slack(view)
    payload["actions"] = [action]
    return payload


def suggestion(hub: Hub, person: Person, block_id: str, action_id: str, value: str, where: View | Message) -> JSON:
    """Return block_suggestion: the person has typed `value` into an external select."""
    payload = _interaction(hub, "block_suggestion", person)
    payload |= {"action_id": action_id, "block_id": block_id, "value": value}
    if isinstance(where, View):
        container = {"type": "view", "view_id": where.id}
        return payload | {"container": container, "view": hub.screens.to_slack(where)}
    channel = hub.workspace.channels[where.channel]
    payload |= _message_container(where)
    payload["channel"] = {"id": channel.id, "name": channel.payload_name}
    payload["message"] = channel.timeline.to_slack(where, hub.workspace.team.id)
    return payload


def submission(hub: Hub, person: Person, view: View) -> JSON:
    """Return view_submission with everything entered."""
    payload = _interaction(hub, "view_submission", person)
    payload["trigger_id"] = hub.triggers.issue(person.id, view.id)
    payload["view"] = hub.screens.to_slack(view)
    payload["response_urls"] = _chosen_channels(hub, person, view)
    return payload


def _chosen_channels(hub: Hub, person: Person, view: View) -> list[JSON]:
    urls = []
    for block in view.content["blocks"]:
        element = block.get("element", {})
        if not element.get("response_url_enabled"):
            continue
        entered = view.typed.get(block["block_id"], {}).get(element["action_id"], {})
        channel = entered.get("selected_channel") or entered.get("selected_conversation")
        if channel:
            place = {"block_id": block["block_id"], "action_id": element["action_id"], "channel_id": channel}
            urls.append(place | {"response_url": hub.urls.issue(channel, person.id)})
    return urls


def closed(hub: Hub, person: Person, view: View, *, cleared: bool) -> JSON:
    """Return view_closed; `cleared` when the whole stack went at once."""
    payload = _interaction(hub, "view_closed", person)
    return payload | {"view": hub.screens.to_slack(view), "is_cleared": cleared}


def shortcut(hub: Hub, person: Person, callback_id: str) -> JSON:
    """Return a global shortcut: no channel, no response url."""
    payload = _interaction(hub, "shortcut", person)
    stamp = hub.workspace.stamps.next()
    return payload | {
        "callback_id": callback_id,
        "trigger_id": hub.triggers.issue(person.id),
        "action_ts": stamp,
    }


def message_shortcut(hub: Hub, person: Person, callback_id: str, message: Message) -> JSON:
    """Return a message shortcut (type message_action)."""
    channel = hub.workspace.channels[message.channel]
    payload = shortcut(hub, person, callback_id) | {"type": "message_action"}
    return payload | {
        "channel": {"id": channel.id, "name": channel.payload_name},
        "message": channel.timeline.to_slack(message, hub.workspace.team.id),
        "message_ts": message.ts,
        "response_url": hub.urls.issue(channel.id, person.id, thread_ts=message.thread_ts),
    }


def event(hub: Hub, happening: JSON) -> JSON:
    """Return an event in its outer envelope."""
    workspace = hub.workspace
    team = workspace.team.id
    now = workspace.stamps.next()
    authorization = {
        "enterprise_id": None,
        "team_id": team,
        "user_id": workspace.bot.user_id,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    return {
        "token": _OLD_TOKEN,
        "team_id": team,
        "context_team_id": team,
        "api_app_id": workspace.bot.app_id,
        "event": {"event_ts": now, **happening},
        "type": "event_callback",
        "event_id": random_id("Ev"),
        "event_time": int(hub.clock()),
        "authorizations": [authorization],
        "is_ext_shared_channel": False,
    }
