"""/komm frånvaro: who is away, for oneself or for those one answers for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot import absence
from bot.accounts import form
from bot.desk import Desk
from bot.directory import Directory
from bot.errors import Invalid
from bot.folding import fold
from handlers.boundary import Boundary
from handlers.cards import absence as cards
from handlers.cards import account as account_cards
from handlers.click import Click, Outcome, Update, number
from handlers.words import HOME, Words


@dataclass(frozen=True)
class Absences:
    """Listeners of the absences."""

    desk: Desk
    directory: Directory

    def register(self, boundary: Boundary, words: Words) -> None:
        """Hook everything up."""
        words.add(HOME, "frånvaro", "away", self.open, "help.komm.away")
        words.table[HOME][fold("absence")] = words.table[HOME][fold("away")]
        boundary.action(cards.REMOVE, self.remove)
        boundary.view(cards.SAVE, self.saved)

    async def open(self, click: Click) -> None:
        """The form, with the absences that are coming."""
        await click.open(await self._form(click))

    async def _form(self, click: Click) -> dict[str, Any]:
        listed = await absence.listed(self.desk, click.person, now=click.now)
        today = self.desk.office.local_date(click.now).isoformat()
        return cards.form(click.t, listed, click.person, today)

    async def saved(self, click: Click) -> Outcome:
        """An absence was sent."""
        values = click.values
        person = str(values.get("person") or click.person)
        await self.directory.all_known([person])
        first, last = form.day(values.get("first")), form.day(values.get("last"))
        try:
            away = await absence.add(self.desk, click.person, person, first, last, now=click.now)
        except Invalid as error:
            raise _at_a_field_that_shows(error, values) from None
        return Update(account_cards.done(click.t, cards.answer(click.t, away)))

    async def remove(self, click: Click) -> None:
        """Not away after all: the open form shows what is left."""
        await absence.remove(self.desk, click.person, number(click.payload, "i"), now=click.now)
        await click.update(await self._form(click))


def _at_a_field_that_shows(error: Invalid, values: Mapping[str, Any]) -> Invalid:
    """Who may only set their own absence has no field for the person."""
    shown = {name if name in values else "first": problem for name, problem in error.problems.items()}
    return Invalid(shown)
