"""Channels and direct messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.messages import Timeline
from bot.sandbox.seed import ChannelSeed

JSON = dict[str, Any]


@dataclass(eq=False)
class Channel:
    """A channel, or a direct message (`im`) between exactly two people. Members keep their order."""

    id: str
    name: str
    private: bool = False
    im: bool = False
    archived: bool = False
    ext_shared: bool = False
    read_only: bool = False
    general: bool = False
    created: int = 0
    members: dict[str, None] = field(default_factory=dict)
    timeline: Timeline = field(default_factory=Timeline, repr=False)

    @classmethod
    def planted(cls, seed: ChannelSeed, bot_user: str) -> Channel:
        """Make a channel from the seed."""
        fields = dict(vars(seed))
        members = dict.fromkeys(fields.pop("members"))
        if fields.pop("bot_is_member"):
            members[bot_user] = None
        return cls(**fields, members=members)

    def to_record(self) -> JSON:
        """Return what the journal keeps of the channel itself; messages are records of their own."""
        record = {name: value for name, value in vars(self).items() if name != "timeline"}
        return record | {"members": list(self.members)}

    @classmethod
    def from_record(cls, record: JSON) -> Channel:
        """Read a channel back from the journal."""
        return cls(**record | {"members": dict.fromkeys(record["members"])})

    @property
    def public(self) -> bool:
        """Whether everyone in the workspace may read it."""
        return not self.private and not self.im

    @property
    def kind(self) -> str:
        """The word events use: channel, group or im."""
        return "im" if self.im else "group" if self.private else "channel"

    @property
    def payload_name(self) -> str:
        """The name as commands and interactions tell it."""
        return "directmessage" if self.im else "privategroup" if self.private else self.name

    def other(self, user: str) -> str:
        """Return the other party of a direct message (oneself, talking to oneself)."""
        return next((member for member in self.members if member != user), user)

    def to_slack(self, viewer: str) -> JSON:
        """Return a conversation object as this user is told it."""
        return self._im(viewer) if self.im else self._channel(viewer)

    def _im(self, viewer: str) -> JSON:
        return {
            "id": self.id,
            "created": self.created,
            "is_im": True,
            "is_org_shared": False,
            "is_archived": self.archived,
            "user": self.other(viewer),
            "is_user_deleted": False,
            "priority": 0,
        }

    def _channel(self, viewer: str) -> JSON:
        return {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "created": self.created,
            "is_channel": not self.private,
            "is_group": self.private,
            "is_im": False,
            "is_mpim": False,
            "is_private": self.private,
            "is_archived": self.archived,
            "is_general": self.general,
            "is_member": viewer in self.members,
            "is_shared": self.ext_shared,
            "is_ext_shared": self.ext_shared,
            "is_org_shared": False,
            "is_pending_ext_shared": False,
            "num_members": len(self.members),
            "properties": {"posting_restricted_to": {"type": ["admin"]}} if self.read_only else {},
        }
