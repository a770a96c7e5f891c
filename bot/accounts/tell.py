"""Everything that must arrive when something happens to an application, as rows of the same transaction."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.accounts import cases
from bot.accounts.states import Gate
from bot.delivery import outbox
from bot.delivery.outbox import Priority
from bot.desk import Desk
from storage import facts
from storage.applications import Application
from storage.log import Entry
from storage.posts import Post

CARD, ASK, HEAD, MINE = "application.card", "application.ask", "application.head", "application.mine"
LINE, TOLD, REMINDER = "application.line", "application.told", "application.reminder"
DEPARTMENT = "department"  # the fallback: the department's members, one by one


async def submitted(session: AsyncSession, desk: Desk, row: Application, now: datetime) -> None:
    """Cards for the department's channel, the head and the requester."""
    topic = cases.topic(_id(row))
    await outbox.send(
        session, kind=MINE, dest=row.requester, topic=f"{topic}/mine", args=_args(row), now=now, card=True
    )
    await outbox.send(
        session,
        kind=CARD,
        dest=await department_channel(session, desk),
        topic=topic,
        args=_args(row),
        now=now,
        card=True,
        fallback=DEPARTMENT,
    )
    await asked(session, desk, row, now)


async def asked(session: AsyncSession, desk: Desk, row: Application, now: datetime) -> None:
    """Ask both gates about the present version; asking the same person twice changes nothing."""
    topic = cases.topic(_id(row))
    for card in await outbox.cards(session, topic):
        await outbox.send(
            session,
            kind=ASK,
            dest=card.dest,
            topic=f"{topic}/ask",
            args=_args(row),
            now=now,
            seq=row.version,
            thread=card,
            card=True,
            fallback=_elsewhere(card),
        )
    await ask_head(session, desk, row, now)


async def ask_head(session: AsyncSession, desk: Desk, row: Application, now: datetime) -> None:
    """A card with buttons for everybody who may give the head's decision now."""
    routing = await cases.routing_of(session, desk, row, now)
    for decider in routing.deciders:
        await outbox.send(
            session,
            kind=HEAD,
            dest=decider.id,
            topic=f"{cases.topic(_id(row))}/head",
            args={**_args(row), "person": decider.id},
            now=now,
            seq=row.version,
            card=True,
        )


async def happened(
    session: AsyncSession, row: Application, entry: Entry, what: str, decision: int | None = None
) -> None:
    """A line in every thread about the case, and every card follows. ``entry``: the log's line of it."""
    topic = cases.topic(_id(row))
    args = {**_args(row), "what": what, "by": entry.actor, "at": entry.at.isoformat(), "decision": decision}
    for root in await roots(session, row):
        await outbox.send(
            session,
            kind=LINE,
            dest=root.dest,
            topic=f"{topic}/line/{entry.seq}/{root.id}",
            args=args,
            now=entry.at,
            thread=root,
            fallback=_elsewhere(root),
        )
    await outbox.follow(session, topic)


async def roots(session: AsyncSession, row: Application) -> list[Post]:
    """The messages whose threads speak of the case: the department's card and each head's newest card."""
    topic = cases.topic(_id(row))
    newest = {card.dest: card for card in await outbox.cards(session, f"{topic}/head")}
    return [*await outbox.cards(session, topic), *newest.values()]


async def told(
    session: AsyncSession, row: Application, entry: Entry, what: str, decision: int | None = None
) -> None:
    """The requester is told, in a message of its own."""
    await outbox.send(
        session,
        kind=TOLD,
        dest=row.requester,
        topic=f"{cases.topic(_id(row))}/told/{entry.seq}",
        args={**_args(row), "what": what, "decision": decision},
        now=entry.at,
    )


async def remind(session: AsyncSession, desk: Desk, row: Application, gate: Gate, n: int, now: datetime) -> None:
    """Reminder number ``n`` to whoever keeps a gate waiting: heads in person, the department in its thread."""
    topic = f"{cases.topic(_id(row))}/remind/{gate}"
    args = {**_args(row), "gate": str(gate), "n": n}
    seq = row.version * 100 + n
    if gate is Gate.HEAD:
        for decider in (await cases.routing_of(session, desk, row, now)).deciders:
            await outbox.send(
                session,
                kind=REMINDER,
                dest=decider.id,
                topic=topic,
                args=args,
                now=now,
                seq=seq,
                quiet=True,
                prio=Priority.REMINDER,
            )
        return
    for card in await outbox.cards(session, cases.topic(_id(row))):
        await outbox.send(
            session,
            kind=REMINDER,
            dest=card.dest,
            topic=topic,
            args=args,
            now=now,
            seq=seq,
            thread=card,
            quiet=True,
            prio=Priority.REMINDER,
            fallback=_elsewhere(card),
        )


async def department_channel(session: AsyncSession, desk: Desk) -> str:
    """The department's channel id: as edited in Slack, else as in the file; "" when there is none."""
    edited = await facts.get(session, facts.DEPARTMENT_CHANNEL)
    return str(edited or desk.settings.slack.department_channel or "")


async def fallback(session: AsyncSession, name: str, now: datetime) -> list[str]:
    """Where to go when a destination refuses: the department's members, one by one."""
    if name != DEPARTMENT:
        return []
    return [member.slack_id for member in (await people.department(session, now)).members]


def _elsewhere(root: Post) -> str | None:
    """Where replies go if the department's channel is closed while a case is open (archived, bot removed)."""
    return DEPARTMENT if root.kind == CARD and root.origin is None else None


def _args(row: Application) -> dict[str, object]:
    return {"application": _id(row), "version": row.version}


def _id(row: Application) -> int:
    assert row.id is not None
    return row.id
