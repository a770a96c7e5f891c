"""What a platform tells of a comment, in one shape for all of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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

    @property
    def wordless_counts(self) -> bool:
        """A picture without words may be a report of a fault: somebody should look."""
        return self.attached and not self.text.strip()


class Unreadable(Exception):
    """A platform told of something in a shape that is not its own."""
