"""api.test, auth.test, team.info, apps.connections.open."""

from __future__ import annotations

from bot.sandbox.api.args import Args
from bot.sandbox.api.table import JSON, Table
from bot.sandbox.errors import ApiError
from bot.sandbox.hub import Hub
from bot.sandbox.limits import Tier

methods = Table()


@methods.method("api.test", Tier.FOUR, open=True)
def api_test(hub: Hub, args: Args) -> JSON:
    """Answer, or fail as asked."""
    error = args.text("error")
    if error:
        raise ApiError(error)
    return {"args": {}}


@methods.method("auth.test", Tier.SPECIAL)
def auth_test(hub: Hub, args: Args) -> JSON:
    """Say whose token this is."""
    team, bot = hub.workspace.team, hub.workspace.bot
    return {
        "url": f"{hub.base_url}/",
        "team": team.name,
        "user": bot.name,
        "team_id": team.id,
        "user_id": bot.user_id,
        "bot_id": bot.bot_id,
        "is_enterprise_install": False,
    }


@methods.method("team.info", Tier.THREE, "team:read")
def team_info(hub: Hub, args: Args) -> JSON:
    """Describe the workspace."""
    team = hub.workspace.team
    return {"team": {"id": team.id, "name": team.name, "domain": team.domain, "email_domain": "", "icon": {}}}


@methods.method("apps.connections.open", Tier.ONE, app_token=True)
def connections_open(hub: Hub, args: Args) -> JSON:
    """Give out the address of one Socket Mode connection."""
    address = hub.base_url.replace("http", "ws", 1)
    return {"url": f"{address}/link?ticket={hub.sockets.issue()}&app_id={hub.workspace.bot.app_id}"}
