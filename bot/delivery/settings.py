"""How the delivery room is tuned. Seconds, unless the name says otherwise."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """One set for all lanes; the defaults are for a real workspace."""

    lease_s: float = 15.0
    http_timeout_s: float = 9.0
    skew_s: float = 2.0  # how far the clocks of two replicas may differ
    poll_s: float = 1.0
    looks: int = 3  # empty looks before a post is taken for unsent
    look_waits: tuple[float, ...] = (5.0, 15.0, 30.0)  # before each look, on top of the channel's lag
    card_interval_s: float = 3.0
    posts_per_minute: float = 300.0
    updates_per_minute: float = 50.0
    reads_per_minute: float = 50.0
    handful: float = 15.0  # updates, and reads, that may go at once: the copies of one card
    dest_interval_s: float = 1.0  # between posts to one destination …
    dest_burst: float = 2.0  # … after this many at once
    in_flight: int = 8
    park_s: float = 5.0  # first wait of a post that could not be rendered; doubles up to park_max_s
    park_max_s: float = 900.0
    token_s: float = 60.0  # how long a lane rests when its token is dead

    def __post_init__(self) -> None:
        """Raise ValueError for a lease too short to send under."""
        if self.lease_s * 0.8 <= self.http_timeout_s:
            raise ValueError("lease_s must be well above http_timeout_s")
