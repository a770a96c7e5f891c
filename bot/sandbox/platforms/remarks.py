"""Residents' remarks under what a platform shows, and the platform's word about them to whoever listens."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

import aiohttp

RESIDENT = "Invånare"
KINDS = ("messages", "mentions", "reviews", "visitors")  # what can be written elsewhere than below a post


@dataclass
class Remark:
    """One comment. ``at`` and ``edited`` in seconds since 1970; ``parent`` the remark it answers.

    ``own``: the account's. ``more``: the vendor's extras, which residents are not shown.
    """

    id: str
    post: str
    text: str
    at: float
    author: str = RESIDENT
    parent: str = ""
    own: bool = False
    hidden: bool = False
    removed: bool = False
    edits: list[str] = field(default_factory=list)
    edited: float = 0.0
    more: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As the residents' page shows it."""
        names = ("id", "post", "text", "at", "author", "parent", "own", "hidden", "removed", "edits")
        return {name: getattr(self, name) for name in names}


@dataclass
class Letter:
    """Something a resident wrote elsewhere than below a post. ``kind``: messages, mentions, reviews, visitors."""

    id: str
    kind: str
    text: str
    at: float
    author: str = RESIDENT
    read: bool = False


@dataclass
class Audience:
    """Who follows the account, the hearts under its posts, and what is written to it elsewhere."""

    followers: int = 1200
    hearts: dict[str, int] = field(default_factory=dict)
    shares: dict[str, int] = field(default_factory=dict)
    letters: list[Letter] = field(default_factory=list)

    def heart(self, post: str) -> int:
        """Somebody presses a heart; how many there are now."""
        self.hearts[post] = self.hearts.get(post, 0) + 1
        return self.hearts[post]

    def unread(self, kind: str) -> list[Letter]:
        """What waits of that kind, oldest first."""
        return [one for one in self.letters if one.kind == kind and not one.read]

    def to_json(self) -> dict[str, Any]:
        """As a file keeps it."""
        return asdict(self)

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Audience:
        """What `to_json` gave."""
        return cls(**said | {"letters": [Letter(**one) for one in said.get("letters", ())]})


Word = Callable[[str, Remark], tuple[bytes, dict[str, str]]]  # verb and remark → body and headers


@dataclass
class Remarks:
    """All remarks of one platform. ``hook``: who is told of each change, in the vendor's own words.

    ``name``: the id of a new remark below that post, as the vendor writes it.
    """

    clock: Callable[[], float]
    name: Callable[[str], str]
    word: Word | None = None
    tells: Callable[[str], bool] = lambda verb: True  # what the vendor's webhook tells of
    hook: str = ""
    held: bool = False  # what residents write waits for approval
    everything: list[Remark] = field(default_factory=list)
    told: int = 0
    _telling: set[asyncio.Task[None]] = field(default_factory=set)

    def add(self, post: str, text: str, **more: Any) -> Remark:
        """Somebody writes; from then on it is there."""
        given = more.pop("id", "") or self.name(post)
        hidden = self.held and not more.get("own", False)
        remark = Remark(**{"id": given, "post": post, "text": text, "at": self.clock(), "hidden": hidden, **more})
        self.everything.append(remark)
        self.tell("add", remark)
        return remark

    def get(self, remark_id: str) -> Remark | None:
        """The remark with that id unless it was removed."""
        return next((one for one in self.everything if one.id == remark_id and not one.removed), None)

    def under(self, post: str) -> list[Remark]:
        """What stands below a post, oldest first."""
        return [one for one in self.everything if one.post == post and not one.removed]

    def below(self, parent: str) -> list[Remark]:
        """What answers a remark, oldest first."""
        return [one for one in self.everything if one.parent == parent and not one.removed]

    def edit(self, remark: Remark, text: str) -> None:
        """The author changes it; the old text is kept."""
        remark.edits.append(remark.text)
        remark.text, remark.edited = text, self.clock()
        self.tell("edited", remark)

    def hide(self, remark: Remark, hidden: bool) -> None:
        """Hide it from everybody but its author, or show it again."""
        if remark.hidden != hidden:
            remark.hidden = hidden
            self.tell("hide" if hidden else "unhide", remark)

    def remove(self, remark: Remark) -> None:
        """Take it away."""
        remark.removed = True
        self.tell("remove", remark)

    def to_json(self) -> Iterable[dict[str, Any]]:
        """As the residents' page shows them."""
        return [one.to_json() for one in self.everything]

    def tell(self, verb: str, remark: Remark) -> None:
        """Tell whoever listens, as a vendor does: later, and again when it does not answer."""
        if not self.hook or self.word is None or not self.tells(verb):
            return
        body, headers = self.word(verb, remark)
        task = asyncio.get_running_loop().create_task(self._send(body, headers))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _send(self, body: bytes, headers: dict[str, str]) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            for wait in (0.0, 0.5, 2.0, 5.0):
                await asyncio.sleep(wait)
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    async with session.post(self.hook, data=body, headers=headers) as answer:
                        if answer.status < 300:
                            self.told += 1
                            return

    async def hush(self) -> None:
        """Nothing more is told."""
        for task in list(self._telling):
            task.cancel()
        await asyncio.gather(*self._telling, return_exceptions=True)
