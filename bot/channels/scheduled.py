"""What lies in a platform's own timer, waiting to go out by itself."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Scheduled:
    """A post that the platform will publish ``at`` (aware UTC) unless somebody stops it."""

    remote: str
    text: str
    at: datetime
