"""What the municipality chose for crisis mode."""

from typing import Annotated

from pydantic import Field

from bot.fields import Channel, Key, Table, Who
from bot.warning_settings import Warnings

Minutes = Annotated[int, Field(ge=1, le=240)]


class Crisis(Table):
    """``channel``: where board and thread stand (default: the department's). ``website``: the channel that
    goes first; the others wait for it. A drill is announced in ``drill_channels`` only; ``drill_told`` (e-mail
    or Slack id: the officer on call) are told before it, besides the contact centre. ``hold_scheduled``: posts
    in platforms' timers are moved on while an incident is on; ``look_every_s``: how often they are looked at.
    """

    channel: Channel | None = None
    website: Key | None = None
    announce: bool = True
    drill_channels: tuple[Channel, ...] = ()
    drill_told: tuple[Who, ...] = ()
    hold_scheduled: bool = True
    look_every_s: Annotated[int, Field(ge=1, le=3600)] = 120
    ask_next_after_min: Minutes = 5
    by_hand_within_min: Minutes = 15
    remind_before_min: Minutes = 15
    handover_hour: Annotated[int, Field(ge=0, le=23)] = 12
    warnings: Warnings = Field(default_factory=Warnings)
