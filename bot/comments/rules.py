"""Who may do what with a comment, as pure functions of state, actor and clock.

The validator that refuses an act is the one that decides whether its button shows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from bot.comments import states
from bot.comments.hands import Hands
from bot.comments.states import Act, State
from bot.errors import Refused, Text
from bot.people import Actor, Role
from storage.moderations import Moderation
from storage.replies import Reply

ONLY_AUTHORS: Final = frozenset({"x", "mastodon", "bluesky"})  # there nobody else takes away what somebody wrote


@dataclass(frozen=True)
class Case:
    """A comment as rules and cards see it."""

    id: int
    publication: int
    channel: str
    remote: str
    state: State
    version: int
    author: str
    text: str
    link: str
    marks: tuple[str, ...]
    written: datetime
    since: datetime | None
    due: datetime | None
    hands: Hands
    own: bool = False
    taken: str | None = None
    later: datetime | None = None  # until when they asked to be left alone with it
    settled: datetime | None = None
    settled_by: str | None = None
    post_words: str = ""
    post_link: str = ""
    moderation: Moderation | None = None
    lacks: tuple[str, ...] = ()  # what is still to be said of it
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> bool:
        """May what it says, and who says it, stand in Slack?"""
        return self.state in states.VISIBLE and not self.hands.sensitive and not self.out

    @property
    def out(self) -> bool:
        """Hidden or removed from here, or of a class whose text stands nowhere in Slack."""
        made = self.moderation
        return made is not None and (self.state in (State.HIDDEN, State.REMOVED) or made.grave)

    def name(self, person: str | None) -> str:
        """Somebody's name."""
        return self.names.get(person or "", person or "")


def may(rule: Callable[..., object], *given: Any) -> bool:
    """Whether a rule lets it through."""
    try:
        rule(*given)
    except Refused:
        return False
    return True


def belongs(case: Case, actor: Actor) -> Role:
    """The right by which somebody has to do with this account. Raises Refused for others."""
    role = case.hands.role(actor)
    if role is None:
        raise Refused("err.right", roles=[Text("comment.editors")], contact=Text("desk.department"))
    return role


def check_open(case: Case, act: Act) -> None:
    """Raise Refused when nobody may do this now, or anywhere on that platform; says who was faster."""
    if act is Act.REMOVE and case.hands.platform in ONLY_AUTHORS:
        raise Refused("remove.only_author", platform=case.hands.platform_name)
    if states.allowed(case.state, act):
        return
    if case.settled_by and case.settled:
        raise Refused("comment.already", name=case.name(case.settled_by), time=case.settled)
    raise Refused("err.stale", summary=Text(f"comment.state.{case.state}"))


def act(case: Case, actor: Actor, act: Act) -> Role:
    """May this person do this now? Gives the right by which."""
    role = belongs(case, actor)
    check_open(case, act)
    return role


def take(case: Case, actor: Actor) -> Role:
    """*Jag tar den*: what waits, and is not in somebody's hands already."""
    role = belongs(case, actor)
    check_open(case, Act.CLOSE)
    if case.taken == actor.id:
        raise Refused("comment.yours")
    return role


def reply(case: Case, actor: Actor, on_its_way: Reply | None) -> Role:
    """*Svara*: what stands on the platform, whoever wrote it, as long as no other answer is on its way."""
    role = act(case, actor, Act.ANSWER)
    if on_its_way is not None:
        raise Refused("comment.answering", name=case.name(on_its_way.by), time=on_its_way.created)
    return role
