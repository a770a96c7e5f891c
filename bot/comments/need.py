"""Does a comment start the clock? Rules anybody can read; a person can always say otherwise."""

from bot.channels.heard import Heard
from bot.comment_settings import Comments
from bot.comments import marks
from bot.comments.marks import Mark

FLAGGED = frozenset({Mark.URGENT, Mark.UNLAWFUL, Mark.PERSONAL})


def answer(heard: Heard, chosen: Comments, *, to_resident: bool) -> bool:
    """Whether somebody should answer it.

    Ours never. Emoji only, tags of friends and thanks never. One resident to another
    (``to_resident``) only when it is a question, or is marked for something graver.
    """
    if heard.own:
        return False
    found = set(marks.of(heard.text, chosen))
    if found & FLAGGED:
        return True
    if marks.wordless(heard.text) or marks.thanks(heard.text, chosen):
        return heard.wordless_counts
    return not to_resident or Mark.QUESTION in found
