"""What stands now: each incident's present message, as signs and feeds show it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

log = structlog.get_logger(__name__)
SEVERITIES: Final = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")  # worst first, as CAP says them


@dataclass(frozen=True)
class Standing:
    """An incident's newest published message in one language. Every instant is aware.

    ``number`` counts the incident's messages from 1; ``kind`` is the desk's word for this one (start,
    update, correction, …). ``over``: called off or withdrawn; it then stays in the feed and nowhere else.
    ``sent`` is when this message was published, ``first_sent`` the incident's first one, ``earlier`` each
    message before this one, oldest first (empty: only the first is known). ``rows``: sign key → rows.
    ``severity``, ``urgency``, ``certainty`` and ``category`` are CAP's words. ``language`` is a BCP 47 tag.
    """

    incident: int
    number: int
    kind: str
    event: str
    headline: str
    text: str
    advice: str
    area: str
    sent: datetime
    first_sent: datetime
    expires: datetime | None
    drill: bool
    over: bool
    link: str
    language: str = "sv"
    severity: str = "Severe"
    urgency: str = "Immediate"
    certainty: str = "Observed"
    category: str = "Safety"
    rows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    earlier: tuple[datetime, ...] = ()

    def on(self, now: datetime) -> bool:
        """Does it apply? Neither called off nor past its time."""
        return not self.over and (self.expires is None or now < self.expires)


class Board(Protocol):
    """Who knows what stands."""

    async def standing(self) -> list[Standing]:
        """Every incident's present message, drills and lately ended ones too, in any order.

        Only what has been published: a sign's rows from when that sign's delivery was carried out, an
        ended incident for as long as the feed shall tell of it (weeks, not minutes).
        """


class LastKnown:
    """A board that still knows what stood when the database is briefly away."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._known: list[Standing] | None = None

    async def standing(self) -> list[Standing]:
        """What stands, or stood when last seen. Raises what the database raised before the first time."""
        try:
            self._known = await self._board.standing()
        except (SQLAlchemyError, OSError) as problem:
            if self._known is None:
                raise
            log.warning("board unreadable", action="board_unreadable", error=type(problem).__name__)
        return self._known


def worst(found: list[Standing]) -> Standing | None:
    """What goes first where there is room for one: the most severe, then the newest."""
    return min(found, key=lambda one: (_rank(one), -one.sent.timestamp(), one.incident), default=None)


def _rank(one: Standing) -> int:
    return SEVERITIES.index(one.severity) if one.severity in SEVERITIES else len(SEVERITIES)
