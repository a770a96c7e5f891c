"""Submitting and closing modals, and what the bot answers to that."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.sandbox import inputs, payloads
from bot.sandbox.api.views import checked
from bot.sandbox.door import person
from bot.sandbox.errors import ApiError, Refused
from bot.sandbox.hub import Hub
from bot.sandbox.people import Person
from bot.sandbox.screens import View

JSON = dict[str, Any]


async def submit(hub: Hub, given: JSON) -> JSON:
    """Submit the visible modal: {person, view_id, state}."""
    who = person.acting(hub, given.get("person"))
    view = person.view(hub, who, given.get("view_id"))
    if not view.content.get("submit"):
        raise Refused("the window has nothing to submit")
    person.type_in(view, given.get("state", {}))
    blocks = view.content["blocks"]
    complaints = inputs.complaints(blocks, inputs.state(blocks, view.typed))
    if complaints:
        return {"result": "errors", "errors": complaints, "asked": False}
    answer = await hub.delivery.ask("interactive", payloads.submission(hub, who, view))
    if answer.error:
        return _failed(answer.error)
    try:
        return _follow(hub, who, view, answer.body or {})
    except ApiError as refusal:
        return _failed(refusal.code, refusal.more.get("response_metadata", {}).get("messages", ()))


def _failed(code: str, reasons: Iterable[str] = ()) -> JSON:
    sentence = f'We had some trouble connecting. Try again? ("{code}")'
    return {"result": "failed", "error": " ".join([sentence, *reasons]), "code": code}


def _follow(hub: Hub, who: Person, view: View, body: JSON) -> JSON:
    """Do what the bot answered. Raises ApiError where Slack would show its own error."""
    if view not in hub.screens.stack(who.id):
        return {"result": "closed"}
    match body.get("response_action"):
        case None if not body:
            hub.screens.close(view)
            result: JSON = {"result": "closed"}
        case "errors":
            return {"result": "errors", "errors": _errors(view, body.get("errors")), "asked": True}
        case "clear":
            hub.screens.clear(who.id)
            result = {"result": "cleared"}
        case "update":
            new = hub.screens.update(view, checked(body.get("view"), "modal"), None)
            result = {"result": "update", "view": hub.screens.to_slack(new)}
        case "push":
            new = hub.screens.push(who.id, checked(body.get("view"), "modal"))
            result = {"result": "push", "view": hub.screens.to_slack(new)}
        case _:
            raise ApiError("invalid_response_action")
    hub.feed.publish("view", [who.id])
    return result


def _errors(view: View, errors: object) -> dict[str, str]:
    """Errors stand only under input blocks; anywhere else the whole submission fails."""
    if not isinstance(errors, dict) or not errors:
        raise ApiError("invalid_errors")
    fields = {block["block_id"] for block in view.content["blocks"] if block["type"] == "input"}
    if not errors.keys() <= fields or not all(isinstance(text, str) and text for text in errors.values()):
        raise ApiError("invalid_errors")
    return errors


async def close(hub: Hub, given: JSON) -> JSON:
    """Close the visible modal, or with `all` the whole stack: {person, view_id, all?, state?}."""
    who = person.acting(hub, given.get("person"))
    view = person.view(hub, who, given.get("view_id"))
    if view.is_home:
        raise Refused("App Home is not a window to close")
    everything = bool(given.get("all") or view.content.get("clear_on_close"))
    person.type_in(view, given.get("state", {}))
    gone = hub.screens.clear(who.id) if everything else [view]
    if not everything:
        hub.screens.close(view)
    for one in gone:
        if one.content.get("notify_on_close"):
            hub.delivery.mention("interactive", payloads.closed(hub, who, one, cleared=everything))
    hub.feed.publish("view", [who.id])
    return {"ok": True}
