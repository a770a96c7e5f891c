"""By hand: YouTube, TikTok, Snapchat and whatever else has no interface for text."""

from typing import Literal

from pydantic import Field

from bot.channels.settings import ChannelSettings


class ByHandSettings(ChannelSettings):
    """A channel that a person publishes in: ``responsible`` gets fitted text, a deadline and *Klart*."""

    platform: Literal["by_hand"] = "by_hand"
    responsible: str = Field(min_length=1)
    characters: int = Field(default=2200, ge=40, le=100_000)
