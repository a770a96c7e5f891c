"""/kommentar ny and *Lägg i kommentarskön*: a comment that no interface brings enters the queue."""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot import people
from bot.comments import entering
from bot.comments.entering import Entry
from bot.desk import Desk
from handlers.boundary import Boundary
from handlers.cards import comment_new as cards
from handlers.cards import kit
from handlers.click import Click, Outcome, Update
from handlers.comment import COMMAND
from handlers.words import Words

SHORTCUT = "message.comment_new"
_LINKED = re.compile(r"<(https?://[^>|\s]+)(?:\|[^>]*)?>")  # as Slack writes an address in a message
_ADDRESS = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)]")


@dataclass(frozen=True)
class NewComments:
    """Listeners of comments that people bring in."""

    desk: Desk

    def register(self, boundary: Boundary, words: Words) -> None:
        """Hook everything up."""
        words.add(COMMAND, "ny", "new", self.new, "help.kommentar.new")
        boundary.shortcut(SHORTCUT, self.from_message)
        boundary.suggest(cards.ACCOUNT, self.suggest)
        boundary.view(cards.ENTERED, self.entered)

    async def new(self, click: Click) -> None:
        """`/kommentar ny`, with or without the resident's words behind it."""
        await entering.admit(self.desk, click.person, now=click.now)
        await click.open(cards.form(click.t, secrets.token_hex(8), text=click.text))

    async def from_message(self, click: Click) -> None:
        """*Lägg i kommentarskön*: what the message says, the link in it, and when it was written.

        One message is one comment on an account, whoever puts it there.
        """
        await entering.admit(self.desk, click.person, now=click.now)
        stamp, said = str(click.message.get("ts") or ""), str(click.message.get("text") or "")
        said = kit.unesc(_LINKED.sub(r"\1", said))
        found = _ADDRESS.search(said)
        form = cards.form(
            click.t,
            f"{click.channel}-{stamp}",
            text=said,
            link=found[0] if found else "",
            written=_when(stamp),
        )
        await click.open(form)

    async def suggest(self, click: Click) -> list[dict[str, Any]]:
        """Accounts of the register that have the typed words."""
        found = await entering.suggestions(self.desk, click.text)
        return cards.options(click.t, found, self.desk.settings.accounts.platforms)

    async def entered(self, click: Click) -> Outcome:
        """The form was sent."""
        case = await entering.enter(
            self.desk, click.person, _entry(click), str(click.meta.get("k") or ""), now=click.now
        )
        first = case.hands.first()
        async with self.desk.db.read() as session:
            names = await people.names(session, list(first))
        return Update(cards.entered(click.t, case, [names[one] for one in first]))


def _entry(click: Click) -> Entry:
    given = {name: str(click.values.get(name) or "") for name in ("text", "author", "link", "post")}
    account, written = str(click.values.get("account") or ""), click.values.get("written")
    return Entry(
        account=int(account) if account.isdigit() else None,
        written=datetime.fromtimestamp(written, UTC) if isinstance(written, int | float) else None,
        **given,
    )


def _when(stamp: str) -> datetime | None:
    """The instant a message's ``ts`` names; None for none."""
    try:
        return datetime.fromtimestamp(float(stamp), UTC)
    except (ValueError, OverflowError, OSError):
        return None
