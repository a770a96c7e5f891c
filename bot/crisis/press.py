"""Press calls: take a question, say who answers it by when, and that it is done."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.crisis import cases, duty, rules
from bot.delivery import outbox
from bot.delivery.outbox import Priority
from bot.desk import Desk
from bot.errors import Invalid, Problem, Refused
from storage import incidents, presscalls
from storage import people as storage_people
from storage.presscalls import PressCall

CALL, LATE = "press.call", "press.late"
LINE, LONG = 120, 2000  # characters


@dataclass(frozen=True)
class Call:
    """A call as it was typed. ``number``: name and telephone number; ``due`` is aware."""

    newsroom: str
    number: str
    question: str
    due: datetime | None
    person: str


@dataclass(frozen=True)
class Listed:
    """An incident's calls that wait, the most urgent first, with the names of those who answer."""

    incident: int
    calls: tuple[tuple[PressCall, str], ...]
    done: int = 0


async def listed(desk: Desk, actor_id: str, *, now: datetime) -> Listed:
    """The calls of the newest incident. Raises Refused for who has no part in crisis mode."""
    async with desk.db.read() as session:
        await _right(session, desk, actor_id, now)
        incident = await _newest(session)
        every = await presscalls.of_incident(session, incident)
        waiting = [one for one in every if one.done is None]
        names = await people.names(session, [one.person for one in waiting])
    return Listed(incident, tuple((one, names[one.person]) for one in waiting), len(every) - len(waiting))


async def _right(session: AsyncSession, desk: Desk, actor_id: str, now: datetime) -> None:
    cast = await duty.cast(session, desk, now)
    rules.belongs(await people.actor(session, actor_id, now), cast.everybody)


async def _newest(session: AsyncSession) -> int:
    """Newsrooms go on ringing when it is over."""
    found = await incidents.newest(session)
    number = next((one.id for one in found if one.state != incidents.DROPPED), None)
    if number is None:
        raise Refused("press.no_incident")
    return number


async def take(desk: Desk, actor_id: str, call: Call, *, now: datetime) -> PressCall:
    """Write a call down and ask somebody to answer it. Neither row nor log says who took it.

    Raises Refused, or Invalid at its field.
    """
    async with desk.db.write() as session:
        await _right(session, desk, actor_id, now)
        problems = await _problems(session, call, now)
        if problems:
            raise Invalid(problems)
        assert call.due is not None
        row = PressCall(
            incident_id=await _newest(session),
            at=now,
            newsroom=call.newsroom.strip(),
            number=call.number.strip(),
            question=call.question.strip(),
            due=call.due,
            person=call.person,
        )
        session.add(row)
        await session.flush()
        await _ask(session, row, now)
        return row


async def _problems(session: AsyncSession, call: Call, now: datetime) -> dict[str, Problem]:
    limits = {"newsroom": LINE, "number": LINE, "question": LONG}
    found = {name: Problem("form.needed") for name in limits if not getattr(call, name).strip()}
    for name, limit in limits.items():
        if (n := len(getattr(call, name).strip())) > limit:
            found[name] = Problem("form.long", limit=limit, n=n)
    if call.due is None or call.due <= now:
        found["due"] = Problem("form.needed" if call.due is None else "facts.past")
    person = await storage_people.get(session, call.person) if call.person else None
    if not people.usable(person):
        found["person"] = Problem("press.person" if call.person else "form.needed")
    return found


async def _ask(session: AsyncSession, row: PressCall, now: datetime) -> None:
    """To the one who answers: now, and once more when it is due."""
    args = {"call": row.id}
    for kind, due in ((CALL, None), (LATE, row.due)):
        await outbox.send(
            session,
            kind=kind,
            dest=row.person,
            topic=topic(row),
            args=args,
            now=now,
            due=due,
            card=kind == CALL,
            prio=Priority.CRISIS,
        )


def topic(row: PressCall) -> str:
    """The delivery topic of a call."""
    return f"{cases.topic(row.incident_id)}/press/{row.id}"


async def done(desk: Desk, actor_id: str, call_id: int, *, now: datetime) -> None:
    """*Klart*: the newsroom has its answer. Who pressed is not kept. Raises Refused."""
    async with desk.db.write() as session:
        row: Final = await presscalls.locked(session, call_id)
        if row is None:
            raise Refused("err.unknown_button")
        if actor_id != row.person:
            await _right(session, desk, actor_id, now)
        if row.done is not None:
            raise Refused("press.done_already")
        row.done = now
        session.add(row)
        await outbox.follow(session, topic(row))
