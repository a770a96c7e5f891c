"""Accounts that look like each other: the same name in other clothes, or the same address."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from rapidfuzz import fuzz

ALIKE = 88.0  # per cent; "Bibblan Vara" and "Bibblan i Vara" are alike, "Badhuset" is not


@dataclass(frozen=True)
class Known:
    """An account that exists or has been asked for."""

    name: str
    address: str
    platform: str
    unit: str


def name_key(name: str) -> str:
    """A name without case, accents, signs, spaces or a leading @."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ø", "o").replace("æ", "a"))
    return re.sub(r"[^a-z0-9]", "", "".join(c for c in plain if not unicodedata.combining(c)))


def address_key(address: str) -> str:
    """An address without scheme, www, mobile prefix, query, trailing slash or case; "" for none."""
    text = address.strip().casefold()
    try:
        parts = urlsplit(text if "//" in text else f"//{text}")
    except ValueError:
        return ""
    host = re.sub(r"^(www|m|mobile)\.", "", parts.hostname or "")
    host = {"twitter.com": "x.com", "fb.com": "facebook.com", "youtu.be": "youtube.com"}.get(host, host)
    return f"{host}{parts.path.rstrip('/')}"


def alike(name: str, platform: str, known: Iterable[Known]) -> Known | None:
    """The known account most like this name: an equal key on any platform, or nearly the same on this."""
    key = name_key(name)
    best, best_score = None, 0.0
    for account in known:
        score = _score(key, platform, account)
        if score > best_score:
            best, best_score = account, score
    return best


def _score(key: str, platform: str, account: Known) -> float:
    """100 for the same, the likeness above the threshold on the same platform, else 0."""
    if not key:
        return 0.0
    theirs = name_key(account.name)
    handle = name_key(address_key(account.address).rpartition("/")[2])
    if key in (theirs, handle):
        return 100.0
    score = fuzz.ratio(key, theirs)
    return score if account.platform == platform and score >= ALIKE else 0.0


def nearest(typed: str, known: Sequence[Known]) -> int | None:
    """Which account somebody means by what they typed: the index of the best, None when nothing fits."""
    key = name_key(typed)
    scores = [fuzz.WRatio(key, name_key(one.name)) if key else 0.0 for one in known]
    best = max(range(len(known)), key=scores.__getitem__, default=None)
    return best if best is not None and scores[best] >= 60 else None


def same_address(address: str, known: Iterable[Known]) -> Known | None:
    """The known account at the same address."""
    key = address_key(address)
    return next((account for account in known if key and address_key(account.address) == key), None)
