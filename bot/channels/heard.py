"""What a platform tells of a comment, in one shape for all of them."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

LONGEST_ID, LONGEST_LINK = 300, 500  # characters
LINKS: Final = ("link", "post_link")
TEXTS: Final = ("remote", "post", "parent", "text", "author", "post_text", *LINKS)
_UNWANTED: Final = re.compile("[\x00\ud800-\udfff]")


class Verb(StrEnum):
    """What happened to the comment on the platform."""

    ADD = "add"  # its text may be older than what is known
    SEEN = "seen"  # read just now: so it stands
    EDIT = "edit"
    REMOVE = "remove"
    HIDE = "hide"
    SHOW = "show"


@dataclass(frozen=True)
class Heard:
    """One change of one comment. ``post`` and ``parent`` are the vendor's ids; ``written`` is aware UTC.

    ``parent``: the comment it answers; empty for one directly below the post. ``author`` is the name as the
    platform shows it, empty when it does not tell. ``own``: written by the account itself.
    """

    remote: str
    post: str
    verb: Verb = Verb.ADD
    text: str = ""
    author: str = ""
    parent: str = ""
    own: bool = False
    written: datetime | None = None
    link: str = ""
    post_text: str = ""
    post_link: str = ""
    attached: bool = False  # a picture, a film or a sticker hangs on it

    def __post_init__(self) -> None:
        """Databases keep no NUL and no half of a pair; ids that are cut would be others'. Raises Unreadable."""
        for name in TEXTS:
            object.__setattr__(self, name, _UNWANTED.sub("", getattr(self, name)))
        if not 0 < len(self.remote) <= LONGEST_ID or max(len(self.post), len(self.parent)) > LONGEST_ID:
            raise Unreadable("an id that is none")
        for name in LINKS:
            if len(getattr(self, name)) > LONGEST_LINK:
                object.__setattr__(self, name, "")

    @property
    def wordless_counts(self) -> bool:
        """A picture without words may be a report of a fault: somebody should look."""
        return self.attached and not self.text.strip()


class Unreadable(Exception):
    """A platform told of something in a shape that is not its own."""
