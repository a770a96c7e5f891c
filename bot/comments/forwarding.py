"""Sending a comment on to somebody who knows: sent, received, answered; and the answer comes back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.channels import letters
from bot.comments import cases, replying, rules, targets
from bot.comments.rules import Case
from bot.comments.states import Act
from bot.comments.targets import Target
from bot.delivery import outbox
from bot.desk import Desk
from bot.errors import DeskError, Invalid, Problem, Refused, Text
from bot.people import Actor, Role
from storage import forwardings, posts
from storage.comments import Comment
from storage.forwardings import ANSWERED, RECEIVED, SENT, Forwarding
from storage.posts import Post

LINE, CARD, MAIL, ANSWER = "forward.line", "forward.card", "forward.mail", "forward.answer"
LONG, LONGEST = 1000, 3000  # characters of a note, and of an answer


class Move(StrEnum):
    """What happens to a forwarding."""

    RECEIVE = "receive"
    ANSWER = "answer"


TABLE: Final[dict[tuple[str, Move], str]] = {
    (SENT, Move.RECEIVE): RECEIVED,
    (SENT, Move.ANSWER): ANSWERED,
    (RECEIVED, Move.ANSWER): ANSWERED,
}


class NotAllowed(DeskError):
    """A use case asked for a transition that the table does not have: a bug, never a click."""


@dataclass(frozen=True)
class Given:
    """What the form says. ``person``: the expert; ``holding``: what the resident hears meanwhile, "" nothing."""

    target: str
    person: str = ""
    note: str = ""
    hold: bool = False
    holding: str = ""


@dataclass(frozen=True)
class Offer:
    """What the form shows."""

    case: Case
    targets: tuple[Target, ...]
    writer: str


@dataclass(frozen=True)
class Sight:
    """A forwarding as cards see it. ``carried``: its delivery; ``names`` of who has to do with it."""

    row: Forwarding
    case: Case
    carried: Post | None
    by: str
    answered_by: str
    year: int

    @property
    def ref(self) -> str:
        """Its number, by which a mail finds back: K-2026-0123."""
        return f"K-{self.year}-{self.row.id or 0:04}"


def topic(row: Forwarding) -> str:
    """The delivery topic of its cards."""
    return f"{cases.topic(row.comment_id)}/forward/{row.id}"


async def offer(desk: Desk, actor_id: str, comment_id: int, *, now: datetime) -> Offer:
    """The comment and everywhere it can be sent. Raises Refused."""
    async with desk.db.read() as session:
        case = await cases.read(session, desk, comment_id, now)
        actor = await people.actor(session, actor_id, now)
        rules.act(case, actor, Act.ANSWER)
        return Offer(case, tuple(await targets.every(session, desk)), actor.name)


async def forward(desk: Desk, actor_id: str, comment_id: int, given: Given, *, now: datetime) -> Forwarding:
    """Send it on; with ``hold`` the resident is told at once that an answer will come.

    The comment's clock goes on. Raises Invalid at ``target``, ``person`` or ``holding``, Refused otherwise.
    """
    async with desk.db.write() as session:
        row = await cases.take(session, comment_id)
        case, actor = await cases.view(session, desk, row, now), await people.actor(session, actor_id, now)
        role = rules.act(case, actor, Act.ANSWER)
        target = await _target(session, desk, given, actor, now)
        await _not_there_already(session, comment_id, target)
        made = await _sent(session, row, target, given, actor, now)
        detail = {"forwarding": made.id, "target": target.key, "to": target.receiver, "until": made.due.isoformat()}
        await cases.note(session, row, now, actor_id, "comment.forwarded", role, **detail)
        if given.hold:
            await _hold(session, desk, row, case, actor, given, now)
        await tell_thread(session, row, LINE, topic(made), made, now, actor_id)
        return made


async def _target(session: AsyncSession, desk: Desk, given: Given, actor: Actor, now: datetime) -> Target:
    found = next((one for one in await targets.every(session, desk) if one.key == given.target), None)
    if found is None or found.kind == targets.AUTHORITY:
        raise Invalid({"target": Problem("form.needed")})
    if found.receiver or found.email:
        return found
    if not given.person:
        raise Invalid({"person": Problem("form.needed")})
    expert = await people.actor(session, given.person, now)
    if not expert.full:
        raise Invalid({"person": Problem("forward.guest", name=expert.name)})
    if expert.id == actor.id:
        raise Invalid({"person": Problem("forward.yourself")})
    return Target(found.key, found.kind, expert.name, receiver=expert.id, clock=found.clock)


async def _not_there_already(session: AsyncSession, comment_id: int, target: Target) -> None:
    for one in await forwardings.of_comment(session, comment_id):
        same = (one.target, one.receiver) == (target.key, target.receiver)
        if same and one.state != ANSWERED and not await _stranded(session, one):
            raise Refused("forward.already", target=one.name, time=one.created)


async def _stranded(session: AsyncSession, row: Forwarding) -> bool:
    carried = await session.get(Post, row.post_id) if row.post_id else None
    return carried is not None and carried.state in (posts.REFUSED, posts.DROPPED)


async def _sent(
    session: AsyncSession, row: Comment, target: Target, given: Given, actor: Actor, now: datetime
) -> Forwarding:
    made = Forwarding(
        comment_id=row.id or 0,
        target=target.key,
        kind=target.kind,
        name=target.name,
        receiver=target.receiver,
        mail=letters.NAME if target.mailed else None,
        email=target.email,
        note=given.note.strip()[:LONG],
        by=actor.id,
        created=now,
        due=target.opens(now),
    )
    session.add(made)
    await session.flush()
    if made.receiver or made.mail:
        made.post_id = (await _carry(session, made, now)).id
        session.add(made)
    return made


async def _carry(session: AsyncSession, made: Forwarding, now: datetime) -> Post:
    slack = made.receiver is not None
    return await outbox.send(
        session,
        kind=CARD if slack else MAIL,
        via="slack" if slack else letters.NAME,
        dest=made.receiver or made.email or "",
        topic=f"{topic(made)}/to",
        args={"forwarding": made.id},
        now=now,
        due=made.due,
        card=slack,
        watch=topic(made),
    )


async def _hold(
    session: AsyncSession, desk: Desk, row: Comment, case: Case, actor: Actor, given: Given, now: datetime
) -> None:
    try:
        await replying.within(session, desk, row, case, actor, given.holding, now, holding=True)
    except Invalid as invalid:
        raise Invalid({"holding": invalid.problems["text"]}) from None


async def tell_thread(
    session: AsyncSession, row: Comment, kind: str, about: str, made: Forwarding, now: datetime, person: str
) -> None:
    """A card in the thread of the post; where there is none, to the ``person``."""
    args = {"forwarding": made.id}
    roots = await outbox.cards(session, cases.board(row.publication_id))
    for root in roots:
        await outbox.send(
            session, kind=kind, dest=root.dest, topic=about, args=args, now=now, thread=root, card=True
        )
    if not roots:
        await outbox.send(session, kind=kind, dest=person, topic=about, args=args, now=now, card=True)


async def sight(session: AsyncSession, desk: Desk, forwarding_id: int, now: datetime) -> Sight:
    """The forwarding with its comment and its delivery. Raises Refused."""
    made = await _found(session, forwarding_id)
    case = await cases.read(session, desk, made.comment_id, now)
    carried = await session.get(Post, made.post_id) if made.post_id else None
    names = await people.names(session, [one for one in (made.by, made.answered_by) if one])
    year = desk.office.local_date(made.created).year
    return Sight(made, case, carried, names[made.by], names.get(made.answered_by or "", ""), year)


async def look(desk: Desk, actor_id: str, forwarding_id: int, *, now: datetime) -> Sight:
    """For the form in which it is answered. Raises Refused for who may not, or when it has been."""
    async with desk.db.read() as session:
        seen = await sight(session, desk, forwarding_id, now)
        _check(seen.row, seen.case, await people.actor(session, actor_id, now), Move.ANSWER)
        return seen


async def receive(desk: Desk, actor_id: str, forwarding_id: int, *, now: datetime) -> None:
    """*Ta emot*: everybody in the thread sees that somebody is looking at it."""
    async with desk.db.write() as session:
        made, row, role = await _held(session, desk, actor_id, forwarding_id, Move.RECEIVE, now)
        await move(session, made, Move.RECEIVE, received=now)
        await cases.note(session, row, now, actor_id, "forward.received", role, forwarding=made.id)
        await outbox.follow(session, topic(made))


async def answer(desk: Desk, actor_id: str, forwarding_id: int, text: str, *, now: datetime) -> None:
    """*Svara tillbaka*, or *Lägg in svaret* of a mail or a call: it comes into the thread of the comment."""
    said = text.strip()
    if not said:
        raise Invalid({"text": Problem("form.needed")})
    async with desk.db.write() as session:
        made, row, role = await _held(session, desk, actor_id, forwarding_id, Move.ANSWER, now)
        await move(session, made, Move.ANSWER, answer=said[:LONGEST], answered=now, answered_by=actor_id)
        await cases.note(
            session, row, now, actor_id, "forward.answered", role, forwarding=made.id, text=desk.fingerprint(said)
        )
        about = f"{topic(made)}/answer"
        await tell_thread(session, row, ANSWER, about, made, now, made.by)
        if actor_id != made.by:
            args = {"forwarding": made.id}
            await outbox.send(session, kind=ANSWER, dest=made.by, topic=about, args=args, now=now, card=True)
        await outbox.follow(session, topic(made))


async def move(session: AsyncSession, row: Forwarding, act: Move, **values: object) -> None:
    """The one mutator: checks the table, then compares and sets. Raises NotAllowed, or Refused when late."""
    after = TABLE.get((row.state, act))
    if after is None:
        raise NotAllowed(f"{row.state} {act}")
    if not await forwardings.change(session, row, state=after, **values):
        raise Refused("err.stale", summary="")


async def _held(
    session: AsyncSession, desk: Desk, actor_id: str, forwarding_id: int, act: Move, now: datetime
) -> tuple[Forwarding, Comment, Role]:
    """The comment is taken first, as everywhere; then the forwarding is read anew."""
    row = await cases.take(session, (await _found(session, forwarding_id)).comment_id)
    made = await _found(session, forwarding_id)
    case, actor = await cases.view(session, desk, row, now), await people.actor(session, actor_id, now)
    return made, row, _check(made, case, actor, act)


async def _found(session: AsyncSession, forwarding_id: int) -> Forwarding:
    made = await forwardings.get(session, forwarding_id)
    if made is None:
        raise Refused("forward.unknown")
    return made


def _check(row: Forwarding, case: Case, actor: Actor, act: Move) -> Role:
    """The receiver, and for an answer that came otherwise those who have the comment in hand."""
    role = Role.EXPERT if actor.id == row.receiver and actor.full else None
    if role is None and act is Move.ANSWER:
        role = case.hands.role(actor)
    if role is None:
        raise Refused("err.right", roles=[row.name or Text("forward.receiver")], contact=Text("desk.department"))
    if (row.state, act) not in TABLE:
        raise Refused("forward.answered" if row.state == ANSWERED else "forward.received", name=row.name)
    return role
