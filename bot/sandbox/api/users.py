"""users.* and usergroups.*"""

from __future__ import annotations

from bot.sandbox.api.args import Args, page
from bot.sandbox.api.table import JSON, Table
from bot.sandbox.errors import ApiError
from bot.sandbox.hub import Hub
from bot.sandbox.limits import Tier
from bot.sandbox.people import Person

methods = Table()


def _told(hub: Hub, person: Person, *, locale: bool) -> JSON:
    return person.to_slack(email="users:read.email" in hub.workspace.scopes, locale=locale)


@methods.method("users.info", Tier.FOUR, "users:read")
def info(hub: Hub, args: Args) -> JSON:
    """Describe one person; the language only with include_locale."""
    person = hub.workspace.people.get(args.text("user") or "")
    if person is None:
        raise ApiError("user_not_found")
    return {"user": _told(hub, person, locale=args.flag("include_locale"))}


@methods.method("users.list", Tier.TWO, "users:read")
def list_users(hub: Hub, args: Args) -> JSON:
    """List everyone, the deactivated too."""
    rows, following = page(list(hub.workspace.people.values()), args)
    locale = args.flag("include_locale")
    told = [_told(hub, person, locale=locale) for person in rows]
    answer = {"members": told, "cache_ts": int(hub.clock())}
    return answer | {"response_metadata": {"next_cursor": following}}


@methods.method("users.lookupByEmail", Tier.THREE, "users:read.email")
def lookup(hub: Hub, args: Args) -> JSON:
    """Find an active member of the workspace by address."""
    found = hub.workspace.by_email.get(args.required("email").lower())
    person = hub.workspace.people.get(found or "")
    if person is None or person.deleted or person.foreign:
        raise ApiError("users_not_found")
    return {"user": _told(hub, person, locale=False)}


@methods.method("usergroups.list", Tier.TWO, "usergroups:read")
def list_groups(hub: Hub, args: Args) -> JSON:
    """List user groups, the disabled only if asked for."""
    users, count = args.flag("include_users"), args.flag("include_count")
    groups = hub.workspace.groups.values()
    shown = [group for group in groups if args.flag("include_disabled") or not group.disabled]
    return {"usergroups": [g.to_slack(hub.workspace.team.id, users=users, count=count) for g in shown]}


@methods.method("usergroups.users.list", Tier.TWO, "usergroups:read")
def list_group_users(hub: Hub, args: Args) -> JSON:
    """List the members of a user group."""
    group = hub.workspace.groups.get(args.required("usergroup"))
    if group is None or (group.disabled and not args.flag("include_disabled")):
        raise ApiError("no_such_subteam")
    return {"users": list(group.members)}
