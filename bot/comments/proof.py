"""The evidence of one act as a page: at a signed address that expires, for one reader, each opening logged."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.comments import cases, moderating
from bot.comments.completing import found
from bot.comments.rules import Case
from bot.desk import Desk
from bot.errors import Refused, Text
from bot.people import Role
from storage import arrivals, duties, log, moderations
from storage import people as storage_people
from storage.arrivals import Arrival
from storage.log import Entry
from storage.moderations import Moderation

PLACE: Final = "/bevis"
MAILED: Final = "registrator"  # the reader of an address that went out by mail
FOR_PEOPLE, FOR_MAIL = timedelta(minutes=30), timedelta(days=7)


@dataclass(frozen=True)
class Pass:
    """What an address opens, and for whom."""

    moderation: int
    who: str


@dataclass(frozen=True)
class Proof:
    """All that is known of an act. ``entry``: the link of the log that binds the evidence.

    ``whole``: the evidence is what that link says. ``raw``: what the platform's webhook brought, kept beside.
    """

    made: Moderation
    case: Case
    names: Mapping[str, str]
    entry: Entry | None
    chained: bool
    whole: bool
    raw: tuple[Arrival, ...]
    read_by: str
    read_at: datetime


async def address(desk: Desk, actor_id: str, moderation_id: int, *, now: datetime) -> tuple[Moderation, str]:
    """The act, and an address for this person, good for half an hour. Raises Refused for who may not read it."""
    async with desk.db.write() as session:
        made = await found(session, moderation_id)
        row = await cases.take(session, made.comment_id)
        role = await _role(session, made, actor_id, now)
        await cases.note(session, row, now, actor_id, "evidence.link", role, moderation=made.id)
    return made, signed(desk, made, actor_id, now + FOR_PEOPLE)


def signed(desk: Desk, made: Moderation, who: str, until: datetime) -> str:
    """The page's address for one reader, good until then (UTC)."""
    end = int(until.timestamp())
    return f"{desk.public_url}{PLACE}/{made.ref}?v={who}&t={end}&s={_signature(desk, made.ref, who, end)}"


def read(desk: Desk, ref: str, query: Mapping[str, str], now: datetime) -> Pass | None:
    """What an address opens; None for one that is not ours or whose time is over."""
    who, end, given = (query.get(name, "") for name in "vts")
    number = ref.removeprefix("B-")
    if not (_digits(end) and _digits(number)):
        return None
    right = _signature(desk, ref, who, int(end))
    in_time = now < datetime.fromtimestamp(int(end), UTC)
    return Pass(int(number), who) if hmac.compare_digest(right.encode(), given.encode()) and in_time else None


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10


def _signature(desk: Desk, ref: str, who: str, end: int) -> str:
    return hmac.new(desk.log_key, f"evidence-link:{ref}:{who}:{end}".encode(), hashlib.sha256).hexdigest()[:40]


async def opened(desk: Desk, opens: Pass, what: str, *, now: datetime) -> Proof:
    """Everything, after the reader's right was looked at once more; the log says who read ``what`` of it.

    Raises Refused.
    """
    async with desk.db.write() as session:
        made = await found(session, opens.moderation)
        row = await cases.take(session, made.comment_id)
        role = await _role(session, made, opens.who, now)
        await cases.note(session, row, now, opens.who, "evidence.opened", role, moderation=made.id, what=what)
        case = await cases.view(session, desk, row, now)
        entry = await _entry(session, made)
        since = min(row.written, row.received) - timedelta(days=1)
        raw = await arrivals.about(session, row.channel, row.remote, since)
        ids = [one for one in (made.by, made.second, made.registrar_by, made.lifted_by, opens.who) if one]
        return Proof(
            made,
            case,
            await people.names(session, ids),
            entry,
            chained=entry is not None and entry.digest == log.link(entry.before, log.facts_of(entry)),
            whole=moderating.digest(made.evidence) == made.digest,
            raw=tuple(raw) if row.forgotten is None else (),
            read_by=opens.who,
            read_at=now,
        )


async def _role(session: AsyncSession, made: Moderation, who: str, now: datetime) -> Role:
    """The department; and the registrar, to whom it was sent."""
    if made.act == moderations.SHOW:
        raise Refused("comment.unknown_one")
    if made.registrar is not None and await _is_registrar(session, who):
        return Role.EXPERT
    actor = await people.actor(session, who, now)
    if not (actor.full and actor.department and actor.department_fresh):
        raise Refused("err.right", roles=[Text("desk.department")], contact=Text("desk.department"))
    return Role.COMMS


async def _is_registrar(session: AsyncSession, who: str) -> bool:
    known = await storage_people.by_who(session, [one.who for one in await duties.of(session, duties.REGISTRAR)])
    return who == MAILED or any(one.slack_id == who and people.usable(one) for one in known.values())


async def _entry(session: AsyncSession, made: Moderation) -> Entry | None:
    entries = await log.of_case(session, cases.topic(made.comment_id))
    mine = (one for one in entries if one.detail.get("moderation") == made.id and "digest" in one.detail)
    return next(mine, None)
