"""From draft to management: the use cases of the monthly report.

The draft is made on the month's first working day, its numbers frozen. The communications manager writes to it
and sends it once; the department may read it. Whoever else asks is refused.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people as roles
from bot.accounts import register, tell
from bot.delivery import outbox
from bot.delivery.outbox import Priority
from bot.desk import Desk
from bot.errors import DeskError, Invalid, Problem, Refused, Text
from bot.people import Actor, Role
from bot.report import reading, states
from bot.report.numbers import Numbers
from bot.report.period import Period
from bot.report.states import Act, State
from storage import duties, log, people, reports
from storage.reports import MonthlyReport

CARD, OUT = "month.draft", "month.out"
OPENS, UNTIL = time(8), time(19)  # Stockholm
LATE: Final = 7  # days into the month: a desk that was stopped on the first working day still makes the draft
COMMENT, ASKS = 700, 500  # characters; with them the page stays one page
MANAGER: Final = Text("month.manager")


class NotAllowed(DeskError):
    """A use case asked for a transition that the table does not have: a bug, never a click."""


@dataclass(frozen=True)
class Report:
    """A month's report as cards, page and workbook see it. ``version`` 0: nothing is frozen yet."""

    numbers: Numbers
    comment: str = ""
    asks: str = ""
    state: State = State.DRAFT
    version: int = 0
    made: datetime | None = None
    sent: datetime | None = None
    sent_by: str = ""
    manager: str = ""  # the manager's Slack id, "" while there is none

    @property
    def period(self) -> Period:
        """The month."""
        return Period.read(self.numbers.month)

    @property
    def digest(self) -> str:
        """A hash of everything that management would read."""
        content = [self.numbers.model_dump(mode="json"), self.comment, self.asks]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def topic(period: Period) -> str:
    """The delivery topic and log case of a month's report."""
    return f"month:{period}"


def out(period: Period) -> str:
    """The delivery topic of what management gets."""
    return f"{topic(period)}/out"


async def tick(desk: Desk, now: datetime) -> None:
    """Make last month's draft when it is time. The numbers are read before the transaction that keeps them."""
    period = due(desk, now)
    if period is None:
        return
    async with desk.db.read() as session:
        if await reports.of_month(session, str(period)):
            return
    await begin(desk, await reading.numbers(desk, period, now), now=now)


def due(desk: Desk, now: datetime) -> Period | None:
    """The month whose draft is made now: from 08:00 on the first working day, or on one soon after it."""
    local = desk.office.local(now)
    early = local.day <= LATE and OPENS <= local.time() <= UNTIL
    if not early or not desk.office.is_working_day(local.date()):
        return None
    return Period.of(local.date()).before


async def begin(desk: Desk, numbers: Numbers, *, now: datetime) -> None:
    """Keep the draft and owe it to the communications manager; nothing when the month has one already."""
    async with desk.db.write() as session:
        fresh = MonthlyReport(month=numbers.month, numbers=numbers.model_dump(mode="json"), made=now)
        row = await reports.add(session, fresh)
        if row is None:
            return
        period = Period.read(row.month)
        await _note(session, period, Role.DESK, "month.drafted", now)
        await outbox.send(
            session,
            kind=CARD,
            dest=await manager(session) or await tell.department_channel(session, desk),
            topic=topic(period),
            args={"month": row.month},
            now=now,
            card=True,
            fallback=tell.DEPARTMENT,
        )


async def manager(session: AsyncSession) -> str:
    """The communications manager's Slack id; "" when there is none who can act."""
    named = [one.who for one in await duties.of(session, duties.MANAGER)]
    known = await people.by_who(session, named)
    return next((known[who].slack_id for who in named if roles.usable(known.get(who))), "")


def may_read(actor: Actor, manager: str) -> None:
    """Raise Refused for everybody but the communications manager and the department."""
    if not (actor.full and actor.id == manager):
        register.only_department(actor)


def may_act(actor: Actor, report: Report, act: Act) -> None:
    """Raise Refused unless the communications manager may do this now; says who was faster."""
    if not actor.full or actor.id != report.manager:
        raise Refused("err.right", roles=[MANAGER], contact=Text("desk.department"))
    if not states.allowed(report.state, act):
        raise Refused("month.already", name=report.sent_by, time=report.sent)


def acts(report: Report, person: str) -> frozenset[Act]:
    """What this person can do with it now: the buttons that show."""
    mine = report.version > 0 and person != "" and person == report.manager
    return frozenset(one for one in Act if mine and states.allowed(report.state, one))


async def view(session: AsyncSession, row: MonthlyReport) -> Report:
    """The report of a row."""
    names = await roles.names(session, [row.sent_by] if row.sent_by else [])
    return Report(
        numbers=Numbers.model_validate(row.numbers),
        comment=row.comment,
        asks=row.asks,
        state=State(row.state),
        version=row.version,
        made=row.made,
        sent=row.sent,
        sent_by=names.get(row.sent_by or "", ""),
        manager=await manager(session),
    )


async def found(desk: Desk, period: Period, now: datetime) -> Report:
    """The month's report: as frozen, or as the numbers stand. Refused for a month that has not begun."""
    async with desk.db.read() as session:
        row = await reports.of_month(session, str(period))
        if row:
            return await view(session, row)
        who = await manager(session)
    if period.first >= desk.office.local_date(now):
        raise Refused("month.ahead")
    return Report(await reading.numbers(desk, period, now), manager=who)


async def opened(desk: Desk, actor_id: str, text: str, *, now: datetime) -> Report:
    """The report of the month in ``text``, by default of last month. Raises Refused for who may not read it."""
    async with desk.db.read() as session:
        may_read(await roles.actor(session, actor_id, now), await manager(session))
    period = Period.read(text) if text.strip() else Period.of(desk.office.local_date(now)).before
    return await found(desk, period, now)


async def to_write(desk: Desk, actor_id: str, period: Period, *, now: datetime) -> Report:
    """The draft, for its manager to write to. Raises Refused."""
    async with desk.db.read() as session:
        return await _acting(session, actor_id, await reports.of_month(session, str(period)), Act.WRITE, now)


async def write(
    desk: Desk, actor_id: str, period: Period, comment: str, asks: str, *, version: int, now: datetime
) -> None:
    """Keep the manager's words. Raises Refused, or Invalid at the field that is too long.

    ``version`` is the draft's that the form showed: what was written meanwhile is never overwritten unread.
    """
    comment, asks = comment.strip(), asks.strip()
    _check(comment, asks)
    async with desk.db.write() as session:
        row = await reports.locked(session, str(period))
        report = await _acting(session, actor_id, row, Act.WRITE, now)
        assert row is not None
        if (comment, asks) == (report.comment, report.asks):
            return
        if report.version != version:
            raise Refused("month.changed")
        await _move(session, row, Act.WRITE, comment=comment, asks=asks, written_by=actor_id)
        await _note(session, period, actor_id, "month.written", now, text=desk.fingerprint(f"{comment}\n{asks}"))
        await outbox.follow(session, topic(period))


def _check(comment: str, asks: str) -> None:
    given = {"comment": (comment, COMMENT), "asks": (asks, ASKS)}
    wrong = {
        name: Problem("form.long", limit=limit, n=len(text))
        for name, (text, limit) in given.items()
        if len(text) > limit
    }
    if wrong:
        raise Invalid(wrong)


async def send(desk: Desk, actor_id: str, period: Period, digest: str, *, now: datetime) -> tuple[str, ...]:
    """Owe the report to management, once; gives those of the file who are not in Slack.

    ``digest`` is of what the manager read. Raises Refused when that is not what stands, when it was sent
    already, or when nobody of those in the file can be reached.
    """
    async with desk.db.write() as session:
        row = await reports.locked(session, str(period))
        report = await _acting(session, actor_id, row, Act.SEND, now)
        assert row is not None
        if report.digest != digest:
            raise Refused("month.changed")
        dests, unknown = await recipients(session, desk)
        if not dests:
            raise Refused("month.nobody")
        await _move(session, row, Act.SEND, sent=now, sent_by=actor_id, went_to=list(dests))
        await _note(session, period, actor_id, "month.sent", now, content=digest, to=list(dests))
        for dest in dests:
            await _owe(session, period, dest, now)
        await outbox.follow(session, topic(period))
    return unknown


async def recipients(session: AsyncSession, desk: Desk) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Management by Slack id, and those of the file whom Slack does not have as full members."""
    given = desk.settings.report.to
    known = await people.by_who(session, [who.lower() if "@" in who else who for who in given])
    dests: list[str] = []
    unknown: list[str] = []
    for who in given:
        person = known.get(who.lower() if "@" in who else who)
        if who.startswith(("C", "G")) and "@" not in who:
            dests.append(who)
        elif person is not None and roles.usable(person):
            dests.append(person.slack_id)
        else:
            unknown.append(who)
    return tuple(dict.fromkeys(dests)), tuple(unknown)


async def _owe(session: AsyncSession, period: Period, dest: str, now: datetime) -> None:
    await outbox.send(
        session,
        kind=OUT,
        dest=dest,
        topic=out(period),
        args={"month": str(period)},
        now=now,
        prio=Priority.DIGEST,
        watch=topic(period),
    )


async def _acting(
    session: AsyncSession, actor_id: str, row: MonthlyReport | None, act: Act, now: datetime
) -> Report:
    if row is None:
        raise Refused("month.none")
    report = await view(session, row)
    may_act(await roles.actor(session, actor_id, now), report, act)
    return report


async def _move(session: AsyncSession, row: MonthlyReport, act: Act, **values: Any) -> None:
    """The one mutator: checks the table, then compares and sets. The row must have been locked."""
    if not states.allowed(State(row.state), act):
        raise NotAllowed(f"{row.state} {act}")
    if not await reports.change(session, row, state=states.TABLE[State(row.state), act], **values):
        raise Refused("month.changed")


async def _note(
    session: AsyncSession, period: Period, actor: str, action: str, now: datetime, **detail: Any
) -> None:
    role = Role.DESK if actor == Role.DESK else Role.COMMS
    await log.append(session, case=topic(period), at=now, actor=actor, role=role, action=action, **detail)
