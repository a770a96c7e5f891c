"""Trigger ids: the right to open one window, once, within three seconds."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from bot.sandbox.errors import ApiError
from bot.sandbox.stamps import Clock, random_id

LIFETIME = 3.0
_REMEMBERED = 20_000


@dataclass
class Trigger:
    """Who may be shown a window, until when, and from which view they acted."""

    user: str
    born: float
    view_id: str | None
    used: bool = False


class Triggers:
    """Hands out trigger ids and takes them back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: OrderedDict[str, Trigger] = OrderedDict()

    def issue(self, user: str, view_id: str | None = None) -> str:
        """Return a new trigger id for this person."""
        trigger_id = f"{random_id('', 13)}.{random_id('', 10)}"
        self._known[trigger_id] = Trigger(user, self._clock(), view_id)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return trigger_id

    def redeem(self, trigger_id: str) -> Trigger:
        """Use a trigger id up. Raises ApiError when it is unknown, too old or used."""
        trigger = self._known.get(trigger_id)
        if trigger is None:
            raise ApiError("invalid_trigger_id")
        if trigger.used:
            raise ApiError("exchanged_trigger_id")
        if self._clock() - trigger.born > LIFETIME:
            raise ApiError("expired_trigger_id")
        trigger.used = True
        return trigger
