"""/komm: help, status and the first hour; and everything else that stands under it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot import start, status
from bot.channels.message import Message
from bot.desk import Desk
from bot.digest import gathering
from bot.directory import Directory
from bot.errors import Refused
from bot.status import RoomState
from handlers.absence import Absences
from handlers.boundary import Act, Boundary
from handlers.cards import desk as cards
from handlers.click import Click, number
from handlers.events import Events
from handlers.units import Units
from handlers.words import HOME, Word, Words

HELP, HELP_TEXT = "hjälp", "help.komm.help"


@dataclass(frozen=True)
class Desks:
    """Listeners of the desk itself. ``room_state`` tells of the delivery room."""

    desk: Desk
    directory: Directory
    room_state: RoomState

    def register(self, boundary: Boundary, words: Words) -> None:
        """Hook everything up; last of all rooms, so that every command has its help."""
        Units(self.desk, self.directory).register(boundary, words)
        Absences(self.desk, self.directory).register(boundary, words)
        Events(self.desk, self.directory).register(boundary)
        words.add(HOME, "status", "status", self.status, "help.komm.status")
        words.add(HOME, "kom-igång", "start", self.start, "help.komm.start")
        for command in sorted({HOME, *words.table}):
            words.add(command, HELP, "help", self.help(words, command), HELP_TEXT)
        boundary.command(HOME, words.listener(HOME, HELP))
        boundary.action(cards.THERE, self.answer(there=True))
        boundary.action(cards.NOT_THERE, self.answer(there=False))
        boundary.action(cards.WORD, self.word(words))
        for action_id, shown in cards.HOME_WORDS.items():
            boundary.action(action_id, self.word(words, shown))

    def help(self, words: Words, command: str) -> Act:
        """What one can do: with one command, or under /komm with all of them."""

        async def act(click: Click) -> None:
            await click.say(cards.help_(click.t, groups(words, command)))

        return act

    async def status(self, click: Click) -> None:
        """How everything works: in detail for the department, in a sentence for everybody else."""
        troubles = await status.troubles(self.desk, self.room_state, click.now)
        if await status.inside(self.desk, click.person, click.now):
            async with self.desk.db.read() as session:
                inboxes = await gathering.inboxes_of(session, self.desk)
            await click.say(cards.status(click.t, troubles, inboxes))
        else:
            await click.say(cards.status_short(click.t, not any(one.fault for one in troubles)))

    def answer(self, *, there: bool) -> Act:
        """Somebody has looked for a message where the desk cannot."""

        async def act(click: Click) -> None:
            post = number(click.payload, "p")
            await status.answer(self.desk, click.person, post, there=there, now=click.now)
            words = click.t("status.thanks.there" if there else "status.thanks.not_there")
            await click.say(Message(words))

        return act

    async def start(self, click: Click) -> None:
        """What the desk still lacks, and who can mend it."""
        steps = await start.steps(self.desk, click.person, click.api, now=click.now)
        await click.say(cards.start(click.t, steps))

    def word(self, words: Words, shown: str = "") -> Act:
        """A button that does what a word after /komm does."""

        async def act(click: Click) -> None:
            found = words.find(HOME, shown or str(click.payload.get("w", "")))
            if found is None:
                raise Refused("err.unknown_button")
            await found[0].act(replace(click, text=""))

        return act


def groups(words: Words, command: str) -> Sequence[tuple[str, Sequence[Word]]]:
    """Commands with their words, help itself last and once."""
    if command != HOME:
        return [(command, words.shown(command))]
    others = sorted(name for name in words.table if name != HOME)
    found = [(name, [one for one in words.shown(name) if one.text != HELP_TEXT]) for name in others]
    return [*((name, shown) for name, shown in found if shown), (HOME, words.shown(HOME))]
