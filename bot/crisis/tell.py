"""Everything that must arrive when something happens in an incident, as rows of the same transaction."""

from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.accounts import tell as accounts_tell
from bot.crisis import cases, duty
from bot.delivery import outbox
from bot.delivery.outbox import Priority
from bot.desk import Desk
from storage.bulletins import Bulletin
from storage.log import Entry
from storage.posts import Post

BOARD, ASK, MINE, LINE, TOLD, ALARM = (
    "crisis.board",
    "crisis.ask",
    "crisis.mine",
    "crisis.line",
    "crisis.told",
    "crisis.alarm",
)


async def channel(session: AsyncSession, desk: Desk) -> str:
    """The Slack channel of board and thread: the crisis channel, else the department's."""
    return desk.settings.crisis.channel or await accounts_tell.department_channel(session, desk)


async def opened(session: AsyncSession, desk: Desk, row: Bulletin, now: datetime) -> None:
    """The live board; the whole incident happens in its thread."""
    await outbox.send(
        session,
        kind=BOARD,
        dest=await channel(session, desk),
        topic=cases.topic(row.incident_id),
        args={"incident": row.incident_id},
        now=now,
        card=True,
        prio=Priority.CRISIS,
        fallback=accounts_tell.DEPARTMENT,
    )


async def asked(session: AsyncSession, desk: Desk, row: Bulletin, now: datetime) -> None:
    """Ask the decider on duty now, the next ones a few minutes apart, until somebody has decided."""
    await _mine(session, row, now)
    cast = await duty.cast(session, desk, now)
    step = timedelta(minutes=desk.settings.crisis.ask_next_after_min)
    for number, decider in enumerate(cast.without(row.by)):
        await outbox.send(
            session,
            kind=ASK,
            dest=decider.id,
            topic=f"{cases.topic(row.incident_id)}/ask/{row.number}",
            args=_args(row),
            now=now,
            seq=row.version,
            due=now + number * step,
            card=True,
            prio=Priority.CRISIS,
        )


async def _mine(session: AsyncSession, row: Bulletin, now: datetime) -> None:
    """The submitter's own card: who is asked, and what they can do meanwhile."""
    await outbox.send(
        session,
        kind=MINE,
        dest=row.by,
        topic=f"{cases.topic(row.incident_id)}/mine/{row.number}",
        args=_args(row),
        now=now,
        seq=row.version,
        card=True,
        prio=Priority.CRISIS,
    )


async def happened(session: AsyncSession, row: Bulletin, entry: Entry, what: str, **more: object) -> None:
    """A line in the incident's thread, and every card follows. ``entry``: the log's line of it."""
    topic = cases.topic(row.incident_id)
    args = {**_args(row), "what": what, "by": entry.actor, "at": entry.at.isoformat(), **more}
    for root in await roots(session, row.incident_id):
        await outbox.send(
            session,
            kind=LINE,
            dest=root.dest,
            topic=f"{topic}/line/{entry.seq}/{root.id}",
            args=args,
            now=entry.at,
            thread=root,
            prio=Priority.CRISIS,
        )
    await outbox.follow(session, topic)


async def roots(session: AsyncSession, incident_id: int) -> list[Post]:
    """The live boards, under which the incident's lines go."""
    return await outbox.cards(session, cases.topic(incident_id))


async def alarm(session: AsyncSession, desk: Desk, row: Bulletin, entry: Entry, now: datetime) -> None:
    """Somebody published alone: all deciders see it at once."""
    cast = await duty.cast(session, desk, now)
    for person in sorted(cast.everybody - {entry.actor}):
        await outbox.send(
            session,
            kind=ALARM,
            dest=person,
            topic=f"{cases.topic(row.incident_id)}/alarm/{entry.seq}",
            args={**_args(row), "by": entry.actor, "at": entry.at.isoformat()},
            now=now,
            prio=Priority.CRISIS,
        )


async def told(session: AsyncSession, row: Bulletin, entry: Entry, what: str) -> None:
    """The submitter is told, in a message of its own."""
    await outbox.send(
        session,
        kind=TOLD,
        dest=row.by,
        topic=f"{cases.topic(row.incident_id)}/told/{entry.seq}",
        args={**_args(row), "what": what, "by": entry.actor, "at": entry.at.isoformat()},
        now=entry.at,
        prio=Priority.CRISIS,
    )


def _args(row: Bulletin) -> dict[str, object]:
    return {"bulletin": row.id, "version": row.version, "incident": row.incident_id}
