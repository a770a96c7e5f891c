"""How a channel says no. What happens next depends on the type alone."""


class ChannelError(Exception):
    """Root of everything a channel raises on purpose."""


class Throttled(ChannelError):
    """Too fast: surely not sent. ``retry_after`` in seconds."""

    def __init__(self, retry_after: float, reason: str = "ratelimited") -> None:
        super().__init__(f"{reason}, retry after {retry_after:g} s")
        self.retry_after = retry_after
        self.reason = reason


class Refused(ChannelError):
    """The vendor will not have this message, now or later. ``reason`` is the vendor's word."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class TokenDead(ChannelError):
    """The token is revoked, expired or wrong: surely not sent, and nothing else will be."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotSent(ChannelError):
    """The request surely never reached the vendor (connection refused, name unknown)."""


class Unknown(ChannelError):
    """The answer was lost: the request may or may not have been carried out."""


class Gone(ChannelError):
    """The message to change is no longer there."""


class CannotLook(ChannelError):
    """The channel cannot be read, so nobody but a person can say whether the message is there."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
