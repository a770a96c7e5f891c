"""What follows a hiding: the rest of the evidence, report numbers, the registrar, and a reminder until then."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.accounts import tell as accounts_tell
from bot.channels import letters
from bot.comments import cases, evidence, rules, targets, tell
from bot.comments.moderating import Given
from bot.comments.rules import Case
from bot.comments.targets import Target
from bot.delivery import outbox
from bot.delivery.outbox import Priority
from bot.desk import Desk
from bot.errors import Refused
from bot.people import Actor, Role
from storage import moderations, posts
from storage.comments import Comment
from storage.moderations import Moderation
from storage.posts import Post

LACKING, REGISTRAR, RETURNED = "guard.lacking", "guard.registrar", "guard.returned"
NUMBER: Final = 120  # characters of a number


@dataclass(frozen=True)
class Held:
    """An act with its comment, taken until the transaction ends, and who is at it by which right."""

    made: Moderation
    row: Comment
    case: Case
    actor: Actor
    role: Role


async def complete(desk: Desk, actor_id: str, moderation_id: int, given: Given, *, now: datetime) -> None:
    """What was missing of the evidence follows. Of suspected child abuse only the diary number is kept."""
    async with desk.db.write() as session:
        held = await hold(session, desk, actor_id, moderation_id, now)
        names = ("diary",) if held.made.klass == "child" else ("why", "shot", "no_shot", "diary")
        fresh: dict[str, Any] = {name: value for name in names if (value := getattr(given, name).strip())}
        if "diary" in fresh:
            fresh["diary"] = fresh["diary"][:NUMBER]
        if given.secrecy is not None and held.made.klass != "child":
            fresh["secrecy"] = given.secrecy
        await _amend(session, desk, held, now, **fresh)
        await _note(session, held, now, "comment.evidence", fields=sorted(fresh))


async def report(
    desk: Desk, actor_id: str, moderation_id: int, platform: str, police: str, *, now: datetime
) -> None:
    """*Anmäl*: the numbers under which the platform and the police have it."""
    async with desk.db.write() as session:
        held = await hold(session, desk, actor_id, moderation_id, now)
        given = {"platform_report": platform.strip()[:NUMBER], "police_report": police.strip()[:NUMBER]}
        fresh = {name: value for name, value in given.items() if value}
        await _amend(session, desk, held, now, **fresh)
        await _note(session, held, now, "comment.reported", **fresh)


async def look(desk: Desk, actor_id: str, moderation_id: int, *, now: datetime) -> tuple[Moderation, Case]:
    """The act and its comment for a form. Raises Refused for who may not."""
    async with desk.db.read() as session:
        made = await found(session, moderation_id)
        case = await cases.read(session, desk, made.comment_id, now)
        rules.belongs(case, await people.actor(session, actor_id, now))
        return made, case


async def to_registrar(desk: Desk, actor_id: str, moderation_id: int, *, now: datetime) -> None:
    """*Skicka till registrator*: by mail or in Slack; whoever pressed mails it where neither carries it.

    Raises Refused when nobody is the registrar, or it was sent already.
    """
    async with desk.db.write() as session:
        held = await hold(session, desk, actor_id, moderation_id, now)
        if held.made.registrar is not None and held.made.registrar_by:
            name = (await people.names(session, [held.made.registrar_by]))[held.made.registrar_by]
            raise Refused("guard.registrar.already", name=name, time=held.made.registrar)
        target = await _registrar(session, desk)
        await _carry(session, held, target, now)
        await _amend(session, desk, held, now, registrar=now, registrar_by=actor_id)
        await _note(session, held, now, "comment.registrar")


async def _registrar(session: AsyncSession, desk: Desk) -> Target:
    every = await targets.every(session, desk)
    reached = (one for one in every if one.kind == targets.REGISTRAR and (one.receiver or one.email))
    target = next(reached, None)
    if target is None:
        raise Refused("guard.registrar.none")
    return target


async def _carry(session: AsyncSession, held: Held, target: Target, now: datetime) -> None:
    by_hand = not (target.receiver or target.mailed)
    about = f"{cases.topic(held.case.id)}/registrar/{held.made.id}"
    await outbox.send(
        session,
        kind=REGISTRAR,
        via=letters.NAME if target.mailed else "slack",
        dest=held.actor.id if by_hand else (target.receiver or target.email or ""),
        topic=about,
        seq=len(await posts.of_topic(session, about)),
        args={"moderation": held.made.id, "email": target.email if by_hand else ""},
        now=now,
    )


async def settled(session: AsyncSession, desk: Desk, post: Post, state: str) -> None:
    """The registrar could not be reached: it is owed again, and whoever sent it hears of that."""
    if post.kind != REGISTRAR or state not in (posts.REFUSED, posts.DROPPED):
        return
    made, now = await found(session, post.args["moderation"]), desk.now()
    if made.registrar_by is None:
        return
    row = await cases.take(session, made.comment_id)
    await outbox.send(
        session,
        kind=RETURNED,
        dest=made.registrar_by,
        topic=f"{cases.topic(row.id or 0)}/returned/{post.id}",
        args={"moderation": made.id},
        now=now,
    )
    await moderations.amend(session, made, registrar=None, registrar_by=None, next_at=_next(desk, now))
    await cases.note(
        session, row, now, Role.DESK, "comment.registrar_refused", Role.DESK, moderation=made.id, reason=post.reason
    )
    await tell.changed(session, row)


async def tick(desk: Desk, now: datetime) -> None:
    """Once a working day whoever hid it and the department are told what secrecy lacks."""
    async with desk.db.read() as session:
        numbers = await moderations.due(session, now) if desk.office.open_at(now) else []
    for number in numbers:
        async with desk.db.write() as session:
            row = await cases.take(session, (await found(session, number)).comment_id)
            made = await found(session, number)
            if made.next_at is not None and made.next_at <= now:
                await _remind(session, desk, row, made, now)


async def _remind(session: AsyncSession, desk: Desk, row: Comment, made: Moderation, now: datetime) -> None:
    lacks = "diary" in evidence.missing(made)
    await moderations.amend(session, made, next_at=_next(desk, now) if lacks else None)
    if not lacks:
        return
    told = dict.fromkeys((made.by, await accounts_tell.department_channel(session, desk)))
    for dest in filter(None, told):
        await outbox.send(
            session,
            kind=LACKING,
            dest=dest,
            topic=f"{cases.topic(row.id or 0)}/lacking/{made.id}",
            seq=desk.office.local_date(now).toordinal(),
            args={"moderation": made.id},
            now=now,
            card=True,
            quiet=True,
            prio=Priority.REMINDER,
        )
    await cases.note(session, row, now, Role.DESK, "comment.lacking", Role.DESK, moderation=made.id)


def _next(desk: Desk, now: datetime) -> datetime:
    return desk.office.add_working_days(now, 1)


async def hold(session: AsyncSession, desk: Desk, actor_id: str, moderation_id: int, now: datetime) -> Held:
    """The comment is taken first, as everywhere; then the act is read anew. Raises Refused for who may not."""
    row = await cases.take(session, (await found(session, moderation_id)).comment_id)
    case, actor = await cases.view(session, desk, row, now), await people.actor(session, actor_id, now)
    return Held(await found(session, moderation_id), row, case, actor, rules.belongs(case, actor))


async def found(session: AsyncSession, moderation_id: int) -> Moderation:
    """The act with this number. Raises Refused."""
    made = await moderations.get(session, moderation_id)
    if made is None:
        raise Refused("comment.unknown_one")
    return made


async def _amend(session: AsyncSession, desk: Desk, held: Held, now: datetime, **fresh: Any) -> None:
    """Say it; the reminder follows from what still lacks."""
    if fresh:
        await moderations.amend(session, held.made, **fresh)
    lacks = "diary" in evidence.missing(held.made)
    if lacks != (held.made.next_at is not None):
        await moderations.amend(session, held.made, next_at=_next(desk, now) if lacks else None)
    await tell.changed(session, held.row)


async def _note(session: AsyncSession, held: Held, now: datetime, action: str, **detail: Any) -> None:
    await cases.note(session, held.row, now, held.actor.id, action, held.role, moderation=held.made.id, **detail)
