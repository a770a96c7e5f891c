"""What waits for an answer: one pile for each account, and what lies in one person's hands."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.comments.hands import Hands
from bot.comments.roll import Roll
from bot.digest.answering import in_line
from storage.backlog import Heap


@dataclass(frozen=True)
class Pile:
    """Comments that wait on one account. ``oldest`` and ``due``: of the first of them (UTC).

    ``place``: the Slack channel where their cards stand; "" where it is not to be told.
    """

    account: str
    count: int
    oldest: datetime
    due: datetime
    place: str = ""


def piles(roll: Roll, heaps: Iterable[Heap], *, late: bool, figures_only: bool = False) -> tuple[Pile, ...]:
    """By account, what is due first at the top: those whose time is out, or those that still have some."""
    found: dict[tuple[str, int | None], Pile] = {}
    for one in heaps:
        if one.late is late:
            key = ("" if one.account else one.channel, one.account)
            found[key] = _added(found.get(key), roll, one, figures_only=figures_only)
    return tuple(sorted(found.values(), key=lambda pile: (pile.due, pile.account)))


def _added(pile: Pile | None, roll: Roll, one: Heap, *, figures_only: bool) -> Pile:
    if pile is None:
        whose = roll.hands(one.channel, one.account)
        hush = figures_only and whose.sensitive
        return Pile(whose.account, one.count, one.oldest, one.due, "" if hush else whose.slack)
    oldest, due = min(pile.oldest, one.oldest), min(pile.due, one.due)
    return replace(pile, count=pile.count + one.count, oldest=oldest, due=due)


def of_accounts(heaps: Iterable[Heap], numbers: Iterable[int | None]) -> list[Heap]:
    """Those that wait on these accounts."""
    wanted = set(numbers) - {None}
    return [one for one in heaps if one.account in wanted]


def of_person(roll: Roll, heaps: Iterable[Heap], person: str) -> list[Heap]:
    """Those in a person's hands: taken, or free and theirs to answer first."""
    whose = holder(roll)
    return [one for one in heaps if whose(one) == person]


def holder(roll: Roll) -> Callable[[Heap], str]:
    """Says in whose hands a heap is; "" for the department together. Hands are read once for each account."""
    known: dict[tuple[str, int | None], Hands] = {}

    def of(one: Heap) -> str:
        key = (one.channel, one.account)
        if key not in known:
            known[key] = roll.hands(*key)
        whose = known[key]
        return one.taken if one.taken and one.taken not in whose.away else in_line(whose)

    return of
