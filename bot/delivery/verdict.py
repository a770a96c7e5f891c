"""What an answer of the vendor means for a post: pure, one line per kind of answer."""

from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.channels.errors import (
    CannotLook,
    ChannelError,
    Gone,
    NotSent,
    Refused,
    Throttled,
    TokenDead,
    Unknown,
)
from bot.channels.protocol import Sent
from bot.delivery.pace import later
from bot.delivery.settings import Settings
from storage import posts


@dataclass(frozen=True)
class Rest:
    """The lane should rest from ``verb`` for so many seconds."""

    verb: str
    seconds: float
    reason: str


@dataclass(frozen=True)
class Verdict:
    """The state a post goes to, what else changes in its row, and whether the lane must rest."""

    state: str
    changes: dict[str, Any] = field(default_factory=dict)
    rest: Rest | None = None


async def settled(request: Awaitable[Any]) -> Any:
    """The request's result, or the channel's error as a value; a time-out is a lost answer."""
    try:
        return await request
    except ChannelError as error:
        return error
    except TimeoutError:
        return Unknown("no answer in time")


def of_place(error: ChannelError, now: datetime, tuning: Settings) -> Verdict:
    """Finding the place failed. Idempotent, so a lost answer is simply asked for again.

    Being throttled here delays this post alone: posts whose place is known go on.
    """
    match error:
        case Throttled(retry_after=seconds, reason=reason):
            return Verdict(posts.WAITING, {"due": later(now, seconds), "reason": reason})
        case Unknown():
            return Verdict(posts.WAITING, {"due": later(now, tuning.park_s), "reason": "place unknown"})
    return of_sending(error, now, tuning, lag=0, card=False)


def of_sending(answer: Sent | ChannelError, now: datetime, tuning: Settings, *, lag: float, card: bool) -> Verdict:
    """What became of a post that was sent. Whatever is not surely sent or surely not is unknown."""
    match answer:
        case Sent(remote, place, link):
            due = later(now, tuning.card_interval_s if card else 0)
            found = {"remote": remote, "place": place, "link": link, "due": due, "reason": None}
            return Verdict(posts.DONE, found)
        case Refused():
            return Verdict(posts.REFUSED, {"reason": str(answer)[:200]})
        case Throttled() | TokenDead() | NotSent():
            rest = resting("send", answer, tuning)
            return Verdict(posts.WAITING, {"due": later(now, rest.seconds), "reason": rest.reason}, rest)
        case _:
            due = later(now, tuning.look_waits[0] + lag)
            return Verdict(posts.UNKNOWN, {"due": due, "looks": 0, "reason": "answer lost"})


def of_repeatable(answer: Sent | ChannelError | None, now: datetime, tuning: Settings) -> Verdict:
    """What became of something that may be asked for again: whatever is not surely done, waits."""
    match answer:
        case None | Sent():
            return Verdict(posts.DONE, {"due": now, "reason": None})
        case Refused() | Gone():
            return Verdict(posts.REFUSED, {"reason": str(answer)[:200]})
        case Throttled() | TokenDead() | NotSent():
            return of_sending(answer, now, tuning, lag=0, card=False)
        case _:
            return Verdict(
                posts.WAITING, {"due": later(now, tuning.park_s), "perhaps": True, "reason": "answer lost"}
            )


def of_look(
    answer: Sent | ChannelError | None, looks: int, now: datetime, tuning: Settings, *, lag: float, card: bool
) -> Verdict:
    """What a look for our message says; ``looks`` is how many empty ones there were before."""
    match answer:
        case Sent(remote, _, link):
            due = later(now, tuning.card_interval_s if card else 0)
            return Verdict(posts.DONE, {"remote": remote, "link": link, "due": due, "reason": None})
        case None if looks + 1 >= tuning.looks:
            return Verdict(posts.WAITING, {"due": now, "looks": 0, "reason": "not there"})
        case None:
            wait = tuning.look_waits[min(looks + 1, len(tuning.look_waits) - 1)] + lag
            return Verdict(posts.UNKNOWN, {"due": later(now, wait), "looks": looks + 1})
        case CannotLook():
            return Verdict(posts.ASKING, {"reason": str(answer)[:200]})
        case Refused():
            return Verdict(posts.ASKING, {"reason": f"cannot look: {answer}"[:200]})
        case _:
            rest = resting("read", answer, tuning)
            return Verdict(posts.UNKNOWN, {"due": later(now, rest.seconds)}, rest)


def of_readback(
    answer: Sent | ChannelError | None, looks: int, now: datetime, tuning: Settings, *, lag: float
) -> Verdict:
    """What reading back a message that was sent says. It stays done whatever the answer."""
    match answer:
        case Sent():
            return Verdict(posts.DONE, {"seen": now, "readback": False, "reason": None})
        case None if looks + 1 >= tuning.looks:
            return Verdict(posts.DONE, {"readback": False, "looks": 0, "reason": "not seen"})
        case None:
            wait = tuning.look_waits[min(looks + 1, len(tuning.look_waits) - 1)] + lag
            return Verdict(posts.DONE, {"due": later(now, wait), "looks": looks + 1})
        case CannotLook() | Refused() | Gone():
            return Verdict(posts.DONE, {"readback": False})
        case _:
            rest = resting("read", answer, tuning)
            return Verdict(posts.DONE, {"due": later(now, rest.seconds)}, rest)


def of_update(answer: ChannelError | None, want: int, now: datetime, tuning: Settings) -> Verdict:
    """What became of a card that was shown anew as of ``want``. Idempotent: a lost answer is sent again."""
    match answer:
        case None:
            due = later(now, tuning.card_interval_s)
            return Verdict(posts.DONE, {"shown": want, "due": due, "reason": None})
        case Gone():
            anew = {"remote": None, "started": None, "tries": 0, "looks": 0, "due": now}
            return Verdict(posts.WAITING, {**anew, "reason": "posted anew"})
        case Refused():  # it stands as it is; the next change asks again
            return Verdict(posts.DONE, {"shown": want, "reason": f"not updated: {answer}"[:200]})
        case Throttled() | TokenDead() | NotSent():
            rest = resting("update", answer, tuning)
            return Verdict(posts.DONE, {"due": later(now, rest.seconds)}, rest)
        case _:
            return Verdict(posts.DONE, {"due": later(now, tuning.card_interval_s)})


def resting(verb: str, error: ChannelError, tuning: Settings) -> Rest:
    """How long the lane rests, and from what. A dead token stops everything, a closed door too."""
    match error:
        case Throttled(retry_after=seconds, reason=reason):
            return Rest(verb, max(seconds, 1.0), reason)
        case TokenDead(reason=reason):
            return Rest("all", tuning.token_s, reason)
        case NotSent():
            return Rest("all", tuning.park_s, "unreachable")
        case _:
            return Rest(verb, tuning.park_s, "answer lost")
