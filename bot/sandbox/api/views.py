"""views.*: modals and App Home."""

from __future__ import annotations

from bot.sandbox import blocks, content
from bot.sandbox.api.args import Args
from bot.sandbox.api.table import JSON, Table
from bot.sandbox.errors import ApiError, invalid, missing
from bot.sandbox.hub import Hub
from bot.sandbox.limits import Tier
from bot.sandbox.problems import Problem
from bot.sandbox.screens import View

methods = Table()


def checked(view: object, kind: str) -> JSON:
    """Return a view as Slack would accept it, ids filled in. Raises ApiError("invalid_arguments")."""
    if view is None:
        raise missing("view")
    if not isinstance(view, dict):
        raise invalid("invalid_arguments", [Problem("/view", "type", "must be an object")])
    problems = blocks.check_view(view)
    if not problems and view["type"] != kind:
        problems = [Problem("/view/type", "surface", f"must be {kind} here")]
    if problems:
        raise invalid("invalid_arguments", problems)
    content.stamp(view["blocks"])
    return view


def _shown(hub: Hub, view: View) -> JSON:
    kind = "home" if view.is_home else "view"
    hub.feed.publish(kind, [view.user], view_id=view.id)
    return {"view": hub.screens.to_slack(view)}


@methods.method("views.open", Tier.FOUR, stores=True)
def open_view(hub: Hub, args: Args) -> JSON:
    """Show a modal to whoever caused the trigger."""
    view = checked(args.data("view"), "modal")
    trigger = hub.triggers.redeem(args.required("trigger_id"))
    return _shown(hub, hub.screens.open(trigger.user, view))


@methods.method("views.push", Tier.FOUR, stores=True)
def push(hub: Hub, args: Args) -> JSON:
    """Show a modal upon the one where the trigger was caused."""
    view = checked(args.data("view"), "modal")
    trigger = hub.triggers.redeem(args.required("trigger_id"))
    return _shown(hub, hub.screens.push(trigger.user, view))


@methods.method("views.update", Tier.FOUR, stores=True)
def update(hub: Hub, args: Args) -> JSON:
    """Replace an open modal."""
    new = checked(args.data("view"), "modal")
    view_id, external_id = args.text("view_id"), args.text("external_id")
    if view_id is None and external_id is None:
        raise missing("view_id")
    view = hub.screens.find(view_id) if view_id else hub.screens.find_external(external_id or "")
    if view is None or view.is_home:
        raise ApiError("not_found")
    return _shown(hub, hub.screens.update(view, new, args.text("hash")))


@methods.method("views.publish", Tier.FOUR, stores=True)
def publish(hub: Hub, args: Args) -> JSON:
    """Show this on a person's App Home, whether or not they ever looked."""
    view = checked(args.data("view"), "home")
    person = hub.workspace.people.get(args.required("user_id"))
    if person is None or person.deleted or person.foreign:
        raise ApiError("user_not_found")
    return _shown(hub, hub.screens.publish(person.id, view, args.text("hash")))
