"""Marks: what a comment may be, by word lists and patterns that anybody can read. They decide nothing."""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from typing import Final

from bot.comment_settings import Comments


class Mark(StrEnum):
    """What a comment may be."""

    QUESTION = "question"
    URGENT = "urgent"
    PERSONAL = "personal"
    UNLAWFUL = "unlawful"


PRESSING: Final = frozenset({Mark.UNLAWFUL, Mark.URGENT})
_NUMBER: Final = re.compile(r"(?<!\d)(?:18|19|20)?\d{6}[-+ ]?\d{4}(?!\d)")  # a personal identity number
_PHONE: Final = re.compile(r"(?<!\d)(?:\+46|0)[ -]?7\d(?:[ -]?\d){7}(?!\d)")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[a-zåäö]{2,}", re.IGNORECASE)
_TAG: Final = re.compile(r"@[\w.]+")
_LINK: Final = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)


def of(text: str, chosen: Comments) -> tuple[Mark, ...]:
    """Everything the lists and patterns find in the text, most pressing first."""
    found = {
        Mark.UNLAWFUL: _any(text, chosen.unlawful),
        Mark.URGENT: _any(text, chosen.urgent),
        Mark.PERSONAL: personal(text) or _any(text, chosen.personal),
        Mark.QUESTION: asks(text, chosen),
    }
    return tuple(mark for mark, there in found.items() if there)


def asks(text: str, chosen: Comments) -> bool:
    """Does it look like a question: a question mark outside links, or a word that begins one?"""
    said = _LINK.sub(" ", text)
    return "?" in said or _any(said, chosen.questions, at_start=True)


def personal(text: str) -> bool:
    """Is there something that points out a person: identity number, telephone, e-mail address?"""
    return any(pattern.search(text) for pattern in (_NUMBER, _PHONE, _EMAIL))


def wordless(text: str) -> bool:
    """Nothing but emoji, punctuation, and tags of friends."""
    return not any(unicodedata.category(sign)[0] in "LN" for sign in _TAG.sub(" ", text))


def thanks(text: str, chosen: Comments) -> bool:
    """Nothing but thanks or praise of the list's words, emoji and tags beside them."""
    left = _TAG.sub(" ", text)
    for words in sorted(chosen.thanks, key=len, reverse=True):
        left = _pattern(words).sub(" ", left)
    return wordless(left) and not wordless(text)


def _any(text: str, words: Iterable[str], *, at_start: bool = False) -> bool:
    """Does a phrase of the list stand in the text, as words of their own?"""
    where = (_pattern(one).search(text) for one in words)
    return any(found and (not at_start or _begins(text, found.start())) for found in where)


def _begins(text: str, at: int) -> bool:
    """Nothing but signs stands before it in its sentence."""
    before = re.split(r"[.!?\n:]", text[:at])[-1]
    return not any(sign.isalnum() for sign in _TAG.sub("", before))


@cache
def _pattern(words: str) -> re.Pattern[str]:
    spaced = r"\s+".join(map(re.escape, words.split()))
    return re.compile(rf"(?<!\w){spaced}(?!\w)", re.IGNORECASE)
