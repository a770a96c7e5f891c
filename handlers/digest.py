"""/komm idag and /komm mina; and the digests that go out in the morning."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import status
from bot.channels.message import Message
from bot.delivery.outcome import Drop, Later
from bot.desk import Desk
from bot.digest import gathering, owing
from bot.status import RoomState
from bot.texts import Speak
from handlers.boundary import Boundary
from handlers.cards import digest as cards
from handlers.click import Click
from handlers.words import HOME, Words
from storage.posts import Post

Drawn = Message | Drop | Later
Draw = Callable[[AsyncSession, Post, Speak], Awaitable[Drawn]]


@dataclass(frozen=True)
class Digests:
    """Listeners of Dagens läge. ``room_state`` tells of the delivery room."""

    desk: Desk
    room_state: RoomState

    def register(self, boundary: Boundary, words: Words) -> None:
        """Hook everything up."""
        words.add(HOME, "idag", "today", self.today, "help.komm.today")
        words.add(HOME, "mina", "mine", self.mine, "help.komm.mine")

    async def today(self, click: Click) -> None:
        """The department's for the department; for others that of their units, or else their own."""
        inside = await status.inside(self.desk, click.person, click.now)
        async with self.desk.db.read() as session:
            if inside:
                found = await gathering.department(session, self.desk, self.room_state, click.now)
                shown = cards.department(click.t, found)
            elif units := await gathering.units_of(session, self.desk, click.person, click.now):
                shown = cards.department(click.t, await gathering.of_units(session, self.desk, units, click.now))
            else:
                shown = cards.mine(click.t, await gathering.mine(session, self.desk, click.person, click.now))
        await click.say(shown)

    async def mine(self, click: Click) -> None:
        """What waits for whoever asks."""
        async with self.desk.db.read() as session:
            found = await gathering.mine(session, self.desk, click.person, click.now)
        await click.say(cards.mine(click.t, found))


@dataclass(frozen=True)
class DigestRenderer:
    """Draws the morning's digests from what is true when they go out."""

    desk: Desk
    room_state: RoomState

    @property
    def kinds(self) -> dict[str, Draw]:
        """What draws which kind of post."""
        return {owing.DEPARTMENT: self._department, owing.UNITS: self._units, owing.MINE: self._mine}

    async def _department(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        return cards.department(t, await gathering.department(session, self.desk, self.room_state, self.desk.now()))

    async def _units(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        found = await gathering.of_units(session, self.desk, post.args["units"], self.desk.now())
        return cards.department(t, found) if found.pressing else Drop("nothing waits")

    async def _mine(self, session: AsyncSession, post: Post, t: Speak) -> Drawn:
        found = await gathering.mine(session, self.desk, post.dest, self.desk.now())
        return Drop("nothing waits") if found.empty else cards.mine(t, found)
