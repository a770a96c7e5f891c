"""Pressing things: buttons, selects and dates in messages, modals and App Home."""

from __future__ import annotations

from typing import Any

from bot.sandbox import blocks as block_kit
from bot.sandbox import events, inputs, payloads
from bot.sandbox.door import person
from bot.sandbox.errors import Refused
from bot.sandbox.hub import Hub
from bot.sandbox.messages import Message
from bot.sandbox.screens import View

JSON = dict[str, Any]


async def action(hub: Hub, given: JSON) -> JSON:
    """Press an element: {person, message | view_id, block_id, action_id, value…, state?, stale?}."""
    who = person.acting(hub, given.get("person"))
    if given.get("view_id"):
        view = person.view(hub, who, given["view_id"])
        pressed = _pressed(hub, view.content["blocks"], given, view.offered)
        person.type_in(view, given.get("state", {}))
        _remember(view, pressed)
        payload = payloads.view_action(hub, who, view, pressed)
    else:
        message = person.message(hub, who, given.get("message") or {})
        offered = _offers(hub, who.id, message, given)
        pressed = _pressed(hub, message.blocks, given, offered)
        payload = payloads.message_action(hub, who, message, pressed, given.get("state", {}))
    answer = await hub.delivery.ask("interactive", payload)
    if answer.error:
        return {"ok": False, "error": f'The app failed with "{answer.error}"', "code": answer.error}
    return {"ok": True}


Offers = dict[tuple[str, str], dict[str, JSON]]


def _offers(hub: Hub, user: str, message: Message, given: JSON) -> Offers:
    place = str(given.get("block_id")), str(given.get("action_id"))
    return {place: hub.screens.offered(user, message.ts, *place)}


def _pressed(hub: Hub, blocks: list[JSON], given: JSON, offers: Offers) -> JSON:
    """Return the action as Slack tells it. A stale page presses what it still shows."""
    if given.get("stale"):
        block_id, element = str(given.get("block_id")), dict(given["element"])
    else:
        block, element = person.element(blocks, given.get("block_id"), given.get("action_id"))
        block_id = str(block["block_id"])
        if block["type"] == "input" and not block.get("dispatch_action"):
            raise Refused(f"{element['action_id']!r} does nothing until the form is sent")
    pressed = {"action_id": element["action_id"], "block_id": block_id, "type": element["type"]}
    pressed["action_ts"] = hub.workspace.stamps.next()
    if element["type"] == "button":
        return pressed | {name: element[name] for name in ("text", "value", "style") if name in element}
    if element["type"] not in inputs.KINDS:
        raise Refused(f"a {element['type']} cannot be pressed")
    return pressed | inputs.entry(element, given, offers.get((block_id, str(element["action_id"])), {}))


def _remember(view: View, pressed: JSON) -> None:
    kind = inputs.KINDS.get(pressed["type"])
    if kind is not None and pressed["type"] != "overflow":
        entry = {"type": pressed["type"], kind.key: pressed[kind.key]}
        view.typed.setdefault(pressed["block_id"], {})[pressed["action_id"]] = entry


async def suggest(hub: Hub, given: JSON) -> JSON:
    """Ask for options: {person, view_id | message, block_id, action_id, value}."""
    who = person.acting(hub, given.get("person"))
    where: View | Message
    if given.get("view_id"):
        where = person.view(hub, who, given["view_id"])
        blocks = where.content["blocks"]
    else:
        where = person.message(hub, who, given.get("message") or {})
        blocks = where.blocks
    block, element = person.element(blocks, given.get("block_id"), given.get("action_id"))
    if element["type"] not in ("external_select", "multi_external_select"):
        raise Refused(f"{element['action_id']!r} has its options already")
    value = str(given.get("value", ""))
    if len(value) < element.get("min_query_length", 3):
        return {"options": []}
    place = block["block_id"], element["action_id"]
    answer = await hub.delivery.ask("interactive", payloads.suggestion(hub, who, *place, value, where))
    if answer.error:
        return {"options": [], "error": f'The options failed with "{answer.error}"', "code": answer.error}
    return _options(hub, who.id, where, place, answer.body or {})


def _options(hub: Hub, user: str, where: View | Message, place: tuple[str, str], body: JSON) -> JSON:
    problems = block_kit.check_options(body)
    if problems:
        sentences = "; ".join(f"{problem.sentence} at {problem.pointer}" for problem in problems)
        return {"options": [], "error": sentences, "code": "invalid_options"}
    if isinstance(where, View):
        known = where.offered.setdefault(place, {})
    else:
        known = hub.screens.offered(user, where.ts, *place)
    known.update({option["value"]: option for option in inputs.options(body)})
    return {name: body[name] for name in ("options", "option_groups") if name in body}


async def home(hub: Hub, given: JSON) -> JSON:
    """Open App Home: {person}."""
    who = person.acting(hub, given.get("person"))
    events.home_opened(hub, who, hub.screens.home(who.id))
    return {"ok": True}
