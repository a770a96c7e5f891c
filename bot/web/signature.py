"""Signatures of the e-service's requests: who holds the secret wrote these bytes just now."""

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


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """The signature of a body sent at ``timestamp`` (Unix seconds): HMAC-SHA256 of ``v1:<timestamp>:<body>``."""
    base = f"v1:{timestamp}:".encode() + body
    return f"v1={hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()}"


def check(secret: str, timestamp: str, signature: str, body: bytes, now: datetime) -> None:
    """Raise `Forged` unless the signature is right and at most 300 s old (or early)."""
    if not (timestamp and signature):
        raise Forged("missing")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise Forged("wrong")
    right = sign(secret, int(timestamp), body)
    if not hmac.compare_digest(right.encode(), signature.encode(errors="replace")):
        raise Forged("wrong")
    if abs(now.timestamp() - int(timestamp)) > WINDOW_S:
        raise Forged("old")
