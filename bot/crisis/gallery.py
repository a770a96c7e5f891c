"""The pictures of crisis messages: each drawn once, while the approver reads, and kept for whoever asks."""

import asyncio
import re
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.channels import picture
from bot.channels.picture import NoFont, NotPicturable
from bot.crisis import compose
from bot.desk import Desk
from storage import bulletins
from storage.bulletins import Bulletin

NAME: Final = re.compile(r"(\d{1,9})-([0-9a-f]{12})\.jpg")
KEPT: Final = 8  # pictures, of some 100 kB each
log = structlog.get_logger(__name__)


def name(bulletin: int, digest: str) -> str:
    """The file's name: with the text it changes."""
    return f"{bulletin}-{digest[:12]}.jpg"


class Gallery:
    """Draws from the database what is asked for by name, and remembers the latest."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._drawn: dict[str, bytes] = {}
        self._brush = asyncio.Lock()  # whoever comes while it is drawn waits for that

    async def of(self, image: str) -> bytes | None:
        """The picture at a message's ``image`` address; None when there is none, or nobody can say now.

        Raises NotPicturable and NoFont.
        """
        try:
            return await self.drawn(image.rpartition("/")[2])
        except (SQLAlchemyError, OSError) as error:
            log.warning("no picture now", action="picture_unread", error=type(error).__name__)
            return None

    async def prepare(self, bulletin: int, digest: str) -> None:
        """Draw it before anybody asks; what cannot be drawn is told to who does."""
        try:
            await self.of(name(bulletin, digest))
        except (NotPicturable, NoFont) as error:
            log.warning("not drawn", action="picture_undrawn", bulletin=bulletin, error=type(error).__name__)

    async def drawn(self, file: str) -> bytes | None:
        """The picture of that name; None when no message has it. Raises NotPicturable, NoFont."""
        async with self._brush:
            if file not in self._drawn:
                row = await self.row(file)
                body = await _draw(row) if row else None
                if body is None:
                    return None
                self._drawn[file] = body
                self._drawn = dict(list(self._drawn.items())[-KEPT:])
            return self._drawn[file]

    async def row(self, file: str) -> Bulletin | None:
        """The message whose picture has that name."""
        found = NAME.fullmatch(file)
        if found is None:
            return None
        async with self._desk.db.read() as session:
            row = await bulletins.get(session, int(found[1]))
        return row if row and row.digest.startswith(found[2]) else None


async def _draw(row: Bulletin) -> bytes | None:
    """The text of the channel that shows a picture: the one with an alternative text."""
    given = next((one for one in row.texts.values() if one.get("alt")), None)
    if given is None:
        return None
    text = compose.fill(str(given.get("text") or ""), "")
    return await asyncio.to_thread(picture.text_picture, str(given.get("title") or ""), text, drill=row.drill)
