"""What a workspace contains when it is opened for the first time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ALL_SCOPES: tuple[str, ...] = (
    "commands",
    "chat:write",
    "chat:write.public",
    "channels:read",
    "channels:join",
    "channels:history",
    "groups:read",
    "groups:history",
    "im:read",
    "im:write",
    "im:history",
    "mpim:read",
    "users:read",
    "users:read.email",
    "usergroups:read",
    "team:read",
)


@dataclass(frozen=True)
class TeamSeed:
    """The workspace itself."""

    id: str = "T0000000001"
    name: str = "Sandbox"
    domain: str = "sandbox"


@dataclass(frozen=True)
class BotSeed:
    """The app under trial: its user, bot and application identities."""

    user_id: str = "U0000000BOT"
    bot_id: str = "B0000000BOT"
    app_id: str = "A0000000BOT"
    name: str = "kanalvakt"


@dataclass(frozen=True)
class PersonSeed:
    """A person. `name` is a function ("Enhetschef biblioteket"), never an invented human.

    A `team_id` other than the workspace's makes them a stranger over Slack Connect.
    """

    id: str
    name: str
    email: str | None = None
    locale: str = "sv-SE"
    title: str = ""
    phone: str = ""
    guest: bool = False
    ultra_guest: bool = False
    deleted: bool = False
    team_id: str | None = None


@dataclass(frozen=True)
class GroupSeed:
    """A user group; a disabled one keeps its id."""

    id: str
    handle: str
    members: Sequence[str] = ()
    name: str = ""
    disabled: bool = False


@dataclass(frozen=True)
class ChannelSeed:
    """A channel. `bot_is_member` adds the bot to `members`."""

    id: str
    name: str
    private: bool = False
    members: Sequence[str] = ()
    archived: bool = False
    ext_shared: bool = False
    read_only: bool = False
    bot_is_member: bool = False
    general: bool = False


@dataclass(frozen=True)
class Seed:
    """Everything a new workspace starts with, and the scopes the bot's token was granted."""

    team: TeamSeed = field(default_factory=TeamSeed)
    bot: BotSeed = field(default_factory=BotSeed)
    people: Sequence[PersonSeed] = ()
    groups: Sequence[GroupSeed] = ()
    channels: Sequence[ChannelSeed] = ()
    scopes: Sequence[str] = ALL_SCOPES

    def to_json(self) -> dict[str, Any]:
        """Return the seed as plain JSON data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Seed:
        """Build a seed from JSON data; an unknown or missing key raises TypeError."""
        return cls(
            team=TeamSeed(**data.get("team", {})),
            bot=BotSeed(**data.get("bot", {})),
            people=tuple(PersonSeed(**person) for person in data.get("people", ())),
            groups=tuple(GroupSeed(**_with_members(group)) for group in data.get("groups", ())),
            channels=tuple(ChannelSeed(**_with_members(one)) for one in data.get("channels", ())),
            scopes=tuple(data.get("scopes", ALL_SCOPES)),
        )

    @classmethod
    def load(cls, path: Path) -> Seed:
        """Read a seed from a JSON file. Raises OSError or ValueError when it cannot be read."""
        return cls.from_json(json.loads(path.read_text(encoding="utf-8")))

    def save(self, path: Path) -> None:
        """Write the seed to a JSON file."""
        path.write_text(json.dumps(self.to_json(), ensure_ascii=False, indent=2), encoding="utf-8")


def _with_members(data: Mapping[str, Any]) -> dict[str, Any]:
    return {**data, "members": tuple(data.get("members", ()))}
