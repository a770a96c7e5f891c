"""Folding: the same word however it was typed."""

import unicodedata


def fold(text: str) -> str:
    """Lower case, å and ä as a, ö as o, é as e; letters composed or not; no hyphens, single spaces."""
    plain = unicodedata.normalize("NFD", text.casefold())
    kept = "".join(c for c in plain if not unicodedata.combining(c) and c not in "-_")
    return " ".join(kept.split())
