"""A message as every channel takes it."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Message:
    """Full plain text (all a screen reader reads), and what only some channels have a place for.

    ``blocks`` are Slack's. ``title`` is a headline (website, mail, signs: none). ``link`` leads to more
    information. ``image`` is the public address of a picture, ``alt`` its alternative text.
    ``language`` is a BCP 47 tag. A ``drill`` never reaches the public: every channel checks it.
    ``over``: what it speaks of has ended.
    """

    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    title: str = ""
    link: str = ""
    image: str = ""
    alt: str = ""
    language: str = "sv"
    drill: bool = False
    over: bool = False
