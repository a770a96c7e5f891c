"""The state of the workspace: who is there, where, and what was said. Every change is journalled."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.sandbox.channels import Channel
from bot.sandbox.feed import Feed
from bot.sandbox.journal import Journal
from bot.sandbox.messages import Message
from bot.sandbox.people import Group, Person
from bot.sandbox.seed import BotSeed, PersonSeed, Seed
from bot.sandbox.stamps import Clock, Stamps

JSON = dict[str, Any]


class Workspace:
    """People, groups, channels and messages, each found by its id without searching."""

    def __init__(self, seed: Seed, journal: Journal, feed: Feed, clock: Clock) -> None:
        self.team = seed.team
        self.bot: BotSeed = seed.bot
        self.scopes: frozenset[str] = frozenset(seed.scopes)
        self.manifest: JSON = {}
        self.people: dict[str, Person] = {}
        self.by_email: dict[str, str] = {}
        self.groups: dict[str, Group] = {}
        self.channels: dict[str, Channel] = {}
        self.homes: dict[str, JSON] = {}
        self.ephemerals: dict[tuple[str, str], dict[str, Message]] = {}
        self.stamps = Stamps(clock)
        self._ims: dict[tuple[str, str], str] = {}
        self._read: dict[tuple[str, str], str] = {}
        self._journal = journal
        self._feed = feed
        self._clock = clock
        self._plant(seed)
        self._replay(journal.open())

    def _plant(self, seed: Seed) -> None:
        bot = PersonSeed(seed.bot.user_id, seed.bot.name)
        self._admit(Person.planted(bot, seed.team.id))
        self.people[seed.bot.user_id].is_bot = True
        for person in seed.people:
            self._admit(Person.planted(person, seed.team.id))
        for group in seed.groups:
            self.groups[group.id] = Group.planted(group)
        for channel in seed.channels:
            self.channels[channel.id] = Channel.planted(channel, seed.bot.user_id)

    def _replay(self, records: dict[tuple[str, str], Any]) -> None:
        messages = []
        for (kind, key), value in records.items():
            match kind:
                case "channel":
                    self._enter(Channel.from_record(value))
                case "person":
                    self._admit(Person(**value))
                case "group":
                    self.groups[key] = Group(**value)
                case "message":
                    messages.append(Message.from_record(value))
                case "home":
                    self.homes[key] = value
                case "manifest":
                    self._adopt(value)
                case "read":
                    person, _, channel = key.partition("/")
                    self._read[person, channel] = value
        for message in messages:
            if message.channel in self.channels:
                self.channels[message.channel].timeline.add(message)
            self.stamps.seen(message.ts)

    def _admit(self, person: Person) -> None:
        self.people[person.id] = person
        if person.email:
            self.by_email[person.email.lower()] = person.id

    def _enter(self, channel: Channel) -> None:
        self.channels[channel.id] = channel
        if channel.im:
            first, *rest = sorted(channel.members)
            self._ims[first, rest[0] if rest else first] = channel.id

    def _adopt(self, manifest: JSON) -> None:
        self.manifest = manifest
        granted = manifest.get("oauth_config", {}).get("scopes", {}).get("bot")
        if granted is not None:
            self.scopes = frozenset(granted)

    def _keep(self, channel: Channel) -> None:
        self._journal.put("channel", channel.id, channel.to_record())

    def _keep_message(self, message: Message, *, gone: bool = False) -> None:
        key = f"{message.channel}/{message.ts}"
        self._journal.put("message", key, None if gone else message.to_record())

    def change_person(self, person: Person) -> None:
        """Keep a changed person."""
        self._admit(person)
        person.updated = int(self._clock())
        self._journal.put("person", person.id, dict(vars(person)))
        self._feed.publish("channels", None)

    def admit(self, person: Person) -> None:
        """Let a new person in."""
        self._admit(person)
        self.change_person(person)

    def found(self, channel: Channel) -> None:
        """Open a new channel."""
        self._enter(channel)
        self.change_channel(channel)

    def change_group(self, group: Group) -> None:
        """Keep a changed user group."""
        group.updated = int(self._clock())
        self._journal.put("group", group.id, dict(vars(group)))

    def install(self, manifest: JSON) -> None:
        """Install the app anew with this manifest: its commands, its events, its scopes."""
        self._adopt(manifest)
        self._journal.put("manifest", "", manifest)
        self._feed.publish("bot", None)

    def im(self, one: str, other: str) -> Channel:
        """Return the direct message between two users, opened if need be."""
        pair = (one, other) if one < other else (other, one)
        if pair not in self._ims:
            number = len(self._ims) + 1
            members = dict.fromkeys(pair)
            channel = Channel(f"D{number:010d}", "", im=True, created=int(self._clock()), members=members)
            self._enter(channel)
            self._keep(channel)
        return self.channels[self._ims[pair]]

    def change_channel(self, channel: Channel) -> None:
        """Keep a changed channel and tell the pages."""
        self._keep(channel)
        self._feed.publish("channels", None, channel=channel.id)

    def readers(self, channel: Channel) -> Iterable[str] | None:
        """Return who may read a channel; None means everybody."""
        return None if channel.public else channel.members

    def may_read(self, channel: Channel, user: str) -> bool:
        """Whether this user may look into the channel."""
        person = self.people[user]
        if channel.public and not (person.guest or person.ultra_guest or person.foreign):
            return True
        return user in channel.members

    def add(self, message: Message) -> Message:
        """Store a message; from then on it is there, whatever happens to the answer."""
        channel = self.channels[message.channel]
        channel.timeline.add(message)
        self._keep_message(message)
        self._announce("message", message)
        return message

    def change(self, message: Message) -> None:
        """Keep an edited message."""
        self._keep_message(message)
        self._announce("message_changed", message)

    def remove(self, message: Message) -> None:
        """Delete a message."""
        self.channels[message.channel].timeline.remove(message)
        self._keep_message(message, gone=message.subtype != "tombstone")
        self._announce("message_deleted", message)

    def _announce(self, kind: str, message: Message) -> None:
        readers = self.readers(self.channels[message.channel])
        self._feed.publish(kind, readers, channel=message.channel, ts=message.ts, thread_ts=message.thread_ts)

    def show(self, message: Message) -> Message:
        """Show a message to one person only; it is gone when they, or the sandbox, reload."""
        assert message.ephemeral_to is not None
        mine = self.ephemerals.setdefault((message.ephemeral_to, message.channel), {})
        mine[message.ts] = message
        self._feed.publish("ephemeral", [message.ephemeral_to], channel=message.channel, ts=message.ts)
        return message

    def hide(self, message: Message) -> None:
        """Take away what was shown to one person."""
        self.ephemerals.get((message.ephemeral_to or "", message.channel), {}).pop(message.ts, None)
        self._feed.publish("message_deleted", [message.ephemeral_to or ""], channel=message.channel, ts=message.ts)

    def find(self, channel: str, ts: str, person: str | None = None) -> Message | None:
        """Return a message by its place; with a person, also what only they see."""
        place = self.channels.get(channel)
        found = place.timeline.get(ts) if place else None
        if found is None and person is not None:
            return self.ephemerals.get((person, channel), {}).get(ts)
        return found

    def mark_read(self, person: str, channel: Channel) -> None:
        """Remember that this person has seen everything in the channel."""
        newest = channel.timeline.last_ts
        if newest and self._read.get((person, channel.id)) != newest:
            self._read[person, channel.id] = newest
            self._journal.put("read", f"{person}/{channel.id}", newest)

    def unread(self, person: str, channel: Channel) -> int:
        """Count what others have said since."""
        newer = channel.timeline.newer_than(self._read.get((person, channel.id), "0"))
        return sum(1 for message in newer if message.user != person)

    def keep_home(self, user: str, home: JSON) -> None:
        """Keep what the app last published for this person."""
        self.homes[user] = home
        self._journal.put("home", user, home)
        self._feed.publish("home", [user])
