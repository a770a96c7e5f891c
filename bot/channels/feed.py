"""The public feeds, Atom and CAP: ours to serve."""

from typing import Any, Literal

from pydantic import model_validator

from bot.channels.served import Served
from bot.channels.settings import ChannelSettings


class FeedSettings(ChannelSettings):
    """The feeds as a channel on the board. What reads them acts on its own, so no drill ever stands in them."""

    platform: Literal["feed"] = "feed"

    @model_validator(mode="after")
    def _no_drills(self) -> Any:
        if self.drill:
            raise ValueError(f'channel "{self.key}": a feed is read by machines and cannot be used in drills')
        return self


class Feed(Served):
    """The feeds as the delivery room sees them: they read the database."""
