"""An outlet: what the desk knows of a configured channel without talking to it."""

import re
from dataclasses import dataclass, field

from bot.channels.protocol import Can

BY_HAND = "by_hand"


@dataclass(frozen=True)
class Outlet:
    """One configured channel. ``rows`` and ``characters`` only for signs."""

    key: str
    name: str
    platform: str
    can: frozenset[Can] = field(default_factory=frozenset)
    drill: bool = False
    responsible: str = ""
    rows: int = 0
    characters: int = 0
    audience: str = ""  # whom a mailing list reaches
    co_owner: str = ""  # who shares a sign with us
    account: str = ""  # the address under which it stands in the register
    talk_only: bool = False  # nothing is published there, neither from here nor by hand
    summon: str | None = None  # "@name" that a comment must hold to be answered from here; None: none

    @property
    def by_hand(self) -> bool:
        """Without an interface: a person publishes."""
        return Can.PUBLISH not in self.can and not self.talk_only

    def answers(self, text: str) -> bool:
        """Does the platform take an answer from here to a comment that says this?"""
        named = self.summon is None or re.search(rf"(?<![\w@]){re.escape(self.summon)}(?!\w)", text, re.IGNORECASE)
        return Can.REPLY in self.can and bool(named)
