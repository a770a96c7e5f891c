"""Keeping what a source told: rows, log lines and cards, all in the caller's transaction."""

import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.accounts.tell import DEPARTMENT
from bot.crisis import tell
from bot.crisis.warnings import judging, krisinformation, vma
from bot.crisis.warnings.found import Found, Reading
from bot.crisis.warnings.judging import Known, Verdict
from bot.delivery import outbox
from bot.delivery.outbox import Priority
from bot.desk import Desk
from bot.people import Role
from storage import log, posts, warnings
from storage.warnings import ACTIVE, CANCELLED, EXPIRED, GONE, OutsideWarning

CARD: Final = "warning.card"
RECENT: Final = timedelta(days=7)  # a copy of something older is a new event
KEEP: Final = timedelta(days=30)
ORDER: Final = (vma.SOURCE, krisinformation.SOURCE, "smhi")  # whom to believe first


def topic(warning_id: int | None) -> str:
    """The topic of a warning's cards."""
    return f"warning/{warning_id}"


@dataclass
class Shelf:
    """What is kept of one source, as it changes in this transaction."""

    session: AsyncSession
    desk: Desk
    now: datetime
    rows: list[tuple[OutsideWarning, Found]] = field(default_factory=list)
    odd: int = 0  # updates of warnings we never saw that do not say where they apply

    @classmethod
    async def open(cls, session: AsyncSession, desk: Desk, source: str, now: datetime) -> "Shelf":
        """Everything kept of the source. The caller holds the sources' rows."""
        kept = await warnings.of_source(session, source)
        return cls(session, desk, now, [(row, Found.from_json(row.content)) for row in kept])

    def belonging(self, found: Found) -> tuple[OutsideWarning, Found] | None:
        """The warning a message is about: by number, else by incident."""
        for rule in (judging.belongs, judging.same_incident):
            for row, known in reversed(self.rows):
                if rule(found, known):
                    return row, known
        return None

    async def put(self, found: Found) -> None:
        """One message: a new warning, a change of one, or nothing new."""
        kept = self.belonging(found)
        if kept is None:
            self.odd += found.update and found.here is None
            verdict = judging.first_word(found, self.now)
            if verdict is not None:
                await self._add(verdict)
            return
        row, known = kept
        further = judging.further_word(Known(row.state, known), found, self.now)
        if further is not None:
            await self._change(row, further)

    async def close_missing(self, present: set[str]) -> None:
        """Active warnings that a complete list no longer holds."""
        for row, found in list(self.rows):
            if row.state == ACTIVE and row.ident not in present:
                await self._change(row, Verdict(GONE, found, rings=False))

    async def run_out(self) -> None:
        """Active warnings whose time has run out."""
        for row, found in list(self.rows):
            if row.state == ACTIVE and judging.state_of(found, self.now) == EXPIRED:
                await self._change(row, Verdict(EXPIRED, found, rings=False))

    async def _add(self, verdict: Verdict) -> None:
        found = verdict.found
        row = OutsideWarning(
            source=found.source,
            ident=found.ident,
            state=verdict.state,
            content=found.to_json(),
            expires=found.expires,
            seen=self.now,
            changed=self.now,
        )
        row.same_as = await self._original(found)
        self.session.add(row)
        await self.session.flush()
        self.rows.append((row, found))
        already = await self._adopt(row, found)
        await self._log(row, found, "warning.heard")
        if verdict.rings and row.same_as is None and not already:
            await self._ring(row)
        elif already:
            await self._follow(row)

    async def _change(self, row: OutsideWarning, verdict: Verdict) -> None:
        content = verdict.found.to_json()
        await warnings.change(
            self.session,
            row,
            state=verdict.state,
            version=row.version + 1,
            content=content,
            expires=verdict.found.expires,
            changed=self.now,
        )
        self.rows = [(row, verdict.found) if one is row else (one, kept) for one, kept in self.rows]
        await self._log(row, verdict.found, f"warning.{verdict.state}")
        if row.same_as is not None:
            return  # the original speaks for both
        if verdict.rings:
            await self._ring(row)
        await self._follow(row)

    async def _ring(self, row: OutsideWarning) -> None:
        """Owe people a card of its own; the earlier ones will point to it."""
        await warnings.change(self.session, row, called=row.version)
        await outbox.send(
            self.session,
            kind=CARD,
            dest=await tell.channel(self.session, self.desk),
            topic=topic(row.id),
            args={"warning": row.id, "version": row.version},
            now=self.now,
            seq=row.version,
            card=True,
            prio=Priority.CRISIS,
            fallback=DEPARTMENT,
        )

    async def _follow(self, row: OutsideWarning) -> None:
        """The cards that are out show it; a proposal that has become pointless is not sent any more."""
        copies = await warnings.copies(self.session, row.id or 0)
        for one in (row, *copies):
            if row.state != ACTIVE:
                await posts.drop_waiting(self.session, topic(one.id), "over")
            await outbox.follow(self.session, topic(one.id))

    async def _original(self, found: Found) -> int | None:
        """Sveriges Radio's warning that this one only passes on."""
        if found.source != krisinformation.SOURCE:
            return None
        for row in await self._lately(vma.SOURCE):
            if krisinformation.same(Found.from_json(row.content), found):
                return row.id
        return None

    async def _adopt(self, row: OutsideWarning, found: Found) -> bool:
        """Speak for the copies that came earlier; whether one of them has a card already."""
        if found.source != vma.SOURCE:
            return False
        carded = False
        for copy in await self._lately(krisinformation.SOURCE):
            if copy.same_as is None and krisinformation.same(found, Found.from_json(copy.content)):
                await warnings.change(self.session, copy, same_as=row.id)
                carded = carded or copy.called > 0
        return carded

    async def _lately(self, source: str) -> list[OutsideWarning]:
        kept = await warnings.of_source(self.session, source)
        return [one for one in kept if one.changed > self.now - RECENT]

    async def _log(self, row: OutsideWarning, found: Found, action: str) -> None:
        said = json.dumps(judging.looks(found), ensure_ascii=False, default=str)
        await log.append(
            self.session,
            case=topic(row.id),
            at=self.now,
            actor=Role.DESK,
            role=Role.DESK,
            action=action,
            source=row.source,
            ident=row.ident,
            version=row.version,
            message=found.version,
            text=self.desk.fingerprint(said),
        )


async def take_in(session: AsyncSession, desk: Desk, source: str, reading: Reading, now: datetime) -> int:
    """Keep everything one answer held; says how many entries people had better look at themselves.

    What a complete list no longer holds is gone, unless part of the
    list could not be read; from Sveriges Radio's list a warning may be missing without being over.
    """
    shelf = await Shelf.open(session, desk, source, now)
    for found in reading.found:
        await shelf.put(found)
    if source != vma.SOURCE and not reading.odd:
        await shelf.close_missing({one.ident for one in reading.found})
    return reading.odd + shelf.odd


async def run_out(session: AsyncSession, desk: Desk, now: datetime) -> None:
    """Mark what has run out, whatever the sources say or whether they answer."""
    await warnings.locked_feeds(session)
    for source in sorted({row.source for row in await warnings.run_out(session, now - judging.SKEW)}):
        await (await Shelf.open(session, desk, source, now)).run_out()


async def forget(session: AsyncSession, now: datetime) -> None:
    """Delete what ended a month ago: it is others' text, and the log knows that it was there."""
    await warnings.forget_before(session, now - KEEP)


@dataclass(frozen=True)
class Shown:
    """A warning as people see it. ``newest``: whether this card is the last one it was told by."""

    id: int
    state: str
    found: Found
    changed: datetime
    newest: bool = True


async def shown(session: AsyncSession, warning_id: int, version: int | None = None) -> Shown | None:
    """The warning as it stands, in the words of its best source; None when it has been forgotten.

    ``version`` is the card's, to know whether there is a newer one.
    """
    row = await warnings.get(session, warning_id)
    if row is None:
        return None
    original = await warnings.get(session, row.same_as) if row.same_as else None
    if original is None:
        return _shown(row, Found.from_json(row.content), version is None or version >= row.called)
    told, copy = Found.from_json(original.content), Found.from_json(row.content)
    words = told if told.text or told.headline else replace(copy, cancelled=original.state == CANCELLED)
    return _shown(original, words, version is None or not original.called)


def _shown(row: OutsideWarning, found: Found, newest: bool) -> Shown:
    return Shown(row.id or 0, row.state, found, row.changed, newest)
