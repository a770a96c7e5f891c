"""Where a comment can be sent on: people who know, the contact centre, the registrar, and what the file names."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import comment_settings
from bot import people as roles
from bot.clock import OfficeClock, OfficeHours
from bot.desk import Desk
from storage import duties, people

EXPERT, CENTRE, FAULT, VIEWS = "expert", "contact_centre", "fault", "views"
REGISTRAR, AUTHORITY = "registrar", "authority"


@dataclass(frozen=True)
class Target:
    """One of them. ``receiver``: a Slack id; ``email``: a mailbox; ``clock``: when they are open, None always.

    Experts are chosen in the form and have neither; an authority only gets a ready reply that names it.
    """

    key: str
    kind: str
    name: str = ""
    receiver: str | None = None
    email: str | None = None
    mailed: bool = False
    clock: OfficeClock | None = None

    def opens(self, now: datetime) -> datetime:
        """When they are open next (UTC): now, when they are."""
        return self.clock.next_opening(now) if self.clock else now


async def every(session: AsyncSession, desk: Desk) -> list[Target]:
    """All that can be reached, the usual ones first; the file's own replace those with the same key."""
    found = {one.key: one for one in await _usual(session, desk)}
    for given in desk.settings.comments.targets:
        clock = OfficeClock(_hours(given)) if given.hours else None
        one = await _reached(session, desk, given.key, given.kind, given.name, (given.who, given.email), clock)
        if one.receiver or one.email or one.kind in (EXPERT, AUTHORITY):
            found[one.key] = one
    return list(found.values())


async def _usual(session: AsyncSession, desk: Desk) -> list[Target]:
    found = [Target(EXPERT, EXPERT)]
    for role, clock in ((CENTRE, desk.office), (REGISTRAR, None)):
        for duty in (await duties.of(session, role))[:1]:
            found.append(await _reached(session, desk, role, role, duty.name, (duty.who,), clock))
    return [*found, Target(AUTHORITY, AUTHORITY)]


async def _reached(
    session: AsyncSession,
    desk: Desk,
    key: str,
    kind: str,
    name: str,
    whos: tuple[str | None, ...],
    clock: OfficeClock | None,
) -> Target:
    """In Slack whoever is there; by mail the registrar, who files it, and whoever is not."""
    given = [who for who in whos if who]
    known = await people.by_who(session, given)
    receiver = next((one.slack_id for one in known.values() if roles.usable(one)), None)
    email = next((who for who in reversed(given) if "@" in who), None)
    mailed = email is not None and mails(desk) and (kind == REGISTRAR or receiver is None)
    return Target(key, kind, name, None if mailed else receiver, email, mailed, clock)


def mails(desk: Desk) -> bool:
    """Is there a mail channel, whose server can carry a single mail?"""
    return any(getattr(one, "platform", "") == "mail" for one in desk.settings.channels)


def _hours(given: comment_settings.Target) -> OfficeHours:
    spans = given.hours or ()
    return OfficeHours(monday=spans, tuesday=spans, wednesday=spans, thursday=spans, friday=spans)
