"""What every local platform has on which residents write."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from bot.sandbox.platforms.base import Platform
from bot.sandbox.platforms.remarks import RESIDENT, Audience, Letter, Remark, Remarks


class Talking(Platform):
    """A platform with remarks below its posts. Stands before the vendor's own class: ``class Y(Talking, Base)``.

    A vendor overrides `remark_name` for how it writes a remark's id, and `word` if it has webhooks; its
    routes read and write ``self.remarks``, and ``self.audience`` for figures and letters.
    """

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.remarks = Remarks(self.clock, self.remark_name, self.word, tells=self.tells)
        self.audience = Audience()

    def remark_name(self, post: str) -> str:
        """The id of a new remark below that post."""
        return self.next_id()

    def letter(self, kind: str, text: str, author: str = RESIDENT) -> Letter:
        """Somebody writes elsewhere than below a post: messages, mentions, reviews, visitors."""
        one = Letter(Platform.next_id(self), kind, text, self.clock(), author)
        self.audience.letters.append(one)
        return one

    def word(self, verb: str, remark: Remark) -> tuple[bytes, dict[str, str]]:
        """A webhook's body and headers; asked for only where ``remarks.hook`` is set."""
        raise NotImplementedError

    def tells(self, verb: str) -> bool:
        """Does the vendor's webhook tell of this: add, edited, hide, unhide, remove?"""
        return True

    def kept(self) -> dict[str, Any]:
        """What residents wrote, too."""
        written = [asdict(one) for one in self.remarks.everything]
        return super().kept() | {"remarks": written, "audience": self.audience.to_json()}

    def restore(self, state: dict[str, Any]) -> None:
        """As it was. What was kept before anybody could write there has no remarks."""
        super().restore(state)
        self.remarks.everything = [Remark(**one) for one in state.get("remarks", ())]
        self.audience = Audience.from_json(state.get("audience", {}))
