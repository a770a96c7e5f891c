"""What people see of a warning from outside: a proposal, never a start."""

from bot.channels.message import Message
from bot.crisis.warnings import krisinformation
from bot.crisis.warnings.keeping import Shown
from bot.texts import Speak
from handlers.cards import kit
from handlers.cards.kit import Block
from storage.warnings import ACTIVE

FROM_WARNING = "crisis.from_warning"
AREAS, HEADLINE, TEXT = 200, 300, 1800


class Card:
    """Draws one warning in one language."""

    def __init__(self, t: Speak, shown: Shown) -> None:
        self.t, self.shown, self.found = t, shown, shown.found

    def message(self) -> Message:
        """The proposal with its button; without it once the warning has ended or a newer card stands below."""
        said = self.words()
        blocks = [
            kit.header(self.title()),
            kit.section(said),
            *([self._quote()] if self.shown.newest and self.found.text else []),
            kit.context(self.footer()),
            *kit.actions("warning", [self._start()] if self.open else []),
        ]
        text = kit.esc(kit.cut(self.found.text, TEXT)) if self.shown.newest else ""
        return kit.message(blocks, kit.esc(self.title()), said, text, self.footer())

    @property
    def open(self) -> bool:
        """Whether there is anything left to propose."""
        return self.shown.newest and self.shown.state == ACTIVE

    def title(self) -> str:
        """What kind of warning, from whom."""
        kind = "copied" if self._copied else self.found.source
        return self.t(f"warning.title.{kind}")

    def words(self) -> str:
        """The proposal; or what has become of it, and that no crisis of ours ends by that."""
        if not self.shown.newest:
            return f"{self._about()}\n{self.t('warning.older')}"
        if self.open:
            return self._proposal()
        ended = self.t(
            f"warning.state.{self.shown.state}", source=self.source(), time=self.t.moment(self.shown.changed)
        )
        return f"*{kit.esc(ended)}*\n{self._about()}\n{self.t('warning.unaffected')}"

    def source(self) -> str:
        """Who warns."""
        return self.t(f"warning.source.{self.found.source}")

    @property
    def _copied(self) -> bool:
        return self.found.source == krisinformation.SOURCE and self.found.level == krisinformation.VMA

    def _proposal(self) -> str:
        values = {"area": self._area(), "headline": self._headline()}
        if self.found.source == "vma":
            return kit.say(self.t, "vma.proposal", **values)
        if self.found.source == "smhi":
            return kit.say(self.t, "warning.proposal.smhi", level=self._level(), **values)
        return kit.say(self.t, f"warning.proposal.{'copied' if self._copied else 'news'}", **values)

    def _about(self) -> str:
        level = f"{self._level()} · " if self.found.source == "smhi" else ""
        return kit.esc(f"{level}{self._area()}: {self._headline()}")

    def _level(self) -> str:
        known = self.found.level.lower()
        return self.t(f"warning.level.{known}")

    def _area(self) -> str:
        return kit.cut(self.t.names(self.found.areas), AREAS) or self.t("warning.nowhere")

    def _headline(self) -> str:
        return kit.cut(self.found.headline or self.found.event, HEADLINE) or self.t("warning.nameless")

    def _quote(self) -> Block:
        lines = kit.cut(self.found.text, TEXT).splitlines()
        return kit.section("\n".join(f"> {kit.esc(one)}" for one in lines))

    def footer(self) -> str:
        """Source, when it was sent, how long it applies, where to read on."""
        t, found = self.t, self.found
        parts = [kit.say(t, "warning.from", source=self.source())]
        if found.sent:
            parts.append(kit.say(t, "warning.sent", time=t.moment(found.sent)))
        if found.onset:
            parts.append(kit.say(t, "warning.onset", time=t.moment(found.onset)))
        if found.expires:
            parts.append(kit.say(t, "warning.until", time=t.moment(found.expires)))
        if found.link:
            parts.append(kit.link(found.link, t("warning.read")))
        return " ".join(parts)

    def _start(self) -> Block:
        return kit.button(self.t("btn.warning.start"), FROM_WARNING, {"w": self.shown.id}, style="primary")


def card(t: Speak, shown: Shown) -> Message:
    """The card of a warning as it stands."""
    return Card(t, shown).message()
