"""Saying something: messages, slash commands, shortcuts."""

from __future__ import annotations

import re
from typing import Any

from bot.sandbox import answers, events, payloads
from bot.sandbox.channels import Channel
from bot.sandbox.delivery import Answer
from bot.sandbox.door import look, person
from bot.sandbox.errors import ApiError, Refused
from bot.sandbox.hub import Hub
from bot.sandbox.messages import Message
from bot.sandbox.people import Person
from bot.sandbox.response_urls import ResponseUrl

JSON = dict[str, Any]
_MENTION = re.compile(r"@([UW][A-Z0-9]{2,})\b")


async def message(hub: Hub, given: JSON) -> JSON:
    """Post what a person wrote: {person, channel, text, thread_ts?}."""
    who = person.acting(hub, given.get("person"))
    where = person.joined(hub, who, given.get("channel"))
    if where.read_only:
        raise Refused(f"#{where.name} is read-only")
    thread_ts = given.get("thread_ts")
    if thread_ts and where.timeline.get(thread_ts) is None:
        raise Refused("the thread is not there")
    text = _written(hub, str(given.get("text", "")))
    if not text.strip():
        raise Refused("there is nothing to send")
    said = Message(where.id, hub.workspace.stamps.next(), who.id, text, thread_ts=thread_ts)
    hub.workspace.add(said)
    hub.workspace.mark_read(who.id, where)
    events.message(hub, said)
    return {"ok": True, "ts": said.ts}


def _written(hub: Hub, text: str) -> str:
    """Return typed text as Slack stores it: escaped, @U… of a known person made a mention."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    people = hub.workspace.people
    return _MENTION.sub(lambda hit: f"<@{hit[1]}>" if hit[1] in people else hit[0], escaped)


async def command(hub: Hub, given: JSON) -> JSON:
    """Run a slash command: {person, channel, text} with text "/word rest"."""
    who = person.acting(hub, given.get("person"))
    where = person.joined(hub, who, given.get("channel"))
    word, _, text = str(given.get("text", "")).strip().partition(" ")
    if who.foreign:
        return _failed(f"{word} can only be used by members of {hub.workspace.team.name}.", "home_team_only")
    if not _known(hub, word):
        return _failed(f"{word} is not a valid command.", "unknown_command")
    payload = payloads.command(hub, who, where, word, text.strip())
    answer = await hub.delivery.ask("slash_commands", payload)
    if answer.error:
        return _failed(f'{word} failed with the error "{answer.error}"', answer.error)
    return _shown(hub, who, where, f"{word} {text}".strip(), answer)


def _failed(sentence: str, code: str) -> JSON:
    return {"ok": False, "ack": None, "error": sentence, "code": code}


def _known(hub: Hub, word: str) -> bool:
    if not hub.workspace.manifest:
        return word.startswith("/") and len(word) > 1
    features = hub.workspace.manifest.get("features", {})
    return any(word == listed["command"] for listed in features.get("slash_commands", ()))


def _shown(hub: Hub, who: Person, where: Channel, typed: str, answer: Answer) -> JSON:
    if not answer.body:
        return {"ok": True, "ack": None}
    if answer.body.get("response_type") == "in_channel":
        hub.workspace.add(Message(where.id, hub.workspace.stamps.next(), who.id, typed))
    try:
        said = answers.give(hub, ResponseUrl(where.id, who.id, hub.clock()), answer.body)
    except ApiError as refusal:
        reason = refusal.more.get("response_metadata", {}).get("messages", "")
        return _failed(f'{typed} failed with the error "{refusal.code}" {reason}'.strip(), refusal.code)
    return {"ok": True, "ack": look.told(hub, said) if said else None}


async def shortcut(hub: Hub, given: JSON) -> JSON:
    """Use a shortcut: {person, callback_id, message?: {channel, ts}}."""
    who = person.acting(hub, given.get("person"))
    callback_id = str(given.get("callback_id"))
    if who.foreign:
        return _failed(f"Shortcuts are for members of {hub.workspace.team.name}.", "home_team_only")
    place = given.get("message")
    _offered(hub, callback_id, "message" if place else "global")
    if place:
        payload = payloads.message_shortcut(hub, who, callback_id, person.message(hub, who, place))
    else:
        payload = payloads.shortcut(hub, who, callback_id)
    answer = await hub.delivery.ask("interactive", payload)
    if answer.error:
        return _failed(f'The shortcut failed with the error "{answer.error}"', answer.error)
    return {"ok": True}


def _offered(hub: Hub, callback_id: str, kind: str) -> None:
    listed = hub.workspace.manifest.get("features", {}).get("shortcuts", ())
    if hub.workspace.manifest and not any(
        one["callback_id"] == callback_id and one["type"] == kind for one in listed
    ):
        raise Refused(f"there is no {kind} shortcut {callback_id!r}")
