"""The directory: people and groups as Slack knows them, read outside every transaction.

Memory first, then the database, then Slack. Whoever is unknown, deactivated, a guest or foreign
leaves their role vacant; status says so.
"""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot import people as roles
from bot.channels import errors
from bot.channels.slackapi import SlackApi
from bot.desk import Desk
from bot.texts import Language, language_of
from storage import duties, people, units
from storage.people import Person

log = structlog.get_logger(__name__)
AT_ONCE = 4
REREAD = timedelta(hours=20)
GROUP_REREAD = timedelta(minutes=5)


class Directory:
    """Who is who in the workspace."""

    def __init__(self, desk: Desk, api: SlackApi) -> None:
        self._desk = desk
        self._api = api
        self._people: dict[str, Person] = {}
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._swept: datetime | None = None
        self.team_id = ""
        self.bot_id = ""

    async def start(self) -> None:
        """Learn whose workspace this is, recall everybody, look up who is missing."""
        whoami = await self._api.call("auth.test")
        self.team_id, self.bot_id = whoami["team_id"], whoami["user_id"]
        async with self._desk.db.read() as session:
            self._people = {person.slack_id: person for person in await people.everyone(session)}
        await self.sweep(self._desk.now())

    def language(self, slack_id: str) -> Language:
        """The person's language, from memory alone; the desk's own until they are known."""
        person = self._people.get(slack_id)
        if person is None or not person.locale:
            return self._desk.settings.slack.language
        return language_of(person.locale)

    def remembers(self, slack_id: str) -> bool:
        """Whether the person is in memory."""
        return slack_id in self._people

    def name(self, slack_id: str) -> str:
        """The person's name from memory; the id until they are known."""
        person = self._people.get(slack_id)
        return person.name if person else slack_id

    async def unreachable(self, dest: str) -> str | None:
        """Why a person cannot be written to. Slack takes a message to a deactivated person without a word."""
        person = self._people.get(dest)
        return "user_deactivated" if person is not None and person.deleted else None

    async def known(self, slack_id: str) -> Person | None:
        """The person; asks Slack the first time. None when Slack does not know them or cannot be asked."""
        person = self._people.get(slack_id)
        return person if person is not None else await self.read(slack_id)

    async def all_known(self, slack_ids: Iterable[str]) -> None:
        """Make sure that everybody in a list is known, a few look-ups at once."""
        await asyncio.gather(*(self.known(one) for one in set(slack_ids)))

    async def read(self, slack_id: str) -> Person | None:
        """Ask Slack about a person and remember the answer."""
        try:
            async with self._gate:
                answer = await self._api.call("users.info", user=slack_id, include_locale=True)
        except errors.ChannelError as error:
            log.warning("person not read", action="person_unread", person=slack_id, error=repr(error))
            return None
        return await self.remember(answer["user"])

    async def remember(self, user: dict[str, Any]) -> Person:
        """Keep what Slack says of a user (users.info, user_change, team_join)."""
        person = self._person(user)
        kept = self._people.get(person.slack_id)
        if kept is not None and person.locale is None:
            person.locale = kept.locale
        async with self._desk.db.write() as session:
            await people.save(session, person)
        self._people[person.slack_id] = person
        return person

    def _person(self, user: dict[str, Any]) -> Person:
        profile = user.get("profile") or {}
        email = profile.get("email")
        return Person(
            slack_id=user["id"],
            team_id=user.get("team_id") or "",
            email=email.lower() if email else None,
            name=profile.get("real_name") or user.get("real_name") or user.get("name") or user["id"],
            locale=user.get("locale"),
            phone=str(profile.get("phone") or "")[:40],
            guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
            foreign=bool(user.get("team_id") and self.team_id and user["team_id"] != self.team_id),
            deleted=bool(user.get("deleted")),
            bot=bool(user.get("is_bot")) or user["id"] == "USLACKBOT",
            seen=self._desk.now(),
        )

    async def find(self, email: str) -> Person | None:
        """Look a person up by e-mail address; None when Slack has nobody with it.

        Raises ChannelError when Slack cannot be asked.
        """
        try:
            async with self._gate:
                answer = await self._api.call("users.lookupByEmail", email=email)
        except errors.Refused as error:
            log.warning("address not resolved", action="address_unresolved", error=repr(error))
            return None
        person = await self.remember(answer["user"])
        return person if person.locale else await self.read(person.slack_id) or person

    async def sweep(self, now: datetime) -> None:
        """Resolve the addresses of the desk's roles, reread people not seen for a day, reread groups."""
        async with self._desk.db.read() as session:
            whos = [*await everybody_named(session), *self._responsible()]
            known = await people.by_who(session, whos)
        missing = [who for who in whos if who not in known and not roles.is_group(who)]
        await asyncio.gather(*(self._lookup(who) for who in missing))
        old = [one.slack_id for one in known.values() if now - one.seen > REREAD]
        await asyncio.gather(*(self.read(one) for one in set(old)))
        await self.refresh_groups(now, timedelta(0))
        self._swept = now

    def _responsible(self) -> list[str]:
        """Those whom the file names for a channel, or to be told before a drill."""
        named = {who for one in self._desk.outlets for who in (one.responsible, one.co_owner)}
        named |= set(self._desk.settings.crisis.drill_told)
        return list({who.lower() if "@" in who else who for who in named} - {""})

    async def sweep_daily(self, now: datetime) -> None:
        """Sweep when that was last done a day ago; reading twice is harmless, so no replica claims it."""
        if self._swept is None or now - self._swept >= REREAD:
            await self.sweep(now)

    async def _lookup(self, who: str) -> None:
        try:
            await (self.find(who) if "@" in who else self.read(who))
        except errors.ChannelError as error:
            log.warning("address not resolved", action="address_unresolved", error=repr(error))

    async def refresh_groups(self, now: datetime, older_than: timedelta = GROUP_REREAD) -> None:
        """Reread the department's user group when it was read longer ago than this."""
        async with self._desk.db.read() as session:
            groups = [one.who for one in await duties.of(session, duties.DEPARTMENT) if roles.is_group(one.who)]
            seen = {group: (await people.group(session, group))[0] for group in groups}
        for group, last in seen.items():
            if last is None or now - last > older_than:
                await self._read_group(group, now)

    async def _read_group(self, group: str, now: datetime) -> None:
        try:
            answer = await self._api.call("usergroups.users.list", usergroup=group)
        except errors.ChannelError as error:
            log.warning("group not read", action="group_unread", group=group, error=repr(error))
            return
        members = list(answer["users"])
        await self.all_known(members)
        async with self._desk.db.write() as session:
            await people.save_group(session, group, members, now)

    async def forget_group(self, group: str) -> None:
        """A group changed: its members are read again."""
        await self._read_group(group, self._desk.now())


async def everybody_named(session: Any) -> list[str]:
    """Every address or id that has a role: heads, deputies, duties."""
    whos = [one.who for one in await duties.everything(session)]
    for unit in await units.everyone(session):
        whos += [who for who in (unit.head, unit.deputy) if who]
    return list(dict.fromkeys(whos))
