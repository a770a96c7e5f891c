"""Signatures of requests: who holds the secret wrote these bytes just now.

Slack's (v0) and the e-service's (v1) are made alike.
"""

import hashlib
import hmac
from datetime import datetime
from typing import Final

WINDOW_S: Final = 300
TIMESTAMP: Final = "X-Kanalvakt-Timestamp"
SIGNATURE: Final = "X-Kanalvakt-Signature"


class Forged(Exception):
    """The request is not signed as it must be. ``why``: missing, old or wrong."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def sign(secret: str, timestamp: int, body: bytes, version: str = "v1") -> str:
    """The signature of a body sent at ``timestamp`` (Unix seconds).

    ``v1=`` and the HMAC-SHA256 of ``v1:<timestamp>:<body>``, in hexadecimal digits.
    """
    base = f"{version}:{timestamp}:".encode() + body
    return f"{version}={hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()}"


def check(secret: str, timestamp: str, signature: str, body: bytes, now: datetime, version: str = "v1") -> None:
    """Raise `Forged` unless the signature is right and at most 300 s old (or early)."""
    if not (timestamp and signature):
        raise Forged("missing")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise Forged("wrong")
    right = sign(secret, int(timestamp), body, version)
    if not hmac.compare_digest(right.encode(), signature.encode(errors="replace")):
        raise Forged("wrong")
    if abs(now.timestamp() - int(timestamp)) > WINDOW_S:
        raise Forged("old")
