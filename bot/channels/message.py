"""A message as every channel takes it."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Message:
    """Full plain text (all a screen reader reads) and the blocks."""

    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
