"""Which Slack methods the bot uses, and the scopes each needs. The manifest is derived from this."""

from typing import Final

# A method that is not here cannot be called: so the list of scopes can neither lack one nor ask for more.
SCOPES: Final[dict[str, tuple[str, ...]]] = {
    "auth.test": (),
    "chat.postMessage": ("chat:write", "chat:write.public"),
    "chat.postEphemeral": ("chat:write",),
    "chat.update": ("chat:write",),
    "conversations.list": ("channels:read", "groups:read"),
    "conversations.info": ("channels:read", "groups:read"),
    "conversations.join": ("channels:join",),
    "conversations.history": ("channels:history", "groups:history", "im:history"),
    "conversations.replies": ("channels:history", "groups:history", "im:history"),
    "conversations.open": ("im:write",),
    "users.info": ("users:read", "users:read.email"),
    "users.lookupByEmail": ("users:read.email",),
    "usergroups.list": ("usergroups:read",),
    "usergroups.users.list": ("usergroups:read",),
    "views.open": (),
    "views.push": (),
    "views.update": (),
    "views.publish": (),
}
COMMANDS: Final = "commands"  # slash commands and shortcuts are not methods, but need their scope

# Read with GET and query arguments; everything else is posted as JSON.
READS: Final = frozenset(name for name in SCOPES if name.endswith((".info", ".list", ".history", ".replies"))) | {
    "users.lookupByEmail"
}


class NotInTable(LookupError):
    """The bot called a Slack method that has no line in the table of scopes."""


def scopes() -> list[str]:
    """Every bot scope the bot needs, sorted."""
    return sorted({COMMANDS}.union(*SCOPES.values()))


def checked(method: str) -> str:
    """The method itself. Raises NotInTable for one without a line."""
    if method not in SCOPES:
        raise NotInTable(method)
    return method
