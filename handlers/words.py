"""Sub-words of the slash commands: Swedish with English aliases, shown with å ä ö, read without."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from bot.errors import Refused
from bot.folding import fold
from handlers.click import Click

Act = Callable[[Click], Awaitable[None]]
HOME = "/komm"


@dataclass(frozen=True)
class Word:
    """A sub-word: how it is shown, its English alias, and what it does."""

    shown: str
    english: str
    act: Act
    text: str  # the key of its line in the help


@dataclass
class Words:
    """All sub-words of all commands. Any of them also works under /komm."""

    table: dict[str, dict[str, Word]] = field(default_factory=dict)

    def add(self, command: str, shown: str, english: str, act: Act, text: str) -> None:
        """Teach a command a word."""
        word = Word(shown, english, act, text)
        for spelling in (shown, english):
            self.table.setdefault(command, {})[fold(spelling)] = word

    def shown(self, command: str) -> list[Word]:
        """A command's words, each once, in the order in which they were taught."""
        return list(dict.fromkeys(self.table.get(command, {}).values()))

    def find(self, command: str, text: str) -> tuple[Word, str] | None:
        """The word that starts the text, and the rest of the text as it was typed."""
        first, _, rest = text.strip().partition(" ")
        tables = [self.table.get(command, {})]
        if command == HOME:
            tables += [table for name, table in self.table.items() if name != HOME]
        found = next((table[fold(first)] for table in tables if fold(first) in table), None)
        return (found, rest.strip()) if found else None

    def listener(self, command: str, default: str) -> Act:
        """What a command does: its word, the default word when there is none, a list of words otherwise."""

        async def act(click: Click) -> None:
            found = self.find(command, click.text or default)
            if found is None:
                options = [f"{command} {word.shown}" for word in self.shown(command)]
                raise Refused("err.word", word=click.text[:40], options=options)
            word, rest = found
            await word.act(replace(click, text=rest))

        return act
