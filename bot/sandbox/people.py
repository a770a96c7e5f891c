"""People and user groups, as Slack describes them to an app."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.seed import GroupSeed, PersonSeed

JSON = dict[str, Any]


@dataclass
class Person:
    """A user of the workspace, or a stranger from another one (`foreign`)."""

    id: str
    name: str
    email: str | None
    locale: str
    title: str
    team_id: str
    phone: str = ""
    guest: bool = False
    ultra_guest: bool = False
    deleted: bool = False
    foreign: bool = False
    is_bot: bool = False
    updated: int = 0

    @classmethod
    def planted(cls, seed: PersonSeed, home_team: str) -> Person:
        """Make a person from the seed; no team of their own means the workspace's."""
        fields = dict(vars(seed))
        fields["team_id"] = seed.team_id or home_team
        return cls(**fields, foreign=fields["team_id"] != home_team)

    @property
    def handle(self) -> str:
        """The old-fashioned user name."""
        return "".join(c if c.isalnum() else "." for c in self.name.lower()).strip(".")[:21]

    def to_slack(self, *, email: bool, locale: bool) -> JSON:
        """Return a user object; the address needs users:read.email, strangers have no locale."""
        profile: JSON = {"real_name": self.name, "display_name": self.name, "team": self.team_id}
        if not self.deleted:
            profile |= {"title": self.title, "phone": self.phone}
        if email and self.email and not self.foreign:
            profile["email"] = self.email
        user: JSON = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.handle,
            "deleted": self.deleted,
            "profile": profile,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": self.updated,
        }
        if not self.deleted:
            user |= self._living()
        if self.foreign:
            user["is_stranger"] = True
        if locale and not self.foreign and not self.deleted:
            user["locale"] = self.locale
        return user

    def _living(self) -> JSON:
        return {
            "real_name": self.name,
            "tz": "Europe/Stockholm",
            "tz_label": "Central European Time",
            "tz_offset": 3600,
            "is_admin": False,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": self.guest or self.ultra_guest,
            "is_ultra_restricted": self.ultra_guest,
        }


@dataclass
class Group:
    """A user group, @handle."""

    id: str
    handle: str
    name: str
    members: list[str] = field(default_factory=list)
    disabled: bool = False
    updated: int = 0

    @classmethod
    def planted(cls, seed: GroupSeed) -> Group:
        """Make a group from the seed."""
        return cls(seed.id, seed.handle, seed.name or seed.handle, list(seed.members), seed.disabled)

    def to_slack(self, team_id: str, *, users: bool, count: bool) -> JSON:
        """Return a usergroup object, with its members only where asked for."""
        group: JSON = {
            "id": self.id,
            "team_id": team_id,
            "is_usergroup": True,
            "name": self.name,
            "handle": self.handle,
            "description": "",
            "is_external": False,
            "date_create": 0,
            "date_update": self.updated,
            "date_delete": self.updated or 1 if self.disabled else 0,
        }
        if users:
            group["users"] = list(self.members)
        if count:
            group["user_count"] = len(self.members)
        return group
