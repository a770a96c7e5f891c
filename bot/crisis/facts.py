"""The facts of a crisis, typed once: what every text is made of."""

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from bot.clock import ZONE
from bot.errors import Invalid, Problem

EVENTS = ("water", "power", "fire", "weather", "it", "trust", "other")
NO_ADVICE_OF_ITS_OWN = "other"  # every other event has standing advice, used where none is typed
INSTANTS = ("confirmed_at", "next_at", "ends_at")
SKEW = timedelta(minutes=5)  # clocks of people
FURTHEST = timedelta(days=6)  # "på fredag" means one Friday only
SHORT, SENTENCES, LONG = 80, 300, 600
LANGUAGES = 1200  # all of them together: they stand in one field with everything else

_WEB = re.compile(r"https?://[^\s/.]+(\.[^\s/.]+)+(:\d+)?([/?#]\S*)?", re.IGNORECASE)
_WALL = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](?:kl\.? ?)?(\d{1,2})[.:](\d{2})")


class Kind(StrEnum):
    """What a message is in the life of an incident."""

    FIRST = "first"
    UPDATE = "update"
    NOTHING_NEW = "nothing_new"
    CORRECTION = "correction"
    END = "end"


@dataclass(frozen=True)
class Facts:
    """What is known, as people typed it. Instants are aware.

    ``event`` is one of EVENTS. ``advice`` left out means the event's standing advice. ``news`` belongs to
    an update, ``wrong`` and ``right`` to a correction, ``now`` (what applies now; for water: how to flush)
    to the end. ``rescue``: the rescue service has said *Faran över*. ``ends_at``: when a drill is over.
    ``languages``: pairs of a language's own name and a text that a person wrote and read.
    """

    event: str
    what: str = ""
    where: str = ""
    where_not: str = ""
    danger: str = ""
    advice: str = ""
    confirmed_by: str = ""
    confirmed_at: datetime | None = None
    next_at: datetime | None = None
    more: str = ""
    unknown: str = ""
    news: str = ""
    now: str = ""
    wrong: str = ""
    right: str = ""
    rescue: bool = False
    drill: bool = False
    ends_at: datetime | None = None
    languages: tuple[tuple[str, str], ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """As JSON holds it: instants in UTC."""
        data = dataclasses.asdict(self)
        for name in INSTANTS:
            if data[name] is not None:
                data[name] = data[name].astimezone(UTC).isoformat()
        return data | {"languages": [list(pair) for pair in self.languages]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """What `to_json` gave. Names it does not know are left out: an older desk wrote them."""
        known = {name: value for name, value in data.items() if name in NAMES}
        for name in INSTANTS:
            if known.get(name):
                known[name] = datetime.fromisoformat(known[name])
        pairs = known.get("languages") or ()
        return cls(**known | {"languages": tuple((name, text) for name, text in pairs)})


NAMES = frozenset(one.name for one in dataclasses.fields(Facts))
TYPED = frozenset(one.name for one in dataclasses.fields(Facts) if one.type is str)


def from_form(values: Mapping[str, Any]) -> Facts:
    """Facts from the values of a form, by field name; ``mode`` is "real" or "drill" and never guessed.

    Instants are Unix seconds, or wall-clock times like "2026-11-27 16.50". ``languages`` are pairs, or
    paragraphs that begin with the language and a colon. Raises Invalid for what cannot be read.
    """
    problems: dict[str, Problem] = {}
    given: dict[str, Any] = {name: one_line(values.get(name)) for name in TYPED}
    for name in INSTANTS:
        given[name] = _tried(problems, name, "facts.time", instant, values.get(name))
    given["languages"] = _tried(problems, "languages", "facts.languages", pairs_of, values.get("languages")) or ()
    mode = values.get("mode")
    if mode not in ("real", "drill"):
        problems["mode"] = Problem("form.needed")
    if problems:
        raise Invalid(problems)
    return Facts(**given, drill=mode == "drill", rescue=values.get("rescue") is True)


def check(facts: Facts, *, kind: Kind, now: datetime) -> dict[str, Problem]:
    """What is wrong with the facts for a message of this kind, by field; empty when nothing is."""
    problems = {name: Problem("form.needed") for name in _lacking(facts, kind)}
    for name, limit in LENGTHS.items():
        if (n := len(getattr(facts, name))) > limit:
            problems[name] = Problem("form.long", limit=limit, n=n)
    if (n := sum(len(name) + len(text) for name, text in facts.languages)) > LANGUAGES:
        problems["languages"] = Problem("form.long", limit=LANGUAGES, n=n)
    if facts.confirmed_at and facts.confirmed_at > now + SKEW:
        problems["confirmed_at"] = Problem("facts.future")
    for name in AHEAD.get(kind, ("next_at",)):
        if problem := _ahead(getattr(facts, name), now):
            problems[name] = problem
    if facts.more and not _WEB.fullmatch(facts.more):
        problems["more"] = Problem("facts.web")
    return problems


LENGTHS = {
    **dict.fromkeys(("what", "where", "where_not", "confirmed_by"), SHORT),
    **dict.fromkeys(("danger", "unknown", "wrong"), SENTENCES),
    **dict.fromkeys(("advice", "news", "now", "right"), LONG),
}
AHEAD: Mapping[Kind, tuple[str, ...]] = {Kind.FIRST: ("next_at", "ends_at"), Kind.END: ()}
NEEDED = {Kind.UPDATE: ("news",), Kind.CORRECTION: ("wrong", "right")}


def _lacking(facts: Facts, kind: Kind) -> list[str]:
    needed = ["what", "where", "confirmed_by", "confirmed_at", *NEEDED.get(kind, ())]
    if facts.event == NO_ADVICE_OF_ITS_OWN and kind in (Kind.FIRST, Kind.UPDATE, Kind.NOTHING_NEW):
        needed.append("advice")
    if facts.drill and kind is Kind.FIRST and not (facts.ends_at or facts.next_at):
        needed.append("ends_at")
    lacking = [name for name in needed if not getattr(facts, name)]
    return lacking if facts.event in EVENTS else ["event", *lacking]


def _ahead(instant: datetime | None, now: datetime) -> Problem | None:
    if instant is None or now < instant <= now + FURTHEST:
        return None
    return Problem("facts.past") if instant <= now else Problem("facts.far", n=FURTHEST.days)


def one_line(value: Any) -> str:
    """A typed value without line breaks and needless spaces."""
    return " ".join(str(value or "").split())


def instant(value: Any) -> datetime | None:
    """An aware instant (UTC) of what a form gave, or None for nothing. Raises ValueError."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return _utc(value)
    text = str(value).strip()
    if text.isdecimal():
        return datetime.fromtimestamp(int(text), UTC)
    wall = _WALL.fullmatch(text)
    if wall:
        text = f"{wall[1]}T{int(wall[2]):02}:{wall[3]}"
    return _utc(datetime.fromisoformat(text))


def _utc(t: datetime) -> datetime:
    return (t if t.tzinfo else t.replace(tzinfo=ZONE)).astimezone(UTC)


def pairs_of(value: str | Sequence[tuple[str, str]] | None) -> tuple[tuple[str, str], ...]:
    """Languages and texts; as text: paragraphs like "English: Boil the water." Raises ValueError."""
    if not isinstance(value, str):
        pairs = [(one_line(name), one_line(text)) for name, text in value or ()]
    else:
        blocks = (block.partition(":") for block in re.split(r"\n\s*\n", value) if block.strip())
        pairs = [(one_line(name), one_line(text)) for name, _, text in blocks]
    if not all(name and text for name, text in pairs):
        raise ValueError("a language and a text, or neither")
    return tuple(pairs)


def _tried(problems: dict[str, Problem], name: str, key: str, read: Callable[[Any], Any], value: Any) -> Any:
    try:
        return read(value)
    except (ValueError, OverflowError, OSError):  # OSError: a second no clock shows
        problems[name] = Problem(key)
        return None
