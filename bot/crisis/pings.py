"""A question at every channel's door once a day: a dead token is found before a crisis needs it.

What was heard last is a fact, ``ping:<channel>``. An outage is told once, to whoever is responsible, and
the next one only after the channel has worked in between.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final, Self

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.accounts import tell as accounts_tell
from bot.channels.errors import ChannelError, Refused, TokenDead
from bot.channels.outlet import Outlet
from bot.channels.protocol import Can, Channel
from bot.delivery import outbox
from bot.desk import Desk
from bot.errors import Problem
from storage import facts
from storage import people as storage_people
from storage.posts import Post

log = structlog.get_logger(__name__)
KIND: Final = "channel.ping"
PREFIX: Final = "ping:"
OPENS, CLOSES = time(6), time(20)  # Stockholm; only the first question after a start comes at any hour
STALE: Final = timedelta(days=1)
AGAIN: Final = timedelta(minutes=15)  # until it is clear whether an outage lasts
LATER: Final = timedelta(hours=1)  # then: slow enough for those who lock out who knocks too often
LASTING: Final = timedelta(minutes=30)
AT_ONCE: Final = 8
PATIENCE_S: Final = 10.0  # the tick waits, and whoever stops the desk waits for the tick
LONGEST: Final = 200


class Fault(StrEnum):
    """What a channel that does not work needs."""

    TOKEN = "token"  # noqa: S105  # a kind of fault, not a token
    REFUSED = "refused"  # the token is good, but its owner may not do enough
    AWAY = "away"


@dataclass(frozen=True)
class Answer:
    """What one question gave; without a fault the channel works."""

    fault: Fault | None = None
    reason: str = ""


@dataclass(frozen=True)
class Heard:
    """How a channel stands since ``since``, asked last at ``at`` (UTC). ``outage`` counts its outages."""

    at: datetime
    since: datetime
    fault: Fault | None = None
    reason: str = ""
    outage: int = 0
    told: bool = False

    @property
    def lasting(self) -> bool:
        """Whether people are told: silence may pass by itself, a dead token does not."""
        return self.fault is not None and (self.fault is not Fault.AWAY or self.at - self.since >= LASTING)

    def after(self, answer: Answer, now: datetime) -> Self:
        """How the channel stands after this answer."""
        if (answer.fault is None) == (self.fault is None):
            return replace(self, at=now, fault=answer.fault, reason=answer.reason)
        count = self.outage + (answer.fault is not None)
        return replace(self, at=now, since=now, fault=answer.fault, reason=answer.reason, outage=count, told=False)

    def dump(self) -> dict[str, Any]:
        """As the fact's JSON."""
        return {**vars(self), "at": self.at.isoformat(), "since": self.since.isoformat()}

    @classmethod
    def load(cls, said: Mapping[str, Any]) -> Self:
        """From the fact's JSON."""
        fault = Fault(said["fault"]) if said["fault"] else None
        instants = {name: datetime.fromisoformat(said[name]) for name in ("at", "since")}
        return cls(**{**said, **instants, "fault": fault})


class Pings:
    """Asks the channels that can be asked."""

    def __init__(self, channels: Iterable[Channel]) -> None:
        self._channels = {one.name: one for one in channels if Can.PING in one.can}
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._started = True  # nothing has been asked since the start

    async def tick(self, desk: Desk, now: datetime) -> None:
        """Ask every channel that is due, a few at once, and keep the answers; ``now`` is UTC.

        Raises ExceptionGroup, after all the others, for a channel that failed as no channel may.
        """
        async with desk.db.read() as session:
            before = await standing(session)
        local = desk.office.local(now).time()
        waking = OPENS <= local < CLOSES
        asked = [one for key, one in self._channels.items() if self._due(desk, before.get(key), waking, now)]
        answers = await asyncio.gather(*(self._ask(one) for one in asked), return_exceptions=True)
        for one, given in zip(asked, answers, strict=True):
            answer = given if isinstance(given, Answer) else Answer(Fault.AWAY, type(given).__name__)
            async with desk.db.write() as session:
                await keep(session, desk, one.name, before.get(one.name), answer, now)
        self._started = False
        if mistakes := [one for one in answers if isinstance(one, Exception)]:
            raise ExceptionGroup("channels that failed as no channel may", mistakes)

    def _due(self, desk: Desk, heard: Heard | None, waking: bool, now: datetime) -> bool:
        """After a start at once what is old or broken: a restart is how a token is changed."""
        if heard is None:
            return waking or self._started
        if self._started and (heard.fault is not None or now - heard.at >= STALE):
            return True
        if heard.fault is not None:
            return waking and now - heard.at >= (LATER if heard.lasting else AGAIN)
        return waking and desk.office.local_date(heard.at) < desk.office.local_date(now)

    async def _ask(self, channel: Channel) -> Answer:
        async with self._gate:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await channel.ping()
            except TokenDead as dead:
                return Answer(Fault.TOKEN, dead.reason[:LONGEST])
            except Refused as refused:
                return Answer(Fault.REFUSED, str(refused)[:LONGEST])
            except (ChannelError, TimeoutError) as away:
                return Answer(Fault.AWAY, (str(away) or type(away).__name__)[:LONGEST])
        return Answer()


async def standing(session: AsyncSession) -> dict[str, Heard]:
    """What was heard last of every channel, by its key."""
    said = await facts.starting(session, PREFIX)
    return {key.removeprefix(PREFIX): Heard.load(one) for key, one in said.items() if one}


async def keep(
    session: AsyncSession, desk: Desk, channel: str, before: Heard | None, answer: Answer, now: datetime
) -> None:
    """Remember the answer and tell of it; nothing when another replica was there first."""
    said = await facts.locked(session, f"{PREFIX}{channel}")
    if (Heard.load(said) if said else None) != before:
        return
    heard = (before or Heard(now, now)).after(answer, now)
    if answer.fault:
        log.warning("channel does not work", action="ping_failed", channel=channel, reason=answer.reason)
    if heard.lasting and not heard.told:
        heard = replace(heard, told=await _tell(session, desk, channel, heard, now))
    await facts.put(session, f"{PREFIX}{channel}", heard.dump())
    if before and before.told:
        await outbox.follow(session, _topic(channel, before.outage))


async def _tell(session: AsyncSession, desk: Desk, channel: str, heard: Heard, now: datetime) -> bool:
    """Owe the one message of this outage; False when there is nobody to tell."""
    outlet = named(desk, channel)
    dest = await whom(session, desk, outlet.responsible if outlet else "")
    if dest:
        await outbox.send(
            session,
            kind=KIND,
            dest=dest,
            topic=_topic(channel, heard.outage),
            args={"channel": channel, "outage": heard.outage},
            now=now,
            card=True,
            fallback=accounts_tell.DEPARTMENT,
        )
    return bool(dest)


def _topic(channel: str, outage: int) -> str:
    return f"{PREFIX}{channel}/{outage}"


async def whom(session: AsyncSession, desk: Desk, responsible: str) -> str:
    """The Slack id of whoever is responsible (e-mail or id), else the department's channel; "" for neither."""
    who = responsible.lower() if "@" in responsible else responsible
    person = (await storage_people.by_who(session, [who])).get(who)
    if person is not None and people.usable(person):
        return person.slack_id
    return await accounts_tell.department_channel(session, desk)


def named(desk: Desk, channel: str) -> Outlet | None:
    """The channel of that key, if it is still configured."""
    return next((one for one in desk.outlets if one.key == channel), None)


async def broken(session: AsyncSession, post: Post) -> Heard | None:
    """How the channel of a message stands; None when that outage is over."""
    heard = (await standing(session)).get(post.args["channel"])
    return heard if heard and heard.fault and heard.outage == post.args["outage"] else None


async def troubles(session: AsyncSession, desk: Desk) -> Sequence[Problem]:
    """The channels that do not work, for `/komm status`: which, since when, and what is said of it."""
    heard = await standing(session)
    return [
        Problem(f"status.ping.{one.fault}", channel=outlet.name, time=one.since, reason=one.reason)
        for outlet in desk.outlets
        if (one := heard.get(outlet.key)) and one.lasting
    ]


def secrets(desk: Desk, channel: str) -> list[str]:
    """Where the channel's secrets are: the names of environment variables, or of the token's file."""
    chosen = next((one for one in desk.settings.channels if one.key == channel), None)
    if chosen is None:
        return []
    return chosen.variables() or ([chosen.token_file.name] if chosen.token_file else [])
