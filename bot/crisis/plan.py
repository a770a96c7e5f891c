"""What each channel gets of a bulletin: a new post, its old one changed, or both. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.channels.outlet import Outlet
from bot.channels.protocol import Can
from bot.crisis.states import Kind
from storage import posts

# One standing item that always tells how it is now; everywhere else people scroll, and need a new post.
STANDING = frozenset({"wordpress", "webhook", "sign", "feed"})
QUIET = frozenset({Kind.NOTHING_NEW, Kind.CORRECTION})  # bettered in place where that is possible


@dataclass(frozen=True)
class Stands:
    """What a channel shows of the incident: the post that began it, and whether that is out."""

    post: int
    out: bool  # done, or may be: it can only be changed, not replaced


@dataclass(frozen=True)
class Step:
    """One thing to do in a channel. ``mark``: the old post says that there is a newer one."""

    verb: str
    on: int | None = None
    mark: bool = False


def steps(kind: Kind, outlet: Outlet, stands: Stands | None) -> list[Step]:
    """What to do in one channel, in order."""
    if stands is None or not stands.out:
        return [Step(posts.SEND)]
    editable = Can.UPDATE in outlet.can
    if editable and (outlet.platform in STANDING or kind in QUIET):
        return [Step(posts.UPDATE, stands.post)]
    if editable:
        return [Step(posts.SEND), Step(posts.UPDATE, stands.post, mark=True)]
    return [Step(posts.SEND)]


def reached(outlets: Iterable[Outlet], skipped: Iterable[str], *, drill: bool) -> list[Outlet]:
    """The channels that get a bulletin: all but those left out; in a drill only those marked for it."""
    left_out = set(skipped)
    speaking = [one for one in outlets if not one.talk_only]
    return [one for one in speaking if one.key not in left_out and (one.drill or not drill)]
