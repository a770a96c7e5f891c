"""What is known of why a comment was hidden or removed, and what is still to be said."""

from storage import moderations
from storage.moderations import Moderation


def missing(made: Moderation) -> tuple[str, ...]:
    """What is still to be said of an act, by field. What holds secrecy is registered, or sent to the registrar."""
    over = made.state in (moderations.PROPOSED, moderations.DECLINED) or made.lifted is not None
    if made.klass == "child" or over:
        return ()
    lacks = {
        "why": not made.why,
        "shot": not (made.shot or made.no_shot),
        "diary": bool(made.secrecy) and not (made.diary or made.registrar),
    }
    return tuple(name for name, so in lacks.items() if so)
