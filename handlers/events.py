"""What Slack tells by itself: people and groups that change, and somebody who looks at App Home."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.accounts import mine
from bot.desk import Desk
from bot.directory import Directory
from handlers.boundary import Boundary, Notice
from handlers.cards import desk as cards
from storage import duties

Event = Mapping[str, Any]


@dataclass(frozen=True)
class Events:
    """Listeners of events."""

    desk: Desk
    directory: Directory

    def register(self, boundary: Boundary) -> None:
        """Hook everything up."""
        boundary.event("app_home_opened", self.home(boundary))
        boundary.event("user_change", self.person)
        boundary.event("team_join", self.person)
        boundary.event("subteam_members_changed", self.members)
        boundary.event("subteam_updated", self.group)

    def home(self, boundary: Boundary) -> Notice:
        """What waits for the person, published on their App Home."""

        async def opened(event: Event) -> None:
            if event.get("tab", "home") != "home":
                return
            person = event["user"]
            await self.directory.known(person)
            found = await mine.mine(self.desk, person, self.desk.now())
            view = cards.home(boundary.voice(person), found)
            await boundary.api.call("views.publish", user_id=person, view=view)

        return opened

    async def person(self, event: Event) -> None:
        """Somebody is new or has changed."""
        await self.directory.remember(event["user"])

    async def members(self, event: Event) -> None:
        """A user group has other members."""
        await self._reread(event["subteam_id"])

    async def group(self, event: Event) -> None:
        """A user group was changed or switched off."""
        await self._reread(event["subteam"]["id"])

    async def _reread(self, group: str) -> None:
        """Only the department's own group matters."""
        async with self.desk.db.read() as session:
            own = {one.who for one in await duties.of(session, duties.DEPARTMENT)}
        if group in own:
            await self.directory.forget_group(group)
