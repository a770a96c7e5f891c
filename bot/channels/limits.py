"""How much each channel takes, counted as its vendor counts."""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.channels.weighted import LIMIT, URL_WEIGHT, weigh

URL = "{url}"  # stands in a text until the address is known
ADDRESS = 60  # reserved for the address where a vendor counts it letter by letter
SIGN_ROWS, SIGN_CHARACTERS = 3, 24  # 24 in a row: what road-side signs may show

_ADDRESS = re.compile(r"https?://\S*[^\s.,;:!?)\]”’\"']")
_MASTODON_LINK = 23
_JOINER = "\u200d"
# What joins into one emoji: the emoji blocks, and the older signs that are used so.
_PICTURE = re.compile("[\u2194\u2195\u2640\u2642\u2695\u2696\u26d3\u2708\u2764\u27a1\u2b1b🌀-🏺🐀-🙏🚀-🛿🤀-🫿]")
_FLAG_LETTER = re.compile("[🇦-🇿]")
_DRESSES = re.compile("[\u200c\u200d\ufe0f🏻-🏿\U000e0020-\U000e007f]")  # skin tones, variants, tags


@dataclass(frozen=True)
class Limit:
    """The room of one channel.

    ``characters`` are counted by ``weigh``. ``link`` is what an address counts whatever its length; None
    where it counts as written. ``rows`` of ``row_characters``: signs only. ``title`` and ``alt``: None
    where the channel has no place for them.
    """

    characters: int
    weigh: Callable[[str], int] = len
    link: int | None = None
    rows: int | None = None
    row_characters: int | None = None
    title: int | None = None
    alt: int | None = None

    @property
    def reserved(self) -> int:
        """What an address that is not known yet counts."""
        return ADDRESS if self.link is None else self.link

    def length(self, text: str) -> int:
        """The vendor's count of a text, with each ``{url}`` at its reserved length."""
        pieces = text.split(URL)
        return sum(map(self.weigh, pieces)) + self.reserved * (len(pieces) - 1)


def graphemes(text: str) -> int:
    """Characters as people see them, after UAX 29: some rare scripts count more, none counts less."""
    count, before, row = 0, "", ""
    for sign in unicodedata.normalize("NFC", text):
        if not _continues(sign, before, row):
            count, row = count + 1, ""
        row += sign
        before = sign
    return count


def _continues(sign: str, before: str, row: str) -> bool:
    """Whether the sign belongs to the grapheme begun in ``row``."""
    if not row or unicodedata.category(before) == "Cc":
        return (before, sign) == ("\r", "\n")
    if _FLAG_LETTER.match(sign):
        return len(row) == 1 and bool(_FLAG_LETTER.match(before))
    if _PICTURE.match(sign) and before == _JOINER:
        return bool(_PICTURE.match(row)) and not row.endswith(2 * _JOINER)
    return unicodedata.category(sign) in ("Mn", "Me") or bool(_DRESSES.match(sign))


def _bluesky(text: str) -> int:
    """At most 300 graphemes and at most 3,000 bytes: said as one number out of 300."""
    return max(graphemes(text), math.ceil(len(text.encode()) / 10))


def _mastodon(text: str) -> int:
    return graphemes(_ADDRESS.sub("x" * _MASTODON_LINK, text))


LIMITS: Mapping[str, Limit] = {
    "facebook": Limit(63_206),
    "instagram": Limit(2_200, title=100, alt=1_000),
    "x": Limit(LIMIT, weigh, URL_WEIGHT),
    "linkedin": Limit(3_000),
    "mastodon": Limit(500, _mastodon, _MASTODON_LINK),
    "bluesky": Limit(300, _bluesky),
    "wordpress": Limit(20_000, title=200),
    "webhook": Limit(20_000, title=200),
    "feed": Limit(20_000, title=200),
    "mail": Limit(20_000, title=200),
    "slack": Limit(3_000),  # one section of a message
    "by_hand": Limit(5_000, title=100),
    "sign": Limit(SIGN_ROWS * (SIGN_CHARACTERS + 1), link=0, rows=SIGN_ROWS, row_characters=SIGN_CHARACTERS),
}
