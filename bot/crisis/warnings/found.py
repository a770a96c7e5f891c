"""A warning as a source tells it, and how to read what may be anything.

Outside text is data: it is cleaned of what no database takes, kept short, and parsed for nothing.
"""

import hashlib
import html
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Self

from bot.clock import ZONE
from bot.folding import fold

IDENT, LINE, PROSE = 200, 300, 6000
INSTANTS = ("sent", "onset", "expires")
LISTS = ("areas", "names")
_UNWANTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--.*?-->", re.DOTALL)
_BREAK = re.compile(r"<(?:br|/p|/li|/h\d)\b[^<>]*>", re.IGNORECASE)
_PLACE = re.compile(r"\s*\(.*\)$")
_KIND_OF_PLACE = re.compile(r"\b(?:kommun|stad|lan)$")


class Unreadable(Exception):
    """The answer as a whole is not what this source gives."""


@dataclass(frozen=True)
class Places:
    """Where we are: codes of municipality and county, and what the municipality may be called."""

    municipality: str
    county: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """One warning. Instants are aware UTC.

    ``ident`` stays the same through the warning's life. ``version`` is the source's number of this very
    message: with another one the warning is told anew, with the same one it was changed in place.
    ``names`` are all numbers it goes by or refers to. ``here``: whether it concerns us; None when it does
    not say where. ``level`` is the source's word in capitals, or empty.
    """

    source: str
    ident: str
    version: str
    event: str = ""
    headline: str = ""
    text: str = ""
    areas: tuple[str, ...] = ()
    level: str = ""
    sent: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    status: str = ""
    link: str = ""
    cancelled: bool = False
    names: tuple[str, ...] = ()
    incident: str = ""
    code: str = ""
    update: bool = False
    here: bool | None = field(default=True, compare=False)

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        data = asdict(self)
        for name in INSTANTS:
            data[name] = data[name] and data[name].isoformat()
        return data | {name: list(data[name]) for name in LISTS}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """What `to_json` gave."""
        given = dict(data)
        for name in INSTANTS:
            given[name] = given[name] and datetime.fromisoformat(given[name])
        return cls(**given | {name: tuple(given[name]) for name in LISTS})

    def after(self, earlier: Self) -> Self:
        """This message, with what it leaves unsaid taken from the earlier one of the same warning."""
        names = tuple(dict.fromkeys((*earlier.names, *self.names)))
        one = replace(self, ident=earlier.ident, names=names, incident=earlier.incident or self.incident)
        if self.cancelled:
            sent = self.sent or earlier.sent
            words = replace(earlier, names=names, incident=one.incident)
            return replace(words, version=self.version, sent=sent, cancelled=True)
        if self.here is None:
            return replace(one, areas=earlier.areas, here=earlier.here)
        return one


@dataclass(frozen=True)
class Reading:
    """What one answer held. ``odd``: entries that could not be read, or do not say where they apply."""

    found: tuple[Found, ...]
    odd: int = 0


def keyed(value: Any) -> dict[str, Any]:
    """The object with its keys in lower case; {} for anything else."""
    return {str(key).lower(): one for key, one in value.items()} if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """The list; a lone object is a list of one; [] for anything else."""
    if isinstance(value, list):
        return value
    return [value] if isinstance(value, dict) else []


def line(value: Any, limit: int = LINE) -> str:
    """One line of text; "" for what is no text or number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return " ".join(_clean(str(value)[: limit * 2]).split())[:limit]


def ident(value: Any) -> str:
    """A number to know something by; one that is too long is replaced by its hash."""
    said = line(value, IDENT * 2)
    return said if len(said) <= IDENT else hashlib.sha256(said.encode()).hexdigest()


def prose(value: Any) -> str:
    """Text in paragraphs; "" for what is no text."""
    if not isinstance(value, str):
        return ""
    lines = (" ".join(one.split()) for one in _clean(value[: PROSE * 2]).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:PROSE]


def unmarked(value: Any) -> str:
    """Text in paragraphs, of a source that gives HTML."""
    if not isinstance(value, str):
        return ""
    return prose(html.unescape(_TAG.sub("", _BREAK.sub("\n", value[: PROSE * 4]))))


def _clean(text: str) -> str:
    return _UNWANTED.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))


def link(value: Any) -> str:
    """A web address; "" for anything else."""
    said = line(value, 500)
    return said if re.fullmatch(r"https?://[^\s<>|\"]{1,480}", said) else ""


def instant(value: Any) -> datetime | None:
    """An instant (UTC); a time without zone is Stockholm's; None for what is no time."""
    try:
        read = datetime.fromisoformat(line(value, 60))
        return (read if read.tzinfo else read.replace(tzinfo=ZONE)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def place(name: str) -> str:
    """A place's name for comparing: "Göteborgs kommun (Västra Götalands län)" and "Göteborg" are one."""
    bare = _KIND_OF_PLACE.sub("", fold(_PLACE.sub("", name))).strip()
    return bare.removesuffix("s")


def objects(body: Any) -> list[Any]:
    """The answer when it is a list at the top. Raises Unreadable."""
    if not isinstance(body, list):
        raise Unreadable("not a list")
    return body


def decoded(content: bytes) -> Any:
    """The JSON of an answer. Raises Unreadable."""
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Unreadable("not JSON") from None
