"""Does this look like a password? Then it is refused before anything is stored."""

import math
import re
from collections import Counter

SPOKEN = re.compile(
    r"(l[öo]senord(et)?|l[öo]sen|password|passwd|pwd|pinkod(en)?|pin|token|nyckel(n)?|kod(en)?)"
    r"\s*(är|is|=|:)\s*\S+",
    re.IGNORECASE,
)
KNOWN_SHAPES = re.compile(
    r"(xox[abprs]-|xapp-|EAA[A-Za-z0-9]{20,}|gh[pousr]_\w{20,}|sk-\w{16,}|-----BEGIN|eyJ[\w-]{10,}\.)"
)
VAULTS = re.compile(r"\b(1password|bitwarden|keepass(xc)?|lastpass|passbolt|pleasant)\b", re.IGNORECASE)
LINK = re.compile(r"https?://\S+")
WORD = re.compile(r"[A-Za-zÅÄÖÉåäöé]+[.,!?]?|\d{1,4}|[A-Za-zÅÄÖåäö]+(-[A-Za-zÅÄÖåäö]+)+")


def looks_secret(text: str) -> bool:
    """True when any part of the text looks like a password, a key or a token rather than a place."""
    if SPOKEN.search(text) or KNOWN_SHAPES.search(text) or re.search(r"//[^/\s:@]+:[^/\s@]+@", text):
        return True
    rest = VAULTS.sub(" ", LINK.sub(" ", text))
    return any(_odd(token.strip("”“\"'()[],.;:")) for token in rest.split())


def _odd(token: str) -> bool:
    """A single token that no place name is: mixed kinds of characters, or long and random."""
    if len(token) < 7 or WORD.fullmatch(token) or re.fullmatch(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", token):
        return False
    if re.fullmatch(r"[\w&-]+([\\/>|.][\w&-]+)+", token) and not re.search(r"\d\D+\d", token):
        return False  # a path such as Valv/Bibliotek or server.kommun.se
    kinds = [r"[a-zåäö]", r"[A-ZÅÄÖ]", r"\d", r"[^\w\s-]"]
    mixed = sum(bool(re.search(kind, token)) for kind in kinds)
    return mixed >= 3 or (len(token) >= 16 and _entropy(token) > 3.5 and bool(re.search(r"\d", token)))


def _entropy(token: str) -> float:
    """Bits per character."""
    counts = Counter(token).values()
    return -sum(n / len(token) * math.log2(n / len(token)) for n in counts)
