"""Folding: the same word however it was typed."""

import unicodedata


def fold(text: str) -> str:
    """Lower case, å and ä as a, ö as o, é as e; composed and decomposed letters alike; no hyphens."""
    plain = unicodedata.normalize("NFD", text.strip().casefold())
    return "".join(c for c in plain if not unicodedata.combining(c) and c not in "-_")
