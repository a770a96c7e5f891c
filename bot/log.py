"""The log as the desk keeps it: keyed hashes of people's text, the daily seal, and its proof."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.people import Role
from storage import log
from storage.engine import Database


def fingerprint(key: bytes, text: str) -> str:
    """A keyed hash of somebody's text: provable by who has the text and the key, unreadable otherwise."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


async def by_department(
    session: AsyncSession, case: str, actor: str, action: str, now: datetime, **detail: Any
) -> log.Entry:
    """A line in a case's chain about what somebody did by the department's right."""
    return await log.append(session, case=case, at=now, actor=actor, role=Role.COMMS, action=action, **detail)


@dataclass(frozen=True)
class Broken:
    """The first link that does not hold, and what is wrong with it."""

    case: str
    seq: int
    why: str


async def seal(session: AsyncSession, day: date, now: datetime) -> log.Seal:
    """Seal all heads that moved since the last seal. Each day once: the caller claims the slot."""
    earlier = await log.seals(session)
    known = {case: link for one in earlier for case, link in one.heads.items()}
    heads = {case: [head.seq, head.digest] for case, head in (await log.heads(session)).items()}
    moved = {case: link for case, link in sorted(heads.items()) if known.get(case) != link}
    before = earlier[-1].digest if earlier else log.START
    row = log.Seal(day=day, heads=moved, before=before, digest=_seal_digest(before, day, moved), sealed=now)
    session.add(row)
    return row


def _seal_digest(before: str, day: date, heads: dict[str, list[Any]]) -> str:
    return log.link(before, {"day": day.isoformat(), "heads": heads})


async def verify(db: Database) -> Broken | None:
    """Read the whole log and name the first broken link, or None when every link holds.

    Finds changed, removed, added and reordered entries, a cut end (against the head row and against
    the seals), and changed seals.
    """
    async with db.snapshot() as session:
        reached, broken = await _walk(session)
        return broken or await _check_heads(session, reached) or await _check_seals(session, reached)


async def _walk(session: AsyncSession) -> tuple[dict[str, list[str]], Broken | None]:
    """Every case's digests in order, as far as the first broken link."""
    reached: dict[str, list[str]] = {}
    async for entry in log.in_chain_order(session):
        chain = reached.setdefault(entry.case, [])
        why = _fault(entry, chain)
        if why:
            return reached, Broken(entry.case, entry.seq, why)
        chain.append(entry.digest)
    return reached, None


def _fault(entry: log.Entry, chain: list[str]) -> str | None:
    if entry.seq != len(chain) + 1:
        return f"expected link {len(chain) + 1}"
    if entry.before != (chain[-1] if chain else log.START):
        return "does not continue the link before it"
    if entry.digest != log.link(entry.before, log.facts_of(entry)):
        return "its content does not match its digest"
    return None


async def _check_heads(session: AsyncSession, reached: dict[str, list[str]]) -> Broken | None:
    heads = await log.heads(session)
    for case in sorted(set(reached) - set(heads)):
        return Broken(case, len(reached[case]), "the chain has no head")
    for case, head in sorted(heads.items()):
        chain = reached.get(case, [])
        if head.seq != len(chain) or (chain and head.digest != chain[-1]):
            return Broken(case, min(head.seq, len(chain)) + 1, f"the chain should end at link {head.seq}")
    return None


async def _check_seals(session: AsyncSession, reached: dict[str, list[str]]) -> Broken | None:
    before = log.START
    for one in await log.seals(session):
        if one.before != before or one.digest != _seal_digest(before, one.day, one.heads):
            return Broken(f"seal {one.day}", 0, "the seal does not match its content")
        for case, (seq, digest) in one.heads.items():
            chain = reached.get(case, [])
            if len(chain) < seq or chain[seq - 1] != digest:
                return Broken(case, seq, f"differs from the seal of {one.day}")
        before = one.digest
    return None
