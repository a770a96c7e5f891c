"""What stood below an account's posts at the last look, so that a look tells only what is new, changed or gone.

For platforms that cannot be asked what happened since. It lives in the poll's cursor, so it outlasts restarts;
of a comment it keeps the id and a short mark of its text, too short to say what it was.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from bot.channels.heard import Heard, Verb

BACK: Final = timedelta(hours=1)  # the first look begins so long before now
FRESH: Final = timedelta(days=2)  # posts younger than that are read at every look
SWEEP: Final = timedelta(hours=1)  # and all of them this often, for what changes no figure
MANY: Final = 2000  # comments remembered below one post
_HIDDEN: Final = "-"


class Standing:
    """One look's view of the cursor. ``now`` is aware UTC."""

    def __init__(self, cursor: Mapping[str, Any], now: datetime) -> None:
        self.now = now
        self.began = datetime.fromisoformat(cursor["began"]) if "began" in cursor else now - BACK
        swept = datetime.fromisoformat(cursor["swept"]) if "swept" in cursor else None
        self._sweeps = swept is None or now - swept >= SWEEP
        self._swept = now if swept is None or self._sweeps else swept
        self._stood: dict[str, dict[str, str]] = {
            post: dict(all_) for post, all_ in cursor.get("stood", {}).items()
        }
        self._counts: dict[str, int] = dict(cursor.get("counts", {}))

    def due(self, post: str, published: datetime, count: int | None) -> bool:
        """Is it worth reading this post's comments? ``count``: as many as the platform says there are."""
        return self._sweeps or count != self._counts.get(post) or self.now - published < FRESH

    @property
    def posts(self) -> list[str]:
        """Below which something stood."""
        return list(self._stood)

    def known(self, post: str, remote: str) -> bool:
        """Did it stand there at the last look?"""
        return remote in self._stood.get(post, {})

    def news(self, post: str, there: Sequence[Heard], count: int | None = None) -> list[Heard]:
        """Of all that stands below a post now, what is new, was changed, hidden, or is shown again."""
        late = [one for one in there if one.written is None or one.written >= self.began]
        before = self._stood.get(post, {})
        self._stood[post] = before | {one.remote: _mark(one) for one in late[-MANY:]}
        if count is not None:
            self._counts[post] = count
        return [said for one in late for said in _told(one, before.get(one.remote))]

    def missing(self, post: str, there: Collection[Heard]) -> list[str]:
        """What stood there and does not any more; `forget` what is really gone."""
        found = {one.remote for one in there}
        return [remote for remote in self._stood.get(post, {}) if remote not in found]

    def forget(self, post: str, remote: str) -> None:
        """It is gone."""
        self._stood.get(post, {}).pop(remote, None)

    def cursor(self, posts: Collection[str]) -> dict[str, Any]:
        """For the next look; of posts that are not watched any more nothing is kept."""
        return {
            "began": self.began.isoformat(),
            "swept": self._swept.isoformat(),
            "stood": {post: stood for post, stood in self._stood.items() if post in posts and stood},
            "counts": {post: count for post, count in self._counts.items() if post in posts},
        }


def _told(one: Heard, before: str | None) -> list[Heard]:
    now = _mark(one)
    if before == now:
        return []
    if before is not None and before.startswith(_HIDDEN) and not now.startswith(_HIDDEN):
        return [replace(one, verb=Verb.SHOW), one]
    return [one]


def _mark(one: Heard) -> str:
    short = hashlib.sha256(one.text.encode()).hexdigest()[:6]
    return f"{_HIDDEN}{short}" if one.verb is Verb.HIDE else short
