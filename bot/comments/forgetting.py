"""Suspected child abuse: of the comment only link and time are kept, and the manager hears of it at once."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.comments import cases
from bot.crisis import duty
from bot.delivery import outbox
from bot.delivery.outbox import Priority
from bot.desk import Desk
from storage import (
    absences,
    answer_drafts,
    arrivals,
    blocks,
    comments,
    duties,
    forwardings,
    moderations,
    posts,
    readings,
    replies,
)
from storage import people as storage_people
from storage.comments import Comment
from storage.people import Person

ALARM: Final = "guard.alarm"
EARLIEST: Final = timedelta(days=1)  # before it was written, by clocks that do not agree


async def everything(session: AsyncSession, row: Comment, now: datetime) -> None:
    """Forget the text wherever it may stand: what came in, what was written about it, what was sent."""
    comment_id = row.id or 0
    said = {row.text, *(one.text for one in await comments.wordings(session, comment_id))}
    since = min(row.written, row.received) - EARLIEST
    came = await arrivals.about(session, row.channel, row.remote, since)
    await arrivals.blank(session, [one.id or 0 for one in came])
    await comments.forget(session, row, now)
    await answer_drafts.drop(session, comment_id)
    await readings.forget(session, comment_id)
    await forwardings.forget(session, comment_id)
    await replies.forget(session, comment_id, said)
    await moderations.forget(session, comment_id)
    await blocks.forget(session, comment_id)
    await posts.forget_bodies(session, cases.topic(comment_id))


async def alarm(session: AsyncSession, desk: Desk, row: Comment, now: datetime) -> None:
    """Tell the manager, and whoever is on duty where the manager is away; whatever the hour."""
    for person in await told(session, desk, now):
        await outbox.send(
            session,
            kind=ALARM,
            dest=person,
            topic=f"{cases.topic(row.id or 0)}/alarm",
            args={"comment": row.id},
            now=now,
            prio=Priority.CRISIS,
        )


async def told(session: AsyncSession, desk: Desk, now: datetime) -> tuple[str, ...]:
    """The manager first; then, if no manager is there, the one on duty, else all of the department."""
    away = await absences.away(session, desk.office.local_date(now))
    managers = await _of(session, duties.MANAGER)
    if any(one not in away for one in managers):
        return managers
    on_duty = (await duty.cast(session, desk, now)).on_duty
    staff = [one.slack_id for one in (await people.department(session, now)).members]
    here = [one for one in staff if one not in away]
    return tuple(dict.fromkeys((*managers, *([on_duty] if on_duty else here or staff))))


async def mailed(session: AsyncSession, comment_id: int) -> list[str]:
    """Whose mailboxes the text has gone to: nobody can call that back from here."""
    found = []
    for one in await forwardings.of_comment(session, comment_id):
        carried = await session.get(posts.Post, one.post_id) if one.mail and one.post_id else None
        if carried is not None and carried.state == posts.DONE:
            found.append(one.name)
    return found


async def _of(session: AsyncSession, role: str) -> tuple[str, ...]:
    known = await storage_people.by_who(session, [entry.who for entry in await duties.of(session, role)])
    return _ids(known.values())


def _ids(known: Iterable[Person]) -> tuple[str, ...]:
    return tuple(one.slack_id for one in known if people.usable(one))
