"""The numbers of a month, as they are frozen with its report. No resident and no employee stands in them.

Where a count could point somebody out it is withheld below FEW: then it is None. Percents have one decimal.
"""

from datetime import date
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict

FEW: Final = 5
Count = int | None  # None: fewer than FEW, but not none
Span = tuple[date, date]  # both included


class Level(StrEnum):
    """Where an engagement rate lies, seen from the goal."""

    UNDER = "under"
    WITHIN = "within"
    OVER = "over"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class PostLine(_Frozen):
    """One post. ``percent`` is None where reactions or followers are missing; sensitive accounts' have no words."""

    channel: str
    account: str
    published: date
    words: str = ""
    link: str = ""
    reactions: int | None = None
    followers: int | None = None
    percent: float | None = None
    level: Level | None = None


class AccountLine(_Frozen):
    """One measured account. ``percent``: the mean of its ``counted`` posts; ``missing``: unmeasured days."""

    channel: str
    name: str
    unit: str = ""
    followers: int | None = None  # last measured in the month
    growth: int | None = None  # since the first measured
    posts: int = 0
    counted: int = 0
    percent: float | None = None
    level: Level | None = None
    missing: tuple[Span, ...] = ()


class Engagement(_Frozen):
    """All posts together: the mean of the ``counted`` ones' rates, and how many lie where."""

    goal: tuple[float, float]
    posts: int = 0
    counted: int = 0
    percent: float | None = None
    level: Level | None = None
    under: int = 0
    within: int = 0
    over: int = 0


class Answers(_Frozen):
    """Questions of the month. ``asked``: those whose time is up or that have their answer; of so many
    ``in_time`` were answered in time. ``median``: minutes on working days until the answer. With few asked
    nothing is told of the time. ``open``: within their time; ``closed``: found to need no answer.
    """

    asked: Count = 0
    in_time: Count = 0
    percent: float | None = None
    median: int | None = None
    open: Count = 0
    closed: Count = 0


class TopicLine(_Frozen):
    """Comments about one topic; "" for those that no list knows."""

    name: str
    comments: Count


class UnitLine(_Frozen):
    """One operation's part of posts and comments. "" for what belongs to none. Shares in percent."""

    name: str
    posts: int
    posts_share: float | None
    comments: Count
    comments_share: float | None


class Numbers(_Frozen):
    """A month. ``weekdays``: comments from Monday to Sunday; ``before``: the month before, its posts left out."""

    month: str
    until: date
    engagement: Engagement
    accounts: tuple[AccountLine, ...] = ()
    posts: tuple[PostLine, ...] = ()
    answers: Answers = Answers()
    comments: int = 0
    topics: tuple[TopicLine, ...] = ()
    weekdays: tuple[int, ...] = (0,) * 7
    units: tuple[UnitLine, ...] = ()
    boards: tuple[UnitLine, ...] = ()
    unmeasured: tuple[str, ...] = ()
    before: "Numbers | None" = None

    @property
    def left_out(self) -> int:
        """Posts without a rate, for want of figures."""
        return self.engagement.posts - self.engagement.counted


def count(n: int) -> Count:
    """A count that may be shown."""
    return None if 0 < n < FEW else n
