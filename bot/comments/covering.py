"""When nobody answers: what those away had taken waits for others again, and a head is asked for the gap."""

import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from operator import itemgetter
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people as roles
from bot.comments import acting, hands, roll
from bot.comments.hands import Hands
from bot.comments.roll import Roll
from bot.delivery import outbox
from bot.delivery.outbox import Priority
from bot.desk import Desk
from bot.errors import Refused
from bot.people import Actor, Role
from storage import absences, accounts, comments, covers, log, publications, units
from storage.absences import Absence
from storage.accounts import Account
from storage.comments import Comment
from storage.covers import Cover

GAP, RELEASED = "comment.gap", "comment.released"
AHEAD: Final = timedelta(days=14)  # gaps that begin later are asked about later
EVERY: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class Gap:
    """Working days, from first to last, on which neither owner nor substitute of an account is there."""

    account: int
    first: date
    last: date


class Coverage:
    """Looks now and then for what an absence left behind."""

    def __init__(self) -> None:
        self._next: datetime | None = None

    async def tick(self, desk: Desk, now: datetime) -> None:
        """Release what those away had taken; ask about gaps that are new."""
        if self._next is not None and now < self._next:
            return
        self._next = now + EVERY
        await release_all(desk, now)
        await ask_all(desk, now)


async def release_all(desk: Desk, now: datetime) -> None:
    """Everything that somebody who is away today had taken."""
    async with desk.db.read() as session:
        away = await absences.away(session, desk.office.local_date(now))
        held = await comments.takers(session)
    for person in sorted(held & away):
        async with desk.db.write() as session:
            await _released(session, desk, person, await acting.release(session, desk, person, now), now)


async def _released(session: AsyncSession, desk: Desk, person: str, rows: Sequence[Comment], now: datetime) -> None:
    """Those who answer now are told once, however many there were."""
    counted: dict[str, int] = {}
    posts = await publications.many(session, {one.publication_id for one in rows})
    for row in rows:
        whose = await hands.of(session, desk, posts[row.publication_id], now)
        for one in whose.first()[:1]:
            counted[one] = counted.get(one, 0) + 1
    for one, number in counted.items():
        await outbox.send(
            session,
            kind=RELEASED,
            dest=one,
            topic=f"released:{person}/{desk.office.local_date(now)}/{rows[0].version}/{rows[0].id}",
            args={"person": person, "n": number},
            now=now,
            quiet=True,
            prio=Priority.REMINDER,
        )


async def ask_all(desk: Desk, now: datetime) -> None:
    """A head is asked about every gap of the next days, once; one that is closed otherwise says so."""
    today = desk.office.local_date(now)
    async with desk.db.read() as session:
        found = await gaps(session, desk, now)
        known = await covers.not_over(session, today)
    standing = [one for one in known if one.lapsed is None]
    for gap in left(found, standing):
        async with desk.db.write() as session:
            await _ask(session, desk, gap, now)
    for one in standing:
        if one.person is None and not any(_touch(one, gap) for gap in found):
            await _lapse(desk, one, now)


async def _ask(session: AsyncSession, desk: Desk, gap: Gap, now: datetime) -> None:
    row = await covers.ask(session, gap.account, gap.first, gap.last, now)
    if row is None:
        return
    whose = await _whose(session, desk, row, now)
    for person in whose.next_up()[:1]:
        await outbox.send(
            session,
            kind=GAP,
            dest=person,
            topic=topic(row),
            args={"cover": row.id},
            now=now,
            card=True,
            quiet=True,
            prio=Priority.REMINDER,
        )


async def _lapse(desk: Desk, gap: Cover, now: datetime) -> None:
    async with desk.db.write() as session:
        row = await covers.locked(session, gap.id or 0)
        if row is not None and row.person is None:
            row.lapsed = now
            session.add(row)
            await outbox.follow(session, topic(row))


async def can(desk: Desk, actor_id: str, cover_id: int, *, now: datetime) -> None:
    """*Jag kan*: whoever presses it answers on those days. Raises Refused."""
    async with desk.db.write() as session:
        row = await covers.locked(session, cover_id)
        if row is None or row.lapsed is not None or row.last < desk.office.local_date(now):
            raise Refused("gap.over")
        if row.person is not None:
            names = await roles.names(session, [row.person])
            raise Refused("gap.covered", name=names[row.person])
        actor = await roles.actor(session, actor_id, now)
        role = await _right(session, desk, row, actor, now)
        if actor_id in await absences.overlapping(session, row.first, row.last):
            raise Refused("gap.away")
        row.person, row.at = actor_id, now
        session.add(row)
        await log.append(session, case=topic(row), at=now, actor=actor_id, role=role, action="gap.covered")
        await outbox.follow(session, topic(row))


async def _right(session: AsyncSession, desk: Desk, row: Cover, actor: Actor, now: datetime) -> Role:
    role = (await _whose(session, desk, row, now)).role(actor)
    if role is None:
        raise Refused("gap.right")
    return role


async def _whose(session: AsyncSession, desk: Desk, row: Cover, now: datetime) -> Hands:
    account = await accounts.get(session, row.account_id)
    chain = await units.chain(session, account.unit_id) if account else []
    around = await hands.around(session, desk, hands.whos(desk, account, chain), now)
    return hands.held(desk, f"account:{row.account_id}", account, chain, around)


def topic(row: Cover) -> str:
    """The delivery topic and log case of a gap."""
    return f"gap:{row.id}"


async def gaps(session: AsyncSession, desk: Desk, now: datetime) -> list[Gap]:
    """Every account's gaps of the next days. One with neither owner nor substitute to begin with is the
    department's work, and no gap.
    """
    today = desk.office.local_date(now)
    days = [day for n in range(AHEAD.days) if desk.office.is_working_day(day := today + timedelta(days=n))]
    called = await roll.call(session, desk, now)
    away = await absences.not_over(session, today)
    return [gap for one in called.live for gap in _of(one, days, away, called)]


def _of(one: Account, days: Sequence[date], away: Sequence[Absence], called: Roll) -> Iterator[Gap]:
    here = {who for who in (one.owner, one.substitute) if who and roles.usable(called.around.known.get(who))}
    gone = [{each.slack_id for each in away if each.first <= day <= each.last} for day in days]
    for first, last in runs(bool(here) and here <= absent for absent in gone):
        yield Gap(one.id or 0, days[first], days[last])


def runs(flags: Iterable[bool]) -> Iterator[tuple[int, int]]:
    """First and last index of every run of trues."""
    for flag, run in itertools.groupby(enumerate(flags), key=itemgetter(1)):
        if flag:
            numbers = [n for n, _ in run]
            yield numbers[0], numbers[-1]


def left(found: Iterable[Gap], known: Collection[Cover]) -> Iterator[Gap]:
    """What of the gaps nobody was asked about yet: a gap that is being waited for grows shorter by itself,
    and one that grows longer is asked about for the days that are new.
    """
    for gap in found:
        asked = [one for one in known if _touch(one, gap)]
        reached = max((one.last for one in asked), default=None)
        if reached is None:
            yield gap
        elif reached < gap.last:
            yield replace(gap, first=reached + timedelta(days=1))


def _touch(one: Cover, gap: Gap) -> bool:
    return one.account_id == gap.account and one.first <= gap.last and gap.first <= one.last
