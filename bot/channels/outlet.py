"""An outlet: what the desk knows of a configured channel without talking to it."""

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

    @property
    def by_hand(self) -> bool:
        """Without an interface: a person publishes."""
        return Can.PUBLISH not in self.can
