"""Drafts of the application: saved after each step, kept for a while, resumed from /konto mina."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.accounts import form
from bot.desk import Desk
from bot.errors import Refused
from storage import applications, drafts
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
    """Keep what has been typed up to and including ``step``. Raises Refused for somebody else's draft.

    A draft that has become an application is given back whole and not kept again: its last step came twice.
    """
    async with desk.db.write() as session:
        row = await drafts.get(session, draft_id)
        if row is not None and row.person != person:
            raise Refused("application.not_yours")
        sent = await _sent(session, draft_id, application_id, person) if row is None else None
        if row is None:
            row = Draft(id=draft_id, person=person, saved=now, expires=now, application_id=application_id)
            row.data = sent or {}
        kept = {key: value for key, value in data.items() if key in form.NAMES or key == "lookalike"}
        if "name" in kept and row.data.get("name") not in (None, kept["name"]):
            kept["lookalike"] = False  # what was confirmed was another name
        row.data = {**row.data, **kept}
        row.step = max(row.step, min(step + 1, form.LAST_STEP))
        row.saved, row.expires = now, now + timedelta(days=desk.settings.accounts.draft_days)
        if sent is None or application_id is not None:
            session.add(row)
        return row


async def _sent(
    session: AsyncSession, draft_id: str, application_id: int | None, person: str
) -> dict[str, Any] | None:
    """What stands in the application that a draft became, or that it edits; None when there is none."""
    row = await applications.of_draft(session, draft_id)
    if row is None and application_id is not None:
        row = await applications.get(session, application_id)
    if row is None:
        return None
    if row.requester != person:
        raise Refused("application.not_yours")
    return dict(row.content)


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
