"""Drafts of the application: saved after each step, kept for a while, resumed from /konto mina."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.accounts import form
from bot.desk import Desk
from bot.errors import Refused
from storage import drafts
from storage.drafts import Draft


def new_id() -> str:
    """An id for a form that is about to be opened; nothing is stored before the first step is sent."""
    return uuid.uuid4().hex


async def save(
    desk: Desk,
    person: str,
    draft_id: str,
    step: int,
    data: Mapping[str, Any],
    *,
    application_id: int | None = None,
    now: datetime,
) -> Draft:
    """Keep what has been typed up to and including ``step``. Raises Refused for somebody else's draft."""
    async with desk.db.write() as session:
        row = await drafts.get(session, draft_id)
        if row is not None and row.person != person:
            raise Refused("application.not_yours")
        if row is None:
            row = Draft(id=draft_id, person=person, saved=now, expires=now, application_id=application_id)
        kept = {key: value for key, value in data.items() if key in form.NAMES or key == "lookalike"}
        row.data = {**row.data, **kept}
        row.step = max(row.step, min(step + 1, form.LAST_STEP))
        row.saved, row.expires = now, now + timedelta(days=desk.settings.accounts.draft_days)
        session.add(row)
        return row


async def load(desk: Desk, person: str, draft_id: str, now: datetime) -> Draft | None:
    """The person's draft, or None when there is none or it has run out."""
    async with desk.db.read() as session:
        row = await drafts.get(session, draft_id)
    if row is not None and row.person != person:
        raise Refused("application.not_yours")
    return row if row is not None and row.expires > now else None


async def drop(desk: Desk, person: str, draft_id: str) -> None:
    """Throw the person's draft away."""
    async with desk.db.write() as session:
        row = await drafts.get(session, draft_id)
        if row is not None and row.person == person:
            await drafts.drop(session, draft_id)


async def sweep(desk: Desk, now: datetime) -> None:
    """Forget drafts whose time has run out."""
    async with desk.db.write() as session:
        await drafts.drop_expired(session, now)
