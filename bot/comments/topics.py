"""Topics: what a comment is about, by word lists that anybody can read. For figures, never for a person's score."""

import re
from functools import cache
from typing import Final

from bot.comment_settings import Comments

_LINK: Final = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)


def of(text: str, chosen: Comments) -> str | None:
    """The topic most of whose words stand in the text, the list's first among equals; None for none."""
    said = _LINK.sub(" ", text)
    hits = {one.name: sum(bool(_pattern(word).search(said)) for word in one.words) for one in chosen.topics}
    best = max(hits, key=lambda name: hits[name], default=None)
    return best if best and hits[best] else None


@cache
def _pattern(words: str) -> re.Pattern[str]:
    """The phrase as words of their own; one that ends in * also begins longer words."""
    stem = words.removesuffix("*")
    spaced = r"\s+".join(map(re.escape, stem.split()))
    end = "" if words.endswith("*") else r"(?!\w)"
    return re.compile(rf"(?<!\w){spaced}{end}", re.IGNORECASE)
