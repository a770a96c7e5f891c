"""Hiding and removing with evidence: the stored comment is the evidence, what else is known follows.

Hiding is never refused for what is missing. Criticism (class D) stays, unless two people agree that it
breaks a rule. Of suspected child abuse nothing is kept but link and time.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.channels import answering as lanes
from bot.channels.protocol import Can
from bot.comments import cases, evidence, forgetting, rules, tell
from bot.comments.rules import Case
from bot.comments.states import Act, State
from bot.delivery import outbox
from bot.desk import Desk
from bot.errors import Invalid, Problem, Refused
from bot.people import Actor, Role
from storage import comments, duties, moderations, posts
from storage import people as storage_people
from storage.comments import Comment
from storage.moderations import Moderation
from storage.posts import Post

KIND: Final = "comment.moderate"  # the kind of what is asked of the platform
CLASSES: Final = ("a", "b", "c", "d", "child")
HIDE, REMOVE, SHOW = lanes.HIDE, lanes.TAKE_DOWN, lanes.SHOW
REPLACED: Final = "replaced"  # why a request is dropped that is no longer wanted
ACTS: Final[Mapping[str, tuple[Act, Can]]] = {
    HIDE: (Act.HIDE, Can.HIDE),
    REMOVE: (Act.REMOVE, Can.TAKE_DOWN),
    SHOW: (Act.SHOW, Can.HIDE),
}


@dataclass(frozen=True)
class Given:
    """What the form says. ``secrecy``: it holds what is secret, and not only somebody's personal data."""

    klass: str
    why: str = ""
    shot: str = ""
    no_shot: str = ""
    diary: str = ""
    secrecy: bool | None = None  # None: nothing is said of it


async def look(desk: Desk, actor_id: str, comment_id: int, act: str, *, now: datetime) -> Case:
    """The comment for the form; Refused before it opens when this person may not, or nobody may any more."""
    async with desk.db.read() as session:
        case = await cases.read(session, desk, comment_id, now)
        rules.act(case, await people.actor(session, actor_id, now), ACTS[act][0])
        return case


async def order(desk: Desk, actor_id: str, comment_id: int, act: str, given: Given, *, now: datetime) -> Moderation:
    """Hide or remove. Raises Invalid where the form lacks what it cannot do without, Refused otherwise."""
    _check(act, given)
    async with desk.db.write() as session:
        row = await cases.take(session, comment_id)
        case, actor = await cases.view(session, desk, row, now), await people.actor(session, actor_id, now)
        role = rules.act(case, actor, ACTS[act][0])
        await _not_asked(session, comment_id, given)
        made = await _written(session, case, act, given, actor, now)
        detail = {"klass": given.klass, "digest": made.digest, "moderation": made.id}
        await cases.note(session, row, now, actor.id, f"comment.{act}.asked", role, **detail)
        if given.klass == "d":
            await tell.second(session, row, made, now)
        else:
            await _carry_out(session, desk, row, made, now)
        await tell.changed(session, row)
        return made


async def _not_asked(session: AsyncSession, comment_id: int, given: Given) -> None:
    """What a colleague is asked about is not asked again; what is worse than criticism does not wait for them."""
    asked = await moderations.newest(session, comment_id)
    if asked is None or asked.state != moderations.PROPOSED:
        return
    if given.klass == "d":
        raise Refused("hide.asked")
    await moderations.move(session, asked, moderations.DECLINED, reason=REPLACED)


async def seen(desk: Desk, comment_id: int, *, now: datetime) -> Case:
    """The comment as it stands."""
    async with desk.db.read() as session:
        return await cases.read(session, desk, comment_id, now)


async def manager(desk: Desk) -> str:
    """The communications manager's name; "" while there is none."""
    async with desk.db.read() as session:
        whos = [entry.who for entry in await duties.of(session, duties.MANAGER)]
        known = await storage_people.by_who(session, whos)
    return next((one.name for one in known.values()), "")


def _check(act: str, given: Given) -> None:
    problems = {}
    if given.klass not in CLASSES:
        problems["klass"] = Problem("form.needed")
    if given.klass == "d" and not given.why.strip():
        problems["why"] = Problem("hide.d.why")
    if act == REMOVE and given.klass != "child" and not (given.shot.strip() or given.no_shot.strip()):
        problems["shot"] = Problem("remove.shot.needed")
    if problems:
        raise Invalid(problems)


async def _written(
    session: AsyncSession, case: Case, act: str, given: Given, actor: Actor, now: datetime
) -> Moderation:
    """Of suspected child abuse nothing of what was typed is kept either: it may quote."""
    kept = await _evidence(session, case, given)
    row = Moderation(
        comment_id=case.id,
        act=act,
        klass=given.klass,
        diary=given.diary.strip()[:120],
        evidence=kept,
        digest=digest(kept),
        state=moderations.PROPOSED,
        by=actor.id,
        at=now,
    )
    if given.klass != "child":
        row.why, row.shot, row.no_shot = given.why.strip(), given.shot.strip(), given.no_shot.strip()
        row.secrecy = given.secrecy
    session.add(row)
    await session.flush()
    return row


def digest(kept: dict[str, Any]) -> str:
    """What binds the evidence to the log."""
    return hashlib.sha256(json.dumps(kept, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


async def _evidence(session: AsyncSession, case: Case, given: Given) -> dict[str, Any]:
    """The comment as it stands; of suspected child abuse link and time only."""
    found: dict[str, Any] = {"link": case.link, "written": case.written.isoformat()}
    if given.klass == "child":
        return found
    earlier = [one.text for one in await comments.wordings(session, case.id)]
    return {**found, "author": case.author, "text": case.text, "earlier": earlier, "post": case.post_link}


async def _carry_out(session: AsyncSession, desk: Desk, row: Comment, made: Moderation, now: datetime) -> None:
    """The desk's decision stands at once; the platform is asked, or a person where it takes nothing from here."""
    await cases.move(session, row, ACTS[made.act][0], settled=now, settled_by=made.by)
    if made.klass == "child":
        await forgetting.everything(session, row, now)
        await forgetting.alarm(session, desk, row, now)
    await _ask(session, desk, row, made, now)
    if "diary" in evidence.missing(made):
        await moderations.amend(session, made, next_at=desk.office.add_working_days(now, 1))


async def _ask(session: AsyncSession, desk: Desk, row: Comment, made: Moderation, now: datetime) -> None:
    able = ACTS[made.act][1]
    if not any(one.key == row.channel and able in one.can for one in desk.outlets):
        await moderations.move(session, made, moderations.BY_HAND)
        await tell.by_hand(session, row, made, now)
        return
    carried = await outbox.send(
        session,
        kind=KIND,
        via=f"{row.channel}{lanes.WATCH}",
        dest=f"{made.act}:{row.remote}",
        topic=f"{cases.topic(row.id or 0)}/watch",
        seq=made.id or 0,
        args={"moderation": made.id},
        now=now,
    )
    await moderations.move(session, made, moderations.ORDERED, post_id=carried.id)


def wanted(made: Moderation, state: str) -> bool:
    """Is this still to be asked of the platform? Not a hiding that was taken back, nor the taking back of it."""
    out = state in (State.HIDDEN, State.REMOVED)
    return made.act == REMOVE or out == (made.act == HIDE)


async def agree(desk: Desk, actor_id: str, moderation_id: int, *, now: datetime) -> None:
    """A second person's yes to class D: never the one who asked."""
    async with desk.db.write() as session:
        made, row, role = await _asked(session, desk, actor_id, moderation_id, now)
        await moderations.amend(session, made, second=actor_id, seconded=now)
        await cases.note(session, row, now, actor_id, f"comment.{made.act}.agreed", role, moderation=made.id)
        await _carry_out(session, desk, row, made, now)
        await tell.changed(session, row)


async def decline(desk: Desk, actor_id: str, moderation_id: int, *, now: datetime) -> None:
    """It stays: criticism may be hard."""
    async with desk.db.write() as session:
        made, row, role = await _asked(session, desk, actor_id, moderation_id, now)
        await moderations.move(session, made, moderations.DECLINED, second=actor_id, seconded=now)
        await cases.note(session, row, now, actor_id, f"comment.{made.act}.declined", role, moderation=made.id)
        await tell.changed(session, row)


async def _asked(
    session: AsyncSession, desk: Desk, actor_id: str, moderation_id: int, now: datetime
) -> tuple[Moderation, Comment, Role]:
    made = await moderations.get(session, moderation_id)
    if made is None:
        raise Refused("comment.unknown_one")
    row = await cases.take(session, made.comment_id)
    case, actor = await cases.view(session, desk, row, now), await people.actor(session, actor_id, now)
    role = rules.act(case, actor, ACTS[made.act][0])
    made = await moderations.get(session, moderation_id)
    assert made is not None
    if made.state != moderations.PROPOSED:
        raise Refused("err.stale", summary="")
    if actor.id == made.by:
        raise Refused("hide.own")
    return made, row, role


async def show_again(desk: Desk, actor_id: str, comment_id: int, *, now: datetime) -> None:
    """*Visa igen*: it was hidden by mistake. Whoever asked does it by hand where the platform does not."""
    async with desk.db.write() as session:
        row = await cases.take(session, comment_id)
        case, actor = await cases.view(session, desk, row, now), await people.actor(session, actor_id, now)
        role = rules.act(case, actor, Act.SHOW)
        if case.moderation is not None:
            await moderations.amend(session, case.moderation, lifted=now, lifted_by=actor_id, next_at=None)
        made = Moderation(
            comment_id=comment_id, act=SHOW, klass="", state=moderations.PROPOSED, by=actor_id, at=now
        )
        session.add(made)
        await session.flush()
        await cases.move(session, row, Act.SHOW, settled=now, settled_by=actor_id)
        await _ask(session, desk, row, made, now)
        await cases.note(session, row, now, actor_id, "comment.shown", role, moderation=made.id)
        await tell.changed(session, row)


async def done_by_hand(desk: Desk, actor_id: str, moderation_id: int, *, now: datetime) -> None:
    """*Klart*: somebody did it on the platform themselves."""
    async with desk.db.write() as session:
        made = await moderations.get(session, moderation_id)
        if made is None:
            raise Refused("comment.unknown_one")
        row = await cases.take(session, made.comment_id)
        case, actor = await cases.view(session, desk, row, now), await people.actor(session, actor_id, now)
        role, made = rules.belongs(case, actor), await moderations.get(session, moderation_id)
        assert made is not None
        if made.state != moderations.BY_HAND:
            raise Refused("err.stale", summary="")
        await moderations.move(session, made, moderations.DONE, settled=now)
        await cases.note(session, row, now, actor_id, f"comment.{made.act}.by_hand", role, moderation=made.id)
        await tell.changed(session, row)


async def settled(session: AsyncSession, desk: Desk, post: Post, state: str) -> None:
    """What the platform said: done, or a person must do it; in the delivery's transaction."""
    made = await moderations.of_post(session, post.id or 0) if post.kind == KIND else None
    if made is None or made.state != moderations.ORDERED or state not in (posts.DONE, posts.REFUSED, posts.DROPPED):
        return
    now = desk.now()
    row = await cases.take(session, made.comment_id)
    fresh = await session.get_one(Post, post.id, populate_existing=True)
    if state == posts.DONE:
        await moderations.move(session, made, moderations.DONE, settled=now)
        await cases.note(session, row, now, Role.DESK, f"comment.{made.act}.done", Role.DESK, moderation=made.id)
    elif fresh.reason == REPLACED:
        await moderations.move(session, made, moderations.DONE, settled=now, reason=REPLACED)
    else:
        await moderations.move(session, made, moderations.BY_HAND, reason=(fresh.reason or "")[:200])
        await tell.by_hand(session, row, made, now)
    await tell.changed(session, row)
