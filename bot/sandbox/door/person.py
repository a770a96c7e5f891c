"""Who stands at the door, and what they can see."""

from __future__ import annotations

from typing import Any

from bot.sandbox import inputs
from bot.sandbox.channels import Channel
from bot.sandbox.errors import Refused
from bot.sandbox.hub import Hub
from bot.sandbox.inputs import Values
from bot.sandbox.messages import Message
from bot.sandbox.people import Person
from bot.sandbox.screens import View

JSON = dict[str, Any]


def acting(hub: Hub, user: object) -> Person:
    """Return the person. Raises Refused for the unknown and the deactivated."""
    person = hub.workspace.people.get(str(user))
    if person is None or person.is_bot:
        raise Refused(f"there is no person {user!r}")
    if person.deleted:
        raise Refused(f"{person.name} is deactivated")
    return person


def channel(hub: Hub, person: Person, channel_id: object) -> Channel:
    """Return a channel this person can look into. Raises Refused."""
    found = hub.workspace.channels.get(str(channel_id))
    if found is None or not hub.workspace.may_read(found, person.id):
        raise Refused(f"{person.name} sees no channel {channel_id!r}")
    return found


def joined(hub: Hub, person: Person, channel_id: object) -> Channel:
    """Return a channel this person can write in. Raises Refused."""
    found = channel(hub, person, channel_id)
    if person.id not in found.members:
        raise Refused(f"{person.name} is not a member of #{found.name}")
    if found.archived:
        raise Refused(f"#{found.name} is archived")
    return found


def message(hub: Hub, person: Person, place: JSON) -> Message:
    """Return a message on this person's screen. Raises Refused."""
    where = channel(hub, person, place.get("channel"))
    found = hub.workspace.find(where.id, str(place.get("ts")), person.id)
    if found is None or found.subtype == "tombstone":
        raise Refused("the message is not there")
    return found


def view(hub: Hub, person: Person, view_id: object) -> View:
    """Return the view on top of this person's screen, or their App Home. Raises Refused."""
    found = hub.screens.find(str(view_id))
    stack = hub.screens.stack(person.id)
    if found is None or found.user != person.id or not (found.is_home or found is stack[-1]):
        raise Refused("the window is not open")
    return found


def element(blocks: list[JSON], block_id: object, action_id: object) -> tuple[JSON, JSON]:
    """Return (block, element) as it stands on the screen. Raises Refused."""
    for block, found in inputs.elements(blocks):
        if found["action_id"] == action_id and block_id in (None, block["block_id"]):
            return block, found
    raise Refused(f"there is nothing to press called {action_id!r}")


def entered(where: View, given: Values) -> Values:
    """Return what a person filled in, as Slack sends it. Raises Refused for what is not there."""
    values: Values = {}
    for block_id, fields in given.items():
        for action_id, value in fields.items():
            _, found = element(where.content["blocks"], block_id, action_id)
            offered = where.offered.get((block_id, action_id), {})
            values.setdefault(block_id, {})[action_id] = inputs.entry(found, value, offered)
    return values


def type_in(where: View, given: Values) -> None:
    """Keep what a person filled in, over what they had filled in before."""
    for block_id, fields in entered(where, given).items():
        where.typed.setdefault(block_id, {}).update(fields)
