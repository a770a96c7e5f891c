"""Questions and answers of an incident: proposed by one, approved by a colleague, given by everybody."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.crisis import cases, duty, lines, rules
from bot.delivery import outbox
from bot.desk import Desk
from bot.errors import Invalid, Problem, Refused, Text
from bot.folding import fold
from bot.people import Actor
from storage import answers, incidents, log
from storage.answers import Answer

ANSWER = "crisis.answer"
QUESTION, LONG = 300, 2000  # characters


@dataclass(frozen=True)
class Book:
    """What may be answered now. ``may_propose``: whether the reader may add to it."""

    incident: int
    answers: tuple[Answer, ...]
    waiting: int
    may_propose: bool


async def book(desk: Desk, actor_id: str, wanted: str = "", *, now: datetime) -> Book:
    """The approved answers in which every wanted word stands. Raises Refused for guests."""
    async with desk.db.read() as session:
        actor = await people.actor(session, actor_id, now)
        if actor.guest:
            raise Refused("err.right", roles=[Text("duty.members")], contact=Text("desk.department"))
        incident = await _open(session)
        found = await answers.of_incident(session, incident, answers.APPROVED)
        waiting = await answers.of_incident(session, incident, answers.PROPOSED)
        everybody = (await duty.cast(session, desk, now)).everybody
    shown = tuple(one for one in found if _about(one, wanted))
    return Book(incident, shown, len(waiting), rules.may(rules.belongs, actor, everybody))


async def _open(session: AsyncSession) -> int:
    found = await incidents.in_state(session, *incidents.OPEN)
    if not found:
        raise Refused("answer.no_incident")
    return found[-1].id or 0


def _about(one: Answer, wanted: str) -> bool:
    said = fold(f"{one.question} {one.answer}")
    return all(word in said for word in fold(wanted).split())


async def propose(desk: Desk, actor_id: str, question: str, answer: str, *, now: datetime) -> Answer:
    """Suggest what everybody answers; a colleague has to approve it. Raises Refused, or Invalid."""
    problems = {**_problem("question", question, QUESTION), **_problem("answer", answer, LONG)}
    if problems:
        raise Invalid(problems)
    async with desk.db.write() as session:
        await _belonging(session, desk, actor_id, now)
        row = Answer(
            incident_id=await _open(session),
            question=question.strip(),
            answer=answer.strip(),
            by=actor_id,
            at=now,
        )
        session.add(row)
        await session.flush()
        args: dict[str, object] = {"answer": row.id}
        await lines.below(session, row.incident_id, ANSWER, topic(row), args, now, card=True)
        await _note(session, desk, row, actor_id, "proposed", now)
        return row


def _problem(name: str, text: str, limit: int) -> dict[str, Problem]:
    if not text.strip():
        return {name: Problem("form.needed")}
    n = len(text.strip())
    return {name: Problem("form.long", limit=limit, n=n)} if n > limit else {}


async def approve(desk: Desk, actor_id: str, answer_id: int, *, now: datetime) -> None:
    """A colleague's yes: from now on everybody may answer so. Raises Refused, for the writer too."""
    async with desk.db.write() as session:
        row = await _taken(session, answer_id)
        await _belonging(session, desk, actor_id, now)
        if row.state != answers.PROPOSED:
            raise Refused(f"answer.already.{row.state}")
        if actor_id == row.by:
            raise Refused("answer.own")
        row.state, row.approved_by, row.approved = answers.APPROVED, actor_id, now
        await _note(session, desk, row, actor_id, "approved", now)


async def withdraw(desk: Desk, actor_id: str, answer_id: int, *, now: datetime) -> None:
    """It is not answered so, or no longer. Raises Refused."""
    async with desk.db.write() as session:
        row = await _taken(session, answer_id)
        await _belonging(session, desk, actor_id, now)
        if row.state == answers.WITHDRAWN:
            raise Refused("answer.already.withdrawn")
        row.state = answers.WITHDRAWN
        await _note(session, desk, row, actor_id, "withdrawn", now)


async def _taken(session: AsyncSession, answer_id: int) -> Answer:
    row = await answers.locked(session, answer_id)
    if row is None:
        raise Refused("err.unknown_button")
    return row


async def _belonging(session: AsyncSession, desk: Desk, actor_id: str, now: datetime) -> Actor:
    actor = await people.actor(session, actor_id, now)
    rules.belongs(actor, (await duty.cast(session, desk, now)).everybody)
    return actor


async def _note(session: AsyncSession, desk: Desk, row: Answer, actor: str, what: str, now: datetime) -> None:
    session.add(row)
    words = desk.fingerprint(f"{row.question}\n{row.answer}")
    case, action = cases.topic(row.incident_id), f"incident.answer_{what}"
    await log.append(session, case=case, at=now, actor=actor, action=action, answer=row.id, text=words)
    await outbox.follow(session, topic(row))


def topic(row: Answer) -> str:
    """The delivery topic of an answer."""
    return f"{cases.topic(row.incident_id)}/answer/{row.id}"
