"""Question sessions (frågestunder): a post's plan, what it changes for its comments, and how it went."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people as roles
from bot.accounts.tell import DEPARTMENT
from bot.clock import DAY
from bot.comments import cases, hands, pace, retiming, rules, tell
from bot.delivery import outbox
from bot.delivery.outbox import Priority
from bot.desk import Desk
from bot.errors import Invalid, Problem, Refused, Text
from bot.people import Role
from storage import absences, comments, log, people, publications, sessions
from storage.publications import Publication
from storage.sessions import QuestionSession

HOST, SUMMARY = "session.host", "session.summary"
TOPICS, TOPIC, HOSTS = 10, 40, 6  # topics in a plan, characters of one, people who answer
LONGEST: Final = timedelta(hours=24)


@dataclass(frozen=True)
class Given:
    """What the form says. ``hosts``: who, and from when by the wall clock; the first one begins with it."""

    starts: datetime | None
    ends: datetime | None
    hosts: tuple[tuple[str, time | None], ...]
    topics: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A session as people see it. ``hosts``: name, id, from when (UTC); ``topics``: how many comments have each."""

    id: int
    publication: int
    starts: datetime
    ends: datetime
    minutes: int
    hosts: tuple[tuple[str, str, datetime], ...]
    topics: Mapping[str, int]
    post: str = ""
    link: str = ""
    over: bool = False


@dataclass(frozen=True)
class Result:
    """How it went: figures alone, nobody's name."""

    asked: int
    answered: int
    waiting: int
    topics: Mapping[str, int] = field(default_factory=dict)


async def of(session: AsyncSession, publication_id: int, now: datetime) -> Plan | None:
    """The plan of a post; None when it has none."""
    row = await sessions.of(session, publication_id)
    return await shown(session, row, now) if row else None


async def shown(session: AsyncSession, row: QuestionSession, now: datetime) -> Plan:
    """The plan with the names of those who answer."""
    post = await session.get_one(Publication, row.publication_id)
    names = await roles.names(session, [one["person"] for one in row.slots])
    found = await comments.topics_under(session, row.publication_id)
    return Plan(
        row.id or 0,
        row.publication_id,
        row.starts,
        row.ends,
        row.minutes,
        tuple((names[one["person"]], one["person"], datetime.fromisoformat(one["starts"])) for one in row.slots),
        {one: found.get(one, 0) for one in row.topics},
        post.words,
        post.link,
        over=row.ends <= now,
    )


async def result(session: AsyncSession, row: QuestionSession) -> Result:
    """How many asked, were answered and wait, and what it was about."""
    tally, found = (
        await comments.tally(session, row.publication_id),
        await comments.topics_under(session, row.publication_id),
    )
    answered, waiting = tally.get("answered", 0), tally.get(comments.WAITING, 0)
    topics = {one: found[one] for one in row.topics if one in found}
    return Result(answered + waiting + tally.get("closed", 0), answered, waiting, topics)


async def look(desk: Desk, actor_id: str, publication_id: int, *, now: datetime) -> Plan | None:
    """The plan, to be made or changed. Raises Refused for those who have nothing to do with the account."""
    async with desk.db.read() as session:
        await _right(session, desk, actor_id, publication_id, now)
        return await of(session, publication_id, now)


async def _right(session: AsyncSession, desk: Desk, actor_id: str, publication_id: int, now: datetime) -> Role:
    post = await publications.get(session, publication_id)
    if post is None:
        raise Refused("session.no_post")
    whose = await hands.of(session, desk, post, now)
    role = whose.role(await roles.actor(session, actor_id, now))
    if role is None:
        raise Refused("err.right", roles=[Text("comment.editors")], contact=Text("desk.department"))
    return role


async def plan(desk: Desk, actor_id: str, publication_id: int, given: Given, *, now: datetime) -> Plan:
    """Make or change a post's plan; what waits under it gets its clock, and the hosts are told.

    The same again changes nothing. Raises Refused, or Invalid at its field.
    """
    async with desk.db.write() as session:
        role = await _right(session, desk, actor_id, publication_id, now)
        known = await sessions.locked(session, publication_id)
        problems = await _problems(session, desk, given, known, now)
        if problems:
            raise Invalid(problems)
        row = await _keep(session, desk, publication_id, given, actor_id, now)
        if row is not None:
            await _planned(session, desk, row, actor_id, role, now)
        found = await of(session, publication_id, now)
        assert found is not None
        return found


async def _keep(
    session: AsyncSession, desk: Desk, publication_id: int, given: Given, actor: str, now: datetime
) -> QuestionSession | None:
    """The row as it is now; None when it says the same already."""
    assert given.starts is not None
    assert given.ends is not None
    slots = _slots(desk, given)
    values: dict[str, Any] = {
        "starts": given.starts,
        "ends": given.ends,
        "minutes": desk.settings.comments.session_answer_minutes,
        "slots": [{"person": person, "starts": at.isoformat()} for person, at in slots],
        "topics": list(given.topics),
    }
    fresh = QuestionSession(publication_id=publication_id, by=actor, made=now, **values)
    if await sessions.add(session, fresh):
        return await sessions.locked(session, publication_id)
    row = await sessions.locked(session, publication_id)
    assert row is not None
    if row.dropped is None and all(getattr(row, name) == value for name, value in values.items()):
        return None
    for name, value in values.items():
        setattr(row, name, value)
    row.version, row.dropped, row.summed = row.version + 1, None, None
    session.add(row)
    await session.flush()
    return row


async def _planned(
    session: AsyncSession, desk: Desk, row: QuestionSession, actor: str, role: Role, now: datetime
) -> None:
    await _changed(session, desk, row, actor, role, "session.planned", now)
    for person in dict.fromkeys(one["person"] for one in row.slots):
        await outbox.send(
            session,
            kind=HOST,
            dest=person,
            topic=f"{topic(row)}/host",
            args={"session": row.id},
            now=now,
            seq=row.version,
            card=True,
            prio=Priority.PEOPLE,
        )


async def _changed(
    session: AsyncSession, desk: Desk, row: QuestionSession, actor: str, role: Role, action: str, now: datetime
) -> None:
    """A line in the log; the cards follow, and so do the clocks."""
    await log.append(session, case=topic(row), at=now, actor=actor, role=role, action=action, version=row.version)
    await retiming.under(session, desk, row.publication_id, now)
    await outbox.follow(session, topic(row))
    await tell.post_follows(session, row.publication_id)


async def drop(desk: Desk, actor_id: str, publication_id: int, *, now: datetime) -> None:
    """Take the plan away: comments wait as usual. One that is gone is no trouble. Raises Refused."""
    async with desk.db.write() as session:
        role = await _right(session, desk, actor_id, publication_id, now)
        row = await sessions.locked(session, publication_id)
        if row is not None and row.dropped is None:
            row.dropped = now
            session.add(row)
            await session.flush()
            await _changed(session, desk, row, actor_id, role, "session.dropped", now)


async def sort(desk: Desk, actor_id: str, comment_id: int, chosen: str | None, *, now: datetime) -> None:
    """Give a comment one of the plan's topics, or none. Raises Refused."""
    async with desk.db.write() as session:
        row = await cases.take(session, comment_id)
        case, actor = await cases.view(session, desk, row, now), await roles.actor(session, actor_id, now)
        role = rules.belongs(case, actor)
        found = await sessions.of(session, row.publication_id)
        if found is None or (chosen and chosen not in found.topics):
            raise Refused("session.no_topic")
        if row.topic != chosen:
            await comments.change(session, row, topic=chosen)
            await cases.note(session, row, now, actor_id, "comment.sorted", role)
            await tell.post_follows(session, row.publication_id)


async def choices(desk: Desk, comment_id: int) -> tuple[tuple[str, ...], str | None]:
    """The topics a comment may be given, and the one of them that it has; none without a plan."""
    async with desk.db.read() as session:
        row = await comments.get(session, comment_id)
        found = await sessions.of(session, row.publication_id) if row else None
        topics = tuple(found.topics) if found else ()
        return topics, row.topic if row and row.topic in topics else None


async def tick(desk: Desk, now: datetime) -> None:
    """Tell the threads of the sessions that have ended how it went."""
    async with desk.db.read() as session:
        ended = await sessions.over(session, now)
    for publication_id in ended:
        async with desk.db.write() as session:
            row = await sessions.locked(session, publication_id)
            if row is not None and row.summed is None and row.dropped is None and row.ends <= now:
                row.summed = now
                session.add(row)
                await _sum_up(session, row, now)


async def _sum_up(session: AsyncSession, row: QuestionSession, now: datetime) -> None:
    await log.append(session, case=topic(row), at=now, actor=Role.DESK, role=Role.DESK, action="session.over")
    for root in await outbox.cards(session, cases.board(row.publication_id)):
        await outbox.send(
            session,
            kind=SUMMARY,
            dest=root.dest,
            topic=f"{topic(row)}/summary/{row.version}/{root.id}",
            args={"session": row.id},
            now=now,
            thread=root,
            fallback=DEPARTMENT,
        )
    await tell.post_follows(session, row.publication_id)


def topic(row: QuestionSession) -> str:
    """The delivery topic and log case of a plan."""
    return f"session:{row.id}"


def _slots(desk: Desk, given: Given) -> list[tuple[str, datetime]]:
    """Who answers from when (UTC), in order; raises Invalid for a time outside the session."""
    assert given.starts is not None
    found = []
    for n, (person, at) in enumerate(given.hosts):
        found.append((person, given.starts if n == 0 or at is None else _next(desk, given.starts, at)))
    return sorted(found, key=lambda one: one[1])


def _next(desk: Desk, starts: datetime, at: time) -> datetime:
    """The first time after the start when the clock on the wall says so."""
    day, minutes = desk.office.local_date(starts), at.hour * 60 + at.minute
    same = pace.wall(desk.office, day, minutes)
    return same if same >= starts else pace.wall(desk.office, day + DAY, minutes)


async def _problems(
    session: AsyncSession, desk: Desk, given: Given, known: QuestionSession | None, now: datetime
) -> dict[str, Problem]:
    found = _times(given, known, now) | _topics(given)
    if found or given.starts is None or given.ends is None:
        return found
    slots = _slots(desk, given)
    for n, (person, at) in enumerate(given.hosts):
        if not roles.usable(await people.get(session, person)):
            found[f"host-{n}"] = Problem("watch.nobody" if person else "form.needed")
        elif person in await absences.overlapping(
            session, *(map(desk.office.local_date, (given.starts, given.ends)))
        ):
            found[f"host-{n}"] = Problem("session.away", name=(await roles.names(session, [person]))[person])
        elif n and at is None:
            found[f"from-{n}"] = Problem("session.from")
        elif n and not given.starts < _next(desk, given.starts, at or time()) < given.ends:
            found[f"from-{n}"] = Problem("session.outside")
    if not found and len({at for _, at in slots}) < len(slots):
        found[f"from-{len(slots) - 1}"] = Problem("session.same_time")
    return found


def _times(given: Given, known: QuestionSession | None, now: datetime) -> dict[str, Problem]:
    if given.starts is None or given.ends is None:
        return {"starts" if given.starts is None else "ends": Problem("form.needed")}
    if given.ends <= given.starts:
        return {"ends": Problem("session.order")}
    if given.ends - given.starts > LONGEST:
        return {"ends": Problem("session.long", n=int(LONGEST / timedelta(hours=1)))}
    running = known is not None and known.dropped is None and known.ends == given.ends
    return {"ends": Problem("session.past")} if given.ends <= now and not running else {}


def _topics(given: Given) -> dict[str, Problem]:
    if len(given.topics) > TOPICS:
        return {"topics": Problem("session.topics.many", n=TOPICS)}
    if any(len(one) > TOPIC for one in given.topics):
        return {"topics": Problem("session.topics.long", n=TOPIC)}
    return {}
