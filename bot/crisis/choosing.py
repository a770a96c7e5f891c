"""What becomes of posts that were held: one at a time, by somebody's choice, and said to be out only when it is.

A choice is written down first and carried out afterwards, at once or at the next tick. Everything here is
about a post that the platform has already, so doing it twice changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.channels.errors import ChannelError, Gone, NotSent, Refused, Throttled, TokenDead
from bot.channels.scheduled import Published, Timer
from bot.crisis import cases, duty, rules, timers
from bot.delivery import outbox
from bot.desk import Desk
from bot.errors import Invalid, Problem
from bot.errors import Refused as No
from bot.people import Role
from storage import held
from storage.held import Held

GAP: Final = timedelta(minutes=15)  # between two posts that the desk lets out on one account
SOONEST, LATEST = timedelta(minutes=15), timedelta(days=60)  # for a new time; platforms take a little more
STALE: Final = timedelta(minutes=10)  # what could not be done by then is not done later by surprise


class Choice(StrEnum):
    """What may become of a post that was held."""

    PUBLISH = "publish"
    MOVE = "move"
    DROP = "drop"


UNDER_WAY: Final = {Choice.PUBLISH: held.PUBLISHING, Choice.MOVE: held.MOVING, Choice.DROP: held.DROPPING}
DONE: Final = {held.PUBLISHING: held.PUBLISHED, held.MOVING: held.MOVED, held.DROPPING: held.DROPPED}


@dataclass(frozen=True)
class Wish:
    """Somebody's choice for one post; ``at`` (aware) is the new time where it is moved."""

    held: int
    choice: Choice
    at: datetime | None = None


async def choose(desk: Desk, actor_id: str, wish: Wish, *, now: datetime) -> Held:
    """Write down what somebody chose. Raises Refused, or Invalid for a time that will not do."""
    async with desk.db.write() as session:
        row = await _taken(session, wish.held)
        await _right(session, desk, actor_id, now)
        still_on = bool(await timers.real_on(session))
        others = [one for one in await held.on_channel(session, row.channel) if one.id != row.id]
        check(row, wish, still_on=still_on, now=now)
        check_gap(others, wish, now)
        changes = {"by": actor_id, "chosen": now, "wish": wish.at, "reason": "", "tries": 0}
        if not await timers.settle(session, row, UNDER_WAY[wish.choice], actor_id, now, **changes):
            raise No("held.under_way")
        await outbox.follow(session, cases.topic(row.incident_id))
        found = await held.get(session, wish.held)
        assert found is not None
        return found


async def may_choose(desk: Desk, actor_id: str, held_id: int, *, now: datetime) -> Held:
    """The post, for whoever may choose for it now. Raises Refused."""
    async with desk.db.read() as session:
        row = await held.get(session, held_id)
        if row is None:
            raise No("err.unknown_button")
        await _right(session, desk, actor_id, now)
        check(row, Wish(held_id, Choice.DROP), still_on=bool(await timers.real_on(session)), now=now)
        return row


async def _taken(session: AsyncSession, held_id: int) -> Held:
    """The post, its incident's row held."""
    row = await held.get(session, held_id)
    if row is None:
        raise No("err.unknown_button")
    await cases.take_incident(session, row.incident_id)
    fresh = await held.get(session, held_id)
    assert fresh is not None
    return fresh


async def _right(session: AsyncSession, desk: Desk, actor_id: str, now: datetime) -> None:
    cast = await duty.cast(session, desk, now)
    rules.belongs(await people.actor(session, actor_id, now), cast.everybody)


def check(row: Held, wish: Wish, *, still_on: bool, now: datetime) -> None:
    """Whether a choice may be made for a post now. Raises Refused, or Invalid for the time."""
    if row.state in held.WISHES:
        raise No("held.under_way")
    if row.state in held.ENDS:
        raise No("held.already")
    if row.state != held.HELD:
        raise No("held.not_held")
    if still_on:
        raise No("held.still_on")
    if wish.choice is not Choice.MOVE:
        return
    if wish.at is None or not now + SOONEST <= wish.at <= now + LATEST:
        raise Invalid({"at": Problem("held.time")})


def check_gap(others: Iterable[Held], wish: Wish, now: datetime) -> None:
    """Never a flood: posts on one account lie GAP apart. Raises Refused or Invalid."""
    others = list(others)
    out = [one.settled or one.chosen for one in others if one.state in (held.PUBLISHING, held.PUBLISHED)]
    times = [at for at in (*out, *map(_goes_out, others)) if at is not None]
    if wish.choice is Choice.PUBLISH:
        close = [at for at in times if abs(at - now) < GAP]
        if close:
            raise No("held.too_close", time=max(close) + GAP)
    if wish.choice is Choice.MOVE and wish.at:
        clash = next((at for at in times if abs(at - wish.at) < GAP), None)
        if clash is not None:
            raise Invalid({"at": Problem("held.clash", time=clash)})


def _goes_out(row: Held) -> datetime | None:
    """When a post will go out by itself; None for what waits for a choice, or is out or away."""
    if row.state == held.MOVING:
        return row.wish
    return row.until if row.state in (held.LISTED, held.STUCK, held.MOVED) else None


async def carry_out(desk: Desk, timer: Timer, row: Held, now: datetime) -> None:
    """Do what was chosen, or find out whether it was done. What cannot be done any more is to be chosen anew."""
    async with desk.db.read() as session:
        still_on = bool(await timers.real_on(session))
    late = still_on or row.chosen is None or now - row.chosen > STALE
    after, reason = await _done(timer, row, act=not late)
    async with desk.db.write() as session:
        await cases.take_incident(session, row.incident_id)
        if after is None:
            await held.amend(session, row, reason=reason, tries=row.tries + 1)
        else:
            changes = {} if after != held.MOVED or row.wish is None else {"until": row.wish}
            actor = row.by if after == DONE[row.state] and row.by else Role.DESK
            await timers.settle(session, row, after, actor, now, reason=reason, **changes)
        await outbox.follow(session, cases.topic(row.incident_id))


async def _done(timer: Timer, row: Held, *, act: bool) -> tuple[str | None, str]:
    """Where a post stands after this try, and the platform's word; None: nobody knows yet."""
    try:
        there = await timer.scheduled_one(row.remote)
        if isinstance(there, Published):
            return (held.PUBLISHED if row.state == held.PUBLISHING else held.WENT), ""
        if row.state == held.MOVING and there.at == row.wish:
            return held.MOVED, ""
        if not act:
            return held.HELD, "late"
        await _act(timer, row)
    except Gone:
        return (held.DROPPED if row.state == held.DROPPING else held.GONE), ""
    except (Refused, TokenDead) as no:
        return held.HELD, timers.said(no)
    except (Throttled, NotSent) as not_done:
        return None, timers.said(not_done)
    except ChannelError as unknown:
        return None, timers.said(unknown)
    return DONE[row.state], ""


async def _act(timer: Timer, row: Held) -> None:
    match row.state:
        case held.PUBLISHING:
            await timer.release(row.remote)
        case held.MOVING:
            assert row.wish is not None
            await timer.reschedule(row.remote, row.wish)
        case held.DROPPING:
            await timer.remove(row.channel, row.remote)
