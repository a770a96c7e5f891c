"""What is known of why a comment was hidden or removed, and what is still to be said."""

from storage import moderations
from storage.moderations import Moderation


def missing(made: Moderation) -> tuple[str, ...]:
    """What is still to be said of an act, by field."""
    if made.klass == "child" or made.state in (moderations.PROPOSED, moderations.DECLINED):
        return ()
    lacks = {
        "why": not made.why,
        "shot": not (made.shot or made.no_shot),
        "diary": made.klass == "b" and not made.diary,
    }
    return tuple(name for name, so in lacks.items() if so)
