"""The book of standard replies: the catalogue's own texts, as the department has edited them."""

import re
import string
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import people
from bot.accounts import register
from bot.comment_settings import Target
from bot.comments import signing
from bot.comments.rules import Case
from bot.desk import Desk
from bot.errors import Invalid, Problem, Refused
from bot.people import Role
from bot.texts import Speak
from storage import log, standard_replies
from storage.standard_replies import StandardReply

RECEIVED, CASE, AUTHORITY, FAULT = "received", "case", "wrong_authority", "fault"
REMOVED, RUMOUR, CLOSED, PRIVATE = "removed", "rumour", "closed", "private"
SESSION_OVER: Final = "session_over"
KEYS: Final = (RECEIVED, CASE, AUTHORITY, FAULT, REMOVED, RUMOUR, CLOSED, PRIVATE, SESSION_OVER)
PLACEHOLDERS: Final = (
    "name",
    "unit",
    "time",
    "signature",
    "contact",
    "url",
    "authority",
    "hours",
    "oncall",
    "rumour",
    "fact",
)
TITLE, LONGEST = 75, 2000  # characters
LOG: Final = "standard_replies"  # the log case of all edits
_FIRST_NAME = re.compile(r"[^\W\d_]{2,30}(-[^\W\d_]{1,30})*")
_PLACE = re.compile(r"(\s*/?)\{([a-z_]+)\}")


@dataclass(frozen=True)
class Standard:
    """One reply. ``version`` 0: nobody has edited it."""

    key: str
    title: str
    text: str
    version: int = 0
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Book:
    """The replies, in the language in which residents are spoken to."""

    desk: Desk
    t: Speak

    async def every(self) -> list[Standard]:
        """All replies: the catalogue's in their order, then the department's own by title."""
        async with self.desk.db.read() as session:
            return await self._read(session)

    async def _read(self, session: AsyncSession) -> list[Standard]:
        found = {key: self._own(key) for key in KEYS}
        rows = await standard_replies.everything(session)
        names = await people.names(session, [row.by for row in rows])
        edited = [Standard(row.key, row.title, row.text, row.version, names[row.by], row.at) for row in rows]
        found.update({one.key: one for one in sorted(edited, key=lambda one: one.title)})
        return list(found.values())

    def _own(self, key: str) -> Standard:
        return Standard(key, self.t(f"book.title.{key}"), self.t.texts[f"reply.{key}"][0])

    async def get(self, key: str) -> Standard:
        """The reply with this key. Raises Refused."""
        found = next((one for one in await self.every() if one.key == key), None)
        if found is None:
            raise Refused("book.unknown")
        return found

    async def open_for(self, actor_id: str, *, now: datetime) -> list[Standard]:
        """All replies, for the department to change. Raises Refused for others."""
        async with self.desk.db.read() as session:
            register.only_department(await people.actor(session, actor_id, now))
            return await self._read(session)

    async def save(self, actor_id: str, one: Standard, *, now: datetime) -> Standard:
        """Keep an edit of the version that was read; a new reply has no key yet.

        Raises Invalid at the field, Refused for others than the department and when somebody was faster.
        """
        fresh = replace(one, key=one.key or f"own-{uuid.uuid4().hex[:8]}", title=one.title.strip())
        fresh = replace(fresh, text=self._internal(one.text.strip()), version=one.version + 1, by=actor_id, at=now)
        self._check(fresh)
        async with self.desk.db.write() as session:
            register.only_department(await people.actor(session, actor_id, now))
            if not await _stored(session, fresh, now):
                raise Refused("book.stale")
            detail = {"reply": fresh.key, "version": fresh.version, "text": self.desk.fingerprint(fresh.text)}
            await log.append(
                session, case=LOG, at=now, actor=actor_id, role=Role.COMMS, action="reply.edited", **detail
            )
        return fresh

    def shown(self, one: Standard) -> Standard:
        """The reply with its placeholders in the language of its readers: {namn}, {tid}."""
        return replace(one, text=_renamed(one.text, {name: self.t(f"book.what.{name}") for name in PLACEHOLDERS}))

    def _internal(self, text: str) -> str:
        return _renamed(text, {self.t(f"book.what.{name}"): name for name in PLACEHOLDERS})

    def placeholders(self) -> list[str]:
        """All placeholders as they are written."""
        return [f"{{{self.t(f'book.what.{name}')}}}" for name in PLACEHOLDERS]

    def filled(self, one: Standard, known: Mapping[str, str | None]) -> str:
        """The text with what is known; what is known to be nothing is left out, the rest is marked."""

        def put(found: re.Match[str]) -> str:
            before, name = found.groups()
            value = known.get(name)
            if value is None:
                return f"{before}{self.hole(name)}"
            return f"{before}{value}" if value else ""

        return _PLACE.sub(put, one.text)

    def known(self, one: Standard, case: Case, writer: str, now: datetime) -> dict[str, str | None]:
        """What the desk knows for a reply to this comment by somebody of this name."""
        due = case.due if case.due and case.due > now else None
        return {
            **self.town(one),
            "name": first_name(case),
            "unit": self._fault_desk() if one.key == FAULT else case.hands.unit or self.t("book.unit"),
            "time": self.t.moment(due) if due else None,
            "signature": signing.of(self.desk, case, writer),
        }

    def town(self, one: Standard) -> dict[str, str | None]:
        """What is the same for every resident."""
        town, elsewhere = self.desk.settings.municipality, "{authority}" in one.text
        fault = next((target.url for target in self._faults()), None)
        urls = {REMOVED: town.guidelines_url, PRIVATE: town.website, FAULT: fault}
        return {"contact": None if elsewhere else town.contact, "url": urls.get(one.key), "hours": self._hours()}

    def _faults(self) -> list[Target]:
        return [one for one in self.desk.settings.comments.targets if one.kind == "fault"]

    def _fault_desk(self) -> str | None:
        return next((one.name for one in self._faults()), None)

    def _hours(self) -> str | None:
        """The office's hours when every working day has the same."""
        hours = self.desk.settings.office
        days = {hours.monday, hours.tuesday, hours.wednesday, hours.thursday, hours.friday}
        if len(days) != 1 or len(hours.monday) != 1:
            return None
        opens, closes = hours.monday[0]
        return f"{opens // 60:02}.{opens % 60:02}–{closes // 60:02}.{closes % 60:02}"

    def _check(self, one: Standard) -> None:
        problems = {}
        if not one.title:
            problems["title"] = Problem("form.needed")
        elif len(one.title) > TITLE:
            problems["title"] = Problem("book.too_long", n=TITLE)
        wrong = _wrong(one.text)
        if not one.text:
            problems["text"] = Problem("form.needed")
        elif wrong is not None:
            problems["text"] = Problem("book.placeholder", wrong=wrong, known=self.placeholders())
        if problems:
            raise Invalid(problems)

    def hole(self, name: str) -> str:
        """The mark where somebody has to fill in something."""
        return self.t("book.hole", what=self.t(f"book.what.{name}"))

    def check(self, text: str) -> None:
        """Raise Invalid while something is left to fill in."""
        begins = self.t("book.hole", what="\0").partition("\0")[0].rstrip(" :").casefold()
        left = (*self.placeholders(), *(f"{{{name}}}" for name in PLACEHOLDERS))
        if begins in text.casefold() or any(one in text for one in left):
            raise Invalid({"text": Problem("book.left")})


def first_name(case: Case) -> str:
    """The first word of the resident's name as shown; "" where it is no name, or may not be shown."""
    first = next(iter(case.author.split()), "") if case.shown else ""
    return first if first[:1].isupper() and _FIRST_NAME.fullmatch(first) else ""


def _renamed(text: str, names: Mapping[str, str]) -> str:
    """The text with other names in its braces; names that are not known stay."""
    return re.sub(r"\{(\w+)\}", lambda found: f"{{{names.get(found[1], found[1])}}}", text)


def _wrong(text: str) -> str | None:
    """The first placeholder that nobody can fill in; None when all is well."""
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        return "{ }"
    for _, name, spec, how in parts:
        if name is not None and (name not in PLACEHOLDERS or spec or how):
            return f"{{{name}}}"
    return None


async def _stored(session: AsyncSession, one: Standard, now: datetime) -> bool:
    if one.version == 1:
        row = StandardReply(key=one.key, title=one.title, text=one.text, by=one.by, at=now)
        return await standard_replies.add(session, row)
    values = {"title": one.title, "text": one.text, "by": one.by, "at": now}
    return await standard_replies.change(session, one.key, one.version - 1, **values)
