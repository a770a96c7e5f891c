"""/komm gallring: what is weeded by whose decision, and what would go."""

from dataclasses import dataclass

from bot.desk import Desk
from bot.records import weeding
from handlers.boundary import Boundary
from handlers.cards import record as cards
from handlers.click import Click
from handlers.words import HOME, Words


@dataclass(frozen=True)
class Records:
    """The listener of the list."""

    desk: Desk

    def register(self, boundary: Boundary, words: Words) -> None:
        """Hook it up."""
        words.add(HOME, "gallring", "weeding", self.show, "help.komm.weeding")

    async def show(self, click: Click) -> None:
        """Board by board, for the department."""
        listed = await weeding.listed(self.desk, click.person, now=click.now)
        await click.say(cards.listed(click.t, listed, self.desk.settings.records.older_than_months))
