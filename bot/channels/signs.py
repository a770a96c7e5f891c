"""Road-side signs: a page of ours that any player shows."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from bot.channels.served import Served
from bot.channels.settings import ChannelSettings

# Each finds what a driver would dial or look up, in a row folded to small letters.
_TELEPHONE = re.compile(
    r"(?<![\w.,:/-])(?:\+|00?)\d(?:[\s/–-]*\d){5,}"  # 0512-310 00, +46 512 310 00
    r"|(?<![\w.,:/-])\d{2,3}(?:[\s-]\d{2,3}){2}(?![\w.,:/-]*\d)"  # 310 00 00 without its area
    r"|(?<![\w.,:/-])(?<!väg )(?:112|1177|11[34] ?1[34])(?![\w.,:/-]*\d)(?!\s*(?:m|km|meter|liter|st)\b)"
)
_CALLED = re.compile(r"\b(?:ring|tel|telefon|tfn|sms|call|phone)\b[^\d]{0,12}(?P<it>\d{2,})")
_ADDRESS = re.compile(
    r"\{url\}|https?:\S*|\bwww\.\S*|\S*@\S*"
    r"|\b[\w-]{2,}\.(?:se|nu|com|org|net|info|eu|app|io|fi|no|dk|example)(?![\w])(?:/\S*)?",
)
Span = tuple[int, int]


class SignSettings(ChannelSettings):
    """A sign, at ``/skylt/<key>``.

    ``rows`` and ``characters`` per row are what the composer fits into. ``idle`` is shown when nothing is
    on, a line a row; empty: the sign is black. ``co_owner`` (e-mail or Slack id) is told when the sign is
    taken and given back. Marked for drills, it shows them with the word for it.
    """

    platform: Literal["sign"] = "sign"
    rows: Annotated[int, Field(ge=1, le=12)] = 3
    characters: Annotated[int, Field(ge=4, le=80)] = 24
    upper: bool = True
    idle: Annotated[str, Field(max_length=400)] = ""
    co_owner: str = ""


class Sign(Served):
    """A sign as the delivery room sees it: the page reads the database."""


def harmless(rows: Iterable[str]) -> tuple[str, ...]:
    """The rows without those that hold a telephone number or a web address: nobody dials while driving."""
    return tuple(row for row in rows if not dangerous(row))


def dangerous(row: str) -> bool:
    """Whether a row has something in it to dial or to look up."""
    return bool(contacts(row))


def contacts(row: str) -> list[Span]:
    """Where in a row something to dial or to look up stands; all of it where that cannot be told."""
    plain = _plain(row)
    found = [match.span() for pattern in (_TELEPHONE, _ADDRESS) for match in pattern.finditer(plain)]
    found += [match.span("it") for match in _CALLED.finditer(plain)]
    if found and len(plain) != len(row):
        return [(0, len(row))]
    return sorted(found, key=lambda span: (span[0], -span[1]))


def _plain(row: str) -> str:
    """A row in small letters, without signs that nobody sees."""
    return "".join(c for c in unicodedata.normalize("NFKC", row) if unicodedata.category(c) != "Cf").casefold()
